"""The one place where a certificate changes state."""

import dataclasses

from domain.certificate import Certificate, Decision, Origin
from domain.certificate_lifecycle import CERTIFICATE
from pipeline.answers import answer_interchange, certificate_receipt
from schemas.certificate_types import certificate_type
from store.work import LedgerRow, Order, ReviewTask, Texts, Work


def advance(
    work: Work, certificate: Certificate, decision: Decision, actor: str, origin: Origin, texts: Texts | None = None
) -> Certificate:
    """Apply `decision`: new state, history line, receipt and hand-off, all in this work's transaction.

    actor: stage name, or "reviewer:..." for a person. Raises IllegalTransition. The certificate must be locked or new.
    """
    move = CERTIFICATE.move(certificate.state, decision.event)
    if CERTIFICATE.state(move.target).numbered and certificate.number is None:
        certificate = _numbered(work, certificate)
    moved, transition = certificate.move(decision, actor, work.now)
    work.save(moved, texts)  # 1 state
    receipt = certificate_receipt(work, moved, transition, decision, origin)
    work.send(receipt)  # 2 receipt
    work.record(transition, receipt.id)  # 3 history
    _hand_off(work, moved, decision)  # 4 whoever comes next
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
        minutes = state.patience_minutes or 24 * 60
        work.tasks[moved.id] = ReviewTask(
            moved.id, moved.version, moved.branch, moved.enterprise, list(decision.reasons), minutes // 60, minutes)


def _numbered(work: Work, certificate: Certificate) -> Certificate:
    """The certificate with its number: the next of the locked counter, on record in the ledger."""
    kind = certificate_type(certificate.type)
    year, n = work.next_number(certificate.enterprise, kind.letter)
    number = kind.number(certificate.enterprise, year, n)
    work.ledger.append(LedgerRow(certificate.enterprise, kind.letter, year, n, number, certificate.id))
    return dataclasses.replace(certificate, number=number, approved_at=work.now)
