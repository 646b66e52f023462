"""Who holds what waits for a person, and who may decide on it now: certificates and filings alike.

A lease is a row's claim in database time, its token grows with each claim. What is asked here is asked under the row's lock:
it stays true until the caller's transaction ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Lost, NotAllowed, UnknownThing
from store.database import Database, Row

_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Claim:
    """A review row as it is claimed. token: of the newest claim, 0 before the first; until: the lease's end, aware."""

    subject: UUID
    version: int
    holder: str | None
    until: datetime | None
    token: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The same with what decides who may decide.

    live: the lease has not ended; eyes: persons that have to approve; agreed: who did; senior: a senior reviewer was asked for;
    assigned_to: only this person; reasons: why it came here, "CODE: 中文 / English".
    """

    claim: Claim
    live: bool
    kind: str
    type: str
    eyes: int
    senior: bool
    assigned_to: str | None
    agreed: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """For sentences: "certificate 0190..."."""
        return f"{'certificate' if self.kind == 'certificate' else 'filing'} {self.claim.subject}"

    @property
    def codes(self) -> frozenset[str]:
        """The codes of its reasons."""
        return frozenset(reason.partition(":")[0] for reason in self.reasons)


def locked(database: Database, subjects: Iterable[UUID]) -> dict[UUID, Lease]:
    """The review rows of these, each locked until the transaction ends; what waits for nobody is left out."""
    rows = database.query("lock_leases", subjects=sorted(str(subject) for subject in subjects))
    return {row[0]: _lease(row) for row in rows}


def _lease(row: Row) -> Lease:
    live, kind, certificate_type, eyes, senior, assigned_to, agreed, reasons = row[5:]
    return Lease(Claim(*row[:5]), live, kind, certificate_type, eyes, senior, assigned_to, tuple(agreed), tuple(reasons))


def lease_of(database: Database, subject: UUID) -> Lease:
    """One of them; raises UnknownThing, which says who moved it last."""
    found = locked(database, [subject])
    if subject not in found:
        lost = newest_moves(database, [subject]).get(subject)
        raise UnknownThing(f"{subject} does not wait for review" + (f": {lost}" if lost else ""), zh="该单据不在待审")
    return found[subject]


def may_decide(database: Database, who: str, subject: UUID, token: int | None) -> Lease:
    """The lease under which `who` may decide now; raises NotAllowed, UnknownThing."""
    lease = lease_of(database, subject)
    if refused := why_not(lease, who, token):
        raise refused
    return lease


def why_not(lease: Lease, who: str, token: int | None) -> NotAllowed | None:
    """Why this person may not decide under this token; None when they may.

    A row that nobody holds is claimed by deciding on it, unless it was given to somebody else or to a senior reviewer.
    """
    held = lease.claim
    if who in lease.agreed:
        return same_person(lease.name, who)
    if lease.live and held.holder != who:
        return claimed(lease)
    if token is not None and (token != held.token or held.holder not in (who, None)):
        by = f" by {held.holder}" if held.holder not in (who, None) else ""
        return NotAllowed(
            f"your claim of {lease.name} (token {token}) has ended and it was claimed again since (token {held.token}){by}; "
            "claim it again and look at it again", zh="您的领取已结束，其后已被再次领取，请重新领取并查看", code="TOKEN_OLD",
            who=held.holder)
    return None if held.holder == who else not_for(lease, who, senior=False)


def not_for(lease: Lease, who: str, senior: bool) -> NotAllowed | None:
    """Why a row that nobody holds is not for this person; None when it is."""
    if lease.assigned_to not in (None, who):
        return NotAllowed(f"{lease.name} is assigned to {lease.assigned_to}", zh=f"已指派给{lease.assigned_to}", code="ASSIGNED",
                          who=lease.assigned_to)
    if lease.senior and not senior and lease.assigned_to != who:
        return NotAllowed(f"{lease.name} waits for a senior reviewer, who has to claim it first", zh="须由复核员领取后审核",
                          code="SENIOR_ONLY")
    return same_person(lease.name, who) if who in lease.agreed else None


def same_person(name: str, who: str) -> NotAllowed:
    """Four eyes are those of two persons."""
    return NotAllowed(f"SAME_PERSON: {who} has approved {name} already; a second person has to",
                      zh="双人复核：您已审核同意，须由另一人复核", code="SAME_PERSON", who=who)


def claimed(lease: Lease) -> NotAllowed:
    """Somebody else holds it: who, and until when."""
    held = lease.claim
    until = held.until.astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if held.until else "-"
    return NotAllowed(f"{lease.name} is claimed by {held.holder} until {until}; it can be stolen with a reason",
                      zh=f"{held.holder}正在审核，至{until}；有理由可接管", code="CLAIMED", who=held.holder)


def newest_moves(database: Database, subjects: Iterable[UUID]) -> dict[UUID, Lost]:
    """Who moved these certificates and filings last."""
    rows = database.query("newest_moves", subjects=[str(subject) for subject in subjects])
    return {row[0]: Lost(*row[1:]) for row in rows}


def place_of(database: Database, subject: UUID) -> tuple[datetime, UUID]:
    """Where it stands in the queue: deadline and id; raises UnknownThing."""
    rows = database.query("review_place", subject=subject)
    if not rows:
        raise UnknownThing(f"{subject} does not wait for review", zh="该单据不在待审")
    return rows[0][0], subject
