"""The unit of work in memory: for unit tests and simulation. One writer at a time; what only a database promises is not here."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.certificate import Certificate, Document, Transition
from messages.receipts import Receipt
from store.wanted import Held, Progress, Wanted
from store.work import SHANGHAI, LedgerRow, MessageRow, Order, OutboxRow, ParkedRow, ReviewTask, Work

Row = TypeVar("Row")


@dataclass
class MemoryStore:
    """WorkStore on dictionaries. `clock` gives the time of a transaction; nothing changes when its block raises."""

    clock: Callable[[], datetime]
    enterprises: Iterable[str] = ()
    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    transitions: dict[UUID, list[Transition]] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    messages: list[MessageRow] = field(default_factory=list)
    inbox: dict[tuple[str, str], UUID] = field(default_factory=dict)
    invoices: dict[tuple[str, str], UUID] = field(default_factory=dict)
    interchanges: dict[UUID, Progress] = field(default_factory=dict)
    deliveries: dict[tuple[str, bytes], UUID] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)
    ledger: list[LedgerRow] = field(default_factory=list)
    orders: dict[UUID, Order] = field(default_factory=dict)
    tasks: dict[UUID, ReviewTask] = field(default_factory=dict)
    documents: list[tuple[UUID, int, Document]] = field(default_factory=list)
    outbox: dict[str, OutboxRow] = field(default_factory=dict)
    parked: list[ParkedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.feeds = dict.fromkeys(self.enterprises, 0) | self.feeds

    @contextlib.contextmanager
    def work(self, wanted: Wanted, owner: int | None = None) -> Iterator[Work]:
        """Hold what is wanted, hand out the Work, keep it at the end of the block."""
        work = Work(self._hold(wanted), owner)
        yield work
        self._keep(wanted, work)

    def certificate(self, identity: UUID) -> Certificate | None:
        """One certificate as kept."""
        return self.certificates.get(identity)

    def outbox_keys(self) -> Iterable[str]:
        """Keys of what is still to be sent."""
        return list(self.outbox)

    def _hold(self, wanted: Wanted) -> Held:
        now = self.clock()
        year = now.astimezone(SHANGHAI).year
        held = Held(now)
        held.inbox = {(c.enterprise, c.message_id) for c in wanted.inbox if (c.enterprise, c.message_id) not in self.inbox}
        held.certificates = {i: self.certificates[i] for i in wanted.certificates if i in self.certificates}
        held.invoices = {(c.enterprise, c.invoice) for c in wanted.invoices if (c.enterprise, c.invoice) not in self.invoices}
        held.arrivals = {a.id for a in wanted.arrivals if (a.exchange, a.sha256) not in self.deliveries}
        held.interchanges = {i: replace(self.interchanges[i]) for i in wanted.interchanges if i in self.interchanges}
        for arrival in wanted.arrivals:
            if arrival.id in held.arrivals:
                held.interchanges[arrival.id] = Progress(
                    arrival.id, arrival.enterprise, arrival.branch, arrival.interchange_id, arrival.sha256.hex(),
                    arrival.total, arrival.total)
        held.feeds = {no: self.feeds[no] for no in set(wanted.enterprises) if no in self.feeds}
        held.numbers = {(*key, year): self.numbers.get((*key, year), 0) for key in set(wanted.numbers)}
        streams = {*wanted.streams, *(f"message:{i}" for i in held.interchanges)}
        held.streams = {name: last for name in streams if (last := self._last(name))}
        return held

    def _last(self, stream: str) -> int:
        return max((receipt.sequence for receipt in self.receipts.values() if receipt.stream == stream), default=0)

    def _keep(self, wanted: Wanted, work: Work) -> None:
        self.inbox |= {
            (c.enterprise, c.message_id): c.message for c in wanted.inbox if (c.enterprise, c.message_id) in work.held.inbox}
        self.invoices |= {
            (c.enterprise, c.invoice): c.certificate for c in wanted.invoices if (c.enterprise, c.invoice) in work.held.invoices}
        self.deliveries |= {(a.exchange, a.sha256): a.id for a in wanted.arrivals if a.id in work.held.interchanges}
        self.interchanges |= work.held.interchanges
        self.feeds |= work.held.feeds
        self.numbers |= work.held.numbers
        self.messages += work.messages
        self.ledger += work.ledger
        self.documents += work.documents
        self.parked += work.parked
        self.receipts |= {receipt.id: receipt for receipt, _ in work.receipts}
        for transition, _ in work.transitions:
            self.transitions.setdefault(transition.certificate, []).append(transition)
        for certificate in work.certificates.values():
            self._move(certificate, work)
        self.outbox |= {row.key: row for row in work.all_rows()}
        for key in work.sent:
            self.outbox.pop(key, None)

    def _move(self, certificate: Certificate, work: Work) -> None:
        """Replace a certificate and what belonged to its earlier state."""
        identity = certificate.id
        self.certificates[identity] = certificate
        _replace(self.orders, work.orders, identity)
        _replace(self.tasks, work.tasks, identity)
        self.outbox = {key: row for key, row in self.outbox.items() if row.certificate != identity}
        if not certificate.lifecycle_state.holds_invoice:
            self.invoices = {key: holder for key, holder in self.invoices.items() if holder != identity}


def _replace(rows: dict[UUID, Row], new: Mapping[UUID, Row], identity: UUID) -> None:
    rows.pop(identity, None)
    if identity in new:
        rows[identity] = new[identity]
