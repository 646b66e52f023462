"""What the review desk reads of one certificate: few statements, whatever the number of its goods lines and findings."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.errors import NotAllowed, UnknownThing
from store.database import Database, Row

CAP = 1000  # certificates of an exporter that are counted
RETURNED = 5  # of those that went back, how many are told with their reasons


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the branch prints: English name, place, lines of contact."""

    name_en: str
    place: str
    contact: str


@dataclass(frozen=True, slots=True)
class Waits:
    """How a certificate waits for a person. holder: who holds it now; until: the end of the newest lease, also of one that has
    ended; last_holder: whose that was; reasons: "CODE: 中文 / English"; agreed: who approved already."""

    version: int
    reasons: tuple[str, ...]
    queued_at: datetime
    deadline: datetime
    holder: str | None
    until: datetime | None
    last_holder: str | None
    token: int
    eyes: int
    senior: bool
    assigned_to: str | None
    referred_by: str | None
    remark: str
    agreed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnDesk:
    """One certificate. message, before, original_message: whose content this revision, the one before and the original certificate
    have; now: the database's time; waits: None when it waits for nobody."""

    id: UUID
    number: str | None
    enterprise: str
    name_zh: str
    name_en: str
    active: bool
    branch: str
    type: str
    invoice: str
    state: str
    version: int
    revision: int
    created_at: datetime
    approved_at: datetime | None
    changed_at: datetime
    replaces: UUID | None
    replaces_number: str | None
    replacing: str | None
    message: UUID
    before: UUID | None
    original_message: UUID | None
    original_state: str | None
    replaced_by: UUID | None
    imprint: Imprint
    now: datetime
    waits: Waits | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message in its archived delivery: position from 1."""

    message: UUID
    position: int
    interchange: UUID
    body: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """A line of history with its receipt. unsent: destinations that wait for it still; refusals: how often one was full."""

    version: int
    revision: int
    at: datetime
    actor: str
    event: str
    source: str | None
    state: str
    detail: dict[str, Any]
    receipt: str
    feed_no: int
    unsent: tuple[str, ...]
    refusals: int | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A certificate of the exporter that went back, with the reasons and the codes found."""

    id: UUID
    invoice: str
    at: datetime
    reasons: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exporter:
    """The newest certificates of an exporter, at most CAP. months: (first day, state) -> how many."""

    months: dict[tuple[date, str], int]
    returned: tuple[Returned, ...]


@dataclass(frozen=True, slots=True)
class NamedFiling:
    """A goods filing that goods lines name."""

    number: str
    id: UUID
    state: str
    hs6: str
    name_en: str
    criterion: str
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who reviews in the branch; key: "1100B0/wang"; skills: certificate types, none: all."""

    key: str
    shown: str
    senior: bool
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for review in sight: how many, how many of them one holds, since when the oldest, how many past their deadline."""

    waiting: int
    mine: int
    oldest: datetime | None
    overdue: int


def on_desk(database: Database, branch: str, identity: UUID) -> OnDesk:
    """One certificate in sight of `branch` ("*": all); raises UnknownThing."""
    rows = database.query("desk_certificate", id=identity, branch=branch)
    if not rows:
        raise _unknown(identity)
    row = rows[0]
    return OnDesk(*(*row[:23], Imprint(*row[23:26]), row[26], _waits(row[27:])))


def _waits(row: Row) -> Waits | None:
    return None if row[0] is None else Waits(*(row[0], tuple(row[1]), *row[2:13], tuple(row[13])))


def branch_in_sight(database: Database, branch: str, identity: UUID) -> str:
    """The branch of a certificate in sight; raises UnknownThing for any other."""
    rows = database.query("desk_branch", id=identity, branch=branch)
    if not rows:
        raise _unknown(identity)
    return str(rows[0][0])


def within_skills(database: Database, identity: UUID, who: str, skills: Collection[str]) -> None:
    """Raises NotAllowed when a certificate is of a type that this person does not review, unless it was assigned to them."""
    for kind, assigned_to in database.query("desk_type", id=identity):
        if kind not in skills and assigned_to != who:
            raise unskilled(kind)


def unskilled(kind: str) -> NotAllowed:
    """This type is reviewed by others."""
    return NotAllowed(f"{kind} is not among the types that you review", zh=f"{kind}不在您的审核范围", code="NOT_SKILLED")


def _unknown(identity: UUID) -> UnknownThing:
    return UnknownThing(f"there is no certificate {identity}", zh="没有这样的证书")


def delivered(database: Database, messages: Iterable[UUID]) -> list[Delivered]:
    """The archived bytes in which these messages came."""
    rows = database.query("desk_contents", messages=sorted(str(message) for message in messages))
    return [Delivered(row[0], row[1], row[2], bytes(row[3])) for row in rows]


def steps(database: Database, identity: UUID) -> tuple[Step, ...]:
    """The history of a certificate, the oldest first."""
    rows = database.query("desk_history", id=identity)
    return tuple(Step(*(*row[:10], tuple(row[10]), row[11])) for row in rows)


def exporter(database: Database, branch: str, enterprise: str, besides: UUID) -> Exporter:
    """What an exporter's certificates came to, this one left out."""
    [(months, returned)] = database.query(
        "desk_exporter", enterprise=enterprise, branch=branch, id=besides, cap=CAP, returned=RETURNED)
    return Exporter(
        {(date.fromisoformat(month), state): count for month, state, count in months or ()},
        tuple(_returned(row) for row in returned or ()))


def _returned(row: list[Any]) -> Returned:
    identity, invoice, at, reasons, findings = row
    codes = dict.fromkeys(finding["code"] for finding in findings or ())
    return Returned(UUID(identity), invoice, datetime.fromisoformat(at), tuple(reasons or ()), tuple(codes))


def named_filings(database: Database, enterprise: str, numbers: Collection[str]) -> tuple[NamedFiling, ...]:
    """The filings with these numbers, no statement for none."""
    if not numbers:
        return ()
    rows = database.query("desk_filings", enterprise=enterprise, numbers=sorted(numbers))
    return tuple(NamedFiling(*(*row[:4], row[4] or "", row[5] or "", row[6])) for row in rows)


def colleagues(database: Database, branch: str) -> tuple[Colleague, ...]:
    """Who reviews in this branch."""
    return tuple(Colleague(*(*row[:3], tuple(row[3]))) for row in database.query("desk_colleagues", branch=branch))


def queue(database: Database, branch: str, who: str) -> Queue:
    """What waits in sight, and what of it this person holds."""
    return Queue(*database.query("desk_queue", branch=branch, who=who)[0])
