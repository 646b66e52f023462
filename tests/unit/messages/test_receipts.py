"""Receipts: what is written is valid, and is read back the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from domain.certificate import Document
from domain.errors import BadDocument
from domain.finding import Finding, Severity
from messages.receipts import Counts, Receipt, read, render
from schemas.documents import receipt_schema

ISSUED = Receipt(
    id="0197-1", stream="certificate:01975a3e-0000-7000-8000-000000000001", sequence=6, feed_no=118, code="ISSUED",
    answer="business", enterprise="1100A0017", at=datetime(2026, 11, 16, 1, 12, 31, 5, UTC), zh="证书已签发",
    en="Issued",
)

# every character that XML 1.0 can hold
LEGAL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="￾￿").filter(
    lambda character: character >= " " or character in "\t\n\r"), max_size=40)
UUIDS = st.uuids().map(str)
COUNT = st.integers(0, 10**9)
SHA = st.binary(min_size=32, max_size=32).map(bytes.hex)
FINDINGS = st.builds(
    Finding, code=LEGAL, severity=st.sampled_from(Severity), zh=LEGAL, en=LEGAL, remedy=LEGAL, box=st.none() | LEGAL,
    path=st.none() | LEGAL, line=st.none() | st.integers(1, 10**6), found=st.none() | LEGAL, pack=st.none() | LEGAL,
)
OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))])
RECEIPTS = st.builds(
    Receipt, id=LEGAL, stream=st.sampled_from(["certificate", "message"]).flatmap(lambda k: UUIDS.map(f"{k}:".__add__)),
    sequence=st.integers(1, 10**9), feed_no=COUNT, code=LEGAL,
    answer=st.sampled_from(["technical", "validation", "business"]), enterprise=LEGAL, branch=st.none() | LEGAL,
    at=st.datetimes(datetime(1901, 1, 2), datetime(2999, 1, 1), timezones=OFFSETS),
    delivery_sha256=st.none() | SHA, interchange_id=st.none() | LEGAL, message_id=st.none() | LEGAL,
    invoice=st.none() | LEGAL, certificate=st.none() | UUIDS, certificate_no=st.none() | LEGAL,
    state=st.none() | LEGAL, event=st.none() | LEGAL, version=st.none() | st.integers(1, 99),
    revision=st.none() | st.integers(1, 99), zh=LEGAL, en=LEGAL, findings=st.lists(FINDINGS, max_size=3).map(tuple),
    reasons=st.lists(LEGAL, max_size=3).map(tuple),
    document=st.none() | st.builds(Document, medium=LEGAL, sha256=SHA, name=LEGAL, size=COUNT, pages=COUNT),
    counts=st.none() | st.builds(Counts, total=COUNT, accepted=COUNT, refused=COUNT, repeated=COUNT),
)


def assert_valid(body: bytes) -> None:
    schema = receipt_schema()
    assert schema.validate(etree.fromstring(body)), schema.error_log


@given(RECEIPTS)
def test_every_receipt_is_valid_and_read_back_the_same(receipt: Receipt) -> None:
    body = render(receipt)
    assert_valid(body)
    assert read(body) == receipt


def test_the_time_is_that_of_shanghai_to_the_microsecond() -> None:
    assert b"<At>2026-11-16T09:12:31.000005+08:00</At>" in render(ISSUED)


def test_what_is_absent_is_left_out_and_what_is_empty_is_not() -> None:
    assert b"Branch" not in render(ISSUED)
    assert b"Findings" not in render(ISSUED)
    assert b"<Branch></Branch>" in render(replace(ISSUED, branch=""))


@pytest.mark.parametrize(
    ("found", "shown"),
    [("A\x08B", "A\\u0008B"), ("\x00", "\\u0000"), ("\ud800x", "\\ud800x"), ("x\uffff", "x\\uffff"),
     ("\x1b[31m", "\\u001b[31m")],
)
def test_a_character_that_xml_cannot_hold_is_made_visible(found: str, shown: str) -> None:
    finding = Finding("B13", Severity.REJECT, "含非法控制字符", "Control characters", "删除 / Remove", found=found)
    body = render(replace(ISSUED, findings=(finding,), message_id=found))
    assert_valid(body)
    assert read(body).findings[0].found == shown
    assert read(body).message_id == shown


def test_markup_in_what_was_found_stays_text() -> None:
    found = "</Found><Code>X</Code>]]>&amp;\r\n"
    finding = Finding("E08", Severity.REJECT, "笼统", "General", "改 / Change", found=found)
    assert read(render(replace(ISSUED, findings=(finding,)))).findings == (finding,)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<a/>", b"<Receipt/>", b'<Receipt xmlns="urn:coedi:receipt:1"/>',
        render(ISSUED).replace(b"business", b"idle"), render(ISSUED).replace(b">6<", b">six<"),
        render(ISSUED).replace(b"+08:00</At>", b"</At>"), render(ISSUED).replace(b"</Id>", b""),
    ],
)
def test_what_is_no_receipt_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        read(body)
