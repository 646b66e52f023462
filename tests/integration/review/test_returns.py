"""What goes back to the exporter: the machine's findings that the reviewer ticked, remarks at boxes, and the reason."""

import pytest

from domain.errors import Refusal, UnknownThing
from domain.finding import Severity
from messages.receipts import Receipt, read
from review_worker import manual_review
from review_worker.remarks import Remark, Return
from store.postgres import PostgresStore
from tests.desk import clean, make_desk
from tests.integration.operators.command import coedi
from tests.integration.review.reviewing import VERSION, WANG, ReviewDesk
from tests.services import World

pytestmark = pytest.mark.database


def returned(reviews: ReviewDesk) -> Receipt:
    """The receipt of the return."""
    [(body,)] = reviews.desk.query("select body from receipt where state = 'RETURNED'")
    receipt = read(bytes(body))
    assert receipt
    return receipt


def test_remarks_are_findings_like_any_other(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    said = Return("请更正后重报", "DESCRIPTION_GENERAL", (
        Remark("7", "哪一种泵？"), Remark("2", "no country", "CONSIGNEE_INCOMPLETE"), Remark("", "call us")))
    manual_review.send_back(seat, certificate, WANG, VERSION, said)
    receipt = returned(reviews)
    assert receipt.reasons == (
        "DESCRIPTION_GENERAL: 货物描述过于笼统，无法识别 / The description of the goods is too general to identify them",
        "RETURNED_BY_REVIEWER: 请更正后重报")
    first, second, third = receipt.findings
    assert (first.code, first.box, first.severity) == ("DESCRIPTION_GENERAL", "7", Severity.REJECT)
    assert first.zh == "货物描述过于笼统，无法识别：哪一种泵？" and "too general" in first.en and " / " in first.remedy
    assert first.found  # what the box says
    assert (second.code, second.box) == ("CONSIGNEE_INCOMPLETE", "2")
    assert (third.code, third.box, third.found) == ("DESCRIPTION_GENERAL", None, None)


def test_a_remark_without_any_code_says_what_the_reviewer_wrote(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    manual_review.send_back(seat, certificate, WANG, VERSION, Return(remarks=(Remark("1", "<b>name</b> & seal"),)))
    [finding] = returned(reviews).findings
    assert (finding.code, finding.zh, finding.en) == ("REVIEWER_REMARK", "<b>name</b> & seal", "<b>name</b> & seal")


@pytest.mark.parametrize("why", [
    Return("x", "NO_SUCH_CODE"), Return("x", "ISSUED_TWICE"), Return("x", remarks=(Remark("99", "no such box"),)),
    Return("x", remarks=(Remark("1", "y", "NO_SUCH"),))])
def test_an_unknown_code_or_box_returns_nothing(reviews: ReviewDesk, seat: PostgresStore, why: Return) -> None:
    [certificate] = reviews.refer()
    with pytest.raises(UnknownThing):
        manual_review.send_back(seat, certificate, WANG, VERSION, why)
    assert reviews.state(certificate) == "PENDING_REVIEW"


def test_a_return_says_something(reviews: ReviewDesk, seat: PostgresStore) -> None:
    [certificate] = reviews.refer()
    with pytest.raises(Refusal, match="needs a reason"):
        manual_review.send_back(seat, certificate, WANG, VERSION, " ")


def test_only_the_findings_that_are_ticked_go_along(stored: World) -> None:
    desk = make_desk(stored)
    one = clean(0, fault="intermediary")
    desk.deliver(one)
    [(found,)] = desk.query(
        "select jsonb_array_length(detail -> 'findings') from transition where event = 'pass-rules'")
    assert found >= 1
    left = coedi(stored, "review", "return", one.invoice, "--reason-code", "OTHER", "--without", 1,
                 "--remark", "1=not the exporter", "--json")
    assert left.data["state"] == "RETURNED"
    [(findings,)] = desk.query("select detail -> 'findings' from transition where event = 'return'")
    assert len(findings) == found and findings[-1]["code"] == "OTHER"
    bad = coedi(stored, "review", "return", one.invoice, "--reason", "x", "--remark", "no sign")
    assert bad.exit_code == 2
    desk.session.database.close()
    desk.owner.close()


def test_an_approval_keeps_its_code_and_note(reviews: ReviewDesk, seat: PostgresStore) -> None:
    first, second = reviews.refer(2)
    manual_review.approve(seat, first, WANG, VERSION, code="PAPERS_SEEN")
    manual_review.approve(seat, second, WANG, VERSION, "合同已看", code="PAPERS_SEEN")
    rows = reviews.desk.query("select detail -> 'reasons' from transition where state = 'APPROVED' order by at")
    coded = "PAPERS_SEEN: 已核对随附单据 / The papers were looked at"
    assert [row[0] for row in rows] == [[coded], [coded, "REVIEWED: 合同已看"]]
