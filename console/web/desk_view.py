"""The review desk as data: everything that its page shows, and its JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from console.web.asking import Ask
from console.web.comparison import Change, Fact, Said, compare, facts, said
from console.web.contents import applications
from console.web.desk_history import History, StepView, actor_words, history, timeline
from console.web.desk_standing import Standing, standing
from console.web.form_view import FormView, form_view, formed
from console.web.words import SHANGHAI, both
from domain.application import Application
from print_worker.sheet import BranchImprint, Sheet
from review_worker.reasons import Reason, reasons_for
from store import desk as stored
from store.database import Database
from store.desk import Colleague, NamedFiling, OnDesk, Queue, Step

_LINE = re.compile(r"/Line\[(\d{1,5})\]")
_CHECKED = ("check-schema", "pass-rules")
_WEIGHT = ("reject", "manual", "warn")


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding. at: from 1, its place in the list; machine: its place among those that may go along with a return, None for one
    that came otherwise; box: name of the box that it is shown at, "" for none; line: goods line from 1, 0 for none."""

    at: int
    machine: int | None
    code: str
    severity: str
    box: str
    line: int
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    found: str
    path: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason as stored, taken apart."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """This content against another one. kind: "revision" (the one before) or "original" (of the certificate it stands for)."""

    kind: str
    revision: int
    number: str
    certificate: UUID
    changes: tuple[Change, ...]

    @property
    def boxes(self) -> frozenset[str]:
        """The boxes that changed."""
        return frozenset(change.box for change in self.changes if change.box)


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice as sent."""

    number: str
    date: str
    currency: str
    amount: str
    issuer_country: str


@dataclass(frozen=True, slots=True)
class PictureView:
    """A mark as a picture. n: from 1; size: bytes in base64."""

    n: int
    title: str
    size: int


@dataclass(frozen=True, slots=True)
class FilingView:
    """A goods filing that goods lines name; lines: which; filing: None for a number that is not on file."""

    number: str
    lines: tuple[int, ...]
    filing: NamedFiling | None


