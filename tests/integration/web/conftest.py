"""One database for all tests of a file, where they do not disturb each other: making one takes longer than most tests."""

from collections.abc import Iterator

import pytest

from tests import services


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[services.World]:
    """A world without broker objects that the tests of one file share."""
    yield from services.make_world(tmp_path_factory.mktemp("kept"), template, with_broker=False)
