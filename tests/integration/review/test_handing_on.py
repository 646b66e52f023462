"""Who is offered what: skills, referrals to a second reviewer, and what a senior reviewer gives to a person."""

from dataclasses import replace

import pytest

from console import user_changes
from console.user_changes import By, NewUser
from domain.calendar import DeskTerms
from domain.errors import NotAllowed
from review_worker import claims, manual_review
from review_worker.claims import Referral
from review_worker.desk_queue import Only, waiting
from store.postgres import PostgresStore
from tests.integration.operators.command import coedi
from tests.integration.review.reviewing import BRANCH, LI, VERSION, WANG, ZHAO, ReviewDesk

pytestmark = pytest.mark.database


def test_only_what_a_reviewer_is_skilled_in_is_offered(reviews: ReviewDesk, seat: PostgresStore) -> None:
    first, second = reviews.refer(2)
    reviews.desk.query("update review_task set type = 'FORME2' where subject = %s", second)
    assert claims.claim(seat.database, WANG, skills=("RCEP",)) is None
    made = claims.claim(seat.database, WANG, skills=("FORME2", "RCEP"))
    assert made and made.subject == second
    other = claims.claim(seat.database, LI)
    assert other and other.subject == first


def test_what_waits_for_a_senior_reviewer_is_offered_to_no_other(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=DeskTerms(senior=True))
    assert claims.claim(seat.database, WANG) is None
    with pytest.raises(NotAllowed, match="waits for a senior reviewer") as refused:
        claims.claim(seat.database, WANG, subject=certificate)
    assert refused.value.code == "SENIOR_ONLY"
    with pytest.raises(NotAllowed, match="waits for a senior reviewer"):
        manual_review.approve(seat, certificate, WANG, VERSION)
    made = claims.claim(seat.database, ZHAO, senior=True)
    assert made and manual_review.approve(seat, certificate, ZHAO, VERSION, token=made.token).done


