"""A certificate as its page shows it: what it is now, its content in short, and its life as one line of steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.web.asking import PRINT_CLERKS, READERS, SENIORS, Ask
from console.web.words import SHAPES
from domain.errors import UnknownThing
from pipeline.cases import cases_of
from schemas.certificate_types import type_of
from store.database import Database
from store.life import certificate_life

MOST_LINES = 8  # goods lines that are shown; the desk shows all


@dataclass(frozen=True, slots=True)
class Face:
    """A certificate as it stands. replaces: the certificate that it stands for, original: that one's number; agreed: who wants it
    void; eyes: how many have to, None until somebody does."""

    id: UUID
    branch: str
    branch_zh: str
    branch_en: str
    enterprise: str
    name_zh: str
    name_en: str
    type: str
    invoice: str
    invoice_date: date | None
    number: str | None
    state: str
    version: int
    revision: int
    exporter: str
    consignee: str
    destination: str
    amount: Decimal | None
    currency: str
    signatory: str
    hs: str
    small: bool
    received: datetime
    approved_at: datetime | None
    changed_at: datetime
    replaces: UUID | None
    original: str | None
    replacing: str | None
    agreed: tuple[str, ...]
    eyes: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A goods line in short."""

    hs_code: str
    description: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the form says, in short. lines: the first of them; more: how many follow."""

    exporter: str
    consignee: str
    transport: str
    marks: str
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A form of a certificate. status: used or spoiled."""

    stock: str
    serial: str
    status: str
    reason: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document. sha256: hex."""

    medium: str
    revision: int
    sha256: str
    name: str
    size: int
    pages: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Replacement:
    """A certificate that was asked for in place of this one."""

    id: UUID
    number: str | None
    state: str
    replacing: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. kind: message, state, document, print, serial or parked; state: of a state, else ""; texts: reasons
    and findings, "CODE: 中文 / English"; receipt: what told of it; unsent: where that receipt still has to go."""

    at: datetime
    kind: str
    zh: str
    en: str
    actor: str = ""
    state: str = ""
    texts: tuple[str, ...] = ()
    receipt: str = ""
    unsent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """All that the page shows. waits_for: a stage, "reviewer" or whoever has to act; may: what this person may do now: void,
    serial, correct, recall; void_eyes: persons that have to agree to void; paper: eco or pco; reasons: (code, zh, en) of a void."""

    face: Face
    content: Content | None
    documents: tuple[Document, ...]
    papers: tuple[Paper, ...]
    replacements: tuple[Replacement, ...]
    steps: tuple[Step, ...]
    waits_for: str
    waits_since: datetime
    may: tuple[str, ...]
    void_eyes: int
    paper: str
    reasons: tuple[tuple[str, str, str], ...]


def face_of(database: Database, branch: str, identity: UUID) -> Face:
    """The certificate, if it is one of the branch's; raises UnknownThing."""
    rows = database.query("certificate_face", id=identity, branch=branch)
    if not rows:
        raise UnknownThing(f"there is no certificate {identity}", zh="没有这样的证书")
    *columns, agreed, eyes = rows[0]
    return Face(*columns, tuple(agreed), eyes)  # type: ignore[call-arg] # the columns in their order


def page_of(ask: Ask, face: Face, void_eyes: int, reasons: tuple[tuple[str, str, str], ...]) -> CertificatePage:
    """The whole page."""
    database, branch = ask.database, ask.branch
    life = certificate_life(database, face.id)
    papers = tuple(Paper(*row) for row in database.query("paper_of", id=face.id, branch=branch))
    kind = type_of(face.type)
    return CertificatePage(
        face, _content(database, face.id),
        tuple(Document(**one) for one in life["documents"]), papers,
        tuple(Replacement(*row) for row in database.query("replacements_of", id=face.id, branch=branch)),
        tuple(sorted(_steps(database, face, life), key=lambda step: step.at)),
        life["waits_for"]["for"], life["waits_for"]["since"], _may(ask, face, papers), max(void_eyes, face.eyes or 1),
        kind.paper if kind else "", reasons)


def look(state: str) -> str:
    """The colour class of a state."""
    return SHAPES.get(state, ("way", "calm"))[1]


def _may(ask: Ask, face: Face, papers: tuple[Paper, ...]) -> tuple[str, ...]:
    """What this person may do with it now."""
    used = any(paper.status == "used" for paper in papers)
    rules = (
        ("void", SENIORS, face.state == "ISSUED"), ("serial", PRINT_CLERKS, face.state == "AWAIT_PRINT"),
        ("correct", PRINT_CLERKS, face.state == "ISSUED" and used), ("recall", PRINT_CLERKS, face.state == "AWAIT_PRINT"))
    return tuple(name for name, roles, now in rules if now and ask.may(roles & READERS))


def _content(database: Database, identity: UUID) -> Content | None:
    cases = cases_of(database, [identity])
    if not cases:
        return None
    said = cases[0].application
    way = " → ".join(filter(None, (said.transport.origin, said.transport.via, said.transport.destination)))
    lines = tuple(
        Line(line.hs_code, line.description, f"{line.quantity} {line.unit}".strip()) for line in said.goods[:MOST_LINES])
    return Content(
        _party(said.exporter), _party(said.consignee), f"{said.transport.mode} {said.transport.vehicle} {way}".strip(),
        said.marks, lines, max(0, len(said.goods) - MOST_LINES))


def _party(party: Any) -> str:
    return "\n".join(filter(None, (party.name, party.address)))


def _steps(database: Database, face: Face, life: Mapping[str, Any]) -> Iterator[Step]:
    told = {receipt["id"]: receipt for receipt in life["receipts"]}
    for message in life["messages"]:
        name = f"{message['kind']} {message['message_id']}"
        yield Step(message["received_at"], "message", f"收到报文 {name}", f"Message {name}", message["exchange"])
    for move in life["transitions"]:
        receipt = told.get(move["receipt"])
        texts = (*move["reasons"], *(f"{one['code']}: {one['zh']} / {one['en']}" for one in move["findings"]))
        yield Step(
            move["at"], "state", move["zh"], move["en"], move["actor"], move["state"], tuple(texts), move["receipt"],
            tuple(receipt["unsent"]) if receipt else ())
    for one in life["documents"]:
        medium, pages = one["medium"], one["pages"]
        yield Step(one["at"], "document", f"生成文件 {medium}，{pages}页", f"Document {medium}, {pages} page(s)")
    for copies, serial, printer, by, at in database.query("prints_of", id=face.id):
        on = f"{serial or ''} {printer}".strip()
        yield Step(at, "print", f"打印{copies}份 {on}", f"Printed, copies: {copies} {on}", by)
    for old, new, reason, actor, at in database.query("corrections_of", id=face.id):
        yield Step(at, "serial", f"印刷号更正：{old} → {new}", f"Form serial corrected: {old} → {new}", actor, texts=(reason,))
    for ticket in life["parked"]:
        closed = ticket["disposition"]
        yield Step(ticket["at"], "parked", f"转人工处理 {closed or '未处理'}", f"Set aside for an operator, {closed or 'open'}",
                   ticket["stage"] or ticket["source"], texts=(ticket["error"][:300],))
