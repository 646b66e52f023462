"""One filing as a reviewer reads it: its form, what the machine found, what changed, the enterprise's others, its life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lxml import etree

from console.web.asking import Ask, File, Route, View
from console.web.pages.filing_compare import (
    GOODS_BOXES,
    REGISTRATION_BOXES,
    Change,
    Picture,
    by_code,
    changes,
    picture_in,
    sent_element,
)
from console.web.pages.filings import DECIDERS, LOOKERS, PLACES
from console.web.pages.hs_chapters import chapter_of
from domain.certificate import finding_from
from domain.errors import UnknownThing
from domain.finding import Finding
from gateway.goods_checks import digits_of
from gateway.specimens import image_in
from messages.goods_filing import extract
from review_worker.reasons import Reason, reasons_for
from schemas.certificate_types import Criterion, type_of
from schemas.codelists import code_lists
from store.filing_pages import (
    FilingBeside,
    FilingLine,
    StoredFiling,
    deciders,
    filing_lines,
    filings_beside,
    message_bytes,
    stored_filing,
)
from store.register_pages import (
    CodeOnFile,
    EnterpriseSheet,
    OperatorOnFile,
    SignatoryOnFile,
    customs_codes,
    enterprise_sheet,
    operators,
    seals,
    signatories,
)

_BASES = {"1": "RVC", "2": "CTC", "3": "PROCESS"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What of a filing is the same for both kinds. may_decide: this person, now, by role and state; mine: this person holds it;
    persons: who else may decide, for a senior person to choose from."""

    id: UUID
    kind: str
    place: str
    number: str
    enterprise: str
    enterprise_zh: str
    enterprise_en: str
    branch: str
    state: str
    version: int
    revision: int
    created_at: datetime
    changed_at: datetime
    message_id: str
    interchange_id: str
    deadline: datetime | None
    holder: str | None
    lease_until: datetime | None
    token: int
    assigned_to: str | None
    may_decide: bool
    mine: bool
    persons: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...]
    history: tuple[FilingLine, ...]


