"""Two people, or a person and a message, meet over one certificate a thousand times: one wins, the other is told who did."""

from uuid import UUID

import pytest

from domain.errors import IllegalTransition, NotAllowed, StaleVersion, UnknownThing
from gateway.intake import Intake
from review_worker import claims, manual_review
from store.leases import Claim
from tests.desk import Desk, another_session
from tests.integration.review.reviewing import BRANCH, LI, TWO, VERSION, WANG, ZHAO, ReviewDesk, race, seats
from tests.trade import codes, give_branch_an_exchange, interchange, void

pytestmark = [pytest.mark.database, pytest.mark.timeout(600)]
ROUNDS = 1000


def sender(reviews: ReviewDesk) -> Desk:
    """A worker beside the one that prepared the desk."""
    session = another_session(reviews.world, ("schema-check", "rule-check"))
    return Desk(reviews.world, session, Intake(session), reviews.desk.owner)


def test_two_reviewers_want_one_lease(reviews: ReviewDesk) -> None:
    [certificate] = reviews.refer()
    owner = reviews.world.database()

    def free() -> None:
        owner.run("update review_task set claimed_by = null, claimed_at = null, lease_until = null")

    with seats(reviews.world, 2) as (one, two):
        got = race(ROUNDS, lambda n: claims.claim(one.database, WANG, subject=certificate),
                   lambda n: claims.claim(two.database, LI, subject=certificate), prepare=free)
    for token, pair in enumerate(got, 1):
        [won] = [each for each in pair if isinstance(each, Claim)]
        [lost] = [each for each in pair if isinstance(each, NotAllowed)]
        assert (won.token, lost.code, lost.who) == (token, "CLAIMED", won.holder)
    owner.close()


def test_two_reviewers_want_the_next(reviews: ReviewDesk) -> None:
    """One certificate for two: each round one of them gets it, and the other nothing."""
    reviews.refer()
    owner = reviews.world.database()

    def free() -> None:
        owner.run("update review_task set claimed_by = null, claimed_at = null, lease_until = null")

    with seats(reviews.world, 2) as (one, two):
        got = race(ROUNDS, lambda n: claims.claim(one.database, WANG), lambda n: claims.claim(two.database, LI), prepare=free)
    assert all(sum(isinstance(each, Claim) for each in pair) == pair.count(None) == 1 for pair in got)
    owner.close()


def test_an_approval_against_a_withdrawal_and_a_void(reviews: ReviewDesk) -> None:
    """The enterprise takes it back, one reviewer approves it, another takes it for an issued one: one of the first two wins."""
    ids = reviews.refer(ROUNDS)
    beside, firm = sender(reviews), reviews.sample(0).firm.record.no

    def withdraw(n: int) -> object:
        named = f"<Certificate><InvoiceNo>{reviews.sample(n).invoice}</InvoiceNo></Certificate>"
        body = interchange(f"W-{n}", firm, f"<Withdrawal><MessageId>W-{n}</MessageId>{named}</Withdrawal>")
        return beside.deliver(body, exchange=reviews.world.names.enterprise_exchange(firm))

    with seats(reviews.world, 2) as (one, two):
        got = race(
            ROUNDS, lambda n: manual_review.approve(one, ids[n], WANG, VERSION), withdraw,
            lambda n: manual_review.void(two, ids[n], LI, VERSION, "ISSUED_BY_MISTAKE"))
    approved = 0
    for n, (approval, _, voided) in enumerate(got):
        state, [told] = reviews.state(ids[n]), codes(reviews.desk, f"W-{n}")
        assert isinstance(voided, IllegalTransition) or (isinstance(voided, StaleVersion) and voided.lost)
        if isinstance(approval, manual_review.Decided):
            assert (state, told) == ("APPROVED", "STATE_NOT_ALLOWED")
            approved += 1
        else:
            assert (state, told) == ("WITHDRAWN", "WITHDRAWAL_DONE")
            assert isinstance(approval, StaleVersion) and approval.lost
            lost = approval.lost
            assert (lost.who, lost.event, lost.version) == (f"enterprise:{firm}", "withdraw", VERSION + 1)
    assert 0 < approved < ROUNDS  # else nobody met anybody
    beside.session.database.close()


def test_a_void_at_the_desk_against_one_by_message(reviews: ReviewDesk) -> None:
    ids = reviews.issue(ROUNDS)
    beside, exchange = sender(reviews), give_branch_an_exchange(reviews.desk)
    numbers: dict[UUID, str] = dict(reviews.desk.query("select id, number from certificate"))
    with seats(reviews.world, 1) as (one,):
        got = race(
            ROUNDS, lambda n: manual_review.void(one, ids[n], WANG, VERSION + 2, "ISSUED_BY_MISTAKE"),
            lambda n: beside.deliver(void(numbers[ids[n]], f"V-{n}"), exchange=exchange))
    for n, (voided, _) in enumerate(got):
        [told] = codes(reviews.desk, f"V-{n}")
        assert reviews.state(ids[n]) == "VOID"
        if isinstance(voided, manual_review.Decided):
            assert told == "ALREADY_VOID"
        else:
            assert isinstance(voided, StaleVersion) and voided.lost and told == "VOID_DONE"
            assert (voided.lost.who, voided.lost.event) == (f"branch:{BRANCH}", "void")
    beside.session.database.close()


def test_a_lease_that_ends_during_an_edit(reviews: ReviewDesk) -> None:
    """Wang's lease is over, he decides under its token while Li claims: either he was first, or his decision is refused."""
    ids = reviews.refer(ROUNDS)
    reviews.desk.query(
        "update review_task set claimed_by = %s, claimed_at = clock_timestamp() - interval '1 hour', token = 1,"
        " lease_until = clock_timestamp() - interval '1 second'", WANG)
    with seats(reviews.world, 2) as (one, two):
        got = race(
            ROUNDS, lambda n: manual_review.send_back(one, ids[n], WANG, VERSION, "goods unclear", 1),
            lambda n: claims.claim(two.database, LI, subject=ids[n]))
    decided = 0
    for n, (back, claim) in enumerate(got):
        if isinstance(claim, Claim):
            assert (claim.token, reviews.state(ids[n])) == (2, "PENDING_REVIEW")
            assert isinstance(back, NotAllowed) and (back.code, back.who) == ("CLAIMED", LI)
        else:
            assert isinstance(back, manual_review.Decided) and reviews.state(ids[n]) == "RETURNED"
            assert isinstance(claim, UnknownThing) and f"reviewer:{WANG} made it RETURNED" in str(claim)
            decided += 1
    assert 0 < decided < ROUNDS


def test_two_second_persons_agree_at_once(reviews: ReviewDesk) -> None:
    """Whoever is second carries it out; the third is told who did."""
    ids = reviews.refer(ROUNDS, TWO)
    with seats(reviews.world, 3) as (one, two, three):
        got = race(ROUNDS, *(
            lambda n, store=store, who=who: manual_review.approve(store, ids[n], who, VERSION)
            for store, who in ((one, WANG), (two, LI), (three, ZHAO))))
    for n, each in enumerate(got):
        decided = [one for one in each if isinstance(one, manual_review.Decided)]
        [done] = [one for one in decided if one.done]
        assert reviews.state(ids[n]) == "APPROVED" and len(set(done.agreed)) == 2
        [late] = [one for one in each if not isinstance(one, manual_review.Decided)]
        assert isinstance(late, StaleVersion) and late.lost and late.lost.who == f"reviewer:{done.agreed[1]}"
