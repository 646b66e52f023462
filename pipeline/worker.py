"""The one loop that runs every stage: take what has arrived, commit, acknowledge, publish, finish effects.

The line that acknowledges is in `_handle`; the line that commits is in `store.database`; the line that publishes is
in `pipeline.relay.send`.
"""

import random
import resource
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from domain.errors import CoediError, DatabaseGone, Failure
from pipeline.effects import finish
from pipeline.failpoints import reach
from pipeline.handler import Done, Handler, Session
from pipeline.relay import become_owner, send
from pipeline.stage import Case
from pipeline.topology import Names
from pipeline.transport import Consumer, Delivery, Publisher
from store.database import TryAgain
from store.work import OutboxRow

BATCH, BATCH_BYTES = 50, 32 * 1024 * 1024
IDLE_SECONDS = 0.05
TRIES = 3
MOST_ROWS = 5000  # committed and not yet published
_log = structlog.get_logger("worker")


@dataclass(slots=True)
class Limits:
    """Publishing takes at most publish_seconds, then the relay gets the rest and the fast path stays closed for a while;
    consuming stops at outbox_high waiting rows and goes on at outbox_low; beyond memory_mb the process ends and is
    started again (the XML library never frees the names of elements it has met)."""

    publish_seconds: float = 5.0
    closed_seconds: float = 5.0
    outbox_high: int = 20_000
    outbox_low: int = 10_000
    look_every: float = 1.0
    memory_mb: int = 600


