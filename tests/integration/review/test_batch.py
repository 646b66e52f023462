"""Many approvals at once: those that policy lets through go through, each of the others is told why not."""

from dataclasses import replace

import pytest

from domain.errors import CounterExhausted, NotAllowed, StaleVersion, UnknownThing
from pipeline.identity import new_id
from review_worker import claims, manual_review
from review_worker.batch import approve_many
from schemas.certificate_types import CertificateType, certificate_type
from store.postgres import PostgresStore
from tests.integration.operators.command import coedi
from tests.integration.review.reviewing import LI, TWO, VERSION, WANG, ReviewDesk

pytestmark = pytest.mark.database
CODES = {"DESTINATION", "SAMPLE"}


def test_what_lost_a_race_or_needs_a_closer_look_is_told_and_others_go_through(reviews: ReviewDesk, seat: PostgresStore) -> None:
    good = reviews.refer(3)
    [closer] = reviews.refer(reasons=("DESTINATION: x / y", "C22: a / b"))
    [two] = reviews.refer(terms=TWO)
    held, moved, mine = reviews.refer(3)
    claims.claim(seat.database, LI, subject=held)
    manual_review.send_back(seat, moved, LI, VERSION, "no")
    token = claims.claim(seat.database, WANG, subject=mine)
    assert token
    nobody = new_id()
    asked = [*good, closer, two, held, moved, nobody, good[0]]
    results = approve_many(seat, WANG, [*((one, VERSION, None) for one in asked), (mine, VERSION, token.token)], CODES)
    assert [one.seen.certificate for one in results] == [*asked[:-1], mine]
    told = {one.seen.certificate: one.refused for one in results if one.refused}
    assert set(told) == {closer, two, held, moved, nobody}
    codes = {one: refused.code for one, refused in told.items() if isinstance(refused, NotAllowed)}
    assert codes == {closer: "NOT_IN_BATCH", two: "FOUR_EYES", held: "CLAIMED"}
    late = told[moved]
    assert isinstance(late, StaleVersion) and late.lost and late.lost.who == f"reviewer:{LI}"
    assert isinstance(told[nobody], UnknownThing)
    assert {reviews.state(one) for one in (*good, mine)} == {"APPROVED"}
    numbers = [row[0] for row in reviews.desk.query("select number from certificate where number is not null order by number")]
    assert len(set(numbers)) == 4


def test_an_old_version_and_an_old_token_are_told(reviews: ReviewDesk, seat: PostgresStore) -> None:
    one, other = reviews.refer(2)
    first = claims.claim(seat.database, WANG, subject=other)
    claims.steal(seat.database, LI, other, "urgent")
    claims.release(seat.database, LI, other)
    assert first
    results = approve_many(seat, WANG, [(one, VERSION - 1, None), (other, VERSION, first.token)], CODES)
    assert [type(each.refused) for each in results] == [StaleVersion, NotAllowed]
    assert reviews.state(one) == reviews.state(other) == "PENDING_REVIEW"


def test_two_hundred_take_as_many_statements_as_two(reviews: ReviewDesk, seat: PostgresStore) -> None:
    few, many = reviews.refer(2), reviews.refer(200)
    counts = []
    for ids in (few, many):
        before = seat.database.round_trips
        assert all(one.certificate for one in approve_many(seat, WANG, [(one, VERSION, None) for one in ids], CODES))
        counts.append(seat.database.round_trips - before)
    assert counts[0] == counts[1]


def test_when_numbers_run_out_those_before_have_theirs(
    reviews: ReviewDesk, seat: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = reviews.refer(3)
    two_numbers = replace(certificate_type("CO"), number_template="{yy}{letter}{reg}/{seq:01d}")
    monkeypatch.setattr("pipeline.advance.certificate_type", lambda code: two_numbers)
    monkeypatch.setattr(CertificateType, "last_number", 2)
    results = approve_many(seat, WANG, [(one, VERSION, None) for one in ids], CODES)
    assert [type(one.refused) for one in results] == [type(None), type(None), CounterExhausted]


def test_nothing_asked_is_nothing_done(reviews: ReviewDesk, seat: PostgresStore) -> None:
    assert approve_many(seat, WANG, [], CODES) == []


def test_the_shell_ends_with_5_when_some_were_left_out(reviews: ReviewDesk) -> None:
    reviews.refer(2)
    reviews.refer(terms=TWO)
    names = [reviews.sample(number).invoice for number in range(3)]
    said = coedi(reviews.world, "review", "batch-approve", *names, "--allow", "DESTINATION", "--json")
    assert said.exit_code == 5
    assert [one["state"] for one in said.data["results"]] == ["APPROVED", "APPROVED", None]
    assert "needs two persons" in said.data["results"][2]["refused"]
    assert coedi(reviews.world, "review", "batch-approve", names[2], "--allow", "DESTINATION").exit_code == 4
