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
class Agreed:
    """How many persons have to agree, and who did."""

    eyes: int = 1
    persons: tuple[str, ...] = ()

    def second(self, person: str) -> bool:
        """Whether this person's word is the last that is needed: of somebody named, who has not spoken yet."""
        named = person.rpartition("/")[2]
        return bool(named) and not any(_same(person, one) for one in self.persons) and len(self.persons) + 1 >= self.eyes


@dataclass(frozen=True, slots=True)
class Voids:
    """Facts of voids: the certificates, and by id what was agreed."""

    subjects: Subjects
    agreed: Mapping[UUID, Agreed]


@dataclass(frozen=True, slots=True)
class Review:
    """Facts of review decisions: the certificates; by id the findings that brought each here, who holds a live claim, and what
    was agreed."""

    subjects: Subjects
    findings: Mapping[UUID, tuple[Finding, ...]]
    holders: Mapping[UUID, str]
    agreed: Mapping[UUID, Agreed]


def void_facts(database: Database, items: Sequence[Item]) -> Voids:
    """The certificates that are to be void, and who has agreed to it."""
    found = _named(database, items)
    ids = _ids(found)
    rows = database.query("agreed", ids=ids) if ids else []
    return Voids(found, {row[0]: Agreed(row[1], tuple(row[2])) for row in rows})


def review_facts(database: Database, items: Sequence[Item]) -> Review:
    """The certificates that are decided on, with findings and claims."""
    found = _named(database, items)
    ids = _ids(found)
    cases = database.query("cases", ids=ids, with_body=False) if ids else []
    claims = database.query("live_claims", ids=ids) if ids else []
    return Review(
        found, {row[0]: tuple(finding_from(data) for data in row[21]) for row in cases},
        {row[0]: row[1] for row in claims if row[1]}, {row[0]: Agreed(row[2], tuple(row[3])) for row in claims})


def _named(database: Database, items: Sequence[Item]) -> Subjects:
    return subjects(database, items, lambda item: item.value.certificate)


def _ids(found: Subjects) -> list[str]:
    return sorted({str(one.certificate.id) for each in found.values() for one in each})


def void(item: Item, known: Voids, sender: Sender) -> Refused | Outcome:
    """Void for good; refused when it is void already or not issued."""
    value: CertificateVoid = item.value
    found = known.subjects.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    if not value.reason:
        return refused(item, "REASON_MISSING", "Reason", "")
    if subject := movable(found, "void"):
        return _voided(item, value, subject, known)
    certificate = found[0].certificate
    if certificate.state == "VOID":
        return refused(item, "ALREADY_VOID", "Certificate", value.certificate.shown, certificate,
                       "证书已作废，不可恢复", "The certificate is void for good")
    return refused(item, "STATE_NOT_ALLOWED", "Certificate", value.certificate.shown, certificate)


def _voided(item: Item, value: CertificateVoid, subject: Subject, known: Voids) -> Refused | Outcome:
    agreed, person = known.agreed.get(subject.certificate.id, Agreed()), _person(item, value.reviewer)
    if agreed.eyes > 1 and not agreed.second(person):
        return _one_more(item, value.certificate.shown, subject, agreed)
    decision = Decision("void", reasons=_reasons("VOID", value.reason_code, value.reason))
    return Moved("VOID_DONE", subject.certificate, subject.origin, decision,
                 also=_noted("void", value.reviewer, subject, person if agreed.eyes > 1 else ""))


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
    agreed, person = known.agreed.get(certificate.id, Agreed()), _person(item, value.reviewer)
    several = event == "approve" and agreed.eyes > 1
    if several and not agreed.second(person):
        return _one_more(item, value.certificate.shown, subject, agreed)
    code = "REVIEWED" if event == "approve" else "RETURNED_BY_REVIEWER"
    decision = Decision(
        event, findings=known.findings.get(certificate.id, ()) if event == "return" else (),
        reasons=_reasons(code, value.reason_code, value.reason))
    numbers = ((certificate.enterprise, certificate_type(certificate.type).letter),)
    return Moved("REVIEW_DONE", certificate, subject.origin, decision, numbers=numbers if _takes_number(event, certificate) else (),
                 also=_noted(event, value.reviewer, subject, person if several else ""))


def _one_more(item: Item, shown: str, subject: Subject, agreed: Agreed) -> Refused:
    """It needs two persons, and this would be the first one's word, or the same one's again."""
    so_far = "、".join(agreed.persons)
    return refused(
        item, "SECOND_PERSON_NEEDED", "Certificate", shown, subject.certificate,
        f"双人复核：{so_far}已同意，须由另一名具名人员复核" if so_far else "双人复核：须先由一人在审核台同意",
        f"Two persons have to agree; so far {', '.join(agreed.persons)}: name another reviewer" if so_far
        else "Two persons have to agree; the first one does at the review desk")


def _person(item: Item, reviewer: str) -> str:
    """Whom the branch's system names, as approvals keep it."""
    return f"branch:{item.party}/{reviewer.strip()}"


def _same(one: str, other: str) -> bool:
    """Whether both are the same person, through whichever door: "branch:1100B0/wang" is "1100B0/wang", and "wang" of a shell."""
    names = [name.removeprefix("branch:").casefold() for name in (one, other)]
    if all("/" in name for name in names):
        return names[0] == names[1]
    return names[0].rpartition("/")[2] == names[1].rpartition("/")[2]


def _takes_number(event: str, certificate: Certificate) -> bool:
    return event == "approve" and certificate.number is None


def _reasons(code: str, reason_code: str, reason: str) -> tuple[str, ...]:
    said = " ".join(filter(None, (reason_code, reason)))
    return (f"{code}: {said}" if said else code,)


def _noted(event: str, reviewer: str, subject: Subject, person: str = "") -> Any:
    """A line for the audit: the branch's system, and the person it names; with `person`, that person's approval too."""

    def write(work: Work, context: Context) -> None:
        if person:
            work.add("insert_approvals", subject.certificate.id, subject.certificate.version, event, person, "")
        work.note(context.actor, f"review {event}", str(subject.certificate.id), version=subject.certificate.version,
                  reviewer=reviewer, message_id=context.origin.message_id)

    return write