@dataclass
class Worker:
    """A worker process: one consumer, one publisher, one database session."""

    session: Session
    consumer: Consumer
    publisher: Publisher
    names: Names
    handlers: Mapping[str, Handler]
    stopping: Callable[[], bool]
    limits: Limits = field(default_factory=Limits)
    _closed_until: float = 0.0
    _looked_at: float = 0.0
    _looked_for_due: float = 0.0
    _paused: bool = False
    _owned: int = -1
    _owner: int | None = None
    _certificates: int = 0

    def run(self) -> None:
        """Work until `stopping`; raises QueueGone when a queue no longer exists."""
        while not self.stopping() and not self._too_large():
            self._mind_the_outbox()
            run = [] if self._paused else self.consumer.take(BATCH, BATCH_BYTES, IDLE_SECONDS if self.session.confirmed else 0.5)
            if run:
                self._until_done(run)
            elif self._paused:
                time.sleep(IDLE_SECONDS)
            self._mind_what_is_due()
            if not run:
                self._forget_sent()
        self._forget_sent()
        _log.info("stopped", round_trips=self.session.database.round_trips, certificates=self._certificates)

    def _until_done(self, run: list[Delivery]) -> None:
        """Handle a run, however often the database goes away meanwhile; a second try answers nothing twice."""
        silent, delay = False, 0.5
        while True:
            try:
                self._handle_or_split(run, silent)
                return
            except (DatabaseGone, TryAgain) as error:
                _log.warning("database gone or too busy", error=str(error), waiting=len(run))
                silent = True
                time.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 # jitter, not a secret
                delay = min(delay * 2, 5.0)
                if self.stopping():
                    return  # unacknowledged: the broker delivers it again

    def _handle_or_split(self, run: list[Delivery], silent: bool) -> None:
        """A batch that fails on data is handled one by one; a redelivered message always alone, its try counted."""
        if len(run) == 1 and run[0].redelivered:
            self._alone(run[0], silent)
            return
        try:
            self._handle(run, silent)
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 # one bad message must not hurt its neighbours
            _log.warning("batch failed, handling one by one", error=_line(error), size=len(run))
            for delivery in run:
                self._alone(delivery, silent=True)

    def _alone(self, delivery: Delivery, silent: bool) -> None:
        """One message, its try committed before it is handled; set aside after the third."""
        handler = self.handlers[delivery.queue]
        try:
            key = handler.key(delivery)
        except ValueError as error:  # not even an order of ours: nothing to count it under
            _log.error("unreadable work order dropped", error=_line(error))
            self.consumer.acknowledge(delivery)
            return
        while True:
            tries = self.session.database.query("count_attempt", key=key)[0][0]
            if tries > TRIES:  # it killed the process each time
                self._park(delivery, CoediError(f"the worker died {TRIES} times while handling it"), "", TRIES)
                return
            try:
                self._handle([delivery], silent, settled=key)
                return
            except Failure:
                self._undo(key)
                raise
            except Exception as error:  # noqa: BLE001 # anything unexpected is set aside with its traceback
                _log.warning("message failed", error=_line(error), key=key, tries=tries)
                if tries >= TRIES:
                    self._park(delivery, error, traceback.format_exc(), tries)
                    return

    def _mind_what_is_due(self) -> None:
        """Messages that waited in the database for something; at most one look a second."""
        if time.monotonic() - self._looked_for_due < self.limits.look_every:
            return
        self._looked_for_due = time.monotonic()
        try:
            for handler in self.handlers.values():
                self._do_what_is_due(handler, handler.due())
        except Failure as error:
            _log.warning("service gone", error=str(error))
        except Exception as error:  # noqa: BLE001 # it stays where it waits, and is tried again
            _log.warning("what was due failed", error=_line(error))

    def _do_what_is_due(self, handler: Handler, due: list[Any]) -> None:
        try:
            self._follow_up(self._commit_all(handler, due))
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 # as in a batch, one bad message must not hurt its neighbours
            _log.warning("what was due failed, handling one by one", error=_line(error), size=len(due))
            for item in due:
                self._due_alone(handler, item)

    def _due_alone(self, handler: Handler, item: Any) -> None:
        """One message that waited; set aside when it has failed three times."""
        try:
            self._follow_up(self._commit_all(handler, [item]))
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 # anything unexpected is set aside with its traceback
            delivery = handler.source(item)
            tries = self.session.database.query("count_attempt", key=handler.key(delivery))[0][0]
            _log.warning("message that waited failed", error=_line(error), tries=tries)
            if tries >= TRIES:
                self._own()
                self._publish(handler.park(delivery, error, traceback.format_exc(), tries).rows)

    def _undo(self, key: str) -> None:
        """A lost service is not the message's fault."""
        delay = 0.2
        while True:
            try:
                self.session.database.query("undo_attempt", key=key)
                return
            except DatabaseGone:
                if self.stopping():
                    return
                time.sleep(delay)
                delay = min(delay * 2, 5.0)

    def _park(self, delivery: Delivery, error: Exception, trace: str, tries: int) -> None:
        self._own()
        done = self.handlers[delivery.queue].park(delivery, error, trace, tries)
        self.consumer.acknowledge(delivery)
        self._publish(done.rows)
        _log.error("parked", error=_line(error), queue=delivery.queue, tries=tries)

    def _handle(self, run: Sequence[Delivery], silent: bool, settled: str | None = None) -> None:
        """The way of a run: open, commit in rounds, acknowledge, publish, and let the effects follow."""
        started = time.perf_counter()
        handler = self.handlers[run[0].queue]
        done = self._commit_all(handler, handler.open(run, silent))
        reach("before-ack")
        self.consumer.acknowledge(run[-1])
        reach("after-ack")
        if settled:
            self.session.database.query("forget_attempts", keys=[settled])
        self._follow_up(done)
        self._certificates += done.certificates
        _log.info("batch", queue=run[0].queue, messages=len(run), certificates=done.certificates, receipts=len(done.rows),
                  milliseconds=round((time.perf_counter() - started) * 1000, 1))

    def _commit_all(self, handler: Handler, ahead: list[Any]) -> Done:
        """Commit round after round; what all of them leave to do. So many rows that they would fill the memory leave at once."""
        self._own()
        total = Done()
        while ahead:
            reach("before-commit")
            done = self._tried_again(partial(handler.commit, ahead))
            reach("after-commit")
            if len(total.rows) > MOST_ROWS:
                self._publish(total.rows)
                total.rows = []
                self._own()
            total.rows += done.rows
            total.waiting += done.waiting
            total.certificates += done.certificates
            for line in done.lines:
                _log.info("message", **line)
            ahead = done.rest
        return total

    def _follow_up(self, done: Done) -> None:
        """What a commit leaves to do: publish, and let the effects follow."""
        self._publish(done.rows)
        self._finish(done.waiting)

    def _tried_again(self, commit: Callable[[], Done]) -> Done:
        """One transaction; a deadlock's victim tries again, five times."""
        for attempt in range(5):
            try:
                return commit()
            except TryAgain as error:
                _log.warning("transaction tried again", error=str(error), attempt=attempt)
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311 # jitter, not a secret
        return commit()

    def _finish(self, waiting: list[Case]) -> None:
        """Effects of this process's own stages, until nothing more waits for one; a failure leaves the order to the relay."""
        if not waiting:
            return
        self._own()  # publishing may just have failed: then these rows are the relay's from the start
        try:
            done = self._tried_again(partial(finish, self.session, waiting))
            for line in done.lines:
                _log.info("certificate", **line)
            self._publish(done.rows)
        except Exception as error:  # the orders are announced and each is tried alone
            if isinstance(error, Failure) and not isinstance(error, TryAgain):
                raise
            _log.warning("stage failed, leaving its orders to the relay", error=_line(error), certificates=len(waiting))
            keys = [f"order:{case.certificate.id}:{case.certificate.version}" for case in waiting]
            self.session.database.query("disown", keys=keys, refused=[])

    def _publish(self, rows: list[OutboxRow]) -> None:
        """Fast path: what was just committed leaves now; what is not confirmed in time is the relay's."""
        if not rows or self.session.owner is None:
            return
        try:
            confirmed = send(self.session.database, self.publisher, self.names, rows, self.limits.publish_seconds)
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 # what was half sent is the relay's: equal ids are dropped by consumers
            _log.warning("publishing failed, leaving its rows to the relay", error=_line(error), rows=len(rows))
            self.session.database.query("disown", keys=[row.key for row in rows], refused=[])
            return
        self.session.confirmed += confirmed
        if not confirmed:
            self._closed_until = time.monotonic() + self.limits.closed_seconds
            _log.warning("fast path closed", rows=len(rows), seconds=self.limits.closed_seconds)

    def _own(self) -> None:
        """Be the owner of what we write, unless publishing has just failed: then it is the relay's from the start."""
        database = self.session.database
        if not database.connected:
            database.connect()
        if self._owned != database.session:
            self._owner, self._owned = become_owner(database), database.session
        self.session.owner = self._owner if time.monotonic() >= self._closed_until else None

    def _forget_sent(self) -> None:
        """Idle: delete what the broker has confirmed, so that nobody sends it again."""
        keys = self.session.take_confirmed()
        if not keys:
            return
        try:
            self.session.database.query("delete_outbox", keys=keys)
        except DatabaseGone as error:
            _log.warning("database gone", error=str(error))  # the relay sends them again: same ids, dropped by consumers

    def _too_large(self) -> bool:
        """Whether this process has grown beyond its limit; looked at as often as the outbox."""
        if time.monotonic() - self._looked_at < self.limits.look_every:
            return False
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 # a kernel file, read each second
            megabytes = int(file.read().split()[1]) * resource.getpagesize() // 1_000_000
        if megabytes > self.limits.memory_mb:
            _log.warning("too much memory, ending to be started again", megabytes=megabytes, limit=self.limits.memory_mb)
        return megabytes > self.limits.memory_mb

    def _mind_the_outbox(self) -> None:
        """Stop consuming while the outbox is too deep; what one full queue refused does not count."""
        now = time.monotonic()
        if now - self._looked_at < self.limits.look_every:
            return
        self._looked_at = now
        try:
            depth = self.session.database.query("outbox_depth", cap=self.limits.outbox_high)[0][0]
        except DatabaseGone:
            return
        if not self._paused and depth >= self.limits.outbox_high:
            _log.warning("outbox too deep, not consuming", depth=depth)
            self.consumer.pause()
            self._paused = True
        elif self._paused and depth <= self.limits.outbox_low:
            _log.info("outbox drained, consuming again", depth=depth)
            self.consumer.resume()
            self._paused = False


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


