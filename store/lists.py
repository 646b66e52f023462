"""What waits, what happened today, and what the menu counts: for one branch, or for head office ("*")."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from store.database import Database
from store.search import SHANGHAI, first_id

MOST = 1000  # what is counted stops here: "999+"
DEPTH = 2000  # certificates of a state that are looked at for what happened today


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person, as lists show it. about: the consignee, or the goods of a filing; reasons: "CODE: 中文 / English";
    claimed_by, lease_until: while the lease lasts; assigned_to: only this person is offered it."""

    subject: UUID
    kind: str
    version: int
    branch: str
    enterprise: str
    name_zh: str
    type: str
    invoice: str
    destination: str
    about: str
    small: bool
    state: str
    revision: int
    reasons: tuple[str, ...]
    queued_at: datetime
    deadline: datetime
    overdue: bool
    claimed_by: str | None
    lease_until: datetime | None
    token: int
    eyes: int
    senior: bool
    assigned_to: str | None
    referred_by: str | None
    remark: str

    @property
    def place(self) -> str:
        """Where it stands in the queue, for an address."""
        return f"{self.subject}.{self.deadline.isoformat()}"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which of what waits; None and () restrict nothing. holder: who holds it now; free: nobody does, and `who` may take it; held:
    somebody does; words: a text query (`store.search.tsquery`); subjects: these alone."""

    kinds: tuple[str, ...] = ("certificate",)
    types: tuple[str, ...] = ()
    enterprises: tuple[str, ...] | None = None
    holder: str | None = None
    who: str = ""
    free: bool = False
    held: bool = False
    assigned: str | None = None
    overdue: bool = False
    reason: str | None = None
    words: str = ""
    subjects: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of the queue; earlier, later: whether there is something before it, and after it."""

    rows: tuple[Waiting, ...]
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers beside the menu, counted up to MOST."""

    edi: int
    review: int
    print: int
    goods: int
    registration: int
    parked: int


@dataclass(frozen=True, slots=True)
class Today:
    """Since the business day began, counted up to MOST."""

    received: int
    approved: int
    returned: int
    void: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The queue to review: since when the oldest waits, how many are past their deadline, how many this person holds."""

    oldest: datetime | None
    overdue: int
    mine: int


Spot = tuple[datetime, UUID]


def spot(text: str) -> Spot | None:
    """A place in the queue from the text of an address; None when it is none."""
    identity, _, moment = text.partition(".")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        return (at, UUID(identity)) if at.tzinfo else None
    except ValueError:
        return None


def waiting_page(
    database: Database, branch: str, wish: Wish, size: int, after: Spot | None = None, before: Spot | None = None
) -> WaitingPage:
    """The page of the queue after a place, or before one, the nearest deadline first."""
    rows = waiting(database, branch, wish, size + 1, before or after, back=before is not None)
    if before is not None:
        return WaitingPage(tuple(rows[:size][::-1]), len(rows) > size, True)
    return WaitingPage(tuple(rows[:size]), after is not None, len(rows) > size)


def waiting(database: Database, branch: str, wish: Wish, limit: int, at: Spot | None = None, back: bool = False) -> list[Waiting]:
    """At most `limit` rows of the queue after a place; back: before it, the last one first."""
    rows = database.query(
        "review_list", branch=branch, kinds=list(wish.kinds), types=list(wish.types),
        enterprises=None if wish.enterprises is None else list(wish.enterprises), holder=wish.holder, who=wish.who, free=wish.free,
        held=wish.held, assigned=wish.assigned, overdue=wish.overdue, reason=wish.reason, words=wish.words,
        subjects=None if wish.subjects is None else [str(one) for one in wish.subjects],
        deadline=at[0] if at else None, at=at[1] if at else None, back=back, limit=limit)
    return [_waiting(*row) for row in rows]


def _waiting(*row: Any) -> Waiting:
    return Waiting(*row[:13], tuple(row[13]), *row[14:])  # type: ignore[call-arg] # the columns in their order


def counts(database: Database, branch: str) -> Counts:
    """What the menu shows."""
    return Counts(*database.query("menu_counts", branch=branch, most=MOST)[0])


def today(database: Database, branch: str, now: datetime) -> Today:
    """What happened since midnight in Shanghai."""
    day = now.astimezone(SHANGHAI).date()
    begin = datetime.combine(day, time(0), SHANGHAI)
    row = database.query("today_counts", branch=branch, most=MOST, depth=DEPTH, first=first_id(day), begin=begin)[0]
    return Today(*(min(count, MOST) for count in row))


def desk(database: Database, branch: str, who: str) -> Desk:
    """How the queue to review stands for a person."""
    return Desk(*database.query("desk_counts", branch=branch, who=who, most=MOST)[0])


def people(database: Database, branch: str) -> list[tuple[str, str]]:
    """(key, name) of those who may be given something to review."""
    return [(row[0], row[1]) for row in database.query("branch_people", branch=branch)]


def names(database: Database, branch: str, enterprises: list[str]) -> dict[str, Any]:
    """Chinese names of enterprises by number."""
    return {row[0]: row[1] for row in database.query("enterprises_known", branch=branch, enterprises=enterprises)}
