"""Kill -9 of workers at every failpoint while amendments, voids, withdrawals, filings and decisions arrive together."""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from console.sampler import FIRMS, Sample, sample
from console.wiring import STAGES, WORK
from gateway.intake import Intake
from pipeline.failpoints import NAMES
from pipeline.rabbit import RabbitPublisher
from pipeline.transport import Outgoing
from tests.desk import Desk, another_session
from tests.filing_messages import BRANCH, FIRM, decision, goods
from tests.load import coedi, receipts_of, register_sampler, start, wait_for
from tests.services import World
from tests.trade import amendment, interchange, review, void

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(180)]

Sent = tuple[str, str, bytes]  # sender, message id, body
_GOODS = {"CertificateType": "RCEP", "Criterion": "RVC", "PSRBasis": "RVC"}


def like(number: int, fault: str | None = None) -> Sample:
    """Samples of one firm, whose branch decides."""
    return sample(number * len(FIRMS), date.today(), fault=fault)


def prepared(world: World) -> Desk:
    """A desk that has brought certificates and filings to where the messages of this test meet them."""
    session = another_session(world, tuple(STAGES))
    desk = Desk(world, session, Intake(session), world.database())
    names = world.names
    desk.deliver(*[like(n) for n in range(28)])
    desk.deliver(*[like(n, "intermediary") for n in range(28, 42)])
    for n in range(14):
        desk.deliver(goods(f"G-{n}", NameEn=f"PUMPS {n}", **_GOODS), exchange=names.enterprise_exchange(FIRM))
    return desk


def about(kind: str, message_id: str, one: Sample) -> Sent:
    """A message of the enterprise about its certificate, by invoice."""
    firm, named = one.firm.record.no, f"<Certificate><InvoiceNo>{one.invoice}</InvoiceNo></Certificate>"
    return firm, message_id, interchange(message_id, firm, f"<{kind}><MessageId>{message_id}</MessageId>{named}</{kind}>")


def of_one_wave(desk: Desk, wave: int) -> Iterator[Sent]:
    """Messages that meet each other: four issued certificates, two that wait for review, two filings, one that comes early."""
    firm = like(0).firm.record.no
    for at, rivals in enumerate(("A", "AV", "AB", "VA")):
        one = like(4 * wave + at)
        [(number,)] = desk.query("select number from certificate where invoice = %s and replaces is null", one.invoice)
        for name in rivals:
            body = void(number, f"V-{number}") if name == "V" else amendment(one, f"{name}-{number}", number, 1)
            yield (BRANCH, f"V-{number}", body) if name == "V" else (firm, f"{name}-{number}", body)
    for at in range(2):
        one = like(28 + 2 * wave + at)
        [(version,)] = desk.query("select version from certificate where invoice = %s", one.invoice)
        yield BRANCH, f"R-{one.invoice}", review(one.invoice, firm, version, message_id=f"R-{one.invoice}")
        yield about("Withdrawal", f"W-{one.invoice}", one)
    for at in range(2):
        name = f"PUMPS {2 * wave + at}"
        [(filing, version)] = desk.query("select id, version from filing where content ->> 'name_en' = %s", name)
        yield BRANCH, f"D-{filing}", decision(f"D-{filing}", filing, version)
        yield FIRM, f"N-{filing}", goods(f"N-{filing}", NameEn=f"NEW {name}", **_GOODS)
        yield FIRM, f"M-{filing}", goods(f"M-{filing}", NameEn=f"NEW {name}", **_GOODS)
    late = like(100 + wave)
    yield about("Withdrawal", f"E-{wave}", late)
    yield firm, f"F-{wave}", amendment(late, f"F-{wave}", "", 1)
    yield firm, late.message_id, late.body
    yield about("StatusEnquiry", f"S-{wave}", late)


def publish(world: World, messages: list[Sent]) -> None:
    """To the exchanges of their senders; all are confirmed."""
    names, publisher = world.names, RabbitPublisher(world.settings.amqp_url)
    outgoing = [
        Outgoing(at, names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender), "", body, name,
                 "interchange", datetime.now(UTC))
        for at, (sender, name, body) in enumerate(messages)]
    assert len(publisher.publish(outgoing, 30).confirmed) == len(messages)
    publisher.close()


def settled(desk: Desk, names: set[str]) -> bool:
    """Every message is answered, no certificate waits for a stage, and nothing is left to send."""
    answered = {row[0] for row in desk.query("select message_id from message")}
    left = desk.query(
        "select (select count(*) from outbox) + (select count(*) from work_order) + (select count(*) from early_message)")
    return names <= answered and left == [(0,)]


def test_kills_at_every_failpoint_while_everything_meets_lose_and_double_nothing(world: World, tmp_path: Path) -> None:
    world, chance = register_sampler(world), random.Random(20261122)
    desk = prepared(world)
    assert desk.query("select state, count(*) from certificate group by 1 order by 1") == [("ISSUED", 28), ("PENDING_REVIEW", 14)]
    assert desk.query("select state, count(*) from filing group by 1") == [("PENDING_REVIEW", 14)]
    desk.session.database.close()  # what it did not send is the relay's
    sent: list[Sent] = []
    for wave, failpoint in enumerate(NAMES):
        messages = list(of_one_wave(desk, wave))
        chance.shuffle(messages)
        publish(world, messages + chance.sample(messages, 3))
        sent += messages
        doomed = start(world, tmp_path, "work", *WORK, COEDI_FAILPOINTS="on", FAILPOINT=f"{failpoint}:1:kill")
        assert doomed.popen.wait(30) == -9, doomed.output()
    up = start(world, tmp_path, "up", "--workers", "2")
    try:
        assert wait_for(lambda: settled(desk, {name for _, name, _ in sent}), 40, 0.3), up.output()[-3000:]
    finally:
        up.stop()
    check(world, desk, sent)
    desk.owner.close()


def check(world: World, desk: Desk, sent: list[Sent]) -> None:
    """What was sent against what the database and the receipt queues say."""
    archived = {row[0] for row in desk.query("select encode(sha256, 'hex') from interchange")}
    assert {hashlib.sha256(body).hexdigest() for _, _, body in sent} <= archived
    assert desk.query("select error from parked") == []
    # every message once, and one receipt of its own for what made no certificate
    assert desk.query("select message_id, count(*) from message group by 1 having count(*) > 1") == []
    assert desk.query(
        "select m.message_id, m.disposition, count(r.id) from message m left join receipt r on r.stream = 'message:' || m.id"
        " where m.disposition <> 'certificate' group by m.id having count(r.id) <> 1") == []
    # an original is superseded exactly when its amendment is issued; one certificate is in force for an invoice
    assert desk.query(
        "select o.number, o.state from certificate o where (o.state = 'SUPERSEDED') <> exists"
        " (select from certificate a where a.replaces = o.id and a.state in ('ISSUED', 'SUPERSEDED', 'VOID'))") == []
    assert desk.query(
        "select invoice from certificate where state = 'ISSUED' group by enterprise, invoice having count(*) > 1") == []
    assert desk.query("select count(*) > 6 from certificate where state = 'SUPERSEDED'") == [(True,)]
    got = receipts_of(world)
    feeds = desk.query("select enterprise, last from feed_counter join enterprise on no = enterprise where last > 0")
    for enterprise, last in feeds:
        assert {receipt.feed_no for receipt in got[enterprise]} == set(range(1, last + 1)), enterprise
    verdict = coedi(world, "doctor", "--json")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
