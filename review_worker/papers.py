"""A certificate as a reviewer has seen it: the row, where its content came from, and what was found."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from domain.certificate import Certificate, Decision, Origin, finding_from
from domain.errors import StaleVersion, UnknownThing
from domain.finding import Finding
from schemas.certificate_types import certificate_type
from store.database import Database
from store.leases import newest_moves
from store.postgres import certificate_from
from store.wanted import Wanted
from store.work import Work


@dataclass(frozen=True, slots=True)
class Papers:
    """One certificate, the origin of its content, and the findings of this revision."""

    certificate: Certificate
    origin: Origin
    findings: tuple[Finding, ...]


def papers_of(database: Database, ids: Collection[UUID]) -> dict[UUID, Papers]:
    """These certificates, in one query; what is not in sight is left out. The archived bytes are not read."""
    rows = database.query("cases", ids=[str(identity) for identity in ids], with_body=False) if ids else []
    return {
        row[0]: Papers(
            certificate_from(row[:14]), Origin(row[5], row[14], row[16], row[17], row[18]),
            tuple(finding_from(data) for data in row[21]))
        for row in rows}


def papers(database: Database, certificate: UUID, version: int) -> Papers:
    """One at the version that was seen; raises StaleVersion, which says who was faster, and UnknownThing."""
    found = papers_of(database, [certificate])
    if certificate not in found:
        raise UnknownThing(f"there is no certificate {certificate}", zh="没有这样的证书")
    if found[certificate].certificate.version != version:
        raise stale(database, certificate, version, found[certificate].certificate.version)
    return found[certificate]


def held_at(database: Database, work: Work, certificate: UUID, version: int) -> Certificate:
    """The locked certificate, at the version that was seen; raises StaleVersion."""
    held = work.held.certificates[certificate]
    if held.version != version:
        raise stale(database, certificate, version, held.version)
    return held


def stale(database: Database, certificate: UUID, seen: int, current: int) -> StaleVersion:
    """Somebody was faster: who, when, and what they did."""
    return StaleVersion(certificate, seen, current, newest_moves(database, [certificate]).get(certificate))


def wanted(each: Collection[Papers], decision: Decision) -> Wanted:
    """What has to be held while this is decided on all of them."""
    takes = [one.certificate for one in each if decision.event == "approve" and one.certificate.number is None]
    return Wanted(
        certificates=[one.certificate.id for one in each], interchanges=[one.origin.interchange for one in each],
        enterprises=[one.certificate.enterprise for one in each],
        numbers=[(one.enterprise, certificate_type(one.type).letter) for one in takes])


