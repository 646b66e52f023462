"""Tickets: messages and work orders that could not be handled, and what an operator decides about them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import Refusal, UnknownThing
from store.database import Database

_ROW = (
    "id", "source", "enterprise", "certificate", "stage", "error", "fingerprint", "tries", "at", "disposition",
    "disposed_by", "disposed_at",
)  # fmt: skip
_GROUP = ("fingerprint", "count", "first", "last", "error", "sources", "enterprises")


@dataclass(frozen=True, slots=True)
class Parked:
    """A ticket. source: delivery, order or dead-letter; size: bytes kept; state, now_version: its certificate's."""

    id: UUID
    key: str
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

    @property
    def still_waiting(self) -> bool:
        """Whether its certificate still stands where the work order failed."""
        return self.source == "order" and self.version == self.now_version

    def as_data(self) -> dict[str, Any]:
        """The ticket as JSON-ready data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def listed(database: Database, everything: bool, fingerprint: str | None, limit: int) -> list[dict[str, Any]]:
    """Tickets, the newest first; only open ones unless `everything`."""
    rows = database.query("parked_rows", all=everything, fingerprint=fingerprint, limit=limit)
    return [dict(zip(_ROW, row, strict=True)) for row in rows]


def groups(database: Database) -> list[dict[str, Any]]:
    """Open tickets by fingerprint, the largest group first."""
    return [dict(zip(_GROUP, row, strict=True)) for row in database.query("parked_groups")]


def one(database: Database, text: str) -> Parked:
    """The ticket with this id, or the only one whose id begins so; raises UnknownThing, Refusal."""
    begin = text.strip().lower()
    rows = database.query("parked_row", id=begin) if begin and set(begin) <= set("0123456789abcdef-") else []
    if not rows:
        raise UnknownThing(f"there is no parked message {text}; see: coedi parked list --all")
    if len(rows) > 1:
        raise Refusal(f"several parked messages begin with {text}; write more of the id")
    return Parked(*rows[0])


def body(database: Database, ticket: Parked) -> bytes:
    """The bytes that were kept; raises UnknownThing when the ticket has none (a work order has no bytes of its own)."""
    kept = database.query("parked_body", id=ticket.id)[0][0]
    if kept is None:
        raise UnknownThing(f"parked message {ticket.id} is a work order without bytes: trace its certificate instead")
    return bytes(kept)


def dispose(database: Database, ticket: Parked, disposition: str, actor: str) -> None:
    """Close the ticket in the caller's transaction; disposition: discarded or archived. Raises Refusal when closed."""
    if not database.query("dispose_parked", id=ticket.id, disposition=disposition, actor=actor):
        now = one(database, str(ticket.id))
        raise Refusal(f"parked message {ticket.id} was {now.disposition} by {now.disposed_by} already")
