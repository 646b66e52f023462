"""What intake answers: new, repeated, re-used, conflicting, refused."""

import re

import pytest

from messages.receipts import read
from store.work import OutboxRow
from tests.desk import Desk, another_session, clean

pytestmark = pytest.mark.database


def codes(rows: list[OutboxRow]) -> list[str]:
    """Receipt codes to the enterprise, in order."""
    return [row.code or "" for row in rows if row.destination == "enterprise"]


def test_a_clean_application_is_issued_with_a_receipt_for_every_transition(desk: Desk) -> None:
    rows = desk.deliver(clean())
    assert codes(rows) == [
        "BYTES_RECEIVED", "RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "INTERCHANGE_ANSWERED", "APPROVED", "ISSUED"]
    ((_, state, version, revision, number),) = desk.certificates()
    assert (state, version, revision) == ("ISSUED", 5, 1)
    assert re.fullmatch(r"\d\dC1100A2001/00001", number)
    assert [row.sequence for row in rows if row.destination == "branch"] == [1, 2, 3, 4, 5]
    assert [row.feed_no for row in rows if row.destination == "enterprise"] == [1, 2, 3, 4, 5, 6, 7]


def test_every_receipt_names_the_sha256_of_the_delivery_and_the_senders_message_id(desk: Desk) -> None:
    import hashlib

    sample = clean()
    for row in desk.deliver(sample):
        receipt = read(row.body)
        assert receipt.delivery_sha256 == hashlib.sha256(sample.body).hexdigest()
        assert receipt.message_id in (sample.message_id, None)


def test_the_same_bytes_again_get_the_newest_receipt_byte_equal_and_no_new_state(desk: Desk) -> None:
    first = desk.deliver(clean())
    again = desk.deliver(clean())
    (repeat,) = again
    issued = next(row for row in first if row.code == "ISSUED")
    assert repeat.repeat and (repeat.receipt, repeat.body) == (issued.receipt, issued.body)
    assert desk.query("select count(*) from transition") == [(5,)]


def test_a_redelivery_of_a_committed_message_is_dropped_silently(desk: Desk) -> None:
    desk.deliver(clean())
    assert desk.deliver(clean(), redelivered=True) == []
    assert desk.query("select count(*) from receipt") == [(7,)]


def test_a_retry_in_a_new_envelope_is_a_duplicate(desk: Desk) -> None:
    sample = clean()
    desk.deliver(sample)
    other = sample.body.replace(b"<InterchangeId>I", b"<InterchangeId>RETRY")
    rows = desk.deliver(other, exchange=desk.exchange())
    assert codes(rows) == ["BYTES_RECEIVED", "ISSUED", "INTERCHANGE_ANSWERED"]
    counts = read(rows[-1].body).counts
    assert counts is not None and (counts.total, counts.repeated) == (1, 1)
    assert len(desk.certificates()) == 1


def test_the_same_id_with_other_content_is_refused_and_archived(desk: Desk) -> None:
    sample = clean()
    desk.deliver(sample)
    other = sample.body.replace(b"HAMBURG", b"BREMEN").replace(b"SANTOS", b"RIO").replace(b"DUBAI", b"SHARJAH").replace(
        b"<Vehicle>", b"<Vehicle>X ")
    rows = desk.deliver(other, exchange=desk.exchange())
    assert codes(rows) == ["BYTES_RECEIVED", "MSG_ID_REUSED", "INTERCHANGE_ANSWERED"]
    assert desk.query("select count(*) from interchange") == [(2,)]
    assert desk.query("select disposition from message order by id") == [("certificate",), ("reused",)]


def test_an_invoice_in_use_is_refused_whatever_its_case_and_blanks(desk: Desk) -> None:
    sample = clean()
    desk.deliver(sample)
    other = sample.body.replace(b"<MessageId>", b"<MessageId>N").replace(
        f"<Number>{sample.invoice}".encode(), f"<Number> {sample.invoice.lower()} ".encode())
    rows = desk.deliver(other, exchange=desk.exchange())
    assert codes(rows) == ["BYTES_RECEIVED", "INVOICE_DUPLICATE", "INTERCHANGE_ANSWERED"]
    (finding,) = read(rows[1].body).findings
    assert finding.found == sample.invoice and "已发证" in finding.zh


def test_an_invoice_conflict_inside_a_batch_is_won_by_the_first(desk: Desk) -> None:
    first = clean()
    second = first.body.replace(b"<MessageId>", b"<MessageId>N").replace(b"<InterchangeId>", b"<InterchangeId>N")
    rows = desk.deliver(first, desk_sample(first, second))
    assert codes(rows).count("INVOICE_DUPLICATE") == 1 and codes(rows).count("ISSUED") == 1
    assert desk.query("select m.message_id from inbox i join message m on m.id = i.message where m.certificate is not null") == [
        (first.message_id,)]


def desk_sample(like: object, body: bytes) -> object:
    """A sample of the same firm with other bytes."""
    import dataclasses

    return dataclasses.replace(like, body=body)  # type: ignore[type-var] # samples are dataclasses


def test_a_returned_certificate_is_revised_by_the_next_application_with_its_invoice(desk: Desk) -> None:
    bad = clean(fault="consignee-missing")
    assert "RETURNED" in codes(desk.deliver(bad))
    good = clean()
    rows = desk.deliver(good.body.replace(b"<MessageId>", b"<MessageId>R2"), exchange=desk.exchange())
    assert codes(rows)[-1] == "ISSUED"
    assert [(state, version, revision) for _, state, version, revision, _ in desk.certificates()] == [("ISSUED", 8, 2)]


def test_both_in_one_batch_are_decided_one_after_the_other(desk: Desk) -> None:
    bad, good = clean(fault="consignee-missing"), clean()
    corrected = desk_sample(good, good.body.replace(b"<MessageId>", b"<MessageId>R2"))
    rows = desk.deliver(bad, corrected)
    assert codes(rows)[-1] == "ISSUED" and "INVOICE_DUPLICATE" not in codes(rows)
    assert [(state, revision) for _, state, _, revision, _ in desk.certificates()] == [("ISSUED", 2)]


def test_a_refused_application_gets_every_finding_in_one_receipt(desk: Desk) -> None:
    body = clean(fault="consignee-missing").body.replace(b"<Currency>USD", b"<Currency>XXY").replace(b"<HSCode>", b"<HSCode>77")
    rows = desk.deliver(body, exchange=desk.exchange())
    returned = next(read(row.body) for row in rows if row.code == "RETURNED")
    assert {"C07", "B06"} <= {finding.code for finding in returned.findings}
    assert all(finding.zh and finding.en and finding.remedy and finding.path for finding in returned.findings)
    assert desk.query("select count(*) from live_invoice") == [(0,)]


@pytest.mark.parametrize(("body", "code"), [
    (b"", "EMPTY_BODY"),
    (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "DTD_FORBIDDEN"),
    (b"<Interchange", "XML_MALFORMED"),
    (b"<other/>", "INTERCHANGE_UNKNOWN"),
])
def test_what_cannot_be_read_is_archived_and_answered(desk: Desk, body: bytes, code: str) -> None:
    rows = desk.deliver(body, exchange=desk.exchange())
    assert codes(rows) == [code]
    assert desk.query("select body, refusal from interchange")[0][1] == code
    again = desk.deliver(body, exchange=desk.exchange())
    assert codes(again) == [code] and again[0].repeat


def test_a_test_flagged_interchange_is_refused(desk: Desk) -> None:
    body = clean().body.replace(b"</Created>", b"</Created>\n    <Test>true</Test>")
    assert codes(desk.deliver(body, exchange=desk.exchange())) == ["TEST_REFUSED"]


def test_a_message_that_names_another_enterprise_is_refused_to_its_sender_only(desk: Desk) -> None:
    rows = desk.deliver(clean(0).body, exchange=desk.exchange(1))
    assert codes(rows) == ["IDENTITY_MISMATCH"]
    assert rows[0].address == "1100A2002"


def test_an_exchange_that_belongs_to_nobody_makes_an_operators_ticket_and_no_receipt(desk: Desk) -> None:
    assert desk.deliver(clean().body, exchange="in.NOBODY") == []
    assert desk.query("select fingerprint, source from parked") == [("SENDER_UNKNOWN", "delivery")]


def test_a_large_interchange_is_accepted_message_by_message(desk: Desk) -> None:
    import random

    from console.sampler import FIRMS, application
    from tests.desk import TODAY

    parts = [
        application(random.Random(n), FIRMS[0], f"BATCH-{n}", f"INV-{n}", TODAY, "consignee-missing" if n == 7 else None, 1)
        for n in range(120)]
    envelope = clean().body.decode().split("  <CertificateApplication>")[0]
    rows = desk.deliver((envelope + "\n".join(parts) + "</Interchange>").encode(), exchange=desk.exchange())
    assert desk.query("select state, count(*) from certificate group by 1 order by 1") == [("ISSUED", 119), ("RETURNED", 1)]
    (summary,) = [read(row.body) for row in rows if row.code == "INTERCHANGE_ANSWERED"]
    assert summary.counts is not None and (summary.counts.total, summary.counts.accepted, summary.counts.refused) == (120, 119, 1)
    assert desk.query("select count(*) from interchange where open = 0") == [(1,)]


def test_a_message_id_used_twice_in_one_interchange_is_answered_for_each_element(desk: Desk) -> None:
    body = clean().body.decode()
    element = body[body.index("  <CertificateApplication>"):body.index("</Interchange>")]
    rows = desk.deliver(body.replace("</Interchange>", element + "</Interchange>").encode(), exchange=desk.exchange())
    (summary,) = [read(row.body) for row in rows if row.code == "INTERCHANGE_ANSWERED"]
    assert summary.counts is not None
    assert (summary.counts.total, summary.counts.accepted, summary.counts.repeated) == (2, 1, 1)


def test_an_unknown_message_kind_is_answered(desk: Desk) -> None:
    body = clean().body.replace(b"CertificateApplication>", b"GoodsWish>")
    assert codes(desk.deliver(body, exchange=desk.exchange())) == ["BYTES_RECEIVED", "MESSAGE_KIND_UNKNOWN", "INTERCHANGE_ANSWERED"]


def test_two_workers_racing_for_one_invoice_make_one_certificate(desk: Desk) -> None:
    """The second worker decides on facts from before the first one's commit, loses the claim and decides again."""
    from gateway.intake import Intake

    other = Intake(another_session(desk.world))
    first, second = clean(), clean().body.replace(b"<MessageId>", b"<MessageId>N").replace(b"<InterchangeId>", b"<InterchangeId>N")
    todo = other.open([desk.delivery(second, desk.exchange())], False)
    real = other._carry_on

    def slow(plans: list[object]) -> None:
        real(plans)  # type: ignore[arg-type] # as typed there
        if not desk.certificates():
            desk.deliver(first)

    other._carry_on = slow  # type: ignore[method-assign,assignment] # a pause between facts and locks
    assert "INVOICE_DUPLICATE" in codes(other.commit(todo).rows)
    assert desk.query("select count(*) from inbox") == [(2,)]
    assert len(desk.certificates()) == 1
    other.session.database.close()
