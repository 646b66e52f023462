"""Questions and paper: status, old receipts again, print reports with form serials, local printing."""

from collections.abc import Iterator

import psycopg2
import pytest

from domain.certificate import Decision
from gateway.intake import Intake
from pipeline.advance import advance
from pipeline.cases import cases_of
from store.wanted import Wanted
from store.work import OutboxRow
from tests.desk import Desk, another_session, clean, make_desk
from tests.services import World
from tests.trade import BRANCH, codes, give_branch_an_exchange, interchange

FIRM = clean().firm.record.no


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    made.deliver(clean())
    yield made
    made.owner.close()
    made.session.database.close()


def ask(desk: Desk, kind: str, message_id: str, body: str, by_branch: bool = False) -> list[OutboxRow]:
    """Deliver one message of an enterprise or its branch."""
    message = f"<{kind}><MessageId>{message_id}</MessageId>{body}</{kind}>"
    exchange = give_branch_an_exchange(desk) if by_branch else desk.exchange()
    return desk.deliver(interchange(message_id, BRANCH if by_branch else FIRM, message), exchange=exchange)


def by_number(desk: Desk) -> str:
    [(number,)] = desk.query("select number from certificate")
    return f"<Certificate><CertificateNo>{number}</CertificateNo></Certificate>"


def receipt(desk: Desk, correlation: str) -> str:
    [(body,)] = desk.query("select convert_from(body, 'UTF8') from receipt where correlation = %s", correlation)
    return str(body)


def put_on_paper(desk: Desk) -> None:
    """The certificate waits for pre-printed stock."""
    [(identity, enterprise)] = desk.query("select id, enterprise from certificate")
    [case] = cases_of(desk.session.database, [identity])
    with desk.session.store.work(Wanted(certificates=[identity], enterprises=[enterprise])) as work:
        advance(work, work.held.certificates[identity], Decision("print-on-paper"), "print", case.origin)


def report(desk: Desk, message_id: str, serial: str = "", result: str = "PRINTED", copies: str = "1", reason: str = "") -> str:
    parts = f"<Result>{result}</Result>" + (f"<Copies>{copies}</Copies>" if copies else "")
    parts += (f"<FormSerial>{serial}</FormSerial>" if serial else "") + (f"<Reason>{reason}</Reason>" if reason else "")
    ask(desk, "PrintReport", message_id, by_number(desk) + parts, by_branch=True)
    return codes(desk, message_id)[-1]


def test_a_status_enquiry_tells_state_version_and_document(desk: Desk) -> None:
    ask(desk, "StatusEnquiry", "Q-1", by_number(desk))
    body = receipt(desk, "Q-1")
    assert "<Code>STATUS</Code>" in body and "<State>ISSUED</State>" in body and "<Medium>pdf</Medium>" in body
    ask(desk, "StatusEnquiry", "Q-2", "<Certificate><CertificateNo>26C/1</CertificateNo></Certificate>")
    assert codes(desk, "Q-2") == ["CERTIFICATE_UNKNOWN"]
    ask(desk, "StatusEnquiry", "Q-3", by_number(desk), by_branch=True)
    assert codes(desk, "Q-3") == ["STATUS"]


def test_receipts_are_sent_again_byte_equal_and_marked(desk: Desk) -> None:
    before = desk.query("select id, body from receipt where feed_no between 2 and 4 and enterprise = %s order by feed_no", FIRM)
    rows = ask(desk, "ReceiptResendRequest", "S-1", "<FromFeedNo>2</FromFeedNo><ToFeedNo>4</ToFeedNo>")
    again = [(row.receipt, row.body) for row in rows if row.repeat]
    assert again == [(identity, bytes(body)) for identity, body in before]
    assert codes(desk, "S-1") == ["RECEIPTS_RESENT"]


def test_receipts_of_a_certificate_go_to_the_branch_that_asks(desk: Desk) -> None:
    rows = ask(desk, "ReceiptResendRequest", "S-1", by_number(desk), by_branch=True)
    again = [row for row in rows if row.repeat]
    assert {(row.destination, row.address) for row in again} == {("branch", BRANCH)}
    assert [row.sequence for row in again] == list(range(1, len(again) + 1))


@pytest.mark.parametrize("asked", [
    "<FromFeedNo>9999</FromFeedNo>", "<FromFeedNo>x</FromFeedNo>", "<FromFeedNo>3</FromFeedNo><ToFeedNo>2</ToFeedNo>",
    "<FromFeedNo>" + "9" * 60 + "</FromFeedNo>",
])
def test_receipts_that_do_not_exist(desk: Desk, asked: str) -> None:
    ask(desk, "ReceiptResendRequest", "S-1", asked)
    assert codes(desk, "S-1") == ["RECEIPTS_UNKNOWN"]


