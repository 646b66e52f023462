"""Messages of every kind: their receipts fit the schema, a repetition gets the newest receipt again, an id is used once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from domain.errors import RulesUnusable
from pipeline.worker import Worker
from tests.desk import Desk, clean, make_desk
from tests.faults.test_guards import FakeBroker
from tests.filing_messages import (
    FIRM,
    OTHER_BRANCH,
    OTHER_FIRM,
    broken_promises,
    decision,
    goods,
    interchange,
    registration,
)
from tests.samples.kinds import FOLDERS, files
from tests.services import World

ROOT = Path(__file__).parents[2]
GOOD = [file for folder in FOLDERS.values() for file in files(folder, "good")]
GOODS = {"CertificateType": "RCEP", "Criterion": "RVC", "PSRBasis": "RVC"}
LATER = "update early_message set retry_at = clock_timestamp(), expires_at = clock_timestamp()"


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.owner.run("delete from outbox")
    assert broken_promises(made.owner) == set()
    made.session.database.close()
    made.owner.close()


def exchange_of(desk: Desk, body: bytes) -> str:
    sender = re.findall(rb"<Sender>(\w+)</Sender>", body)[0].decode()
    names = desk.world.names
    return names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender)


def answered(desk: Desk, body: bytes) -> dict[str, tuple[str, bytes]]:
    """After a delivery and what came too early in it: message id -> its newest receipt."""
    desk.deliver(body, exchange=exchange_of(desk, body))
    desk.owner.run(LATER)
    ahead = desk.intake.due()
    while ahead:
        ahead = desk.intake.commit(ahead).rest
    newest = desk.session.database.query("newest_receipts", messages=[
        row[0] for row in desk.query("select id::text from message where disposition in ('certificate', 'done', 'refused')")])
    ids = dict(desk.query("select id, message_id from message"))  # type: ignore[arg-type] # rows of two
    return {ids[row[0]]: (row[1], bytes(row[9])) for row in newest}


@pytest.mark.parametrize("file", GOOD, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_repetition_gets_the_newest_receipt_and_another_content_none_of_it(desk: Desk, file: Path) -> None:
    body = file.read_text(encoding="utf-8").encode().replace(b'encoding="GB18030"', b'encoding="UTF-8"')
    first = answered(desk, body)
    assert first
    retry = re.sub(rb"<InterchangeId>", b"<InterchangeId>R-", body, count=1)
    again = desk.deliver(retry, exchange=exchange_of(desk, retry))
    repeated = {row.receipt: row.body for row in again if row.repeat}
    assert repeated == dict(first.values())
    changed = re.sub(rb"(<MessageId>[^<]*</MessageId>)", rb"\1<Unknown/>", retry.replace(b"<InterchangeId>R", b"<InterchangeId>C"))
    told = [row.code for row in desk.deliver(changed, exchange=exchange_of(desk, changed)) if row.code == "MSG_ID_REUSED"]
    assert len(told) == len(first)
    schema = etree.XMLSchema(etree.parse(ROOT / "schemas" / "xsd" / "receipt-1.xsd"))
    for (receipt,) in desk.query("select body from receipt"):
        schema.assertValid(etree.fromstring(bytes(receipt)))


def test_a_severity_that_a_branch_changes_counts_for_the_next_message_and_after_a_lost_connection(desk: Desk) -> None:
    grade = ("insert into rule_grade (branch, rule, severity, original, reason, actor)"
             " select b.code, %s, %s, 'reject', 'test', 'test' from branch b")
    late = [clean(n, fault="invoice-late") for n in range(3)]
    desk.deliver(late[0])
    [(detail,)] = desk.query("select detail from transition where state = 'RETURNED'")
    [code] = {finding["code"] for finding in detail["findings"] if finding["severity"] == "reject"}
    desk.owner.run(grade, (code, "warn"))
    desk.deliver(late[1])
    desk.owner.run("select pg_terminate_backend(pid) from pg_stat_activity"
                   " where datname = current_database() and pid <> pg_backend_pid()")
    desk.session.database.close()
    desk.owner.run(grade, (code, None))
    desk.deliver(late[2])
    assert [row[1] for row in desk.certificates()] == ["RETURNED", "ISSUED", "RETURNED"]


def test_a_stored_pack_that_cannot_be_read_stops_the_work_and_sets_nothing_aside(desk: Desk) -> None:
    desk.deliver(clean())
    desk.owner.run("insert into rule_pack (version, content, rules, actor) values ('2099.1', 'this is = = no pack', '{}', 'x')")
    desk.owner.run("insert into rule_pack_activation (version, valid_from, reason, actor)"
                   " values ('2099.1', '2020-01-01', 'x', 'x')")
    one = clean(5)
    broker = FakeBroker([[desk.delivery(one.body, exchange_of(desk, one.body), redelivered=True)]])
    with pytest.raises(RulesUnusable, match=r"2099\.1"):
        Worker(desk.session, broker, broker, desk.world.names, {desk.world.names.inbox: desk.intake}, lambda: broker.idle).run()
    counts = "select (select count(*) from parked), (select count(*) from certificate), count(*) from attempt where tries > 0"
    assert desk.query(counts) == [(0, 1, 0)]
    assert broker.acknowledged == []


def test_nobody_reaches_what_is_anothers_by_any_kind_of_message(desk: Desk) -> None:
    """Another branch and its enterprise name a certificate and a filing: for them these do not exist, and nothing moves."""
    names = desk.world.names
    desk.deliver(clean())
    desk.deliver(goods("G-1", **GOODS), exchange=names.enterprise_exchange(FIRM))
    [(number, certificate)] = desk.query("select number, id from certificate")
    [(filing,)] = desk.query("select id from filing")
    before = desk.query("select version from certificate union all select version from filing")
    bodies = {
        "StatusEnquiry": "", "ReceiptResendRequest": "", "Withdrawal": "", "LocalPrintRequest": "<Copies>1</Copies>",
        "PrintReport": "<Result>PRINTED</Result><Copies>1</Copies>", "CertificateVoid": "<Reason>x</Reason>",
        "ReviewDecision": "<Version>5</Version><Decision>RETURN</Decision><Reason>x</Reason>"}
    for at, name in enumerate((f"<CertificateNo>{number}</CertificateNo>", f"<CertificateId>{certificate}</CertificateId>")):
        for kind, rest in bodies.items():
            for sender in (OTHER_FIRM, OTHER_BRANCH):
                message = f"<{kind}><MessageId>{kind}-{at}-{sender}</MessageId><Certificate>{name}</Certificate>{rest}</{kind}>"
                answered(desk, interchange(message, sender, OTHER_BRANCH))
    for body in (goods("X-1", OTHER_FIRM, OTHER_BRANCH, Withdraws=str(filing)),
                 goods("X-2", OTHER_FIRM, OTHER_BRANCH, Changes=str(filing), **GOODS),
                 decision("X-3", filing, 2, branch=OTHER_BRANCH), registration("X-4", OTHER_FIRM, branch=OTHER_BRANCH),
                 registration("X-5", OTHER_BRANCH, branch=OTHER_BRANCH)):
        answered(desk, body)
    codes = {row[0] for row in desk.query(
        "select r.code from receipt r join message m on r.stream = 'message:' || m.id where m.enterprise = any(%s)",
        [OTHER_FIRM, OTHER_BRANCH])}
    assert codes == {"CERTIFICATE_UNKNOWN", "KIND_NOT_ALLOWED", "FILING_UNKNOWN", "IDENTITY_MISMATCH", "ENTERPRISE_UNKNOWN"} | (
        codes & {"MESSAGE_INVALID"})
    assert desk.query("select version from certificate union all select version from filing") == before
    assert desk.query("select count(*) from filing") == [(1,)]
    assert desk.query("select count(*) from receipt where enterprise = any(%s) and (body like %s or body like %s)",
                      [OTHER_FIRM, OTHER_BRANCH], b"%<Invoice>%", b"%<Document>%") == [(0,)]
