"""The unit of work: what one transaction will write, collected in memory, numbered under locks, written set-wise at its end.

The same `Work` serves PostgreSQL and the in-memory store; they differ in `Store.work`, which locks and writes.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.certificate import Certificate, Document, Transition
from domain.errors import CounterExhausted
from domain.filing import Filing
from messages.receipts import Receipt, render
from store.wanted import Held, Progress, Wanted

SHANGHAI = ZoneInfo("Asia/Shanghai")


class MessageRow(NamedTuple):
    """A message element: disposition is certificate, refused, repeated or reused; of_message: the first use of its id."""

    id: UUID
    interchange: UUID
    position: int
    enterprise: str
    message_id: str
    digest: bytes
    kind: str
    disposition: str
    certificate: UUID | None
    of_message: UUID | None


class Order(NamedTuple):
    """The certificate at this version waits for this stage. patience: minutes until "no progress" is reported."""

    certificate: UUID
    version: int
    stage: str
    patience: int | None


class ReviewTask(NamedTuple):
    """A certificate or a filing that waits for a person. kind: "certificate", "goods" or "registration"; type: certificate type, ""
    of a registration; reasons: JSON-ready; patience as in Order; eyes: persons that have to approve; senior: only a senior
    reviewer is offered it."""

    subject: UUID
    kind: str
    version: int
    branch: str
    enterprise: str
    type: str
    reasons: list[str]
    deadline: datetime
    patience: int | None
    eyes: int = 1
    senior: bool = False


class LedgerRow(NamedTuple):
    """A certificate number that was taken."""

    enterprise: str
    letter: str
    year: int
    n: int
    number: str
    certificate: UUID


class ParkedRow(NamedTuple):
    """A message that could not be handled: what it was, and what went wrong."""

    id: UUID
    key: str
    source: str
    exchange: str | None
    enterprise: str | None
    sha256: bytes | None
    body: bytes | None
    certificate: UUID | None
    version: int | None
    stage: str | None
    error: str
    traceback: str
    fingerprint: str
    tries: int


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message to one destination. kind "receipt" has the receipt's columns, kind "order" the certificate's.

    destination: "enterprise" or "branch"; address: registration number or branch code; repeat: an old receipt again.
    """

    key: str
    kind: str
    destination: str | None = None
    address: str | None = None
    repeat: bool = False
    certificate: UUID | None = None
    version: int | None = None
    stage: str | None = None
    receipt: str | None = None
    stream: str | None = None
    sequence: int | None = None
    feed_no: int | None = None
    code: str | None = None
    correlation: str | None = None
    state: str | None = None
    body: bytes = b""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """The searchable columns of a certificate's content. amount: of all invoices, None when they have several currencies; hs: HS
    codes of the goods lines, digits only, blanks between them; small: of a small enterprise 小微."""

    exporter: str
    consignee: str
    destination: str
    invoice_date: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    signatory: str = ""
    hs: str = ""
    small: bool = False