@dataclass(frozen=True, slots=True)
class GoodsSheet:
    """A goods filing. content: as sent; chapter: what that chapter of the HS holds, Chinese and English; hs_known: None where the
    list of HS codes cannot tell; changed: against the filing that it replaces or its own revision before, as `against` says."""

    desk: Desk
    type: str
    type_zh: str
    type_en: str
    hs6: str
    chapter: tuple[str, str]
    hs_known: bool | None
    criterion: Criterion | None
    basis: str
    content: Mapping[str, Any]
    valid_to: date | None
    replaces: UUID | None
    replaces_number: str
    against: str
    changed: tuple[Change, ...]
    beside: tuple[FilingBeside, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A box of the register: what is on file, and what is asked for ("" where nothing is)."""

    box: str
    zh: str
    en: str
    on_file: str
    asked: str
    differs: bool


@dataclass(frozen=True, slots=True)
class PersonPair:
    """A signatory or operator, on file and asked for; None where there is none. picture: the specimen that was sent."""

    code: str
    on_file: SignatoryOnFile | OperatorOnFile | None
    asked: Mapping[str, Any] | None
    picture: Picture | None
    differs: bool


@dataclass(frozen=True, slots=True)
class CodePair:
    """A customs code that is asked for, and how it stands on file."""

    code: str
    issued_on: str
    nature: str
    on_file: CodeOnFile | None


@dataclass(frozen=True, slots=True)
class RegistrationSheet:
    """A registration beside what is on file. change: it changes a registration; seal: as sent; seal_on_file: since when."""

    desk: Desk
    change: bool
    boxes: tuple[Pair, ...]
    signatories: tuple[PersonPair, ...]
    operators: tuple[PersonPair, ...]
    codes: tuple[CodePair, ...]
    seal: Picture | None
    seal_on_file: datetime | None


def goods(ask: Ask) -> View:
    """A goods filing."""
    filing = stored_filing(ask.database, "goods", ask.path["filing"], ask.branch)
    kind, content = type_of(filing.type), filing.content
    against, old = _compared(ask, filing)
    return View("filing.html", GoodsSheet(
        _desk(ask, filing), filing.type, kind.zh if kind else "", kind.en if kind else "", filing.hs6,
        chapter_of(filing.hs6), _listed(content),
        kind.criterion(str(content.get("criterion", "")).upper()) if kind else None,
        _BASES.get(str(content.get("psr_basis", "")), str(content.get("psr_basis", ""))), content, filing.valid_to, filing.replaces,
        filing.replaces_number, against, changes(old, content, GOODS_BOXES) if old else (),
        tuple(filings_beside(ask.database, filing, ask.branch))))


def registration(ask: Ask) -> View:
    """A registration, side by side with what is on file."""
    filing = stored_filing(ask.database, "registration", ask.path["filing"], ask.branch)
    held = enterprise_sheet(ask.database, filing.enterprise, ask.branch)
    content, sealed = filing.content, seals(ask.database, held.no)
    filed = {one.code: one for one in customs_codes(ask.database, held.no)}
    return View("registration.html", RegistrationSheet(
        _desk(ask, filing), content.get("kind") == "CHANGE", _pairs(held, content), _signatories(ask, held.no, content),
        _operators(ask, held.no, content),
        tuple(CodePair(one["code"], one.get("issued_on", ""), one.get("nature", ""), filed.get(one["code"]))
              for one in content.get("customs_codes", ())),
        picture_in(content.get("seal", "")), sealed[0].at if sealed else None))


def original(ask: Ask) -> File:
    """The message as it was sent, as text."""
    kind = "goods" if ask.route.name.startswith("filing") else "registration"
    filing = stored_filing(ask.database, kind, ask.path["filing"], ask.branch)
    element = sent_element(*message_bytes(ask.database, filing.message))
    if element is None:
        raise UnknownThing("the message can no longer be read", zh="报文已无法读取")
    text = etree.tostring(element, encoding="utf-8", with_tail=False)
    return File(text, "text/plain; charset=utf-8", f"{filing.id}.xml", inline=True)


def picture(ask: Ask) -> File:
    """A specimen that was sent with a registration."""
    filing = stored_filing(ask.database, "registration", ask.path["filing"], ask.branch)
    code, persons = ask.path["code"], by_code(filing.content.get("signatories", ()))
    text = filing.content.get("seal", "") if ask.path["kind"] == "seal" else persons.get(code, {}).get("signature", "")
    image = image_in(text) if text else None
    if image is None:
        raise UnknownThing("no such picture was sent", zh="没有该图片")
    return File(image.body, image.media_type, f"{ask.path['kind']}.{image.media_type.partition('/')[2]}", inline=True)


def _desk(ask: Ask, filing: StoredFiling) -> Desk:
    history = filing_lines(ask.database, filing.id)
    waits, decides = filing.state == "PENDING_REVIEW", ask.may(DECIDERS[filing.kind])
    persons = deciders(ask.database, filing.branch, DECIDERS[filing.kind]) if waits and decides else []
    return Desk(
        filing.id, filing.kind, PLACES[filing.kind], filing.number, filing.enterprise, filing.enterprise_zh, filing.enterprise_en,
        filing.branch, filing.state, filing.version, filing.revision, filing.created_at, filing.changed_at, filing.message_id,
        filing.interchange_id, filing.deadline, filing.holder, filing.lease_until, filing.token, filing.assigned_to,
        waits and decides, filing.holder == ask.who, tuple(persons), _findings(filing, history),
        reasons_for("return", filing.kind), tuple(history))


def _findings(filing: StoredFiling, history: list[FilingLine]) -> tuple[Finding, ...]:
    """What the machine found in this revision."""
    line = next((one for one in reversed(history) if one.revision == filing.revision and one.detail.get("findings")), None)
    return tuple(map(finding_from, line.detail["findings"])) if line else ()


def _listed(content: Mapping[str, Any]) -> bool | None:
    if str(content.get("hs_edition") or "2022") != "2022":
        return None
    return digits_of(str(content.get("hs_code", "")))[:6] in code_lists().hs


def _compared(ask: Ask, filing: StoredFiling) -> tuple[str, Mapping[str, Any] | None]:
    """What a goods filing is compared with: "replaced", "revision", or "" for nothing; and its content."""
    if filing.replaced is not None:
        return "replaced", filing.replaced
    if filing.earlier is None:
        return "", None
    element = sent_element(*message_bytes(ask.database, filing.earlier))
    return ("", None) if element is None else ("revision", extract(element).kept)


def _pairs(held: EnterpriseSheet, content: Mapping[str, Any]) -> tuple[Pair, ...]:
    on_file = {"name_zh": held.name_zh, "name_en": held.name_en, "address_en": held.address_en, "contact": held.contact,
               "suffix": held.name_suffix}
    return tuple(
        Pair(box, zh, en, on_file[box], asked := str(content.get(box, "")), bool(asked) and asked != on_file[box])
        for box, (zh, en) in REGISTRATION_BOXES.items())


def _signatories(ask: Ask, no: str, content: Mapping[str, Any]) -> tuple[PersonPair, ...]:
    filed, asked = {one.code: one for one in signatories(ask.database, no)}, by_code(content.get("signatories", ()))
    return tuple(_person(code, filed.get(code), asked.get(code)) for code in dict.fromkeys([*filed, *asked]))


def _operators(ask: Ask, no: str, content: Mapping[str, Any]) -> tuple[PersonPair, ...]:
    filed, asked = {one.code: one for one in operators(ask.database, no)}, by_code(content.get("operators", ()))
    return tuple(_person(code, filed.get(code), asked.get(code)) for code in dict.fromkeys([*filed, *asked]))


def _person(code: str, filed: SignatoryOnFile | OperatorOnFile | None, asked: Mapping[str, Any] | None) -> PersonPair:
    picture = picture_in(str(asked.get("signature", ""))) if asked else None
    told = {key: value for key, value in asked.items() if key != "signature"} if asked else None
    differs = told is not None and (
        filed is None or picture is not None or (told.get("name_zh"), told.get("active")) != (filed.name_zh, filed.active))
    return PersonPair(code, filed, told, picture, differs)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/filings/{filing:uuid}", "filing", goods, LOOKERS["goods"], "商品备案", "A goods filing", gives=GoodsSheet),
    Route("GET", "/filings/{filing:uuid}/xml", "filing-xml", original, LOOKERS["goods"], "商品备案原始报文",
          "The original message of a goods filing", api=False),
    Route("GET", "/registrations/{filing:uuid}", "registration", registration, LOOKERS["registration"], "企业注册申请",
          "A registration", gives=RegistrationSheet),
    Route("GET", "/registrations/{filing:uuid}/xml", "registration-xml", original, LOOKERS["registration"], "企业注册原始报文",
          "The original message of a registration", api=False),
    Route("GET", "/registrations/{filing:uuid}/images/{kind}/{code:path}", "registration-image", picture, LOOKERS["registration"],
          "申请中的印章、手签样本", "A specimen sent with a registration", api=False),
)
