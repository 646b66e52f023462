"""Receipts: what coedi answers, one XML document each, urn:coedi:receipt:1 (schemas/xsd/receipt-1.xsd).

Written with f-strings, because one leaves with every transition: a tree costs ten times as much. Text keeps its blanks
(a receipt shows what was sent), and characters that XML cannot hold are written out as \\u0008, never dropped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from lxml import etree

from domain.certificate import Document
from domain.errors import BadDocument
from domain.finding import Finding, Severity
from messages.parsing import parse, raw_text_of

NAMESPACE = "urn:coedi:receipt:1"
_NS = f"{{{NAMESPACE}}}"
# a fixed offset, not a zone: receipts never carry the seconds of an offset from before 1901
_SHANGHAI = timezone(timedelta(hours=8))
# markup, the carriage return that a parser would turn into a line feed, and what is no XML 1.0 character
_SPECIAL = re.compile("[&<>\r]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

Answer = Literal["technical", "validation", "business"]


@dataclass(frozen=True, slots=True)
class Counts:
    """The summary of an interchange: how many messages it had, and what became of them."""

    total: int
    accepted: int
    refused: int
    repeated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One answer to an enterprise or a branch.

    stream: "certificate:<uuid>" or "filing:<uuid>" (one receipt per transition), or "message:<uuid>"; sequence: gap-free in
    the stream;
    feed_no: gap-free per enterprise; code: what happened, from the life cycle's table or a gate; at: aware;
    delivery_sha256: hex, of the delivered bytes; certificate: uuid; version counts transitions, revision contents.
    enterprise: whom it is for; of an answer to a branch's own message the branch's code. filing: uuid, filing_no: its number.
    """

    id: str
    stream: str
    sequence: int
    feed_no: int
    code: str
    answer: Answer
    enterprise: str
    branch: str | None = None
    at: datetime
    delivery_sha256: str | None = None
    interchange_id: str | None = None
    message_id: str | None = None
    invoice: str | None = None
    certificate: str | None = None
    certificate_no: str | None = None
    state: str | None = None
    event: str | None = None
    version: int | None = None
    revision: int | None = None
    zh: str
    en: str
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()
    document: Document | None = None
    counts: Counts | None = None
    filing: str | None = None
    filing_no: str | None = None


def render(receipt: Receipt) -> bytes:
    """The receipt as UTF-8 XML, valid against receipt-1.xsd; the same receipt always gives the same bytes."""
    r = receipt
    at = r.at.astimezone(_SHANGHAI).isoformat(timespec="microseconds")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Receipt xmlns="{NAMESPACE}">\n'
        f"  <Id>{_text(r.id)}</Id>\n  <Stream>{_text(r.stream)}</Stream>\n  <Sequence>{r.sequence}</Sequence>\n"
        f"  <FeedNo>{r.feed_no}</FeedNo>\n  <Code>{_text(r.code)}</Code>\n  <Answer>{_text(r.answer)}</Answer>\n"
        f"  <Enterprise>{_text(r.enterprise)}</Enterprise>\n{_line('Branch', r.branch)}  <At>{at}</At>\n"
        f"{_line('DeliverySHA256', r.delivery_sha256)}{_line('InterchangeId', r.interchange_id)}"
        f"{_line('MessageId', r.message_id)}{_line('Invoice', r.invoice)}{_line('Certificate', r.certificate)}"
        f"{_line('CertificateNo', r.certificate_no)}{_line('State', r.state)}{_line('Event', r.event)}"
        f"{_line('Version', r.version)}{_line('Revision', r.revision)}"
        f"  <Zh>{_text(r.zh)}</Zh>\n  <En>{_text(r.en)}</En>\n"
        f"{_findings(r.findings)}{_reasons(r.reasons)}{_document(r.document)}{_counts(r.counts)}"
        f"{_line('Filing', r.filing)}{_line('FilingNo', r.filing_no)}</Receipt>\n"
    ).encode()


def read(body: bytes) -> Receipt:
    """The inverse of `render`; raises BadDocument when `body` is not a receipt."""
    root = parse(body)
    if isinstance(root, Finding):
        raise BadDocument(f"the receipt cannot be read: {root.code} {root.found or ''}")
    if root.tag != f"{_NS}Receipt":
        raise BadDocument(f"not a receipt: {root.tag!r}")
    try:
        return _receipt(root)
    except (KeyError, ValueError, OverflowError) as error:
        raise BadDocument(f"the receipt lacks a value, or has one that cannot be read: {error}") from error


def _text(text: str) -> str:
    return _SPECIAL.sub(_written, text) if _SPECIAL.search(text) else text


def _written(match: re.Match[str]) -> str:
    return _MARKUP.get(match[0]) or f"\\u{ord(match[0]):04x}"


