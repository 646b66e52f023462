"""What the database knows of a round's deliveries, message ids and invoices; and what may stand in one round."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.applications import Holder
from gateway.opening import Item
from store.database import Database
from store.outbox import repeat_row
from store.postgres import certificate_from
from store.work import OutboxRow

ROUND = 50


@dataclass(slots=True)
class Known:
    """What was committed before this round.

    interchanges: (exchange, SHA-256) -> (id, positions handled, why the whole was refused);
    messages: (enterprise, message id) -> (first message, digest);
    holders: (enterprise, invoice) -> who has it; repeats: message or interchange -> its newest receipt.
    """

    interchanges: dict[tuple[str, bytes], tuple[UUID, frozenset[int], str | None]] = field(default_factory=dict)
    messages: dict[tuple[str, str] | None, tuple[UUID, str]] = field(default_factory=dict)
    holders: dict[tuple[str, str] | None, Holder] = field(default_factory=dict)
    repeats: dict[UUID, OutboxRow] = field(default_factory=dict)


def look_up(database: Database, items: list[Item]) -> Known:
    """One query a kind for the whole round."""
    known = Known()
    if not items:
        return known
    deliveries = sorted({item.delivery_key for item in items})
    rows = database.query("known_interchanges", exchange=[d[0] for d in deliveries], sha256=[d[1] for d in deliveries])
    known.interchanges = {(row[0], bytes.fromhex(row[1])): (row[2], frozenset(row[5]), row[3]) for row in rows}
    if keys := sorted({key for item in items if (key := item.message_key)}):
        rows = database.query("known_messages", enterprise=[k[0] for k in keys], message_id=[k[1] for k in keys])
        known.messages = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    if keys := sorted({key for item in items if (key := item.invoice_key)}):
        rows = database.query("invoice_holders", enterprise=[k[0] for k in keys], invoice=[k[1] for k in keys])
        known.holders = {(row[0], row[1]): _holder(row) for row in rows}
    _receipts(database, items, known)
    return known


def _receipts(database: Database, items: list[Item], known: Known) -> None:
    """Receipts that may have to be sent again: of messages and deliveries that are known already."""
    messages = [str(known.messages[key][0]) for item in items if (key := item.message_key) in known.messages]
    if messages:
        rows = database.query("newest_receipts", messages=messages)
        known.repeats.update({row[0]: repeat_row(row) for row in rows})
    whole = [str(known.interchanges[item.delivery_key][0]) for item in items if item.delivery_key in known.interchanges]
    if whole:
        rows = database.query("interchange_receipts", interchanges=whole)
        known.repeats.update({row[0]: repeat_row(row) for row in rows})


def _holder(row: Any) -> Holder:
    """From the query `invoice_holders`: the columns of a returned certificate stand after the live one's."""
    if row[2]:
        return Holder(live=row[2], state=row[3])
    if row[4] is None:
        return Holder()
    return Holder(returned=certificate_from((row[4], row[0], row[5], row[6], row[1], *row[7:])))


def one_round(ahead: list[Item]) -> tuple[list[Item], list[Item]]:
    """(this round, the rest): at most ROUND items, no delivery, message id or invoice twice."""
    taken: dict[tuple[str, ...], UUID] = {}
    now: list[Item] = []
    rest: list[Item] = []
    for item in ahead:
        keys = _keys(item)
        if len(now) >= ROUND or any(taken.get(key, owner) != owner for key, owner in keys):
            rest.append(item)
            continue
        taken.update(keys)
        now.append(item)
    return now, rest


def _keys(item: Item) -> list[tuple[tuple[str, ...], UUID]]:
    """What an item occupies, and for whom: messages of one delivery share its bytes but nothing else."""
    exchange, sha256 = item.delivery_key
    keys: list[tuple[tuple[str, ...], UUID]] = [(("bytes", exchange, sha256.hex()), item.opened.id)]
    if key := item.message_key:
        keys.append((("id", *key), item.identity))
    if key := item.invoice_key:
        keys.append((("invoice", *key), item.identity))
    return keys
