"""Whatever three reviewers do, in whatever order: nothing breaks, nobody holds two, and two persons are two persons."""

import random
from collections.abc import Callable
from uuid import UUID

import pytest

from domain.errors import Refusal
from review_worker import claims, manual_review
from review_worker.batch import approve_many
from review_worker.claims import Referral
from store.postgres import PostgresStore
from tests.integration.review.reviewing import LI, TWO, VERSION, WANG, ZHAO, ReviewDesk

pytestmark = pytest.mark.database
PEOPLE = (WANG, LI, ZHAO)
Act = Callable[[PostgresStore, str, UUID, int | None], object]

ACTS: tuple[Act, ...] = (
    lambda store, who, one, token: claims.claim(store.database, who),
    lambda store, who, one, token: claims.claim(store.database, who, subject=one),
    lambda store, who, one, token: claims.claim(store.database, who, senior=True),
    lambda store, who, one, token: claims.renew(store.database, who, one, token=token),
    lambda store, who, one, token: claims.release(store.database, who, one, token),
    lambda store, who, one, token: claims.steal(store.database, who, one, "urgent"),
    lambda store, who, one, token: claims.reassign(store.database, who, one, WANG),
    lambda store, who, one, token: claims.reassign(store.database, who, one, None),
    lambda store, who, one, token: claims.refer(store.database, who, one, Referral("look", LI), token),
    lambda store, who, one, token: claims.refer(store.database, who, one, Referral("look"), token),
    lambda store, who, one, token: manual_review.approve(store, one, who, VERSION, token=token),
    lambda store, who, one, token: manual_review.send_back(store, one, who, VERSION, "no", token),
    lambda store, who, one, token: approve_many(store, who, [(one, VERSION, token)], {"DESTINATION"}),
)
WEIGHTS = [2] * 10 + [6, 1, 2]  # or too few were ever approved by two


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_acts(reviews: ReviewDesk, seat: PostgresStore, seed: int) -> None:
    chance = random.Random(seed)
    ids = [*reviews.refer(6), *reviews.refer(6, TWO)]
    done = refused = 0
    for _ in range(250):
        one, who = chance.choice(ids), chance.choice(PEOPLE)
        rows = reviews.desk.query(
            "select claimed_by, token, lease_until > clock_timestamp() from review_task where subject = %s", one)
        row = rows[0] if rows else None
        try:
            got = chance.choices(ACTS, WEIGHTS)[0](seat, who, one, chance.choice((None, None, row[1] if row else 1, 1)))
        except Refusal:
            refused += 1
            continue
        done += 1
        if isinstance(got, manual_review.Decided) and row and row[2]:
            assert row[0] == who  # nobody decides what another holds
    assert done > 50 and refused > 50
    two = reviews.desk.query(
        "select count(distinct a.person) from four_eyes f"
        " join transition t on t.certificate = f.certificate and t.event = 'approve'"
        " left join approval a on a.certificate = f.certificate group by f.certificate")
    assert two and set(two) == {(2,)}
