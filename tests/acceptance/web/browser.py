"""A real browser for tests: the installed Chromium, windows of people, and what a page may not do.

A window notes every error of a script, every violation of the content security policy, every failed answer of the server and
every request to another place; `Window.quiet` fails when there was one.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from console.secrets_at_rest import keys_of
from console.user_changes import By, NewUser, add, give_totp
from console.web.security import LANGUAGE_COOKIE, SESSION_COOKIE
from tests.services import unavailable
from tests.web import BRANCH, Site

ALONE = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
         "--disable-dev-shm-usage", "--disable-extensions", "--mute-audio")
PASSWORD = "vier-lange-regenschirme"
SIZES = {"laptop": (1440, 900), "tablet": (1024, 768)}
_VIOLATIONS = """document.addEventListener('securitypolicyviolation',
    (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser; a machine without one skips, or fails in CI. Nothing is ever downloaded."""
    found = next((path for name in ("chromium", "google-chrome", "chromium-browser") if (path := shutil.which(name))), None)
    if found is None:
        unavailable("no chromium or google-chrome is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ALONE), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A browser window of one person, with its own cookies."""

    site: Site
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open this address of the console, and wait until what it loads is there."""
        self.page.goto(self.site.address + path, wait_until="load")
        return self.page

    @property
    def path(self) -> str:
        """Where the window is."""
        return urlsplit(self.page.url).path

    @property
    def heading(self) -> str:
        """The page's one heading."""
        return self.page.locator("h1").inner_text()

    @property
    def said(self) -> str:
        """The line that tells what was done."""
        return self.page.locator("#said").inner_text()

    def text(self) -> str:
        """What a reader sees."""
        return self.page.locator("body").inner_text()

    def quiet(self) -> None:
        """Nothing went wrong in this window so far."""
        assert self.troubles == []

    def listen(self) -> "Window":
        """Note what goes wrong from now on."""
        self.context.add_init_script(_VIOLATIONS)
        self.context.on("request", self._request)
        self.context.on("response", self._response)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.troubles.append(f"{self.page.url}: {error.error}"))
        return self

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.troubles.append(f"{self.page.url} asked {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.url} answered {response.status}")

    def _console(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource" in message.text and " 4" in message.text  # a 4xx that the page itself explains
        if message.type in ("error", "warning") and not refused:
            self.troubles.append(f"{self.page.url}: {message.text}")


@contextmanager
def window(
    browser: Browser, site: Site, *roles: str, name: str = "", branch: str = BRANCH, language: str = "zh", size: str = "laptop",
    **more: Any,
) -> Iterator[Window]:
    """A window; with roles, somebody with these is signed in already. more: of playwright's new_context."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN" if language == "zh" else "en-GB", **more)
    context.set_default_timeout(10_000)
    cookies = {LANGUAGE_COOKIE: language}
    if roles:
        cookies[SESSION_COOKIE] = site.visitor(*roles, branch=branch, name=name).token
    context.add_cookies([
        {"name": key, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        for key, value in cookies.items()])
    made = Window(site, context, context.new_page())
    made.listen()
    try:
        yield made
        made.quiet()
    finally:
        context.close()


@dataclass
class Phone:
    """An authenticator app: it shows codes, each of them once."""

    site: Site
    secret: str
    used: int = 0

    def code(self) -> str:
        """A code that has not been used; the newest is as good as the two beside it."""
        owner = self.site.world.database()
        now = int(owner.run("select extract(epoch from clock_timestamp())::bigint")[0][0])
        owner.close()
        step = max(now // 30 - 1, self.used + 1)
        self.used = step
        return pyotp.TOTP(self.secret).at(step * 30)


def person(site: Site, name: str, *roles: str, branch: str = BRANCH) -> Phone:
    """A user with PASSWORD as his own and a second factor."""
    shell = site.world.database("coedi_operator")
    add(shell, By(), NewUser(branch, name, name, roles), PASSWORD)
    secret = give_totp(shell, keys_of(site.world.settings.state_dir), By(), branch, name)
    shell.close()
    return Phone(site, secret)


def sign_in(window: Window, name: str, phone: Phone | None = None, password: str = PASSWORD, branch: str = BRANCH) -> None:
    """Fill the four fields in and send them."""
    page = window.page
    page.fill("input[name=branch]", branch)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.fill("input[name=code]", phone.code() if phone else "")
    page.click("form[action='/sign-in'] button.main")
    page.wait_for_load_state("load")
