"""Replay plans: what an operator saw is what is handled again; each line is settled once."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2

from domain.errors import Refusal, UnknownThing
from store.database import Database

# first key of the advisory locks of plans that are being run: "re"
LOCK = 0x7265
# what the database says when data breaks one of its constraints: the item's fault, not the service's
DataRefused = psycopg2.DatabaseError


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan.

    kind: certificate, interchange, delivery, order or dead-letter; subject: id of the certificate, the interchange or the ticket;
    name: as people call it; version: the certificate's when it was planned; old, predicted: verdicts; codes: of findings
    predicted; kept: what is not made a second time; state: planned, done, skipped or failed; became: what it is now, or why
    nothing was done.
    """

    position: int
    kind: str
    subject: UUID
    name: str
    version: int | None
    old: str
    predicted: str
    codes: tuple[str, ...]
    kept: tuple[str, ...]
    state: str
    became: str | None
    at: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """The line as JSON-ready data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A frozen selection. sha256: hex, over its lines as planned; run_by, reason, run_at: of the first run, None before it."""

    id: UUID
    at: datetime
    actor: str
    filters: dict[str, Any]
    sha256: str
    run_by: str | None
    reason: str | None
    run_at: datetime | None

    def as_data(self) -> dict[str, Any]:
        """The plan as JSON-ready data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def digest_of(items: Iterable[Item]) -> str:
    """SHA-256 (hex) over (kind, subject, version, old verdict) of the lines in order."""
    lines = [[item.kind, str(item.subject), item.version, item.old] for item in items]
    return hashlib.sha256(json.dumps(lines, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def freeze(database: Database, identity: UUID, actor: str, filters: dict[str, Any], items: list[Item]) -> Plan:
    """Write a plan; from now on only `settle` changes its lines."""
    with database.transaction():
        database.query("add_plan", id=identity, actor=actor, filters=json.dumps(filters, ensure_ascii=False, default=str),
                       sha256=bytes.fromhex(digest_of(items)))
        for item in items:
            data = item.as_data()
            del data["at"]
            database.query("add_item", plan=identity, **data | {"codes": list(item.codes), "kept": list(item.kept)})
    return one(database, str(identity))


def one(database: Database, text: str) -> Plan:
    """The plan with this id, or the only one whose id begins so; raises UnknownThing, Refusal."""
    begin = text.strip().lower()
    rows = database.query("plan_row", id=begin) if begin and set(begin) <= set("0123456789abcdef-") else []
    if not rows:
        raise UnknownThing(f"there is no replay plan {text}; see: coedi replay list")
    if len(rows) > 1:
        raise Refusal(f"several replay plans begin with {text}; write more of the id")
    return Plan(*rows[0])


def listed(database: Database, limit: int) -> list[tuple[Plan, dict[str, int]]]:
    """Plans, the newest first, with their counts by state."""
    states = ("planned", "done", "skipped", "failed")
    return [(Plan(*row[:8]), dict(zip(states, row[8:], strict=True))) for row in database.query("plans", limit=limit)]


def items_of(database: Database, plan: Plan) -> list[Item]:
    """The lines of a plan; raises Refusal when they are not those that were frozen."""
    rows = database.query("plan_items", plan=plan.id)
    items = [_item(*row) for row in rows]
    if digest_of(items) != plan.sha256:
        raise Refusal(f"replay plan {plan.id} was changed after it was frozen; make a new one")
    return items


def _item(*row: Any) -> Item:
    values = dict(zip((field.name for field in fields(Item)), row, strict=True))
    return Item(**values | {"codes": tuple(values["codes"]), "kept": tuple(values["kept"])})


def settle(database: Database, plan: Plan, item: Item, state: str, became: str) -> bool:
    """Write what became of a planned line, in the caller's transaction if there is one; False when it was settled before."""
    return bool(database.query("settle_item", plan=plan.id, position=item.position, state=state, became=became[:500]))


@contextlib.contextmanager
def running(database: Database, plan: Plan) -> Iterator[None]:
    """Only one process runs a plan at a time; raises Refusal when another does."""
    if not database.query("try_replay", lock=LOCK, plan=str(plan.id))[0][0]:
        raise Refusal(f"replay plan {plan.id} is being run by another process")
    try:
        yield
    finally:
        if database.connected:
            database.query("end_replay", lock=LOCK, plan=str(plan.id))
