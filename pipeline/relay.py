"""The one place that publishes: the fast path of a worker, and the relay that sends what nobody owns."""

import contextlib
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from domain.errors import DatabaseGone
from pipeline.failpoints import reach
from pipeline.orders import order_body
from pipeline.topology import Names
from pipeline.transport import Outgoing, Publisher
from store.database import Database
from store.outbox import claimed_row
from store.work import OutboxRow

# first key of the advisory locks that owners of outbox rows hold: "co"
OWNER_LOCK = 0x636F
STALE_SECONDS = 30
_log = structlog.get_logger("relay")


def outgoing(names: Names, row: OutboxRow) -> Outgoing:
    """The message for an outbox row."""
    if row.kind == "order":
        return Outgoing(
            row.key, names.work, row.stage or "", order_body(row.certificate, row.version, row.stage), row.key,
            "work-order", datetime.now(UTC), content_type="application/json")
    headers: dict[str, str | int | bool] = {
        "seq": row.sequence or 0, "feed_no": row.feed_no or 0, "stream": row.stream or "", "state": row.state or ""}
    headers["traceparent"] = traceparent(row)
    if row.repeat:
        headers["repeat"] = True
    exchange = names.receipts if row.destination == "enterprise" else names.branch_receipts
    return Outgoing(
        row.key, exchange, row.address or "", row.body, row.receipt or "", row.code or "", row.at or datetime.now(UTC),
        correlation_id=row.correlation, headers=headers)


def traceparent(row: OutboxRow) -> str:
    """W3C trace context: one trace a receipt stream, one span a receipt, both told by their ids alone."""
    trace = (row.stream or "").rpartition(":")[2].replace("-", "")
    span = hashlib.sha256((row.receipt or "").encode()).hexdigest()[:16]
    return f"00-{trace}-{span}-01"


def send(database: Database, publisher: Publisher, names: Names, rows: Sequence[OutboxRow], deadline: float) -> list[str]:
    """Publish rows in order and return the keys the broker confirmed; the others are given to the relay in one statement.

    Work orders leave only after the receipts written with them are confirmed or given away, so nobody learns of a state
    from its successor. A full queue of one consumer does not hold them back.
    """
    confirmed: list[str] = []
    for kind in ("receipt", "order"):
        messages = [outgoing(names, row) for row in rows if row.kind == kind]
        if not messages:
            continue
        reach("before-publish")
        outcome = publisher.publish(messages, deadline)
        reach("after-publish")
        confirmed += [str(key) for key in outcome.confirmed]
        if outcome.unsent:
            database.query("disown", keys=outcome.unsent, refused=list(outcome.refused))
    return confirmed


def become_owner(database: Database) -> int:
    """A number that stands for this database session as an owner of outbox rows, while the session lives."""
    owner: int = database.query("new_owner", lock=OWNER_LOCK)[0][0]
    return owner


class Relay:
    """Sends outbox rows that nobody owns: of console and command line, of dead owners, or older than 30 seconds.

    Several relays share the work by shard (a hash of certificate or receipt).
    """

    def __init__(self, database: Database, publisher: Publisher, names: Names, shard: int = 0, shards: int = 1) -> None:
        self.database, self.publisher, self.names = database, publisher, names
        self.shard, self.shards = shard, shards
        self.batch, self.deadline = 500, 10.0
        self._owner: int | None = None
        self._session = -1

    def turn(self) -> int:
        """Claim a batch in a short transaction, publish it with no locks held, delete what was confirmed; rows claimed."""
        claimed = self.database.query(
            "claim_outbox", owner=self._own(), stale=STALE_SECONDS, lock=OWNER_LOCK, shard=self.shard, shards=self.shards,
            count=self.batch)
        if not claimed:
            return 0
        rows = [claimed_row(row) for row in self.database.query("outbox_rows", keys=[key for key, _ in claimed])]
        confirmed = send(self.database, self.publisher, self.names, rows, self.deadline)
        if confirmed:
            self.database.query("delete_outbox", keys=confirmed)
        _log.info("relayed", claimed=len(claimed), confirmed=len(confirmed))
        return len(confirmed)

    def _own(self) -> int:
        if not self.database.connected:
            self.database.connect()
        if self._owner is None or self._session != self.database.session:
            self._owner, self._session = become_owner(self.database), self.database.session
            self.database.run("listen coedi_outbox")
        return self._owner

    def run(self, stopping: Callable[[], bool], chores: Sequence[Callable[[], Any]] = ()) -> None:
        """Send until `stopping`; `chores` (watchdogs, checkpoints) run between turns and keep their own time."""
        delay = 0.5
        while not stopping():
            try:
                for chore in chores:
                    chore()
                if not self.turn():
                    self.database.wait_notified("coedi_outbox", 0.5)
                delay = 0.5
            except DatabaseGone as error:
                _log.warning("database gone", error=str(error))
                time.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 # jitter, not a secret
                delay = min(delay * 2, 5.0)
        with contextlib.suppress(DatabaseGone):
            self.database.close()
