"""The console at the end of the demo: users with passwords that are told once, and something for each of them to do."""

import contextlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.settings import NAMES, Settings
from console.user_changes import By, NewUser, add
from domain.errors import Refusal
from store.database import Database

BRANCH = "3302A0"  # where the demo leaves something to do for everybody
LOG = "console.log"  # below the demo's state folder
START_SECONDS = 30.0

# name, its Chinese word, roles, head office
PEOPLE: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("reviewer", "审核员", ("reviewer",), False),
    ("senior", "复核员", ("senior-reviewer", "registrar", "print-clerk"), False),
    ("operator", "运维", ("operator", "auditor"), True),
    ("admin", "管理员", ("administrator",), False),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """How one user of the demo signs in."""

    branch: str
    name: str
    password: str
    roles: tuple[str, ...]
    everywhere: bool


def make_users(own: Settings) -> list[Credentials]:
    """The demo's users, each with a random password and, unlike real ones, without a second factor."""
    database = Database(own.database_url)
    made = []
    for name, shown, roles, everywhere in PEOPLE:
        password = secrets.token_urlsafe(12)
        add(database, By(), NewUser(BRANCH, name, shown, roles, everywhere=everywhere, totp_required=False), password)
        made.append(Credentials(BRANCH, name, password, roles, everywhere))
    database.close()
    return made


def settings_of(own: Settings) -> dict[str, str]:
    """The environment in which a console, or any verb, works on the demo's database."""
    shared = ("amqp_url", "database_url", "state_dir", "documents", "prefix")
    return {NAMES[name][0]: str(getattr(own, name)) for name in shared}


@contextlib.contextmanager
def serving(own: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """A console on this machine while the block runs; its address. Raises Refusal when it does not start."""
    port = _free_port(int(own.console_port))
    with (own.state_dir / LOG).open("wb") as log:
        console = subprocess.Popen(
            [sys.executable, "-m", "console", "console", "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=log,
            env={**environment, **settings_of(own)}, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            _wait(port, console, own)
            yield f"http://127.0.0.1:{port}/"
        finally:
            console.terminate()
            console.wait()


def _wait(port: int, console: "subprocess.Popen[bytes]", own: Settings) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and console.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        time.sleep(0.1)
    raise Refusal(f"the console did not start; its log: {own.state_dir / LOG}")


def _free_port(wanted: int) -> int:
    """The usual port, or another one when that is taken."""
    with socket.socket() as one:
        with contextlib.suppress(OSError):
            one.bind(("127.0.0.1", wanted))
            return int(one.getsockname()[1])
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
