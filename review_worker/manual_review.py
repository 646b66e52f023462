"""Manual review: a row in the database, never a held message; the version seen is the version decided."""

from dataclasses import dataclass
from uuid import UUID

from domain.certificate import Certificate, Decision
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import Refusal
from pipeline.advance import advance
from pipeline.cases import cases_of
from review_worker.desk_queue import Only, Waiting, waiting
from review_worker.papers import Papers, held_at, papers, wanted
from review_worker.reasons import said
from review_worker.remarks import Remark, Return, findings_of
from store.leases import may_decide, same_person
from store.postgres import PostgresStore

__all__ = ["Decided", "Only", "Remark", "Return", "Waiting", "approve", "send_back", "void", "waiting"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision led to. certificate: as it stands now; agreed: who agreed so far, in order; eyes: persons that have to."""

    certificate: Certificate
    agreed: tuple[str, ...]
    eyes: int = 1

    @property
    def done(self) -> bool:
        """Whether it was carried out; else another person has to agree."""
        return len(self.agreed) >= self.eyes

    @property
    def state(self) -> str | None:
        """The state the certificate is in now."""
        return self.certificate.state


def approve(
    store: PostgresStore, certificate: UUID, reviewer: str, version: int, note: str = "", token: int | None = None, code: str = ""
) -> Decided:
    """Approve what was seen at `version`; the certificate takes its number. token: of the claim under which it was seen.

    Where two persons have to, the first one's approval is written and the claim ends. Raises StaleVersion, UnknownThing,
    CounterExhausted, and NotAllowed as `store.leases.may_decide` does.
    """
    seen = papers(store.database, certificate, version)
    decision = Decision("approve", reasons=said("approve", "certificate", code, "REVIEWED", note))
    return _decide(store, seen, reviewer, token, decision)


def send_back(
    store: PostgresStore, certificate: UUID, reviewer: str, version: int, why: str | Return, token: int | None = None
) -> Decided:
    """Return to the exporter with the findings that brought it here, remarks and reason; raises as `approve` does."""
    spoken = Return(why) if isinstance(why, str) else why
    if not (spoken.text.strip() or spoken.code or spoken.remarks):
        raise Refusal("a return needs a reason", zh="请填写退回原因")
    seen = papers(store.database, certificate, version)
    [case] = cases_of(store.database, [certificate]) if spoken.remarks else [None]
    decision = Decision(
        "return", findings=(*spoken.kept(seen.findings), *findings_of(spoken, case.application if case else None)),
        reasons=said("return", "certificate", spoken.code, "RETURNED_BY_REVIEWER", spoken.text))
    return _decide(store, seen, reviewer, token, decision)


def void(
    store: PostgresStore, certificate: UUID, who: str, version: int, reason_code: str, text: str = "", eyes: int = 1
) -> Decided:
    """Make an issued certificate void 作废 for good, at the version that was seen.

    eyes: with 2, the first person's wish is written and the second's at the same version carries it out. Raises StaleVersion,
    UnknownThing, IllegalTransition, and NotAllowed for the same person twice.
    """
    if not (reason_code or text.strip()):
        raise Refusal("a void certificate needs a reason", zh="请填写作废原因")
    seen = papers(store.database, certificate, version)
    decision = Decision("void", reasons=said("void", "certificate", reason_code, "VOID", text))
    with store.work(wanted([seen], decision)) as work:
        held = held_at(store.database, work, certificate, version)
        CERTIFICATE.move(held.state, "void")
        [(_, asked, before)] = store.database.query("agreed", ids=[str(certificate)])
        if who in before:
            raise same_person(f"certificate {certificate}", who)
        agreed, needed = (*before, who), max(eyes, asked)
        work.note(f"reviewer:{who}", "review void", str(certificate), version=version, reasons=list(decision.reasons),
                  agreed=list(agreed))
        if needed > 1:
            if asked == 1:
                work.add("insert_four_eyes", certificate, version, "void", needed, " ".join(decision.reasons))
            work.add("insert_approvals", certificate, version, "void", who, text)
        if len(agreed) < needed:
            return Decided(held, agreed, needed)
        return Decided(advance(work, held, decision, f"reviewer:{who}", seen.origin), agreed, needed)


def _decide(store: PostgresStore, seen: Papers, reviewer: str, token: int | None, decision: Decision) -> Decided:
    identity, version = seen.certificate.id, seen.certificate.version
    with store.work(wanted([seen], decision)) as work:
        held = held_at(store.database, work, identity, version)
        lease = may_decide(store.database, reviewer, identity, token)
        several = decision.event == "approve" and lease.eyes > 1
        agreed, eyes = ((*lease.agreed, reviewer), lease.eyes) if several else ((reviewer,), 1)
        work.note(
            f"reviewer:{reviewer}", f"review {decision.event}", str(identity), version=version, token=lease.claim.token,
            reasons=list(decision.reasons), **({"agreed": list(agreed)} if several else {}))
        if several:
            work.add("insert_approvals", identity, version, "approve", reviewer, " ".join(decision.reasons))
        if len(agreed) < eyes:
            store.database.query("end_leases", subjects=[str(identity)])
            return Decided(held, agreed, eyes)
        return Decided(advance(work, held, decision, f"reviewer:{reviewer}", seen.origin), agreed, eyes)
