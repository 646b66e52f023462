"""Manual review: a row in the database, never a held message; the version seen is the version decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.certificate import Certificate, Decision
from domain.errors import StaleVersion, UnknownThing
from pipeline.advance import advance
from pipeline.orders import WorkOrder, load_cases
from pipeline.stage import Case
from schemas.certificate_types import certificate_type
from store.database import Database
from store.postgres import PostgresStore
from store.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Waiting:
    """A certificate that waits for a reviewer. reasons: why it came here, "CODE: 中文 / English"."""

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


def waiting(database: Database, branch: str | None = None, limit: int = 200) -> list[Waiting]:
    """The queue, the nearest deadline first."""
    rows = database.query("review_queue", branch=branch, limit=limit)
    return [
        Waiting(certificate, version, enterprise, name_zh, at, invoice, destination, revision, tuple(reasons), queued_at, deadline)
        for certificate, version, enterprise, name_zh, at, invoice, destination, revision, reasons, queued_at, deadline in rows]


def approve(store: PostgresStore, certificate: UUID, reviewer: str, version: int, note: str = "") -> Certificate:
    """Approve what was seen at `version`; the certificate takes its number.

    Raises StaleVersion, UnknownThing, IllegalTransition.
    """
    return _decide(store, certificate, reviewer, version, Decision("approve", reasons=_reasons("REVIEWED", note)))


def send_back(store: PostgresStore, certificate: UUID, reviewer: str, version: int, reason: str) -> Certificate:
    """Return to the exporter with the findings that brought it here and the reviewer's reason."""

    def decision(case: Case) -> Decision:
        return Decision("return", findings=case.findings, reasons=_reasons("RETURNED_BY_REVIEWER", reason))

    return _decide(store, certificate, reviewer, version, decision)


def _reasons(code: str, note: str) -> tuple[str, ...]:
    return (f"{code}: {note}",) if note else (code,)


def _decide(
    store: PostgresStore, certificate: UUID, reviewer: str, version: int, decision: "Decision | Callable[[Case], Decision]"
) -> Certificate:
    case = _case(store.database, certificate, version)
    decided = decision(case) if callable(decision) else decision
    with store.work(_wanted(case, decided)) as work:
        held = work.held.certificates[certificate]
        if held.version != version:
            raise StaleVersion(certificate, version, held.version)
        work.note(reviewer, f"review {decided.event}", str(certificate), version=version, reasons=list(decided.reasons))
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
