"""What a batch wants to hold while it writes, and what it got: the keys of the one locking function."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.certificate import Certificate
from domain.filing import Filing


class InboxClaim(NamedTuple):
    """First use of (enterprise, message id) by a message; digest: SHA-256 of its canonical form, raw bytes."""

    enterprise: str
    message_id: str
    message: UUID
    digest: bytes


class InvoiceClaim(NamedTuple):
    """The live certificate for a normalised invoice number."""

    enterprise: str
    invoice: str
    certificate: UUID


class AmendmentClaim(NamedTuple):
    """The one amendment under way of an issued certificate."""

    original: UUID
    amendment: UUID


class FilingClaim(NamedTuple):
    """The one live filing of a subject."""

    kind: str
    enterprise: str
    subject: str
    filing: UUID


class Arrival(NamedTuple):
    """A new delivery for the archive. refusal: gate code when nothing inside was read; total: messages inside."""

    id: UUID
    exchange: str
    sha256: bytes
    body: bytes
    enterprise: str | None
    branch: str | None
    interchange_id: str | None
    refusal: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keys to lock or claim, in the order in which they are taken."""

    inbox: Iterable[InboxClaim] = ()
    certificates: Iterable[UUID] = ()
    invoices: Iterable[InvoiceClaim] = ()
    amendments: Iterable[AmendmentClaim] = ()
    filings: Iterable[UUID] = ()
    subjects: Iterable[FilingClaim] = ()
    arrivals: Iterable[Arrival] = ()
    interchanges: Iterable[UUID] = ()
    enterprises: Iterable[str] = ()
    numbers: Iterable[tuple[str, str]] = ()  # (enterprise, type letter)
    filing_numbers: Iterable[str] = ()  # enterprises that get a number of an approved goods filing
    streams: Iterable[str] = ()  # existing receipt streams that get another receipt; the feed counters guard them

    def __add__(self, other: "Wanted") -> "Wanted":
        return Wanted(*([*getattr(self, name), *getattr(other, name)] for name in self.__slots__))


@dataclass(slots=True)
class Progress:
    """How far an interchange is answered. `open` messages have no verdict yet."""

    id: UUID
    enterprise: str | None
    branch: str | None
    interchange_id: str | None
    sha256: str
    total: int
    open: int
    accepted: int = 0
    refused: int = 0
    repeated: int = 0


@dataclass(slots=True)
class Held:
    """What was locked and won, and the one time that dates the batch."""

    now: datetime
    inbox: set[tuple[str, str]] = field(default_factory=set)
    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    invoices: set[tuple[str, str]] = field(default_factory=set)
    amendments: set[UUID] = field(default_factory=set)  # originals whose claim was won
    filings: dict[UUID, Filing] = field(default_factory=dict)
    subjects: set[tuple[str, str, str]] = field(default_factory=set)
    filing_numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    arrivals: set[UUID] = field(default_factory=set)
    interchanges: dict[UUID, Progress] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
