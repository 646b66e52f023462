"""A reviewer's connection sees its own branch: what is another's can be neither listed, claimed, nor decided."""

from collections.abc import Callable

import pytest

from domain.errors import Refusal, UnknownThing
from review_worker import claims, manual_review
from review_worker.batch import approve_many
from review_worker.claims import Referral
from store.database import Database
from store.postgres import PostgresStore
from tests.integration.review.reviewing import VERSION, WANG, ReviewDesk, sees

pytestmark = pytest.mark.database
STRANGER = "4403C1/wang"


def test_another_branchs_certificate_does_not_exist(reviews: ReviewDesk) -> None:
    [certificate] = reviews.refer()
    [issued] = reviews.issue()
    other = PostgresStore(sees(reviews.world, "4403C1"))
    base = other.database
    assert manual_review.waiting(base) == [] and claims.claim(base, STRANGER) is None
    attempts: list[Callable[[], object]] = [
        lambda: claims.claim(base, STRANGER, subject=certificate),
        lambda: claims.steal(base, STRANGER, certificate, "x"),
        lambda: claims.renew(base, STRANGER, certificate),
        lambda: claims.release(base, STRANGER, certificate),
        lambda: claims.reassign(base, STRANGER, certificate, STRANGER),
        lambda: claims.refer(base, STRANGER, certificate, Referral("x")),
        lambda: manual_review.approve(other, certificate, STRANGER, VERSION),
        lambda: manual_review.send_back(other, certificate, STRANGER, VERSION, "x"),
        lambda: manual_review.void(other, issued, STRANGER, VERSION + 2, "ISSUED_BY_MISTAKE")]
    for attempt in attempts:
        with pytest.raises(UnknownThing) as refused:
            attempt()
        assert "made it" not in str(refused.value)  # nor who moved it
    [result] = approve_many(other, STRANGER, [(certificate, VERSION, None)], {"DESTINATION"})
    assert isinstance(result.refused, Refusal)
    assert (reviews.state(certificate), reviews.state(issued)) == ("PENDING_REVIEW", "ISSUED")
    assert not any(actor.endswith(STRANGER) for actor, _ in reviews.audit(certificate))
    base.close()


def test_without_a_branch_nothing_is_seen_and_head_office_sees_all(reviews: ReviewDesk) -> None:
    reviews.refer()
    nobody, everywhere = reviews.world.database("coedi_console"), sees(reviews.world, "*")
    assert manual_review.waiting(nobody) == []
    [row] = manual_review.waiting(everywhere)
    assert claims.claim(everywhere, WANG)
    assert manual_review.approve(PostgresStore(everywhere), row.subject, WANG, VERSION).done
    for database in (nobody, everywhere):
        database.close()


def test_what_is_done_at_the_desk_stands_in_the_branchs_audit(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    claims.claim(seat.database, WANG)
    manual_review.approve(seat, certificate, WANG, VERSION)
    branches = reviews.desk.query("select distinct branch from audit where subject = %s", str(certificate))
    assert branches == [(WANG.partition("/")[0],)]
    other: Database = sees(reviews.world, "4403C1")
    assert other.run("select count(*) from audit") == [(0,)]
    other.close()
