"""Messages that came before their certificate: each is answered once, whatever happens while it waits."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.intake import Intake
from pipeline.worker import Limits, Worker
from tests.desk import Desk, clean, make_desk
from tests.faults.test_guards import FakeBroker
from tests.filing_messages import broken_promises
from tests.services import World
from tests.trade import amendment, codes, interchange

FIRM = clean().firm.record.no
SOON = "update early_message set retry_at = clock_timestamp()"


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.owner.run("delete from outbox")
    assert broken_promises(made.owner) == set()
    made.owner.close()
    made.session.database.close()


def withdrawal(message_id: str, invoice: str = "") -> bytes:
    named = f"<Certificate><InvoiceNo>{invoice or clean().invoice}</InvoiceNo></Certificate>"
    return interchange(message_id, FIRM, f"<Withdrawal><MessageId>{message_id}</MessageId>{named}</Withdrawal>")


def waiting(desk: Desk) -> int:
    return int(desk.query("select count(*) from early_message")[0][0])


def look_once(desk: Desk, handler: Any = None) -> None:
    """A worker with nothing to consume looks once for what is due."""
    desk.owner.run(SOON)
    broker = FakeBroker([])
    Worker(desk.session, broker, broker, desk.world.names, {desk.world.names.inbox: handler or desk.intake},
           stopping=lambda: broker.idle, limits=Limits(look_every=0)).run()


def test_one_that_was_sent_again_and_answered_waits_no_more(desk: Desk) -> None:
    early = withdrawal("W-1")
    desk.deliver(early, exchange=desk.exchange())
    desk.deliver(clean())
    desk.deliver(early, exchange=desk.exchange())
    assert codes(desk, "W-1") == ["STATE_NOT_ALLOWED"]  # issued meanwhile
    look_once(desk)
    assert (waiting(desk), codes(desk, "W-1")) == (0, ["STATE_NOT_ALLOWED"])


def test_the_same_bytes_sent_again_while_it_waits_get_their_receipt_again(desk: Desk) -> None:
    first = desk.deliver(withdrawal("W-1"), exchange=desk.exchange())
    again = desk.deliver(withdrawal("W-1"), exchange=desk.exchange())
    assert [(row.code, row.repeat, row.body) for row in again] == [("BYTES_RECEIVED", True, first[0].body)]
    assert desk.deliver(withdrawal("W-1"), exchange=desk.exchange(), redelivered=True) == []


def test_one_whose_enterprise_is_deactivated_meanwhile_is_refused(desk: Desk) -> None:
    desk.deliver(withdrawal("W-1"), exchange=desk.exchange())
    desk.owner.run("update enterprise set active = false")
    look_once(desk)
    assert (waiting(desk), codes(desk, "W-1")) == (0, ["ENTERPRISE_INACTIVE"])
    assert desk.query("select open, refused from interchange") == [(0, 1)]


def test_one_that_cannot_be_handled_hurts_no_other_and_is_set_aside_after_three_tries(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deliver(amendment(clean(), "BAD", "", 1), exchange=desk.exchange())
    desk.deliver(withdrawal("W-1"), exchange=desk.exchange())
    desk.deliver(clean())
    commit = Intake.commit

    def fails(self: Intake, ahead: list[Any]) -> Any:
        if any(item.message_id == "BAD" for item in ahead):
            raise ValueError("a defect in a check")
        return commit(self, ahead)

    monkeypatch.setattr(Intake, "commit", fails)
    for _ in range(4):
        look_once(desk)
    assert (codes(desk, "W-1"), waiting(desk)) == (["STATE_NOT_ALLOWED"], 0)
    assert desk.query("select tries, source from parked") == [(3, "delivery")]
    assert desk.query("select count(*) from receipt where code = 'PARKED'") == [(1,)]
    assert desk.query("select count(*) from attempt") == [(0,)]
