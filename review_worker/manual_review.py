"""Manual review: a row in the database, never a held message; the version seen is the version decided."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.certificate import Certificate, Decision
from domain.errors import StaleVersion, UnknownThing
from pipeline.advance import advance
from pipeline.orders import WorkOrder, load_cases
from pipeline.stage import Case
from review_worker.claims import may_decide
from schemas.certificate_types import certificate_type
from store.database import Database
from store.postgres import PostgresStore
from store.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Waiting:
    """A certificate that waits for a reviewer. reasons: why it came here, "CODE: 中文 / English".

    claimed_by: who holds it now, None when nobody does or the lease has ended; lease_until: the lease's end, aware.
    """

    certificate: UUID
    version: int
    enterprise: str
    name_zh: str
    branch: str
    invoice: str
    destination: str
    revision: int
    reasons: tuple[str, ...]
    queued_at: datetime
    deadline: datetime
    claimed_by: str | None
    lease_until: datetime | None


def waiting(database: Database, branch: str | None = None, limit: int = 200, holder: str | None = None) -> list[Waiting]:
    """The queue, the nearest deadline first; holder: only what this reviewer holds now."""
    rows = database.query("review_queue", branch=branch, limit=limit, holder=holder)
    names = [field.name for field in fields(Waiting)]
    return [Waiting(**dict(zip(names, row, strict=True)) | {"reasons": tuple(row[8])}) for row in rows]


def approve(
    store: PostgresStore, certificate: UUID, reviewer: str, version: int, note: str = "", token: int | None = None
) -> Certificate:
    """Approve what was seen at `version`; the certificate takes its number. token: of the claim under which it was seen.

    Raises StaleVersion, UnknownThing, IllegalTransition, and NotAllowed as `claims.may_decide` does.
    """
    return _decide(store, certificate, reviewer, Seen(version, token), Decision("approve", reasons=_reasons("REVIEWED", note)))


def send_back(
    store: PostgresStore, certificate: UUID, reviewer: str, version: int, reason: str, token: int | None = None
) -> Certificate:
    """Return to the exporter with the findings that brought it here and the reviewer's reason; raises as `approve` does."""

    def decision(case: Case) -> Decision:
        return Decision("return", findings=case.findings, reasons=_reasons("RETURNED_BY_REVIEWER", reason))

    return _decide(store, certificate, reviewer, Seen(version, token), decision)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reviewer looked at: the certificate's version, and the token of the claim if there was one."""

    version: int
    token: int | None = None


def _reasons(code: str, note: str) -> tuple[str, ...]:
    return (f"{code}: {note}",) if note else (code,)


def _decide(
    store: PostgresStore, certificate: UUID, reviewer: str, seen: Seen, decision: "Decision | Callable[[Case], Decision]"
) -> Certificate:
    version = seen.version
    case = _case(store.database, certificate, version)
    decided = decision(case) if callable(decision) else decision
    with store.work(_wanted(case, decided)) as work:
        held = work.held.certificates[certificate]
        if held.version != version:
            raise StaleVersion(certificate, version, held.version)
        token = may_decide(store.database, reviewer, certificate, seen.token)
        work.note(
            reviewer, f"review {decided.event}", str(certificate), version=version, token=token, reasons=list(decided.reasons))
        return advance(work, held, decided, f"reviewer:{reviewer}", case.origin)


def _case(database: Database, certificate: UUID, version: int) -> Case:
    cases = load_cases(database, [WorkOrder(certificate, version, "review")])
    if not cases:
        current: Any = PostgresStore(database).certificate(certificate)
        if current is None:
            raise UnknownThing(f"there is no certificate {certificate}")
        raise StaleVersion(certificate, version, current.version)
    return cases[0]


def _wanted(case: Case, decision: Decision) -> Wanted:
    certificate = case.certificate
    numbers = []
    if decision.event == "approve" and certificate.number is None:
        numbers = [(certificate.enterprise, certificate_type(certificate.type).letter)]
    return Wanted(
        certificates=[certificate.id], interchanges=[case.origin.interchange], enterprises=[certificate.enterprise],
        numbers=numbers)
