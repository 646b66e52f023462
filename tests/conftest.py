"""Fixtures for all tests: a database or a whole world (database and broker names) for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import private_services

CHOSEN = private_services.choose()  # before tests.services reads the environment

from tests import desk as desks  # noqa: E402
from tests import services  # noqa: E402


def pytest_report_header() -> list[str]:
    """Which services are used, and why."""
    return CHOSEN


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """Name of a migrated database to copy from."""
    yield from services.template_database()


@pytest.fixture
def stored(tmp_path: Path, template: str) -> Iterator[services.World]:
    """A world without broker objects: a fresh database with the sample registry."""
    yield from services.make_world(tmp_path, template, with_broker=False)


@pytest.fixture
def world(tmp_path: Path, template: str) -> Iterator[services.World]:
    """A world with broker objects of its own."""
    yield from services.make_world(tmp_path, template, with_broker=True)


@pytest.fixture
def desk(stored: services.World) -> Iterator[desks.Desk]:
    """A worker's insides with all stages, without a broker."""
    made = desks.make_desk(stored)
    yield made
    made.session.database.close()
    made.owner.close()
