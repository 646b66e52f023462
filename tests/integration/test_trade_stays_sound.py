"""After every kind of message about certificates the promises still hold."""

from tests.desk import clean, make_desk
from tests.integration.operators.command import coedi
from tests.services import World
from tests.trade import BRANCH, amendment, give_branch_an_exchange, interchange, void


def test_the_promises_hold_after_amendments_voids_withdrawals_questions_and_print_reports(stored: World) -> None:
    desk = make_desk(stored)
    exchange, firm = give_branch_an_exchange(desk), clean().firm.record.no
    desk.deliver(clean())
    [(number,)] = desk.query("select number from certificate")
    named = f"<Certificate><CertificateNo>{number}</CertificateNo></Certificate>"
    desk.deliver(amendment(clean(), "A-1", number, 1), exchange=desk.exchange())
    desk.deliver(amendment(clean(), "A-2", number, 1), exchange=desk.exchange())
    desk.deliver(amendment(clean(12), "A-3", "", 1), exchange=desk.exchange())
    for kind, rest in (("StatusEnquiry", ""), ("PrintReport", "<Result>PRINTED</Result><Copies>1</Copies>"), ("Withdrawal", ""),
                       ("LocalPrintRequest", "<Copies>1</Copies>"), ("Poem", "")):
        message = f"<{kind}><MessageId>{kind}</MessageId>{named}{rest}</{kind}>"
        desk.deliver(interchange(kind, firm, message), exchange=desk.exchange())
    asked = f"<StatusEnquiry><MessageId>S</MessageId>{named}</StatusEnquiry>"
    desk.deliver(interchange("S", BRANCH, asked), exchange=exchange)
    [(current,)] = desk.query("select number from certificate where state = 'ISSUED'")
    desk.deliver(void(current), exchange=exchange)
    waiting = make_desk(stored, ("schema-check",))
    waiting.deliver(clean(1))
    [(invoice,)] = desk.query("select invoice from certificate where state = 'SCHEMA_CHECKED'")
    taken_back = f"<Certificate><InvoiceNo>{invoice}</InvoiceNo></Certificate>"
    sender = clean(1).firm.record.no
    desk.deliver(interchange("W", sender, f"<Withdrawal><MessageId>W</MessageId>{taken_back}</Withdrawal>"),
                 exchange=desk.exchange(1))
    assert sorted(row[0] for row in desk.query("select state from certificate")) == ["SUPERSEDED", "VOID", "WITHDRAWN"]
    desk.owner.run("delete from outbox")
    said = coedi(stored, "doctor", "--json")
    assert [(check["name"], check["first"]) for check in said.data["checks"] if check["violations"]] == []
