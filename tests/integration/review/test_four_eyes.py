"""Two persons agree, or nothing happens: at the desk, by message, and by the database itself."""

from uuid import UUID

import pytest
from psycopg2.errors import CheckViolation, RestrictViolation

from domain.certificate import Decision
from domain.errors import NotAllowed, StaleVersion
from domain.finding import Severity
from messages.receipts import read
from review_worker import claims, manual_review
from store.postgres import PostgresStore
from tests.integration.operators.command import coedi
from tests.integration.review.reviewing import BRANCH, LI, TWO, VERSION, WANG, ZHAO, ReviewDesk
from tests.trade import codes, give_branch_an_exchange, review, void

pytestmark = pytest.mark.database


def approvals(reviews: ReviewDesk, certificate: UUID) -> list[tuple[str, str]]:
    """(event, person), in order."""
    rows = reviews.desk.query("select event, person from approval where certificate = %s order by at", certificate)
    return [(row[0], row[1]) for row in rows]


def branch_decides(reviews: ReviewDesk, message_id: str, reviewer: str) -> list[str]:
    """What the branch's system hears when it approves the newest certificate in somebody's name."""
    one = reviews.sample(reviews.sent - 1)
    body = review(one.invoice, one.firm.record.no, VERSION, message_id=message_id).decode()
    if reviewer:
        body = body.replace("</ReviewDecision>", f"<Reviewer>{reviewer}</Reviewer></ReviewDecision>")
    reviews.desk.deliver(body.encode(), exchange=give_branch_an_exchange(reviews.desk))
    return codes(reviews.desk, message_id)


def test_the_second_persons_approval_carries_it_out(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=TWO)
    claim = claims.claim(seat.database, WANG)
    assert claim and claim.subject == certificate
    first = manual_review.approve(seat, certificate, WANG, VERSION, "看过合同", claim.token)
    assert (first.done, first.agreed, first.state) == (False, (WANG,), "PENDING_REVIEW")
    [row] = manual_review.waiting(seat.database)
    assert (row.eyes, row.approved_by, row.claimed_by, row.version) == (2, (WANG,), None, VERSION)
    assert claims.claim(seat.database, WANG) is None  # never offered to who has approved it
    second = claims.claim(seat.database, LI)
    assert second and second.subject == certificate
    done = manual_review.approve(seat, certificate, LI, VERSION, token=second.token)
    assert (done.done, done.agreed, reviews.state(certificate)) == (True, (WANG, LI), "APPROVED")
    assert approvals(reviews, certificate) == [("approve", WANG), ("approve", LI)]
    assert [action for _, action in reviews.audit(certificate)] == ["review claim", "review approve"] * 2


def test_the_same_person_twice_is_refused(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=TWO)
    manual_review.approve(seat, certificate, WANG, VERSION)
    for again in (lambda: manual_review.approve(seat, certificate, WANG, VERSION),
                  lambda: claims.claim(seat.database, WANG, subject=certificate),
                  lambda: claims.reassign(seat.database, ZHAO, certificate, WANG)):
        with pytest.raises(NotAllowed, match="SAME_PERSON") as refused:
            again()
        assert refused.value.code == "SAME_PERSON"
    claims.claim(seat.database, LI, subject=certificate)
    with pytest.raises(NotAllowed, match="SAME_PERSON"):
        claims.steal(seat.database, WANG, certificate, "urgent")
    assert reviews.state(certificate) == "PENDING_REVIEW"


def test_a_return_needs_one_person(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=TWO)
    manual_review.approve(seat, certificate, WANG, VERSION)
    assert manual_review.send_back(seat, certificate, LI, VERSION, "goods unclear").done
    assert reviews.state(certificate) == "RETURNED"


@pytest.mark.parametrize("agreed", [(), (WANG,)])
def test_the_database_refuses_a_commit_with_too_few(reviews: ReviewDesk, agreed: tuple[str, ...]) -> None:
    [certificate] = reviews.refer(terms=TWO)
    for person in agreed:
        reviews.desk.query("insert into approval (certificate, version, event, person) values (%s, %s, 'approve', %s)",
                           certificate, VERSION, person)
    with pytest.raises(CheckViolation, match=f"needs 2 persons to approve, {len(agreed)} agreed") as refused:
        reviews.advance([certificate], Decision("approve"), f"reviewer:{WANG}")
    assert refused.value.diag.constraint_name == "four_eyes"
    assert reviews.state(certificate) == "PENDING_REVIEW"


def test_an_approval_stays_as_it_was_written(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=TWO)
    manual_review.approve(seat, certificate, WANG, VERSION)
    for change in ("update approval set person = 'x'", "delete from approval", "delete from four_eyes"):
        with pytest.raises(RestrictViolation, match="is append-only"):
            reviews.desk.query(change)


