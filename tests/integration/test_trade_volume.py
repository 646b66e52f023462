"""Many messages in one interchange cost a statement for each round of them, not for each message."""

from collections.abc import Iterator, Sequence

import pytest

from pipeline.transport import Delivery, Outcome, Outgoing
from pipeline.worker import Worker
from tests.desk import Desk, clean, make_desk
from tests.faults.test_guards import FakeBroker
from tests.filing_messages import FIRM, broken_promises, goods
from tests.filing_messages import interchange as envelope
from tests.services import World
from tests.trade import codes, interchange

GOODS = {"CertificateType": "RCEP", "Criterion": "RVC", "PSRBasis": "RVC"}


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.owner.run("delete from outbox")
    assert broken_promises(made.owner) == set()
    made.owner.close()
    made.session.database.close()


def element(body: bytes) -> str:
    """The messages of an interchange without their envelope."""
    return body.decode().partition("</Header>")[2].rpartition("</Interchange>")[0]


def about(kind: str, n: int) -> str:
    """A message about the certificate of sample `n`, which is not there."""
    named = f"<Certificate><InvoiceNo>S-{n}</InvoiceNo></Certificate>"
    return f"<{kind}><MessageId>{kind}-{n}</MessageId>{named}</{kind}>"


@pytest.mark.parametrize(("kind", "receipts"), [("GoodsFiling", 302), ("Withdrawal", 1), ("StatusEnquiry", 102)])
def test_a_hundred_messages_cost_two_rounds_of_statements(desk: Desk, kind: str, receipts: int) -> None:
    made = [
        element(goods(f"G-{n}", NameEn=f"PUMPS {n}", **GOODS)) if kind == "GoodsFiling" else about(kind, n) for n in range(100)]
    before = desk.session.database.round_trips
    desk.deliver(envelope("".join(made)), exchange=desk.world.names.enterprise_exchange(FIRM))
    assert desk.query("select count(*) from receipt") == [(receipts,)]  # withdrawals wait for their applications
    assert desk.session.database.round_trips - before <= 50


def test_a_withdrawal_is_not_overtaken_by_the_same_goods_filed_anew(desk: Desk) -> None:
    exchange = desk.world.names.enterprise_exchange(FIRM)
    desk.deliver(goods("G-1", **GOODS), exchange=exchange)
    [(filing,)] = desk.query("select id from filing")
    messages = (goods("G-2", NameEn="OTHERS", **GOODS), goods("G-3", Withdraws=str(filing)), goods("G-4", **GOODS))
    desk.deliver(envelope("".join(map(element, messages))), exchange=exchange)
    assert [codes(desk, f"G-{n}")[0] for n in (2, 3, 4)] == ["GOODS_RECEIVED", "FILING_WITHDRAWN", "GOODS_RECEIVED"]


def test_old_receipts_are_asked_for_ten_times_in_an_interchange_at_most_and_never_pile_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.worker.MOST_ROWS", 500)
    for n in range(0, 150, 5):
        desk.deliver(clean(n))
    firm = clean().firm.record.no
    [(newest,)] = desk.query("select last from feed_counter where enterprise = %s", firm)
    asked = "".join(f"<ReceiptResendRequest><MessageId>Q-{n}</MessageId><FromFeedNo>1</FromFeedNo></ReceiptResendRequest>"
                    for n in range(12))
    bodies = [interchange(f"I{n}", firm, asked.replace("Q-", f"Q{n}-")) for n in range(2)]
    broker = Watched([[desk.delivery(body, desk.exchange())] for body in bodies])
    Worker(desk.session, broker, broker, desk.world.names, {desk.world.names.inbox: desk.intake}, lambda: broker.idle).run()
    assert codes(desk, "Q0-9") == ["RECEIPTS_RESENT"]
    assert codes(desk, "Q0-10") == codes(desk, "Q1-11") == ["RESEND_TOO_MANY"]
    assert sum(broker.sizes) >= 20 * newest
    assert max(broker.sizes) <= 500 + newest + 50


class Watched(FakeBroker):
    """Notes how much is published at once."""

    def __init__(self, runs: Sequence[list[Delivery]]) -> None:
        super().__init__(runs)
        self.sizes: list[int] = []

    def publish(self, messages: Sequence[Outgoing], deadline: float) -> Outcome:
        self.sizes.append(len(messages))
        return super().publish(messages, deadline)
