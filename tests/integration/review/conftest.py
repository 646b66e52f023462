"""Fixtures of the review desk."""

from collections.abc import Iterator

import pytest

from store.postgres import PostgresStore
from tests.integration.review.reviewing import ReviewDesk, review_desk, seats
from tests.services import World


@pytest.fixture
def reviews(stored: World) -> Iterator[ReviewDesk]:
    """A review desk; the doctor looks at it when the test is over."""
    with review_desk(stored) as made:
        yield made


@pytest.fixture
def seat(reviews: ReviewDesk) -> Iterator[PostgresStore]:
    """A reviewer's connection, which sees one branch."""
    with seats(reviews.world, 1) as [one]:
        yield one