@dataclass(slots=True)
class Work:
    """What one transaction writes. `owner` is the session that will send the outbox rows, None to leave them to the relay."""

    held: Held
    owner: int | None = None
    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    texts: dict[UUID, Texts] = field(default_factory=dict)
    transitions: list[tuple[Transition, str]] = field(default_factory=list)
    receipts: list[tuple[Receipt, bytes]] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    orders: dict[UUID, Order] = field(default_factory=dict)
    withheld: set[UUID] = field(default_factory=set)
    tasks: dict[UUID, ReviewTask] = field(default_factory=dict)
    documents: list[tuple[UUID, int, Document]] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    parked: list[ParkedRow] = field(default_factory=list)
    settled_attempts: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    told_overdue: list[UUID] = field(default_factory=list)
    told_overdue_filings: list[UUID] = field(default_factory=list)
    filings: dict[UUID, Filing] = field(default_factory=dict)
    filing_transitions: list[tuple[Transition, str]] = field(default_factory=list)
    superseded: list[tuple[UUID, UUID]] = field(default_factory=list)  # (original, the amendment that takes its invoice over)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)  # rarer tables: query of store.tables.ROWS -> rows

    @property
    def now(self) -> datetime:
        """The one time of this transaction, fetched after its locks."""
        return self.held.now

    @property
    def year(self) -> int:
        """The business year in which numbers are taken."""
        return self.now.astimezone(SHANGHAI).year

    def next_feed(self, enterprise: str) -> int:
        """The next receipt number of an enterprise; KeyError when its counter was not locked."""
        self.held.feeds[enterprise] += 1
        return self.held.feeds[enterprise]

    def next_sequence(self, stream: str) -> int:
        """The next sequence of a receipt stream that is not a certificate's."""
        self.held.streams[stream] = self.held.streams.get(stream, 0) + 1
        return self.held.streams[stream]

    def next_number(self, enterprise: str, letter: str, most: int) -> tuple[int, int]:
        """(year, n) of the next certificate number; KeyError when its counter was not locked, CounterExhausted after `most`."""
        ((key, last),) = [(k, v) for k, v in self.held.numbers.items() if k[:2] == (enterprise, letter)]
        if last >= most:
            raise CounterExhausted(enterprise, letter, key[2], most)
        self.held.numbers[key] = last + 1
        return key[2], last + 1

    def save(self, certificate: Certificate, texts: Texts | None = None) -> None:
        """The certificate as it stands now; what belonged to its earlier state is dropped."""
        self.certificates[certificate.id] = certificate
        self.orders.pop(certificate.id, None)
        self.tasks.pop(certificate.id, None)
        if texts:
            self.texts[certificate.id] = texts

    def save_filing(self, filing: Filing, transition: Transition, receipt: str) -> None:
        """The filing as it stands now, and the line of its history with the id of the receipt that tells of it."""
        self.filings[filing.id] = filing
        self.tasks.pop(filing.id, None)
        self.filing_transitions.append((transition, receipt))

    def next_filing_number(self, enterprise: str) -> str:
        """The number of a goods filing that is approved now: "F26-1100A0017-0001"; KeyError when its counter was not locked."""
        ((key, last),) = [(k, v) for k, v in self.held.filing_numbers.items() if k[0] == enterprise]
        self.held.filing_numbers[key] = last + 1
        return f"F{key[1] % 100:02d}-{enterprise}-{last + 1:04d}"

    def add(self, query: str, *row: Any) -> None:
        """A row of one of the tables that only some messages write (`store.tables.ROWS`)."""
        self.rows.setdefault(query, []).append(row)

    def record(self, transition: Transition, receipt: str) -> None:
        """A line of history, with the id of the receipt that tells of it."""
        self.transitions.append((transition, receipt))

    def send(self, receipt: Receipt) -> None:
        """A receipt to its enterprise, and a copy to its branch when it names one."""
        body = render(receipt)
        self.receipts.append((receipt, body))
        if receipt.enterprise != receipt.branch:  # else it answers a message of the branch itself
            self.outbox.append(_receipt_row(receipt, body, "enterprise", receipt.enterprise, self.now))
        if receipt.branch:
            self.outbox.append(_receipt_row(receipt, body, "branch", receipt.branch, self.now))

    def send_again(self, row: OutboxRow) -> None:
        """An old receipt once more, marked as a repeat."""
        self.outbox.append(replace(row, repeat=True))

    def hand_off(self, order: Order, withheld: bool = False) -> None:
        """The certificate waits for a stage; a withheld order is ours and is sent only when we die."""
        self.orders[order.certificate] = order
        if withheld:
            self.withheld.add(order.certificate)

    def answer(self, interchange: UUID, verdict: str) -> Progress | None:
        """One message of an interchange got its verdict (accepted, refused or repeated); its progress when that closed it."""
        progress = self.held.interchanges[interchange]
        progress.open -= 1
        setattr(progress, verdict, getattr(progress, verdict) + 1)
        return None if progress.open else progress

    def note(self, actor: str, action: str, subject: str, **detail: Any) -> None:
        """A line for the audit."""
        self.audit.append({"actor": actor, "action": action, "subject": subject, "detail": detail})

    def rows_to_send(self) -> list[OutboxRow]:
        """The outbox of this transaction in the order of sending: receipts first, then work orders that are not withheld."""
        orders = [order_row(order) for order in self.orders.values() if order.certificate not in self.withheld]
        return [*self.outbox, *orders]

    def all_rows(self) -> list[OutboxRow]:
        """Every outbox row that is written, withheld orders included."""
        return [*self.outbox, *(order_row(order) for order in self.orders.values())]


def order_row(order: Order) -> OutboxRow:
    """The outbox row that announces a work order."""
    return OutboxRow(
        key=f"order:{order.certificate}:{order.version}", kind="order",
        certificate=order.certificate, version=order.version, stage=order.stage,
    )


def _receipt_row(receipt: Receipt, body: bytes, destination: str, address: str, at: datetime) -> OutboxRow:
    return OutboxRow(
        key=f"{destination}:{receipt.id}", kind="receipt", destination=destination, address=address, receipt=receipt.id,
        stream=receipt.stream, sequence=receipt.sequence, feed_no=receipt.feed_no, code=receipt.code,
        correlation=receipt.message_id, state=receipt.state, body=body, at=at,
    )


class WorkStore(Protocol):
    """Where work is kept: locks what is wanted, hands out a Work, writes it at the end of the block."""

    def work(self, wanted: Wanted, owner: int | None = None) -> AbstractContextManager[Work]:
        """A transaction around a Work; nothing is written when the block raises."""

    def certificate(self, identity: UUID) -> Certificate | None:
        """One certificate as committed."""

    def outbox_keys(self) -> Iterable[str]:
        """Keys of what is still to be sent."""
