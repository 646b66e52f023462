"""What the operator's page, the audit page and the second door ask; every question names the branch or the enterprise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import UnknownThing
from store.database import Database
from store.parked import Parked

SHOWN_BYTES = 64 * 1024  # of a parked message
OUTBOX_CAP = 20_001
STAGES = ("intake", "schema-check", "rule-check", "auto-review", "review", "print", "issued")


@dataclass(frozen=True, slots=True)
class Sample:
    """One minute of a stage. alone: of no branch: the processes, and the broker's inbox; oldest: seconds."""

    stage: str
    alone: bool
    at: datetime
    waiting: int
    oldest: int
    passed: int


@dataclass(frozen=True, slots=True)
class Group:
    """Open tickets that failed in the same way. hours: how many came in each of the last 24 hours, the oldest first."""

    fingerprint: str
    count: int
    first: datetime
    last: datetime
    error: str
    sources: tuple[str, ...]
    enterprises: int
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list. source: delivery, order or dead-letter; disposition: None while it is open."""

    id: UUID
    source: str
    enterprise: str | None
    certificate: UUID | None
    stage: str | None
    error: str
    fingerprint: str
    tries: int
    at: datetime
    disposition: str | None
    disposed_by: str | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A certificate that waits longer than its state allows, or whose work order was set aside."""

    certificate: UUID
    branch: str
    enterprise: str
    invoice: str
    number: str | None
    state: str
    since: datetime
    stage: str
    set_aside: bool
    resent: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """Receipts still to be sent to enterprises, or to branches. refused: by full queues; oldest: when it was written."""

    destination: str
    count: int
    refused: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FullQueue:
    """A consumer whose queue refused receipts. tries: of the one tried most often; again: when the next try is."""

    destination: str
    address: str
    count: int
    tries: int
    again: datetime | None


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A replay plan and what became of its lines."""

    id: UUID
    at: datetime
    actor: str
    reason: str | None
    run_by: str | None
    run_at: datetime | None
    planned: int
    done: int
    skipped: int
    failed: int


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, when. branch: "" where it concerns none."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    branch: str
    detail: dict[str, Any]


def recent_samples(database: Database, branch: str) -> tuple[list[Sample], datetime | None]:
    """The samples of the last hour and the database's time, None without any sample."""
    rows = database.query("recent_samples", branch=branch)
    return [Sample(*row[:6]) for row in rows], rows[-1][6] if rows else None


def passed_today(database: Database, branch: str, stage: str) -> int:
    """How many passed a stage since midnight in Shanghai."""
    return int(database.query("passed_today", branch=branch, stage=stage)[0][0])


def stages_now(database: Database, branch: str) -> dict[str, tuple[int, int]]:
    """Stage -> (how many wait, seconds that the oldest has waited); without those where nothing waits."""
    return {stage: (count, max(0, seconds)) for stage, count, seconds in database.query("stages_now", branch=branch)}


def parked_groups(database: Database, branch: str) -> tuple[Group, ...]:
    """Open tickets by fingerprint, the largest group first, at most 50."""
    rows = database.query("parked_groups_of", branch=branch)
    return tuple(Group(code, count, first, last, error, tuple(sources), enterprises, tuple(hours))
                 for code, count, first, last, error, sources, enterprises, hours in rows)


def parked_page(
    database: Database, branch: str, fingerprint: str | None, everything: bool, before: UUID | None, limit: int
) -> tuple[TicketRow, ...]:
    """Tickets before one of them in the order newest first."""
    rows = database.query("parked_page", branch=branch, fingerprint=fingerprint, all=everything, before=before, limit=limit)
    return tuple(TicketRow(*row) for row in rows)


def parked_ticket(database: Database, branch: str, identity: UUID) -> tuple[Parked, bytes]:
    """(the ticket, the first of its bytes); raises UnknownThing, also for another branch's."""
    rows = database.query("parked_ticket", branch=branch, id=identity, most=SHOWN_BYTES)
    if not rows:
        raise UnknownThing(f"there is no parked message {identity}", zh="没有此搁置报文")
    *columns, body = rows[0]
    return Parked(*columns), bytes(body or b"")


def stuck(database: Database, branch: str, patience: int, limit: int) -> tuple[Stuck, ...]:
    """The longest waiting first. patience: minutes that a certificate may wait for paper."""
    return tuple(Stuck(*row) for row in database.query("stuck", branch=branch, patience=patience, limit=limit))


def unsent(database: Database, branch: str) -> tuple[Unsent, ...]:
    """By destination; counted up to OUTBOX_CAP altogether."""
    return tuple(Unsent(*row) for row in database.query("unsent", branch=branch, cap=OUTBOX_CAP))


def full_queues(database: Database, branch: str) -> tuple[FullQueue, ...]:
    """Who refuses receipts, those with the most first."""
    return tuple(FullQueue(*row) for row in database.query("refused_queues", branch=branch))


def replays(database: Database, branch: str) -> tuple[ReplayRow, ...]:
    """The newest plans that touch the branch."""
    return tuple(ReplayRow(*row) for row in database.query("replays_of", branch=branch))


def audit_page(database: Database, branch: str, filters: dict[str, Any], before: int | None, limit: int) -> list[AuditRow]:
    """Audit lines before an id, the newest first. filters: who, action, subject (what occurs in it), since, until (aware)."""
    rows = database.query("audit_page", branch=branch, before=before, limit=limit, **filters)
    return [AuditRow(line, at, who, action, subject, about or "", detail)
            for line, at, who, action, subject, about, detail in rows]


def newest_checkpoint(database: Database) -> tuple[datetime, int] | None:
    """(when, which line) the newest checkpoint was noted; None where nobody may see it, or there is none."""
    rows = database.query("newest_checkpoint")
    return (rows[0][0], rows[0][1]) if rows else None


def database_health(database: Database) -> tuple[str, int, int, datetime]:
    """(version, connections, most connections, now)."""
    version, used, most, now = database.query("database_health")[0]
    return str(version).split()[0], used, most, now


def answers(database: Database) -> bool:
    """Whether the database answers; raises DatabaseGone."""
    return bool(database.query("answers"))


def newest_feed(database: Database, enterprise: str) -> int:
    """The number of the newest receipt of an enterprise, 0 before the first."""
    return int(database.query("newest_feed", enterprise=enterprise)[0][0])


def own_receipts(database: Database, enterprise: str, since: int, limit: int) -> Sequence[bytes]:
    """The receipts of an enterprise after a number, as they were sent."""
    return [bytes(row[0]) for row in database.query("receipt_feed", enterprise=enterprise, since=since, limit=limit)]


def own_receipt(database: Database, enterprise: str, identity: str) -> bytes | None:
    """One receipt of an enterprise, None when it is not its own."""
    rows = database.query("own_receipt", enterprise=enterprise, id=identity)
    return bytes(rows[0][0]) if rows else None


def own_document(database: Database, enterprise: str, name: str) -> str | None:
    """SHA-256 (hex) of a finished document of an enterprise, None when it is not its own."""
    rows = database.query("own_document", enterprise=enterprise, name=name)
    return str(rows[0][0]) if rows else None
