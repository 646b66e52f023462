"""What the database knows of a round's deliveries, message ids and subjects; and what may stand in one round."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.kinds import handling_of
from gateway.opening import SHARED, Item
from store.database import Database
from store.outbox import repeat_row
from store.work import OutboxRow

ROUND = 50
_EVERYBODY = UUID(int=0)


@dataclass(slots=True)
class Known:
    """What was committed before this round.

    interchanges: (exchange, SHA-256) -> (id, positions handled, why the whole was refused);
    messages: (enterprise, message id) -> (first message, digest);
    facts: what the handling of the round's kind asked for; repeats: message or interchange -> its newest receipt.
    """

    interchanges: dict[tuple[str, bytes], tuple[UUID, frozenset[int], str | None]] = field(default_factory=dict)
    messages: dict[tuple[str, str] | None, tuple[UUID, str]] = field(default_factory=dict)
    facts: Any = None
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
    if handling := handling_of(items[0].kind):
        known.facts = handling.facts(database, items)
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


def one_round(ahead: list[Item]) -> tuple[list[Item], list[Item]]:
    """(this round, the rest): at most ROUND items of one kind, no delivery, message id or subject twice.

    A message of another kind ends the round, for it may be about what stands before it.
    """
    taken: dict[tuple[str, ...], UUID] = {}
    now: list[Item] = []
    rest: list[Item] = []
    for at, item in enumerate(ahead):
        keys = _keys(item)
        if item.kind != ahead[0].kind:
            rest += ahead[at:]
            break
        if len(now) >= ROUND or any(taken.get(key, owner) != owner for key, owner in keys):
            rest.append(item)
        else:
            now.append(item)
        taken.update(keys)  # of one that has to wait, too: nothing about the same overtakes it
    return now, rest


def _keys(item: Item) -> list[tuple[tuple[str, ...], UUID]]:
    """What an item occupies, and for whom: messages of one delivery share its bytes but nothing else."""
    exchange, sha256 = item.delivery_key
    keys: list[tuple[tuple[str, ...], UUID]] = [(("bytes", exchange, sha256.hex()), item.opened.id)]
    if key := item.message_key:
        keys.append((("id", *key), item.identity))
    if handling := handling_of(item.kind):
        keys += [(key[1:], _EVERYBODY) if key[0] == SHARED else (key, item.identity) for key in handling.keys(item)]
    return keys