def test_a_void_takes_two_where_two_are_asked_for(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.issue()
    version = VERSION + 2
    first = manual_review.void(seat, certificate, WANG, version, "ORIGIN_NOT_CONFIRMED", "letter of 2 November", eyes=2)
    assert (first.done, reviews.state(certificate)) == (False, "ISSUED")
    [asked] = seat.database.query("voids_waiting", branch=BRANCH, limit=10)
    assert (asked[0], asked[8]) == (certificate, [WANG])
    with pytest.raises(NotAllowed, match="SAME_PERSON"):
        manual_review.void(seat, certificate, WANG, version, "ORIGIN_NOT_CONFIRMED")
    done = manual_review.void(seat, certificate, LI, version, "ORIGIN_NOT_CONFIRMED")  # two, though the second asks for one
    assert (done.done, done.agreed, reviews.state(certificate)) == (True, (WANG, LI), "VOID")
    with pytest.raises(StaleVersion) as late:
        manual_review.void(seat, certificate, ZHAO, version, "ORIGIN_NOT_CONFIRMED")
    assert late.value.lost and (late.value.lost.who, late.value.lost.event) == (f"reviewer:{LI}", "void")
    assert seat.database.query("voids_waiting", branch=BRANCH, limit=10) == []


def test_a_void_by_one_where_one_is_enough_gives_its_reason_in_both_languages(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.issue()
    manual_review.void(seat, certificate, WANG, VERSION + 2, "ISSUED_TWICE", "see 26C1")
    [(body,)] = reviews.desk.query("select body from receipt where state = 'VOID'")
    receipt = read(bytes(body))
    assert receipt and receipt.reasons == ("ISSUED_TWICE: 同批货物重复签发 / Issued twice for the same goods", "VOID: see 26C1")


def test_a_branchs_message_is_the_second_word_and_never_the_first(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer(terms=TWO)
    assert branch_decides(reviews, "R-1", "li") == ["SECOND_PERSON_NEEDED"]
    manual_review.approve(seat, certificate, WANG, VERSION)
    assert branch_decides(reviews, "R-2", "wang") == ["SECOND_PERSON_NEEDED"]  # the same one, by another door
    assert branch_decides(reviews, "R-3", "") == ["SECOND_PERSON_NEEDED"]  # nobody is named
    [(body,)] = reviews.desk.query("select body from receipt where correlation = 'R-2'")
    receipt = read(bytes(body))
    assert receipt and receipt.findings[0].severity is Severity.REJECT and WANG in receipt.findings[0].en
    assert branch_decides(reviews, "R-4", "li") == ["REVIEW_DONE"]
    assert reviews.state(certificate) == "APPROVED"
    assert approvals(reviews, certificate) == [("approve", WANG), ("approve", f"branch:{BRANCH}/li")]


def test_a_void_that_one_person_asked_for_is_carried_out_by_message_of_another(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.issue()
    exchange = give_branch_an_exchange(reviews.desk)
    [(number,)] = reviews.desk.query("select number from certificate")
    manual_review.void(seat, certificate, WANG, VERSION + 2, "ISSUED_BY_MISTAKE", eyes=2)
    for message_id, reviewer, told in (
        ("V-1", "", "SECOND_PERSON_NEEDED"), ("V-2", "wang", "SECOND_PERSON_NEEDED"), ("V-3", "li", "VOID_DONE")
    ):
        body = void(number, message_id).decode().replace("</CertificateVoid>", f"<Reviewer>{reviewer}</Reviewer></CertificateVoid>")
        reviews.desk.deliver(body.replace("<Reviewer></Reviewer>", "").encode(), exchange=exchange)
        assert codes(reviews.desk, message_id) == [told]
    assert reviews.state(certificate) == "VOID"


def test_the_shell_says_that_a_second_person_has_to(reviews: ReviewDesk) -> None:
    reviews.refer(terms=TWO)
    invoice = reviews.sample(0).invoice
    said = coedi(reviews.world, "review", "approve", invoice, "--as-reviewer", "wang")
    assert said.exit_code == 0 and "wang agreed, a second person has to; still PENDING_REVIEW" in said.out
    assert "wang approved, two persons have to" in coedi(reviews.world, "review", "list").out
    assert coedi(reviews.world, "review", "approve", invoice, "--as-reviewer", "wang").exit_code == 4
    assert coedi(reviews.world, "review", "approve", invoice, "--as-reviewer", "li", "--json").data["agreed"] == ["wang", "li"]


def test_what_comes_back_after_its_approval_needs_two_persons_again(reviews: ReviewDesk, seat: PostgresStore) -> None:
    ids = two, one = reviews.refer(terms=TWO) + reviews.refer()
    for who in (WANG, LI):
        manual_review.approve(seat, two, who, VERSION)
    manual_review.approve(seat, one, WANG, VERSION)
    reviews.advance(ids, Decision("recall", reasons=("COMPOSE_FAILED: U+1F9EE",)), "print")
    rows = {row.subject: (row.eyes, row.approved_by) for row in manual_review.waiting(seat.database)}
    assert rows == {two: (2, ()), one: (1, ())}
    again = VERSION + 2
    assert not manual_review.approve(seat, two, WANG, again).done and reviews.state(two) == "PENDING_REVIEW"
    with pytest.raises(CheckViolation):  # nobody's message or hand gets past the database
        reviews.advance([two], Decision("approve"), f"reviewer:{LI}")
    assert manual_review.approve(seat, two, LI, again).done and reviews.state(two) == "APPROVED"
    reasons = reviews.desk.query("select version, eyes, reason from four_eyes where certificate = %s order by version", two)
    assert reasons == [(VERSION, 2, "AMOUNT"), (again, 2, "AMOUNT")]
