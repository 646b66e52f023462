"""Fixtures for browser tests: one browser and one console with a branch at work, for each file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.acceptance.web.browser import chromium
from tests.desk import make_desk
from tests.scene import Scene, branch_at_work
from tests.services import make_world
from tests.web import BRANCH, Site, add_user, site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The installed Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Scene]:
    """Two branches at work."""
    for world in make_world(tmp_path_factory.mktemp("console"), template, with_broker=False):
        desk = make_desk(world)
        add_user(desk.owner, BRANCH, "somebody", ("reviewer",), shown="陈志远")
        yield branch_at_work(desk, more=70, waiting=20)
        desk.session.database.close()
        desk.owner.close()


@pytest.fixture(scope="module")
def console(scene: Scene) -> Iterator[Site]:
    """The console on that database."""
    with site(scene.desk.world) as running:
        yield running
