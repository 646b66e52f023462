"""The console for tests: a real server on a free port, and visitors who are signed in with a role."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from console.web.app import make_app
from console.web.asking import House, Route
from console.web.pool import Pool
from console.web.security import SESSION_COOKIE, csrf_token
from console.web.serving import house as make_house
from store.database import Database
from store.people import start_session
from tests.services import World

BRANCH, OTHER = "1100B0", "3302A0"


@dataclass
class Visitor:
    """Somebody with a session. The cookie is `Secure`, so it is handed over by hand on plain HTTP."""

    address: str
    client: httpx.Client
    token: str = ""
    key: str = ""
    language: str = "en"

    def headers(self) -> dict[str, str]:
        """What a browser would send along."""
        cookie = f"{SESSION_COOKIE}={self.token}; " if self.token else ""
        found = {"Cookie": f"{cookie}__Host-coedi-language={self.language}"}
        return found | ({"Authorization": f"Bearer {self.key}"} if self.key else {})

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Look at a page."""
        return self.client.get(self.address + path, headers=self.headers() | more.pop("headers", {}), **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form of this session."""
        sent = {"csrf": csrf_token(self.token)} | (data or {}) if self.token else data or {}
        return self.client.post(
            self.address + path, data=sent, headers=self.headers() | {"Origin": self.address} | more.pop("headers", {}), **more)

    def ask(self, path: str, json: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """The same as JSON: GET without a body, POST with one."""
        headers = self.headers() | {"Origin": self.address} | ({"X-CSRF-Token": csrf_token(self.token)} if self.token else {})
        if json is None:
            return self.client.get(f"{self.address}/api/v1{path}", headers=headers, **more)
        return self.client.post(f"{self.address}/api/v1{path}", json=json, headers=headers, **more)


@dataclass
class Site:
    """A running console on a test's database."""

    world: World
    address: str
    house: House
    client: httpx.Client

    def visitor(self, *roles: str, branch: str = BRANCH, name: str = "", everywhere: bool = False, **columns: Any) -> Visitor:
        """A new or known user with these roles, signed in."""
        name = name or "-".join(roles)
        owner = self.world.database()
        add_user(owner, branch, name, roles, everywhere, **columns)
        token = start_session(owner, branch, name, "127.0.0.1", "tests")
        owner.close()
        return Visitor(self.address, self.client, token)

    def stranger(self) -> Visitor:
        """Nobody in particular."""
        return Visitor(self.address, self.client)


def add_user(
    owner: Database, branch: str, name: str, roles: tuple[str, ...], everywhere: bool = False, shown: str = "",
    **columns: Any,
) -> None:
    """A user without a password; other columns of console_user as named."""
    owner.run(
        "insert into console_user (branch, name, shown, everywhere, totp_required, created_by)"
        " values (%s, %s, %s, %s, false, 'tests') on conflict do nothing", (branch, name, shown or name, everywhere))
    for column, value in columns.items():
        owner.run(f"update console_user set {column} = %s where branch = %s and name = %s", (value, branch, name))
    for role in roles:
        owner.run("insert into console_role (branch, name, role, given_by) values (%s, %s, %s, 'tests') on conflict do nothing",
                  (branch, name, role))


@contextmanager
def site(world: World, table: tuple[Route, ...] | None = None, connections: int = 8) -> Iterator[Site]:
    """The console in a thread of this process, until the block ends."""
    house = make_house(world.settings)
    pool = Pool(world.settings.database_url, connections)
    config = uvicorn.Config(make_app(house, pool, table), host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(timeout=30, follow_redirects=False) as client:
            yield Site(world, f"http://127.0.0.1:{port}", house, client)
    finally:
        server.should_exit = True
        thread.join(10)
        pool.close()
