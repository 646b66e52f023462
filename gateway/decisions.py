"""Decisions of a branch that arrive as messages: approve, return, void. The version seen is the version decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.certificate import Certificate, Decision, finding_from
from domain.finding import Finding
from gateway.opening import Item, Sender
from gateway.outcomes import Context, Moved, Outcome, Refused
from gateway.subjects import Subject, Subjects, movable, refused, subjects
from gateway.subjects import keys as subject_keys
from messages.decision import CertificateVoid, ReviewDecision
from schemas.certificate_types import certificate_type
from store.database import Database
from store.work import Work

# what a message may say -> the event
EVENTS = {"APPROVE": "approve", "RETURN": "return"}


@dataclass(frozen=True, slots=True)
class Review:
    """Facts of review decisions: the certificates; by id the findings that brought each here, and who holds a live claim."""

    subjects: Subjects
    findings: Mapping[UUID, tuple[Finding, ...]]
    holders: Mapping[UUID, str]


def void_facts(database: Database, items: Sequence[Item]) -> Subjects:
    """The certificates that are to be void."""
    return subjects(database, items, lambda item: item.value.certificate)


def review_facts(database: Database, items: Sequence[Item]) -> Review:
    """The certificates that are decided on, with findings and claims."""
    found = void_facts(database, items)
    ids = sorted({str(one.certificate.id) for each in found.values() for one in each})
    cases = database.query("cases", ids=ids, with_body=False) if ids else []
    claims = database.query("live_claims", ids=ids) if ids else []
    return Review(
        found, {row[0]: tuple(finding_from(data) for data in row[21]) for row in cases}, {row[0]: row[1] for row in claims})


def void(item: Item, known: Subjects, sender: Sender) -> Refused | Outcome:
    """Void for good; refused when it is void already or not issued."""
    value: CertificateVoid = item.value
    found = known.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    if not value.reason:
        return refused(item, "REASON_MISSING", "Reason", "")
    if subject := movable(found, "void"):
        decision = Decision("void", reasons=_reasons("VOID", value.reason_code, value.reason))
        noted = _noted("void", value.reviewer, subject)
        return Moved("VOID_DONE", subject.certificate, subject.origin, decision, also=noted)
    certificate = found[0].certificate
    if certificate.state == "VOID":
        return refused(item, "ALREADY_VOID", "Certificate", value.certificate.shown, certificate,
                       "证书已作废，不可恢复", "The certificate is void for good")
    return refused(item, "STATE_NOT_ALLOWED", "Certificate", value.certificate.shown, certificate)


def review(item: Item, known: Review, sender: Sender) -> Refused | Outcome:
    """Approved or returned, at the version that the branch looked at."""
    value: ReviewDecision = item.value
    found = known.subjects.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    if value.decision not in EVENTS:
        return refused(item, "DECISION_UNKNOWN", "Decision", value.decision)
    if value.decision == "RETURN" and not value.reason:
        return refused(item, "REASON_MISSING", "Reason", "")
    subject = next((one for one in found if one.certificate.state == "PENDING_REVIEW"), None)
    if subject is None:
        return refused(item, "STATE_NOT_ALLOWED", "Certificate", value.certificate.shown, found[0].certificate)
    return _at_version(item, value, subject, known)


def keys(item: Item) -> list[tuple[str, ...]]:
    """The certificate."""
    return subject_keys(item, item.value.certificate)


def _at_version(item: Item, value: ReviewDecision, subject: Subject, known: Review) -> Refused | Outcome:
    certificate = subject.certificate
    if value.version != str(certificate.version):
        return refused(
            item, "STALE_VERSION", "Version", value.version, certificate,
            f"证书已到版本{certificate.version}，请按现行内容审核", f"The certificate is at version {certificate.version} now")
    if holder := known.holders.get(certificate.id):
        return refused(item, "CLAIMED", "Certificate", value.certificate.shown, certificate,
                       f"该证书正由{holder}审核", f"{holder} is reviewing it")
    event = EVENTS[value.decision]
    code = "REVIEWED" if event == "approve" else "RETURNED_BY_REVIEWER"
    decision = Decision(
        event, findings=known.findings.get(certificate.id, ()) if event == "return" else (),
        reasons=_reasons(code, value.reason_code, value.reason))
    numbers = ((certificate.enterprise, certificate_type(certificate.type).letter),)
    return Moved("REVIEW_DONE", certificate, subject.origin, decision, numbers=numbers if _takes_number(event, certificate) else (),
                 also=_noted(event, value.reviewer, subject))


def _takes_number(event: str, certificate: Certificate) -> bool:
    return event == "approve" and certificate.number is None


def _reasons(code: str, reason_code: str, reason: str) -> tuple[str, ...]:
    said = " ".join(filter(None, (reason_code, reason)))
    return (f"{code}: {said}" if said else code,)


def _noted(event: str, reviewer: str, subject: Subject) -> Any:
    """A line for the audit: the branch's system, and the person it names."""

    def write(work: Work, context: Context) -> None:
        work.note(context.actor, f"review {event}", str(subject.certificate.id), version=subject.certificate.version,
                  reviewer=reviewer, message_id=context.origin.message_id)

    return write
