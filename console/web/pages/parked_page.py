"""Parked messages and work orders 搁置: lists, one ticket with its bytes, and closing it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.web.asking import OPERATORS, Ask, Done, Field, Route, View
from console.web.pages.me import confirm_person
from domain.errors import Refusal
from store.operations import SHOWN_BYTES, Group, TicketRow, parked_groups, parked_page, parked_ticket
from store.parked import Parked, dispose
from store.people import audit

WATCHERS = OPERATORS | {"auditor"}
SHOWN = 100


@dataclass(frozen=True, slots=True)
class ParkedList:
    """Tickets, the newest first. older: the id to ask with `before` for those that follow, None at the end."""

    tickets: tuple[TicketRow, ...]
    groups: tuple[Group, ...]
    fingerprint: str
    all: bool
    older: UUID | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. source: delivery, order or dead-letter; text: the first of its bytes, what is no character replaced; state,
    now_version: its certificate's; commands: that look at it and handle it again; may_close: whether the asker may."""

    id: UUID
    source: str
    exchange: str | None
    enterprise: str | None
    sha256: str | None
    size: int | None
    certificate: UUID | None
    version: int | None
    stage: str | None
    error: str
    traceback: str
    fingerprint: str
    tries: int
    at: datetime
    disposition: str | None
    disposed_by: str | None
    disposed_at: datetime | None
    state: str | None
    now_version: int | None
    still_waiting: bool
    text: str
    cut: bool
    commands: tuple[str, ...]
    may_close: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A ticket after it was closed."""

    id: UUID
    disposition: str
    by: str


def parked(ask: Ask) -> View:
    """Tickets, of one group if asked for, and the groups there are."""
    fingerprint, everything = ask.given.get("fingerprint", ""), ask.given["all"]
    rows = parked_page(ask.database, ask.branch, fingerprint or None, everything, ask.given.get("before"), SHOWN + 1)
    older = rows[SHOWN - 1].id if len(rows) > SHOWN else None
    return View("parked.html", ParkedList(
        rows[:SHOWN], parked_groups(ask.database, ask.branch), fingerprint, everything, older))


def ticket(ask: Ask) -> View:
    """One ticket with everything that is known of it."""
    found, body = parked_ticket(ask.database, ask.branch, ask.path["ticket"])
    return View("parked_ticket.html", Ticket(
        found.id, found.source, found.exchange, found.enterprise, found.sha256, found.size, found.certificate, found.version,
        found.stage, found.error, found.traceback, found.fingerprint, found.tries, found.at, found.disposition, found.disposed_by,
        found.disposed_at, found.state, found.now_version, found.still_waiting, body.decode("utf-8", "replace"),
        bool(found.size and found.size > SHOWN_BYTES), _commands(found), found.disposition is None and ask.may(OPERATORS)))


def discard(ask: Ask) -> Done:
    """It was nothing."""
    return _close(ask, "discarded")


def archive(ask: Ask) -> Done:
    """It was dealt with elsewhere."""
    return _close(ask, "archived")


def _close(ask: Ask, disposition: str) -> Done:
    found, _ = parked_ticket(ask.database, ask.branch, ask.path["ticket"])
    if found.disposition:
        raise Refusal(f"it was {found.disposition} by {found.disposed_by} already", zh=f"已由{found.disposed_by}处置")
    confirm_person(ask)
    with ask.database.transaction():
        dispose(ask.database, found, disposition, ask.who)
        audit(ask.database, ask.who, f"parked {disposition}", None if ask.branch == "*" else ask.branch, str(found.id),
              reason=ask.given["reason"], key=found.key)
    zh = "已丢弃" if disposition == "discarded" else "已归档"
    return Done(f"/parked/{found.id}", Closed(found.id, disposition, ask.who), (zh, f"It is {disposition}"))


def _commands(found: Parked) -> tuple[str, ...]:
    show = f"coedi parked show {found.id}" + (" --body message.xml" if found.size else "")
    look = f"coedi trace {found.certificate}" if found.certificate else ""
    again = f"coedi replay plan --parked --finding {found.fingerprint}" if found.disposition is None else ""
    return tuple(filter(None, (show, look, again, again and 'coedi replay run PLAN --reason "..."')))


_CLOSING = (
    Field("reason", "lines", required=True, longest=500, zh="理由", en="reason"),
    Field("password", "secret", required=True, longest=256, zh="密码", en="password"),
    Field("code", longest=8, zh="动态口令", en="one-time code"),
)
ROUTES: tuple[Route, ...] = (
    Route("GET", "/parked", "parked", parked, WATCHERS, "搁置的报文", "Parked messages and work orders", gives=ParkedList, fields=(
        Field("fingerprint", longest=64, zh="故障特征", en="what it failed of"),
        Field("all", "flag", zh="含已处置", en="closed ones, too"), Field("before", "uuid", zh="更早于", en="older than"))),
    Route("GET", "/parked/{ticket:uuid}", "parked-ticket", ticket, WATCHERS, "一条搁置的报文", "One parked message", gives=Ticket),
    Route("POST", "/parked/{ticket:uuid}/discard", "parked-discard", discard, OPERATORS, "丢弃搁置的报文",
          "Discard a parked message", _CLOSING, gives=Closed),
    Route("POST", "/parked/{ticket:uuid}/archive", "parked-archive", archive, OPERATORS, "归档搁置的报文",
          "Archive a parked message", _CLOSING, gives=Closed),
)
