"""Every page in a browser, in both languages and both lights: quiet, readable, named, and in one language only."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from console.web.routes import routes
from tests.acceptance.web.browser import SIZES, Window, window
from tests.integration.web.rights import LETTERS, address, looks
from tests.scene import Scene
from tests.web import Site

TABLE = {route.name: route for route in routes()}
INSPECT = (Path(__file__).parent / "inspect.js").read_text(encoding="utf-8")
# files, parts of pages, and what is no page
FILES = re.compile(r"\.(css|pdf|xml)$|/(xml|export|file|document)$|/images/|/pictures/|^/(counts|healthz|find)$")
# the frame: what we wrote, not what enterprises sent
CHROME = "nav a, h1, h2, h3, button, .button, th, label, legend, dt, summary, option, figcaption, .empty, .tabs a"
# names that are the same in both languages, and what the tests' data says there
NAMES = re.compile(r"coedi|OpenAPI|Excel|RabbitMQ|PostgreSQL|[\w.-]+/[\w.-]+|\b\w+[._-][\w._-]+|no box 14|陈志远")
# the paper's own words, names of keys and in code, and what is marked as another language are as they are
OURS = "one => !one.closest('[lang]:not(html), kbd, .paper, .theirs') && !one.querySelector('kbd, code')"
CHINESE = "[\u4e00-\u9fff]"


@pytest.fixture(scope="module")
def people(browser: Browser, console: Site) -> Iterator[dict[tuple[str, str], Window]]:
    """A window for each role that looks, in each language."""
    opened: dict[tuple[str, str], Any] = {}
    made: dict[tuple[str, str], Window] = {}
    for role in LETTERS.values():
        for language in ("zh", "en"):
            opened[role, language] = window(browser, console, role, language=language, name=f"the-{role}")
            made[role, language] = opened[role, language].__enter__()
    yield made
    for one in opened.values():
        one.__exit__(None, None, None)


def pages() -> list[tuple[str, str]]:
    """(route, role) of every page that a person reads."""
    return [(name, role) for name, role in looks() if TABLE[name].page and not FILES.search(TABLE[name].path)]


def inspected(page: Page) -> list[str]:
    """What is wrong, in both lights and on a tablet."""
    found = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of its literals
        found |= {f"{scheme}: {fault}" if "contrast" in fault else fault for fault in page.evaluate(INSPECT)}
    page.set_viewport_size({"width": SIZES["tablet"][0], "height": SIZES["tablet"][1]})
    found |= {f"tablet: {fault}" for fault in page.evaluate(INSPECT) if "wide" in fault}
    page.set_viewport_size({"width": SIZES["laptop"][0], "height": SIZES["laptop"][1]})
    page.emulate_media(color_scheme="light")
    return sorted(found)


def foreign(page: Page, language: str) -> list[str]:
    """Words of the other language in the frame of a page."""
    texts = page.eval_on_selector_all(CHROME, f"all => all.filter({OURS}).map(one => one.textContent.trim())")
    if language == "en":
        return [text for text in texts if re.search(CHINESE, NAMES.sub("", text))]
    return [text for text in texts if not re.search(CHINESE, text) and re.search("[a-z]{3}", NAMES.sub("", text))]


@pytest.mark.parametrize("name", [name for name, _ in pages()])
def test_a_page_is_sound_in_both_languages(people: dict[tuple[str, str], Window], scene: Scene, name: str) -> None:
    role = dict(pages())[name]
    for language in ("zh", "en"):
        mine = people[role, language]
        page = mine.go(address(scene, name))
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
        assert inspected(page) == []
        assert foreign(page, language) == []
        assert focus_is_seen(page)
        mine.quiet()


def test_every_page_can_be_read_without_scripts(browser: Browser, console: Site, scene: Scene) -> None:
    thin = {}
    for role in LETTERS.values():
        own = [name for name, who in pages() if who == role]
        if own:
            with window(browser, console, role, java_script_enabled=False) as mine:
                for name in own:
                    page = mine.go(address(scene, name))
                    main = page.locator("main").inner_text()
                    if page.locator("h1").count() != 1 or len(main) < 20 or page.locator(".top a").count() == 0:
                        thin[name] = main[:60]
    assert thin == {}


def focus_is_seen(page: Page) -> bool:
    """Whether the first places that the tab key leads to are outlined."""
    seen = []
    for _ in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("""() => { const one = document.activeElement; const style = getComputedStyle(one);
            return one === document.body || parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none'; }"""))
    return all(seen)
