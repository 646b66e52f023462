"""What waits for a person: certificates, goods filings and registrations in one queue, read page by page."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from store.database import Database, Row


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a reviewer. subject: id of the certificate or filing; kind: "certificate", "goods" or "registration".

    type: certificate type, "" of a registration; invoice, destination: of a certificate, else ""; goods: of a goods filing;
    reasons: why it came here, "CODE: 中文 / English"; claimed_by: who holds it now, None when nobody does or the lease has ended;
    lease_until: the lease's end, aware; eyes: persons that have to approve; approved_by: who did; senior: a senior reviewer was
    asked for; assigned_to: only this person is offered it; referred_by, remark: who handed it on, and their word.
    """

    subject: UUID
    kind: str
    type: str
    version: int
    enterprise: str
    name_zh: str
    branch: str
    invoice: str
    destination: str
    revision: int
    goods: str
    reasons: tuple[str, ...]
    queued_at: datetime
    deadline: datetime
    claimed_by: str | None
    lease_until: datetime | None
    token: int
    eyes: int
    approved_by: tuple[str, ...]
    senior: bool
    assigned_to: str | None
    referred_by: str | None
    remark: str

    @property
    def place(self) -> tuple[datetime, UUID]:
        """Where it stands in the queue: the next page begins after the last one's."""
        return self.deadline, self.subject


@dataclass(frozen=True, slots=True)
class Only:
    """What of the queue is asked for; None and () restrict nothing.

    kind: None for all three; holder: only what this person holds now; unclaimed: only what nobody holds; reason: a code that is
    among its reasons.
    """

    branch: str | None = None
    kind: str | None = "certificate"
    types: Collection[str] = ()
    enterprise: str | None = None
    holder: str | None = None
    unclaimed: bool = False
    overdue: bool = False
    reason: str | None = None


EVERYTHING = Only()


def waiting(
    database: Database, only: Only = EVERYTHING, limit: int = 200, after: tuple[datetime, UUID] | None = None
) -> list[Waiting]:
    """The queue, the nearest deadline first; after: `place` of the last row of the page before."""
    rows = database.query(
        "review_queue", limit=limit, **{field.name: getattr(only, field.name) for field in fields(Only)} | {
            "types": sorted(only.types), "deadline": after[0] if after else None, "subject": after[1] if after else None})
    return [_waiting(row) for row in rows]


def _waiting(row: Row) -> Waiting:
    given = dict(zip((field.name for field in fields(Waiting)), row, strict=True))
    return Waiting(**given | {"reasons": tuple(given["reasons"]), "approved_by": tuple(given["approved_by"])})