def _line(name: str, value: str | int | None, indent: str = "  ") -> str:
    if value is None:
        return ""
    return f"{indent}<{name}>{value if isinstance(value, int) else _text(value)}</{name}>\n"


def _findings(findings: tuple[Finding, ...]) -> str:
    return f"  <Findings>\n{''.join(map(_finding, findings))}  </Findings>\n" if findings else ""


def _finding(finding: Finding) -> str:
    f, deep = finding, "      "
    return (
        f"    <Finding>\n      <Code>{_text(f.code)}</Code>\n      <Severity>{f.severity.value}</Severity>\n"
        f"{_line('Box', f.box, deep)}{_line('Path', f.path, deep)}{_line('Line', f.line, deep)}"
        f"{_line('Found', f.found, deep)}      <Zh>{_text(f.zh)}</Zh>\n      <En>{_text(f.en)}</En>\n"
        f"      <Remedy>{_text(f.remedy)}</Remedy>\n{_line('Pack', f.pack, deep)}    </Finding>\n"
    )


def _reasons(reasons: tuple[str, ...]) -> str:
    if not reasons:
        return ""
    return f"  <Reasons>\n{''.join(_line('Reason', reason, '    ') for reason in reasons)}  </Reasons>\n"


def _document(document: Document | None) -> str:
    if document is None:
        return ""
    d = document
    return (
        f"  <Document>\n    <Medium>{_text(d.medium)}</Medium>\n    <SHA256>{_text(d.sha256)}</SHA256>\n"
        f"    <Name>{_text(d.name)}</Name>\n    <Size>{d.size}</Size>\n    <Pages>{d.pages}</Pages>\n  </Document>\n"
    )


def _counts(counts: Counts | None) -> str:
    if counts is None:
        return ""
    c = counts
    return (
        f"  <Counts>\n    <Total>{c.total}</Total>\n    <Accepted>{c.accepted}</Accepted>\n"
        f"    <Refused>{c.refused}</Refused>\n    <Repeated>{c.repeated}</Repeated>\n  </Counts>\n"
    )


def _receipt(root: etree._Element) -> Receipt:
    text = _texts(root)
    return Receipt(
        id=text["Id"], stream=text["Stream"], sequence=int(text["Sequence"]), feed_no=int(text["FeedNo"]),
        code=text["Code"], answer=_answer(text["Answer"]), enterprise=text["Enterprise"], branch=text.get("Branch"),
        at=_instant(text["At"]), delivery_sha256=text.get("DeliverySHA256"), interchange_id=text.get("InterchangeId"),
        message_id=text.get("MessageId"), invoice=text.get("Invoice"), certificate=text.get("Certificate"),
        certificate_no=text.get("CertificateNo"), state=text.get("State"), event=text.get("Event"),
        version=_number(text, "Version"), revision=_number(text, "Revision"), zh=text["Zh"], en=text["En"],
        findings=tuple(map(_read_finding, _inside(root, "Findings"))),
        reasons=tuple(map(raw_text_of, _inside(root, "Reasons"))),
        document=_read_document(root.find(f"{_NS}Document")), counts=_read_counts(root.find(f"{_NS}Counts")),
        filing=text.get("Filing"), filing_no=text.get("FilingNo"),
    )


def _texts(element: etree._Element) -> dict[str, str]:
    """Local name to text, blanks kept."""
    return {str(child.tag).removeprefix(_NS): raw_text_of(child) for child in element}


def _inside(root: etree._Element, name: str) -> Iterator[etree._Element]:
    group = root.find(f"{_NS}{name}")
    return iter(()) if group is None else iter(group)


def _read_finding(element: etree._Element) -> Finding:
    text = _texts(element)
    return Finding(
        text["Code"], Severity(text["Severity"]), text["Zh"], text["En"], text["Remedy"], box=text.get("Box"),
        path=text.get("Path"), line=_number(text, "Line"), found=text.get("Found"), pack=text.get("Pack"),
    )


def _read_document(element: etree._Element | None) -> Document | None:
    if element is None:
        return None
    text = _texts(element)
    return Document(text["Medium"], text["SHA256"], text["Name"], int(text["Size"]), int(text["Pages"]))


def _read_counts(element: etree._Element | None) -> Counts | None:
    if element is None:
        return None
    text = _texts(element)
    return Counts(int(text["Total"]), int(text["Accepted"]), int(text["Refused"]), int(text["Repeated"]))


def _number(text: dict[str, str], name: str) -> int | None:
    return int(text[name]) if name in text else None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError(f"no time zone: {text}")
    return at.astimezone(UTC)


def _answer(text: str) -> Answer:
    for answer in ("technical", "validation", "business"):
        if text == answer:
            return answer
    raise ValueError(f"unknown answer: {text}")
