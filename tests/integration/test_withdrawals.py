"""An application is taken back before it is approved: by its invoice, also when the withdrawal came first."""

from collections.abc import Iterator

import pytest

from gateway.intake import Intake
from tests.desk import Desk, clean, make_desk
from tests.services import World

KEPT = ("schema-check", "rule-check")  # nothing approves here: the application waits for auto review


@pytest.fixture
def waiting(stored: World) -> Iterator[Desk]:
    desk = make_desk(stored, KEPT)
    yield desk
    desk.owner.close()
    desk.session.database.close()


def withdrawal(desk: Desk, invoice: str, message_id: str = "W-1", enterprise: str = "") -> bytes:
    """A withdrawal from the firm of sample 0."""
    sender = enterprise or clean().firm.record.no
    return f"""<Interchange xmlns="urn:coedi:message:1"><Header><InterchangeId>I-{message_id}</InterchangeId>
<Sender>{sender}</Sender><Branch>1100B0</Branch><Created>2026-11-16T09:00:00+08:00</Created></Header>
<Withdrawal><MessageId>{message_id}</MessageId><Certificate><InvoiceNo>{invoice}</InvoiceNo></Certificate>
<Reason>wrong consignee</Reason></Withdrawal></Interchange>""".encode()


def codes(desk: Desk, correlation: str) -> list[str]:
    rows = desk.query("select code from receipt where correlation = %s order by feed_no", correlation)
    return [row[0] for row in rows]


def test_an_application_under_way_is_withdrawn_and_its_invoice_is_free(waiting: Desk) -> None:
    sample = clean()
    waiting.deliver(sample)
    [(invoice, state, *_)] = waiting.certificates()
    assert state == "RULES_CHECKED"
    waiting.deliver(withdrawal(waiting, invoice), exchange=waiting.exchange())
    assert [row[1] for row in waiting.certificates()] == ["WITHDRAWN"]
    assert codes(waiting, "W-1") == ["WITHDRAWAL_DONE"]
    assert waiting.query("select count(*) from live_invoice") == [(0,)]


def test_too_late_and_another_enterprises_are_refused(waiting: Desk) -> None:
    desk = Desk(waiting.world, waiting.session, waiting.intake, waiting.owner)
    waiting.deliver(clean())
    [(invoice, *_)] = waiting.certificates()
    waiting.deliver(withdrawal(desk, invoice, "W-1"), exchange=waiting.exchange())
    waiting.deliver(withdrawal(desk, invoice, "W-2"), exchange=waiting.exchange())
    assert codes(waiting, "W-2") == ["STATE_NOT_ALLOWED"]
    other = clean(1)
    waiting.deliver(withdrawal(desk, invoice, "W-3", other.firm.record.no), exchange=waiting.exchange(1))
    assert codes(waiting, "W-3") == []  # unknown to that enterprise: it waits, and will be refused as unknown


def test_a_withdrawal_that_came_first_waits_and_is_done_when_its_application_arrives(waiting: Desk) -> None:
    waiting.deliver(clean())
    [(invoice, *_)] = waiting.certificates()
    waiting.deliver(withdrawal(waiting, invoice + "X", "W-9"), exchange=waiting.exchange())
    assert waiting.query("select count(*) from early_message") == [(1,)]
    assert codes(waiting, "W-9") == []
    waiting.owner.run("update early_message set retry_at = clock_timestamp(), expires_at = clock_timestamp()")
    intake = Intake(waiting.session)
    ahead = intake.due()
    while ahead:
        ahead = intake.commit(ahead).rest
    assert codes(waiting, "W-9") == ["CERTIFICATE_UNKNOWN"]
    assert waiting.query("select count(*) from early_message") == [(0,)]
    assert waiting.query("select open, refused from interchange where interchange_id = 'I-W-9'") == [(0, 1)]
