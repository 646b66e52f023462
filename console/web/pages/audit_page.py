"""The audit 审计 of a branch: who did what to what, when; by filters, as CSV, with the state of the newest checkpoint."""

import csv
import hashlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from console.web.asking import Ask, BadInput, Field, File, House, Route, View
from console.web.pool import ROLE
from console.web.words import SHANGHAI, visible, when
from domain.errors import BadDocument
from store.chain import canonical
from store.checkpoint import FILE, parsed
from store.database import Database
from store.operations import AuditRow, audit_page
from store.signing import public_key, verified

AUDITORS = frozenset({"auditor", "administrator"})
SHOWN, PIECE = 100, 1000
TAIL = 256 * 1024  # bytes of the checkpoint file that are looked at
EXPORTS = 2  # at the same time
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The newest signed line of the branch outside the database. signed: its signature fits our key; linked: it follows the line
    before it; receipts, transitions: what it covers."""

    line: int
    at: str
    branch: str
    receipts: int
    transitions: int
    signed: bool
    linked: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """Lines, the newest first. given: filters in force; chips: the same as (name, value, the address without it); older: what to
    ask with `before` for the next page, None at the end; query: the filters as an address has them."""

    lines: tuple[AuditRow, ...]
    given: dict[str, str]
    chips: tuple[tuple[str, str, str], ...]
    older: int | None
    query: str
    checkpoint: Checkpoint | None


def audit(ask: Ask) -> View:
    """One page of the audit."""
    filters = _filters(ask)
    rows = audit_page(ask.database, ask.branch, filters, ask.given.get("before"), SHOWN + 1)
    given = {name: str(ask.given[name]) for name in filters if ask.given.get(name)}
    chips = tuple((name, value, f"/audit?{_without(given, name)}") for name, value in given.items())
    older = rows[SHOWN - 1].id if len(rows) > SHOWN else None
    return View("audit.html", Audit(
        tuple(rows[:SHOWN]), given, chips, older, urlencode(given), newest_checkpoint(ask.house.settings.state_dir, ask.branch)))


def export(ask: Ask) -> File:
    """The lines of these filters as CSV, UTF-8 with a mark for Excel."""
    name = f"audit-{datetime.now(SHANGHAI):%Y%m%d-%H%M}.csv"
    return File(_csv(ask.house, ask.branch, _filters(ask)), "text/csv; charset=utf-8", name)


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = visible(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def newest_checkpoint(folder: Path, branch: str) -> Checkpoint | None:
    """The newest line of a branch ("*": of any) near the end of the file; None without one on this host."""
    try:
        lines, public = _last_lines(folder / FILE), public_key(folder)
    except (OSError, BadDocument):
        return None
    for place in range(len(lines) - 1, 0, -1):
        try:
            line = parsed(lines[place])
        except (ValueError, TypeError):
            continue
        if branch in ("*", line["branch"]):
            unsigned = {name: value for name, value in line.items() if name != "signature"}
            before = hashlib.sha256(lines[place - 1]).hexdigest() if lines[place - 1] else ""
            return Checkpoint(
                line["line"], line["at"], line["branch"], line["receipts"], line["transitions"],
                verified(public, line["signature"], canonical(unsigned)), line["previous"] == before)
    return None


def _last_lines(path: Path) -> list[bytes]:
    """The finished lines at the end of the file; before the first one of the file stands an empty one."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - TAIL))
        lines = file.read().split(b"\n")[:-1]
    return lines[1:] if size > TAIL else [b"", *lines]


def _without(given: dict[str, str], name: str) -> str:
    return urlencode({other: value for other, value in given.items() if other != name})


def _filters(ask: Ask) -> dict[str, Any]:
    given = ask.given
    return {
        "who": given.get("who"), "action": given.get("action"), "subject": given.get("subject"),
        "since": _begin("since", given.get("since")), "until": _begin("until", given.get("until"), 1)}


def _begin(name: str, day: date | None, later: int = 0) -> datetime | None:
    """The beginning of a business day, or of one later."""
    if day is None:
        return None
    if not 1990 <= day.year <= 2100:
        raise BadInput({name: ("年份应为1990至2100", "the year must be from 1990 to 2100")})
    return datetime.combine(day + timedelta(days=later), time(), SHANGHAI)


def _csv(house: House, branch: str, filters: dict[str, Any]) -> Iterator[bytes]:
    """Piece by piece on a connection of its own: the page's went back when the first piece left."""
    yield _line(("time", "who", "action", "subject", "branch", "detail"), "\ufeff")
    with _places(house):
        database = Database(house.settings.database_url, ROLE, "coedi console export")
        try:
            database.connect()
            database.query("bind_branch", branch=branch)
            before: int | None = None
            while rows := audit_page(database, branch, filters, before, PIECE):
                yield b"".join(_line(_cells(row)) for row in rows)
                before = rows[-1].id
        finally:
            database.close()


def _places(house: House) -> threading.BoundedSemaphore:
    places: threading.BoundedSemaphore = house.remembered.setdefault("audit-exports", threading.BoundedSemaphore(EXPORTS))
    return places


def _cells(row: AuditRow) -> tuple[str, ...]:
    detail = json.dumps(row.detail, ensure_ascii=False) if row.detail else ""
    return when(row.at), row.who, row.action, row.subject, row.branch, detail


def _line(cells: tuple[str, ...], mark: str = "") -> bytes:
    made = io.StringIO()
    csv.writer(made).writerow(map(inert, cells))
    return (mark + made.getvalue()).encode()


_FIELDS = (
    Field("who", longest=100, zh="何人", en="who"), Field("action", longest=100, zh="操作", en="action"),
    Field("subject", longest=200, zh="对象", en="subject"), Field("since", "date", zh="自", en="from"),
    Field("until", "date", zh="至", en="until"),
)
ROUTES: tuple[Route, ...] = (
    Route("GET", "/audit", "audit", audit, AUDITORS, "审计记录", "The audit", gives=Audit, fields=(
        *_FIELDS, Field("before", "integer", least=1, most=99_999_999_999, zh="早于该行", en="before this line"))),
    Route("GET", "/audit/export", "audit-export", export, AUDITORS, "导出审计记录", "The audit as CSV", _FIELDS,
          gives_file="text/csv"),
)
