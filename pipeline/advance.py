"""The one place where a certificate or a filing changes state."""

import dataclasses

from domain.certificate import Certificate, Decision, Origin
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import CounterExhausted
from domain.filing import Filing
from domain.filing_lifecycle import LIVES
from pipeline.answers import answer_interchange, certificate_receipt, filing_receipt
from schemas.certificate_types import certificate_type
from store.work import LedgerRow, Order, ReviewTask, Texts, Work

# why an amendment goes back to a reviewer instead of being issued
ORIGINAL_GONE = "ORIGINAL_NOT_ISSUED: 原证已作废或已更换，改证不能签发 / the original was voided or replaced meanwhile"

FILING_GONE = "FILING_NOT_APPROVED: 所变更的备案已失效 / the filing that it changes is in force no more"


def advance(
    work: Work, certificate: Certificate, decision: Decision, actor: str, origin: Origin, texts: Texts | None = None
) -> Certificate:
    """Apply `decision`: new state, history line, receipt and hand-off, all in this work's transaction.

    actor: stage name, or "reviewer:..." for a person. Raises IllegalTransition, and CounterExhausted when a person approves
    and there is no number left; a stage's approval becomes a referral then. The certificate must be locked or new, and so
    must the certificate that it replaces when it is issued.
    """
    move = CERTIFICATE.move(certificate.state, decision.event)
    if move.target == "ISSUED" and certificate.replaces and work.held.certificates[certificate.replaces].state != "ISSUED":
        decision = Decision("recall", reasons=(ORIGINAL_GONE,))
        move = CERTIFICATE.move(certificate.state, decision.event)
    if CERTIFICATE.state(move.target).numbered and certificate.number is None:
        try:
            certificate = _numbered(work, certificate)
        except CounterExhausted as exhausted:
            if "refer" not in CERTIFICATE.events_from(certificate.state):
                raise
            decision = dataclasses.replace(decision, event="refer", reasons=(*decision.reasons, exhausted.reason))
            move = CERTIFICATE.move(certificate.state, decision.event)
    moved, transition = certificate.move(decision, actor, work.now)
    work.save(moved, texts)  # 1 state
    receipt = certificate_receipt(work, moved, transition, decision, origin)
    work.send(receipt)  # 2 receipt
    work.record(transition, receipt.id)  # 3 history
    _hand_off(work, moved, decision)  # 4 whoever comes next
    if moved.state == "ISSUED" and moved.replaces:
        _supersede(work, moved, actor, origin)
    if decision.shadow:
        work.add("insert_shadow_differences", moved.id, moved.version, *decision.shadow.columns)
    if decision.document:
        work.documents.append((moved.id, moved.revision, decision.document))
    if move.answers:
        answer_interchange(work, origin.interchange, move.answers)
    return moved


def _hand_off(work: Work, moved: Certificate, decision: Decision) -> None:
    state = moved.lifecycle_state
    if state.waits_for:
        work.hand_off(Order(moved.id, moved.version, state.waits_for, state.patience_minutes))
    elif state.desk:
        terms = decision.terms
        work.tasks[moved.id] = ReviewTask(
            moved.id, "certificate", moved.version, moved.branch, moved.enterprise, moved.type, list(decision.reasons),
            terms.calendar.after(work.now, terms.minutes), state.patience_minutes, terms.eyes, terms.senior)
        if terms.eyes > 1:
            work.add("insert_four_eyes", moved.id, moved.version, "approve", terms.eyes, terms.eyes_reason)
        if decision.event == "recall":
            work.add("carry_four_eyes", moved.id, moved.version, moved.revision)
            work.add("carry_eyes", moved.id, moved.version)


def _supersede(work: Work, amendment: Certificate, actor: str, origin: Origin) -> None:
    """The original of an amendment that is issued now: superseded, its invoice number goes over."""
    original = work.held.certificates[amendment.replaces]  # type: ignore[index] # only amendments come here
    replaced = Decision("supersede", reasons=(f"{amendment.replacing}: {amendment.number}",))
    work.superseded.append((original.id, amendment.id))
    advance(work, original, replaced, actor, origin)


def advance_filing(work: Work, filing: Filing, decision: Decision, actor: str, origin: Origin) -> Filing:
    """The same for a filing 备案: new state, history line and receipt. A goods filing gets its number when it is approved.

    A change that is approved replaces the filing that it changes, which must be locked; it goes back when that one is in
    force no more.
    """
    move = LIVES[filing.kind].move(filing.state, decision.event)
    if move.target == "APPROVED" and filing.replaces and work.held.filings[filing.replaces].state != "APPROVED":
        decision = Decision("return", reasons=(FILING_GONE,))
        move = LIVES[filing.kind].move(filing.state, decision.event)
    if filing.kind == "goods" and move.target == "APPROVED" and filing.number is None:
        filing = dataclasses.replace(filing, number=work.next_filing_number(filing.enterprise))
    moved, transition = filing.move(decision, actor, work.now)
    receipt = filing_receipt(work, moved, transition, decision, origin)
    work.send(receipt)
    work.save_filing(moved, transition, receipt.id)
    if moved.lifecycle_state.desk:
        terms = decision.terms
        work.tasks[moved.id] = ReviewTask(
            moved.id, moved.kind, moved.version, moved.branch, moved.enterprise, moved.certificate_type or "",
            list(decision.reasons), terms.calendar.after(work.now, terms.minutes), None)
    if moved.state == "APPROVED" and moved.replaces:
        replaced = Decision("replace", reasons=(f"REPLACED_BY: {moved.number}",))
        advance_filing(work, work.held.filings[moved.replaces], replaced, actor, origin)
    if move.answers:
        answer_interchange(work, origin.interchange, move.answers)
    return moved


def _numbered(work: Work, certificate: Certificate) -> Certificate:
    """The certificate with its number: the next of the locked counter, on record in the ledger; raises CounterExhausted."""
    kind = certificate_type(certificate.type)
    year, n = work.next_number(certificate.enterprise, kind.letter, kind.last_number)
    number = kind.number(certificate.enterprise, year, n)
    work.ledger.append(LedgerRow(certificate.enterprise, kind.letter, year, n, number, certificate.id))
    return dataclasses.replace(certificate, number=number, approved_at=work.now)
