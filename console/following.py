"""What became of files that were sent: found in the database by the SHA-256 of their bytes, message by message."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from console.terminal import Bar
from store.database import Database, Row

# beside the states of certificates; DONE: a withdrawal, a question or whatever else makes no certificate of its own
REFUSED, PARKED, DONE = "REFUSED", "PARKED", "DONE"
GOOD = frozenset({"ISSUED", DONE})
BAD = frozenset({REFUSED, "RETURNED", "VOID", "SUPERSEDED"})
PERSON = frozenset({"PENDING_REVIEW", "AWAIT_PRINT", PARKED})  # nothing moves until somebody acts
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Followed:
    """One message of a delivery.

    state: its certificate's, REFUSED when it has none, PARKED when it waits for an operator, DONE when it asked for something
    else and got it; streams: its receipts'.
    """

    position: int
    message_id: str
    state: str
    invoice: str | None
    certificate_no: str | None
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery. refusal: why nothing inside was read; messages: those handled so far, of `total`."""

    id: UUID
    interchange_id: str | None
    refusal: str | None
    total: int
    messages: tuple[Followed, ...]

    @property
    def settled(self) -> int:
        """How many messages will not move by themselves any more."""
        return sum(message.state in GOOD | BAD | PERSON for message in self.messages)

    @property
    def done(self) -> bool:
        """Whether no message will move by itself any more."""
        return self.refusal is not None or self.settled == self.total

    @property
    def streams(self) -> list[str]:
        """Streams of all its receipts, its own first."""
        return [f"message:{self.id}", *(stream for message in self.messages for stream in message.streams)]

    @property
    def states(self) -> set[str]:
        """The states reached; of a delivery that was refused or parked as a whole, just that."""
        if self.refusal is not None:
            return {PARKED if self.refusal == PARKED else REFUSED}
        return {message.state for message in self.messages}


def look(database: Database, exchange: str, digests: Iterable[str]) -> dict[str, Delivered]:
    """SHA-256 (hex) -> what became of the delivery; without those that have not arrived."""
    rows = database.query("deliveries", exchange=exchange, sha256=[bytes.fromhex(digest) for digest in set(digests)])
    messages: dict[UUID, list[Followed]] = {row[1]: [] for row in rows}
    for row in database.query("delivered_messages", interchanges=list(messages)):
        messages[row[0]].append(_followed(row))
    return {row[0]: Delivered(row[1], row[2], row[3], row[4], tuple(messages[row[1]])) for row in rows}


def follow(
    database: Database, exchange: str, digests: Sequence[str], seconds: float, bar: Bar
) -> dict[str, Delivered]:
    """Look until every delivery is done, or `seconds` have passed; `bar` counts messages that are settled."""
    deadline, counted = time.monotonic() + seconds, 0
    while True:
        found = look(database, exchange, digests)
        settled = sum(_count(found[digest]) for digest in digests if digest in found)
        bar.advance(settled - counted)
        counted = settled
        finished = all(digest in found and found[digest].done for digest in digests)
        if finished or time.monotonic() >= deadline:
            return found
        time.sleep(_POLL_SECONDS)


def _count(delivered: Delivered) -> int:
    return max(1, delivered.total) if delivered.refusal is not None else delivered.settled


def _followed(row: Row) -> Followed:
    """From a row of `delivered_messages`."""
    _, position, message, message_id, first, certificate, invoice, state, number, stuck, answer = row
    own = f"message:{message}"
    streams: tuple[str, ...] = (own, f"message:{first}") if first else (own,)
    if answer:
        done = REFUSED if answer == "NUMBERS_EXHAUSTED" else DONE
        return Followed(position, message_id, done, invoice, number, streams)
    if certificate is None:
        return Followed(position, message_id, REFUSED, None, None, streams)
    streams = (own, f"certificate:{certificate}")
    return Followed(position, message_id, PARKED if stuck else state, invoice, number, streams)