@dataclass(frozen=True, slots=True)
class Marks:
    """What is the matter with a box. findings: their places from 1; severity: the gravest; lines: goods lines they are about;
    changed: since the content it is compared with."""

    findings: tuple[int, ...] = ()
    severity: str = ""
    lines: tuple[int, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole page. marks: box -> what is the matter with it; codes: reason codes of a return, then those of the rest."""

    certificate: OnDesk
    standing: Standing
    form: FormView
    marks: Mapping[str, Marks]
    findings: tuple[FindingView, ...]
    reasons: tuple[ReasonView, ...]
    referred_by: tuple[str, str]
    comparisons: tuple[Comparison, ...]
    beside: tuple[Fact, ...]
    invoices: tuple[InvoiceView, ...]
    pictures: tuple[PictureView, ...]
    filings: tuple[FilingView, ...]
    history: History
    timeline: tuple[StepView, ...]
    colleagues: tuple[Colleague, ...]
    queue: Queue
    codes: tuple[Reason, ...]
    refer_codes: tuple[Reason, ...]
    steal_codes: tuple[Reason, ...]
    approve_codes: tuple[Reason, ...]


def desk_of(ask: Ask, identity: UUID) -> Desk:
    """The desk of one certificate in sight; raises UnknownThing."""
    database = ask.database
    one = stored.on_desk(database, ask.branch, identity)
    contents = applications(database, (one.message, one.before, one.original_message))
    now = said_by(one, contents[one.message])
    comparisons = _comparisons(one, now, contents)
    steps, who = stored.steps(database, identity), stored.colleagues(database, one.branch)
    form, names = form_view(sheet_of(one, contents[one.message]), now.content), {one.key: one.shown for one in who}
    findings = _findings(one, steps, form)
    waits = one.waits
    return Desk(
        one, standing(ask, one), form, _marks(findings, comparisons), findings,
        tuple(map(reason_from, waits.reasons if waits else ())), _named(waits.referred_by if waits else None, names), comparisons,
        facts(now), _invoices(now.application), _pictures(now.application), _filings(database, one, now.application),
        history(stored.exporter(database, ask.branch, one.enterprise, one.id), _day(one.now)), timeline(steps, names), who,
        stored.queue(database, ask.branch, ask.who),
        *map(_codes, ("return", "refer", "steal", "approve")))


def _codes(event: str) -> tuple[Reason, ...]:
    """The codes that a person may choose here; BATCH is the queue's own."""
    return tuple(reason for reason in reasons_for(event) if reason.code != "BATCH")


def sheet_of(one: OnDesk, application: Application) -> Sheet:
    """What would be printed if it were approved today."""
    approved = _day(one.approved_at) if one.approved_at else _day(one.now)
    return Sheet(application, one.number or "", one.revision, approved, BranchImprint(
        one.branch, one.imprint.name_en, one.imprint.place, one.imprint.contact))


def said_by(one: OnDesk, application: Application) -> Said:
    """The content in its boxes."""
    return said(formed(sheet_of(one, application)))


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _comparisons(one: OnDesk, now: Said, contents: Mapping[UUID, Application]) -> tuple[Comparison, ...]:
    """With the revision before, and of an amendment with its original."""
    against = (
        ("revision", one.revision - 1, "", one.id, one.before),
        ("original", 0, one.replaces_number or "", one.replaces or one.id, one.original_message))
    return tuple(
        Comparison(kind, revision, number, certificate, compare(said_by(one, contents[message]), now))
        for kind, revision, number, certificate, message in against if message is not None and message in contents)


def _findings(one: OnDesk, steps: tuple[Step, ...], form: FormView) -> tuple[FindingView, ...]:
    """Of this revision: what the checks found, in their order, then what else was said of it since."""
    own = [step for step in steps if step.revision == one.revision]
    checked = [found for step in own if step.event in _CHECKED for found in step.detail.get("findings", ())]
    others = [found for step in own if step.event not in _CHECKED for found in step.detail.get("findings", ())]
    more = [found for at, found in enumerate(others) if found not in checked and found not in others[:at]]
    names = frozenset(form.names) if not form.substituted else frozenset()
    return tuple(
        _finding(at, at - 1 if at <= len(checked) else None, data, names)
        for at, data in enumerate((*checked, *more), start=1))


def _finding(at: int, machine: int | None, data: Mapping[str, str | None], names: frozenset[str]) -> FindingView:
    box, path = data["box"] or "", data["path"] or ""
    line, (remedy_zh, remedy_en) = _LINE.search(path), both(data["remedy"] or "")
    return FindingView(
        at, machine, data["code"] or "", data["severity"] or "", box if box in names else "", int(line[1]) if line else 0,
        data["zh"] or "", data["en"] or "", remedy_zh, remedy_en, data["found"] or "", path)


def reason_from(text: str) -> ReasonView:
    """ "CODE: 中文 / English" taken apart."""
    code, _, rest = text.partition(": ")
    return ReasonView(code, *both(rest))


def _marks(findings: tuple[FindingView, ...], comparisons: tuple[Comparison, ...]) -> dict[str, Marks]:
    marks: dict[str, Marks] = {}
    for finding in findings:
        if finding.box:
            had = marks.get(finding.box, Marks())
            gravest = min(filter(None, (had.severity, finding.severity)), key=_WEIGHT.index)
            lines = (*had.lines, finding.line) if finding.line else had.lines
            marks[finding.box] = Marks((*had.findings, finding.at), gravest, lines)
    for box in frozenset().union(*(one.boxes for one in comparisons)):
        marks[box] = replace(marks.get(box, Marks()), changed=True)
    return marks


def _named(key: str | None, names: Mapping[str, str]) -> tuple[str, str]:
    return actor_words(f"reviewer:{key}", names) if key else ("", "")


def _invoices(application: Application) -> tuple[InvoiceView, ...]:
    return tuple(InvoiceView(one.number, one.date, one.currency, one.amount, one.issuer_country) for one in application.invoices)


def _pictures(application: Application) -> tuple[PictureView, ...]:
    return tuple(PictureView(n, one.title, len(one.content)) for n, one in enumerate(application.pictures, 1))


def _filings(database: Database, one: OnDesk, application: Application) -> tuple[FilingView, ...]:
    """The filings that goods lines name, each with its lines."""
    lines: dict[str, list[int]] = {}
    for at, line in enumerate(application.goods, 1):
        if line.filing_no:
            lines.setdefault(line.filing_no, []).append(at)
    known = {found.number: found for found in stored.named_filings(database, one.enterprise, lines)}
    return tuple(FilingView(number, tuple(at), known.get(number)) for number, at in lines.items())


__all__ = ["Desk", "desk_of", "reason_from", "said_by", "sheet_of"]