def test_entering_the_form_serial_issues_what_waited_for_paper(stored: World) -> None:
    desk = make_desk(stored, ("schema-check", "rule-check", "auto-review"))
    desk.deliver(clean())
    put_on_paper(desk)
    assert report(desk, "P-1", "PR000123") == "PRINT_NOTED"
    assert desk.certificates()[0][1] == "ISSUED"
    assert desk.query("select stock, serial, status from form_serial") == [("CO", "PR000123", "used")]
    assert desk.query("select copies, serial, reported_by from print_report") == [(1, "PR000123", f"branch:{BRANCH}")]
    assert report(desk, "P-2", "PR000123") == "FORM_SERIAL_USED"
    assert report(desk, "P-3", "PR000124", "SPOILED", "", "paper jam") == "PRINT_NOTED"
    assert report(desk, "P-4", "PR000124") == "FORM_SERIAL_USED"
    desk.owner.close()


def test_a_form_has_to_be_in_stock_where_a_ledger_is_kept(desk: Desk) -> None:
    desk.owner.run(
        "insert into form_serial values (%s, 'CO', 'PR1', 'received', null, null, 'operator:x', clock_timestamp())", (BRANCH,))
    assert report(desk, "P-1", "PR2") == "FORM_SERIAL_UNKNOWN"
    assert report(desk, "P-2", "PR1") == "PRINT_NOTED"
    with pytest.raises(Exception, match="was used already"):
        desk.owner.run("update form_serial set status = 'spoiled', reason = 'x'")


@pytest.mark.parametrize(("fields", "code"), [
    ({"result": "BURNT"}, "RESULT_UNKNOWN"), ({"copies": "0"}, "COPIES_INVALID"), ({"copies": "many"}, "COPIES_INVALID"),
    ({"result": "SPOILED", "serial": "S1"}, "REASON_MISSING"), ({"result": "SPOILED", "reason": "x"}, "FORM_SERIAL_MISSING"),
])
def test_faults_of_a_report(desk: Desk, fields: dict[str, str], code: str) -> None:
    assert report(desk, "P-1", **fields) == code


def test_local_printing_needs_the_right_and_stays_within_the_copies(desk: Desk) -> None:
    def request(message_id: str, copies: str) -> str:
        ask(desk, "LocalPrintRequest", message_id, by_number(desk) + f"<Copies>{copies}</Copies><Printer>HP M254</Printer>")
        return codes(desk, message_id)[-1]

    desk.owner.run("update enterprise set local_print = false")
    assert request("L-1", "1") == "LOCAL_PRINT_NOT_AUTHORISED"
    desk.owner.run("update enterprise set local_print = true")
    assert request("L-2", "2") == "LOCAL_PRINT_GRANTED"
    assert "<SHA256>" in receipt(desk, "L-2")
    assert request("L-3", "2") == "COPIES_EXCEEDED"
    assert request("L-4", "1") == "LOCAL_PRINT_GRANTED"
    assert desk.query("select sum(copies) from local_print") == [(3,)]
    ask(desk, "PrintReport", "L-5", by_number(desk) + "<Result>PRINTED</Result><Copies>3</Copies>")
    assert codes(desk, "L-5") == ["PRINT_NOTED"]


def test_a_question_that_is_repeated_is_answered_again_with_the_same_receipt(desk: Desk) -> None:
    ask(desk, "StatusEnquiry", "Q-1", by_number(desk))
    [(first,)] = desk.query("select id from receipt where correlation = 'Q-1'")
    body = interchange("Q-1", FIRM, f"<StatusEnquiry><MessageId>Q-1</MessageId>{by_number(desk)}</StatusEnquiry>")
    rows = desk.deliver(body.replace(b"I-Q-1", b"I-Q-1b"), exchange=desk.exchange())
    assert [row.receipt for row in rows if row.repeat] == [first]


def test_copies_granted_meanwhile_by_another_worker_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second worker decided on facts from before the first one's grant: nothing is written, and the next try refuses."""
    desk.owner.run("update enterprise set local_print = true")
    wanted = by_number(desk) + "<Copies>2</Copies>"
    slow = another_session(desk.world)
    take_locks = slow.store.work

    def after_the_other(*arguments: object) -> object:
        monkeypatch.setattr(slow.store, "work", take_locks)
        ask(desk, "LocalPrintRequest", "L-1", wanted)
        return take_locks(*arguments)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(slow.store, "work", after_the_other)
    body = interchange("L-2", FIRM, f"<LocalPrintRequest><MessageId>L-2</MessageId>{wanted}</LocalPrintRequest>")
    intake = Intake(slow)
    items = intake.open([desk.delivery(body, desk.exchange())], silent=False)
    with pytest.raises(psycopg2.errors.CheckViolation, match="more copies"):
        intake.commit(items)
    intake.commit(items)
    assert (codes(desk, "L-1"), codes(desk, "L-2")) == (["LOCAL_PRINT_GRANTED"], ["COPIES_EXCEEDED"])
    assert desk.query("select sum(copies) from local_print") == [(2,)]
    slow.database.close()
