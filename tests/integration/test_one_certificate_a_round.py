"""Messages of one delivery that name the same certificate differently are decided one after the other."""

import pytest

from messages.receipts import read
from tests.desk import Desk, clean, make_desk
from tests.services import World
from tests.trade import amendment, codes, interchange

pytestmark = pytest.mark.database
FIRM = clean().firm.record.no


def three_names(desk: Desk) -> tuple[str, str, str]:
    """The one certificate by number, invoice number and id, as elements."""
    [(number, invoice, identity)] = desk.query("select number, invoice, id from certificate")
    return (f"<CertificateNo>{number}</CertificateNo>", f"<InvoiceNo>{invoice}</InvoiceNo>",
            f"<CertificateId>{identity}</CertificateId>")


def about(kind: str, message_id: str, name: str, more: str = "") -> str:
    return f"<{kind}><MessageId>{message_id}</MessageId><Certificate>{name}</Certificate>{more}</{kind}>"


def test_of_two_withdrawals_by_two_names_the_first_is_done(stored: World) -> None:
    desk = make_desk(stored, ("schema-check", "rule-check"))
    desk.deliver(clean())
    _, invoice, identity = three_names(desk)
    both = about("Withdrawal", "W-1", invoice) + about("Withdrawal", "W-2", identity)
    desk.deliver(interchange("W-1", FIRM, both), exchange=desk.exchange())
    assert (codes(desk, "W-1"), codes(desk, "W-2")) == (["WITHDRAWAL_DONE"], ["STATE_NOT_ALLOWED"])
    assert desk.query("select state, version from certificate") == [("WITHDRAWN", 4)]
    desk.session.database.close()
    desk.owner.close()


def test_of_two_amendments_by_two_names_the_first_is_issued(desk: Desk) -> None:
    desk.deliver(clean())
    [(number, revision)] = desk.query("select number, revision from certificate")
    first = amendment(clean(), "A-1", number, revision).decode()
    second = amendment(clean(), "A-2", "", revision).decode()
    message = second[second.index("<CertificateAmendment"):second.index("</Interchange>")]
    both = first.replace("</Interchange>", f"{message}</Interchange>").encode()
    desk.deliver(both, exchange=desk.exchange())
    assert codes(desk, "A-1")[-2:] == ["ISSUED", "SUPERSEDED"]
    assert codes(desk, "A-2") == ["REVISION_STALE"]
    assert desk.query("select state from certificate order by id") == [("SUPERSEDED",), ("ISSUED",)]


def test_copies_are_counted_over_requests_by_different_names(desk: Desk) -> None:
    desk.deliver(clean())
    desk.owner.run("update enterprise set local_print = true")
    requests = "".join(
        about("LocalPrintRequest", f"L-{at}", name, "<Copies>2</Copies>") for at, name in enumerate(three_names(desk)))
    desk.deliver(interchange("L", FIRM, requests), exchange=desk.exchange())
    assert [codes(desk, f"L-{at}") for at in range(3)] == [["LOCAL_PRINT_GRANTED"], ["COPIES_EXCEEDED"], ["COPIES_EXCEEDED"]]


def test_questions_about_one_certificate_share_a_round(desk: Desk) -> None:
    desk.deliver(clean())
    asked = "".join(about("StatusEnquiry", f"Q-{at}", name) for at, name in enumerate(three_names(desk)))
    body = interchange("Q", FIRM, asked)
    done = desk.intake.commit(desk.intake.open([desk.delivery(body, desk.exchange())], silent=False))
    assert done.rest == []
    assert [codes(desk, f"Q-{at}") for at in range(3)] == [["STATUS"]] * 3


def test_what_does_not_fit_the_schema_is_refused_with_all_its_faults_and_nothing_else_happens(desk: Desk) -> None:
    desk.deliver(clean())
    number, _, _ = three_names(desk)
    wrong = about("PrintReport", "P-1", number, "<Result>PRINTED</Result><Copies>1</Copies>")
    wrong = wrong.replace("<CertificateNo>", "<CertificateNo size='1'>").replace("<Copies>", "<Colour/><Copies>")
    right = about("PrintReport", "P-2", number, "<Result>PRINTED</Result><Copies>1</Copies>")
    desk.owner.run("update enterprise set local_print = true")
    desk.deliver(interchange("P", FIRM, wrong + right), exchange=desk.exchange())
    assert (codes(desk, "P-1"), codes(desk, "P-2")) == (["MESSAGE_INVALID"], ["PRINT_NOTED"])
    assert desk.query("select count(*) from print_report") == [(1,)]
    [(body,)] = desk.query("select body from receipt where correlation = 'P-1'")
    assert [(finding.code, finding.path) for finding in read(bytes(body)).findings] == [
        ("A02", "/Interchange/PrintReport[1]/Certificate/CertificateNo"), ("A02", "/Interchange/PrintReport[1]/Colour")]
