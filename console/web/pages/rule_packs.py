"""校验规则: each rule with its texts, the packs and from when each decides, what sets two apart, and a pack on trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from console.web.asking import READERS, Ask, Field, Route, View
from console.web.pages.rule_parameters import Parameter, parameters
from domain.errors import UnknownThing
from domain.finding import Severity
from schemas.certificate_types import FIELDS
from store.rule_packs import Grade, grades, read, shadow_report
from validators.catalogue import rows
from validators.pack import shipped, text_of
from validators.pack_diff import difference
from validators.rule_pack import Pack
from validators.rulebook import Rulebook, rulebook

# first letter of a rule's id -> what it is about
TOPICS: Mapping[str, tuple[str, str]] = {
    "A": ("信封、身份与流程", "Envelope, identity, workflow"),
    "B": ("字符、日期、金额与附件", "Characters, dates, amounts, attachments"),
    "C": ("当事人", "Parties"),
    "D": ("运输与目的地", "Transport and destination"),
    "E": ("唛头与商品", "Marks and goods"),
    "F": ("原产地标准与商品备案", "Origin criterion and goods filing"),
    "G": ("发票、日期与加注", "Invoice, dates, endorsements"),
    "H": ("打印", "Print stage"),
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of a pack as the branch applies it. original: the pack's severity where the branch re-graded it, else None; asked:
    "always", "register" (needs the register), "gateway" or "print"; parameters: what it compares with."""

    code: str
    severity: str
    original: str | None
    scope: str
    field: str
    field_zh: str
    field_en: str
    zh: str
    en: str
    remedy: str
    source: str
    asked: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Rules of a pack that fit what was asked for; total: how many the pack has; in_force: the pack of documents dated today."""

    pack: str
    packs: tuple[str, ...]
    in_force: str
    branch: str
    q: str
    severity: str
    topic: str
    topics: Mapping[str, tuple[str, str]]
    total: int
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class PackRow:
    """A rule pack. source: "shipped" or "database"; types: None for all."""

    version: str
    source: str
    rules: int
    types: tuple[str, ...] | None
    replaces: str | None


@dataclass(frozen=True, slots=True)
class InForce:
    """From when to when a pack decides, by document date, both inclusive; None: without end."""

    valid_from: date
    valid_to: date | None
    version: str


@dataclass(frozen=True, slots=True)
class PacksPage:
    """The packs, when each decides, what the branches set otherwise, and what sets two of them apart when two were chosen."""

    packs: tuple[PackRow, ...]
    schedule: tuple[InForce, ...]
    shadow: str | None
    grades: tuple[Grade, ...]
    parameters: tuple[Parameter, ...]
    in_force: str
    old: str
    new: str
    difference: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ShadowPage:
    """What the pack on trial, or the last one that was, decided otherwise. report: None when none was ever tried."""

    days: int
    since: datetime
    report: Mapping[str, Any] | None


def rules(ask: Ask) -> View:
    """The rules of a pack, by default of the one in force, as the branch applies them."""
    book = _book(ask)
    in_force = book.pack_for(ask.database.query("today")[0][0])
    pack = book.pack(ask.given["pack"]) if ask.given.get("pack") else in_force
    graded = pack if ask.branch == "*" else book.for_branch(pack, ask.branch)
    q, severity, topic = ask.given.get("q", ""), ask.given.get("severity", ""), ask.given.get("topic", "")
    found = tuple(row for row in _rows(graded) if _fits(row, q.casefold(), severity, topic))
    return View("rules.html", RulesPage(
        pack.version, tuple(book.packs), in_force.version, ask.branch, q, severity, topic, TOPICS, len(graded.rules),
        found))


def packs(ask: Ask) -> View:
    """The packs; and what changes from one to another."""
    book, today = _book(ask), ask.database.query("today")[0][0]
    in_force, old, new = book.pack_for(today), ask.given.get("old", ""), ask.given.get("new", "")
    shown = tuple(PackRow(one.version, "shipped" if one in shipped() else "database", len(one.rules),
                          tuple(sorted(one.types)) if one.types else None, one.replaces) for one in book.packs.values())
    apart = difference(book.pack(old), book.pack(new)) if old and new else None
    own = tuple(one for one in grades(ask.database) if ask.branch in ("*", one.branch))
    return View("rule_packs.html", PacksPage(
        shown, _schedule(book), book.shadow.version if book.shadow else None, own, parameters(in_force), in_force.version, old, new,
        apart))


def shadow(ask: Ask) -> View:
    """What the trial of a pack says of the last days."""
    days = ask.given.get("days", 1)
    since = ask.database.query("now")[0][0] - timedelta(days)
    try:
        report = shadow_report(ask.database, since)
    except UnknownThing:
        report = None
    return View("rule_shadow.html", ShadowPage(days, since, report))


def _book(ask: Ask) -> Rulebook:
    return rulebook(read(ask.database))


def _rows(pack: Pack) -> list[RuleRow]:
    by_rule: dict[str, list[Parameter]] = {}
    for parameter in parameters(pack):
        for code in parameter.rules:
            by_rule.setdefault(code, []).append(parameter)
    return [_row(row, pack, tuple(by_rule.get(row["code"], ()))) for row in rows(pack)]


def _row(row: dict[str, Any], pack: Pack, compared: tuple[Parameter, ...]) -> RuleRow:
    code, field = row["code"], row["field"] or ""
    zh, en = FIELDS.get(field, ("", ""))
    original = str(text_of(code).severity) if code in pack.graded else None
    return RuleRow(code, row["severity"], original, row["scope"], field, zh, en, row["zh"], row["en"], row["remedy"], row["source"],
                   row["asked"], compared)


def _fits(row: RuleRow, q: str, severity: str, topic: str) -> bool:
    words = " ".join((row.code, row.zh, row.en, row.remedy, row.field_zh, row.field_en, row.source, row.scope)).casefold()
    return all(word in words for word in q.split()) and severity in ("", row.severity) and row.code.startswith(topic)


def _schedule(book: Rulebook) -> tuple[InForce, ...]:
    begins = [*(begin for begin, _ in book.schedule[1:]), None]
    return tuple(InForce(begin, later - timedelta(days=1) if later else None, version)
                 for (begin, version), later in zip(book.schedule, begins, strict=True))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/rules", "rules", rules, READERS, "校验规则", "The validation rules", (
        Field("pack", longest=32, zh="规则包", en="rule pack"), Field("q", longest=100, zh="查找", en="look for"),
        Field("severity", "choice", choices=tuple(map(str, Severity)), zh="级别", en="severity"),
        Field("topic", "choice", choices=tuple(TOPICS), zh="主题", en="topic")), RulesPage),
    Route("GET", "/rules/packs", "rule-packs", packs, READERS, "规则包", "The rule packs", (
        Field("old", longest=32, zh="原规则包", en="from this pack"),
        Field("new", longest=32, zh="新规则包", en="to this pack")), PacksPage),
    Route("GET", "/rules/shadow", "rule-shadow", shadow, READERS, "规则包试运行报告", "What a pack on trial decided otherwise", (
        Field("days", "integer", least=1, most=31, zh="最近几天", en="the last so many days"),), ShadowPage),
)