def test_a_referral_to_a_person_goes_to_them_with_the_remark(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    made = claims.claim(seat.database, WANG)
    assert made
    claims.refer(seat.database, WANG, certificate, Referral("请看第8栏", LI, "SECOND_OPINION"), made.token)
    [row] = waiting(seat.database)
    assert (row.assigned_to, row.referred_by, row.remark, row.claimed_by, row.token) == (LI, WANG, "请看第8栏", None, 2)
    for other in (WANG, ZHAO):
        assert claims.claim(seat.database, other) is None
        with pytest.raises(NotAllowed, match=f"is assigned to {LI}"):
            manual_review.approve(seat, certificate, other, VERSION)
    with pytest.raises(NotAllowed, match="has ended and it was claimed again since"):
        manual_review.approve(seat, certificate, WANG, VERSION, token=made.token)
    assert manual_review.approve(seat, certificate, LI, VERSION).done
    assert reviews.audit(certificate)[1] == (f"reviewer:{WANG}", "review refer")


def test_a_referral_to_any_senior_reviewer_passes_over_who_made_it(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    claims.claim(seat.database, WANG, senior=True)
    claims.refer(seat.database, WANG, certificate, Referral("suspicious"))
    assert claims.claim(seat.database, WANG, senior=True) is None
    assert claims.claim(seat.database, LI) is None
    made = claims.claim(seat.database, ZHAO, senior=True)
    assert made and made.subject == certificate


def test_only_the_holder_refers_and_not_to_themselves(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    with pytest.raises(NotAllowed, match="is not claimed by"):
        claims.refer(seat.database, WANG, certificate, Referral("x"))
    claims.claim(seat.database, WANG)
    with pytest.raises(NotAllowed, match=f"is claimed by {WANG}"):
        claims.refer(seat.database, LI, certificate, Referral("x"))
    with pytest.raises(NotAllowed, match="another person"):
        claims.refer(seat.database, WANG, certificate, Referral("x", WANG))
    with pytest.raises(NotAllowed, match="token 9 is not"):
        claims.refer(seat.database, WANG, certificate, Referral("x", LI), 9)


def test_a_senior_reviewer_gives_it_to_a_person_whoever_holds_it(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    old = claims.claim(seat.database, WANG)
    assert old
    claims.reassign(seat.database, ZHAO, certificate, LI, "Wang is on leave")
    with pytest.raises(NotAllowed):
        manual_review.approve(seat, certificate, WANG, VERSION, token=old.token)
    made = claims.claim(seat.database, LI)
    assert made and made.token == 3
    claims.reassign(seat.database, ZHAO, certificate, None)
    free = claims.claim(seat.database, WANG)
    assert free and free.token == 5
    assert [action for _, action in reviews.audit(certificate)] == [
        "review claim", "review reassign", "review claim", "review reassign", "review claim"]


def test_the_queue_is_read_page_by_page_and_narrowed(reviews: ReviewDesk, seat: PostgresStore) -> None:
    ids = reviews.refer(7)
    reviews.refer(1, reasons=("AMOUNT: x / y", "C22: a / b"))
    reviews.desk.query("update review_task set deadline = clock_timestamp() - interval '1 minute' where subject = %s", ids[3])
    everything = waiting(seat.database)
    pages, after = [], None
    while page := waiting(seat.database, limit=3, after=after):
        pages += page
        after = page[-1].place
    assert pages == everything and len(everything) == 8 and everything[0].subject == ids[3]
    claims.claim(seat.database, WANG, subject=ids[5])
    only = Only(branch=BRANCH)
    counted = {
        "all": only, "overdue": replace(only, overdue=True), "held": replace(only, holder=WANG),
        "free": replace(only, unclaimed=True),
        "why": replace(only, reason="C22"), "types": replace(only, types=("RCEP",)), "goods": replace(only, kind="goods"),
        "firm": replace(only, enterprise="1100X0000")}
    assert {name: len(waiting(seat.database, one)) for name, one in counted.items()} == {
        "all": 8, "overdue": 1, "held": 1, "free": 7, "why": 1, "types": 0, "goods": 0, "firm": 0}


def test_the_shell_refers_reassigns_and_lists_what_was_said(reviews: ReviewDesk) -> None:
    world, invoice = reviews.world, reviews.sample(0).invoice
    reviews.refer(2)
    assert coedi(world, "review", "refer", invoice, "--remark", "x", "--as-reviewer", "wang").exit_code == 4
    coedi(world, "review", "claim", invoice, "--as-reviewer", "wang")
    assert coedi(world, "review", "refer", invoice, "--remark", " ", "--as-reviewer", "wang").exit_code == 2
    unknown = coedi(world, "review", "refer", invoice, "--remark", "x", "--reason-code", "NO_SUCH", "--as-reviewer", "wang")
    assert unknown.exit_code == 4
    said = coedi(world, "review", "refer", invoice, "--remark", "请看第8栏", "--to", "li", "--as-reviewer", "wang")
    assert said.out.endswith("version 4: referred to li\n")
    listed = coedi(world, "review", "list").out
    assert "for li" in listed and "wang: 请看第8栏" in listed
    assert coedi(world, "review", "reassign", invoice, "--to", "zhao", "--json").data["token"] == 3
    assert coedi(world, "review", "claim", invoice, "--as-reviewer", "li").exit_code == 4
    first, second = coedi(world, "review", "list", "--json").data["waiting"]
    after = coedi(world, "review", "list", "--after", first["subject"], "--json").data["waiting"]
    assert after == [second]


@pytest.mark.parametrize("leaves", ["switched off", "no reviewer any more"])
def test_what_somebody_has_who_leaves_waits_for_everybody_again(reviews: ReviewDesk, seat: PostgresStore, leaves: str) -> None:
    given, held, others = reviews.refer(3)
    shell = reviews.world.database("coedi_operator")
    user_changes.add(shell, By(), NewUser(BRANCH, "li", "李", ("reviewer",), totp_required=False), "vier-lange-regenschirme")
    claims.reassign(seat.database, ZHAO, given, LI)
    claim = claims.claim(seat.database, LI, subject=held)
    claims.claim(seat.database, WANG, subject=others)
    if leaves == "switched off":
        user_changes.set_active(shell, By(), BRANCH, "li", active=False)
    else:
        user_changes.change_roles(shell, By(), BRANCH, "li", {"auditor"}, {"reviewer"})
    assert {row.subject: (row.assigned_to, row.claimed_by) for row in manual_review.waiting(seat.database)} == {
        given: (None, None), held: (None, None), others: (None, WANG)}
    with pytest.raises(NotAllowed):  # a decision from the old screen
        manual_review.approve(seat, held, LI, VERSION, token=claim.token if claim else None)
    shell.close()
