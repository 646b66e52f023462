"""A database that something has happened in: one of every fate, copied for each test."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.settings import Settings
from pipeline.topology import Topology
from store.database import Database
from tests import services
from tests.desk import Desk, another_session, clean, make_desk
from tests.services import World

CHECKING = ("schema-check", "rule-check", "auto-review")


@pytest.fixture(scope="session")
def happened(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The original: never changed by a test."""
    name, folder = f"coedi_test_{os.getpid()}_happened", tmp_path_factory.mktemp("happened")
    services.drop_database(name)
    world = World(
        Settings(database_url=services.create_database(name, template), state_dir=folder / "state",
                 documents=folder / "documents"), Topology())
    desk = make_desk(world)
    live(desk)
    desk.session.database.close()
    desk.owner.close()
    yield world
    services.drop_database(name)


def live(desk: Desk) -> None:
    """Issued, returned, waiting for review, waiting for print, repeated, re-used, unreadable, and of an unknown sender."""
    desk.deliver(*[clean(number) for number in range(4)])
    desk.deliver(two_messages(), exchange=desk.exchange(24))
    desk.deliver(clean(10, fault="consignee-missing"), clean(11, fault="intermediary"))
    desk.deliver(clean(0).body.replace(b"<Interchange ", b"<Interchange  "), exchange=desk.exchange())  # another envelope
    desk.deliver(clean(1, lines=3), b"<broken")
    desk.deliver(b"<broken", exchange=desk.exchange())
    checking = another_session(desk.world, CHECKING)
    desk.intake.session, printing = checking, desk.intake.session
    desk.deliver(clean(12))
    desk.intake.session = printing
    checking.database.close()
    desk.query("delete from outbox where kind = 'receipt' and not repeat")  # as if the broker had confirmed them


def two_messages() -> bytes:
    """One interchange with two applications of the first firm."""
    first, second = clean(24).body.decode(), clean(30).body.decode()
    element = re.search(r"  <CertificateApplication>.*</CertificateApplication>\n", second, re.DOTALL)
    assert element
    return first.replace("</Interchange>", element[0] + "</Interchange>").encode()


@pytest.fixture
def lived(happened: World, tmp_path: Path) -> Iterator[World]:
    """A copy of the original, documents included."""
    name = f"coedi_test_{os.getpid()}_{secrets.token_hex(4)}"
    shutil.copytree(happened.settings.documents, tmp_path / "documents")
    url = services.create_database(name, happened.settings.database_url.rsplit("/", 1)[1])
    copy = Database(url)
    copy.run("update outbox set claimed_at = clock_timestamp()")  # the original may be minutes old: nothing of it is late
    copy.close()
    yield World(replace(
        happened.settings, database_url=url, state_dir=tmp_path / "state", documents=tmp_path / "documents"), Topology())
    services.drop_database(name)


@pytest.fixture
def desk(lived: World) -> Iterator[Desk]:
    """A worker beside the command line."""
    made = make_desk(lived)
    yield made
    made.session.database.close()
    made.owner.close()
