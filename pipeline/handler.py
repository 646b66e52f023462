"""What the worker loop asks of whoever handles a queue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from pipeline.stage import Case, Stage
from pipeline.transport import Delivery
from store.postgres import PostgresStore
from store.work import OutboxRow, Work


@dataclass(slots=True)
class Done:
    """What one committed transaction leaves to do.

    rows: to be published now; waiting: certificates whose next stage, hosted here, has an outside effect;
    rest: what has to be handled in another transaction; lines: one canonical log line a message, ids and codes only.
    """

    rows: list[OutboxRow] = field(default_factory=list)
    waiting: list[Case] = field(default_factory=list)
    rest: list[Any] = field(default_factory=list)
    certificates: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Session:
    """What a worker process works with: its database session, the stages it hosts, and what it has to delete.

    owner: number of the session that owns new outbox rows, None while the fast path is closed;
    confirmed: outbox keys the broker has confirmed, deleted in the next transaction.
    """

    store: PostgresStore
    stages: Mapping[str, Stage]
    new_id: Callable[[], UUID]
    owner: int | None = None
    confirmed: list[str] = field(default_factory=list)

    @property
    def database(self) -> Any:
        """The store's database."""
        return self.store.database

    def take_confirmed(self) -> list[str]:
        """The confirmed keys; they are forgotten here, and deleted again harmlessly if the transaction fails."""
        taken, self.confirmed = self.confirmed, []
        return taken


class Handler(Protocol):
    """Handles the deliveries of one queue."""

    def open(self, run: Sequence[Delivery], silent: bool) -> list[Any]:
        """What the deliveries hold, without touching the database more than to know their senders."""

    def commit(self, ahead: list[Any]) -> Done:
        """Handle as much of `ahead` as fits one transaction; the rest comes back."""

    def due(self) -> list[Any]:
        """What this handler put aside for later and that is due now."""

    def source(self, item: Any) -> Delivery:
        """The delivery of something that `due` gave."""

    def key(self, delivery: Delivery) -> str:
        """Under which name the tries of this delivery are counted."""

    def park(self, delivery: Delivery, error: Exception, traceback: str, tries: int) -> Done:
        """Set the delivery aside with its bytes, its traceback and a receipt."""


def withhold(session: Session, work: Work, done: Done) -> None:
    """Keep the certificates whose next stage is hosted here and has an effect: their orders leave only if we die."""
    done.waiting = [
        case for case in done.waiting
        if (order := work.orders.get(case.certificate.id)) and order.stage in session.stages]
    if session.owner is None:
        done.waiting = []  # nobody would notice our death: the relay announces these orders
    work.withheld |= {case.certificate.id for case in done.waiting}
