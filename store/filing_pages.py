"""Filings as people look at them: pages of a list, one filing with its history, and the bytes that it came in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.errors import UnknownThing
from store.database import Database


@dataclass(frozen=True, slots=True)
class WantedFilings:
    """Which filings. branch: "*" for all; kind: "goods" or "registration"; of the others "" restricts nothing, hs: first digits."""

    branch: str
    kind: str
    state: str = ""
    type: str = ""
    enterprise: str = ""
    hs: str = ""


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filing in a list. changes: it changes one that was approved; deadline, holder, lease_until, assigned_to: while it waits."""

    id: UUID
    number: str
    enterprise: str
    enterprise_zh: str
    branch: str
    state: str
    version: int
    revision: int
    type: str
    hs6: str
    goods_zh: str
    goods_en: str
    valid_to: date | None
    changes: bool
    created_at: datetime
    changed_at: datetime
    deadline: datetime | None
    holder: str | None
    lease_until: datetime | None
    assigned_to: str | None


@dataclass(frozen=True, slots=True)
class StoredFiling:
    """One filing as it is stored. content: as `messages` made it, specimens included; replaced: content of the filing that it
    stands for; token: of its newest claim; earlier: the message of the revision before this one."""

    id: UUID
    kind: str
    number: str
    enterprise: str
    enterprise_zh: str
    enterprise_en: str
    branch: str
    state: str
    version: int
    revision: int
    content: dict[str, Any]
    type: str
    hs6: str
    valid_to: date | None
    replaces: UUID | None
    replaces_number: str
    replaced: dict[str, Any] | None
    created_at: datetime
    changed_at: datetime
    message: UUID
    message_id: str
    interchange_id: str
    position: int
    deadline: datetime | None
    queued_at: datetime | None
    holder: str | None
    lease_until: datetime | None
    token: int
    assigned_to: str | None
    remark: str
    reasons: list[str]
    earlier: str | None


@dataclass(frozen=True, slots=True)
class FilingLine:
    """A line of its history. receipt, code, feed_no: of the receipt that told it."""

    version: int
    revision: int
    event: str
    state: str
    actor: str
    at: datetime
    detail: dict[str, Any]
    receipt: str | None
    code: str | None
    feed_no: int | None


@dataclass(frozen=True, slots=True)
class FilingBeside:
    """Another goods filing of the same enterprise for goods of that heading."""

    id: UUID
    number: str
    state: str
    type: str
    hs6: str
    goods: str
    valid_to: date | None
    changed_at: datetime


def filings_waiting(
    database: Database, wanted: WantedFilings, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[FilingRow]:
    """What waits for a person, the nearest deadline first; after: (deadline, id) of the last row of the page before."""
    rows = database.query(
        "filings_waiting", branch=wanted.branch, kind=wanted.kind, type=wanted.type, enterprise=wanted.enterprise, hs=wanted.hs,
        limit=limit, deadline=after[0] if after else None, after=str(after[1]) if after else None)
    return [FilingRow(*row) for row in rows]


def filings_newest(database: Database, wanted: WantedFilings, limit: int, after: UUID | None = None) -> list[FilingRow]:
    """Filings in any state, or one, the newest first; after: id of the last row of the page before."""
    rows = database.query(
        "filings_newest", branch=wanted.branch, kind=wanted.kind, state=wanted.state, type=wanted.type,
        enterprise=wanted.enterprise, hs=wanted.hs, limit=limit, after=str(after) if after else None)
    return [FilingRow(*row) for row in rows]


def stored_filing(database: Database, kind: str, identity: UUID, branch: str) -> StoredFiling:
    """One filing of a branch ("*": any); raises UnknownThing."""
    rows = database.query("filing_sheet", id=identity, kind=kind, branch=branch)
    if not rows:
        raise UnknownThing(f"there is no {kind} filing {identity}", zh="没有该备案，或不属于本分会")
    return StoredFiling(*rows[0])


def filing_lines(database: Database, identity: UUID) -> list[FilingLine]:
    """Its history, the oldest line first."""
    return [FilingLine(*row) for row in database.query("filing_lines", id=identity)]


def filings_beside(database: Database, filing: StoredFiling, branch: str) -> list[FilingBeside]:
    """The enterprise's other goods filings under the same four digits, the newest first, at most 20."""
    rows = database.query("filings_beside", enterprise=filing.enterprise, id=filing.id, hs4=filing.hs6[:4], branch=branch)
    return [FilingBeside(*row) for row in rows]


def message_bytes(database: Database, message: UUID | str) -> tuple[bytes, int]:
    """The delivery in which a message came, and the message's position in it, 1-based; raises UnknownThing."""
    rows = database.query("message_bytes", id=str(message))
    if not rows:
        raise UnknownThing(f"there is no message {message}", zh="没有该报文")
    return bytes(rows[0][0]), rows[0][1]


def deciders(database: Database, branch: str, roles: frozenset[str]) -> list[tuple[str, str]]:
    """("1100B0/wang", shown name) of everybody in a branch who has one of these roles."""
    return [(who, shown) for who, shown in database.query("deciders", branch=branch, roles=sorted(roles))]
