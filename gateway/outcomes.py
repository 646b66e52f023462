"""What becomes of a message, as values: decided from facts alone, written later under locks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from domain.application import Application
from domain.certificate import Certificate, Decision, Document, Origin
from domain.errors import CounterExhausted
from domain.finding import Finding
from pipeline.advance import advance
from pipeline.answers import answer_interchange, message_receipt
from store.wanted import AmendmentClaim, Held, InvoiceClaim, Wanted
from store.work import Work


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message makes or revises `certificate`, which goes on through the stages. event: "receive" or "resubmit"."""

    certificate: Certificate
    application: Application
    event: str

    @property
    def claims(self) -> Wanted:
        """What must be won: an application's invoice number, or for an amendment the one place beside its original."""
        certificate = self.certificate
        locked = [certificate.id] if certificate.version else []
        if certificate.replaces:
            return Wanted(certificates=[*locked, certificate.replaces],
                          amendments=[AmendmentClaim(certificate.replaces, certificate.id)])
        return Wanted(certificates=locked, invoices=[InvoiceClaim(certificate.enterprise, certificate.invoice, certificate.id)])

    def lost(self, held: Held) -> str | None:
        """Which of these somebody else won; None when all were won."""
        certificate = self.certificate
        if certificate.replaces:
            if certificate.replaces not in held.amendments:
                return "amendment"
            if held.certificates[certificate.replaces].state != "ISSUED":
                return "original"
        elif (certificate.enterprise, certificate.invoice) not in held.invoices:
            return "invoice"
        if certificate.version and held.certificates[certificate.id].version != certificate.version:
            return "certificate"
        return None


@dataclass(frozen=True, slots=True)
class Refused:
    """The message is refused; `code` is the receipt's. certificate: the one it is about, if that is the sender's.

    more: further findings, where there are several.
    """

    code: str
    finding: Finding
    invoice: str | None = None
    certificate: UUID | None = None
    more: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Where an outcome is written: the message's origin, the party that sent it, our name for its interchange.

    party: registration number or branch code; actor: as history and audit name it ("enterprise:1100A0017").
    """

    origin: Origin
    party: str
    actor: str


class Outcome(Protocol):
    """What else may become of a message."""

    @property
    def certificate(self) -> UUID | None:
        """The certificate it is about, for the message's row."""

    def wanted(self) -> Wanted:
        """What has to be held while it is written, beside the message's own keys."""

    def lost(self, held: Held) -> str | None:
        """What moved since the facts were fetched; None when nothing did."""

    def write(self, work: Work, context: Context) -> None:
        """Write it, the message's receipt, and its verdict for the interchange."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says beside its code: about a certificate as it stands, or in reasons."""

    certificate: Certificate | None = None
    reasons: tuple[str, ...] = ()
    document: Document | None = None
    findings: tuple[Finding, ...] = ()

    def send(self, work: Work, context: Context, code: str) -> None:
        """The receipt on the message's own stream."""
        held, origin = self.certificate, context.origin
        work.send(message_receipt(
            work, code, origin.message, context.party, origin.sha256, interchange_id=origin.interchange_id,
            message_id=origin.message_id, invoice=held.invoice if held else None, certificate=held.id if held else None,
            certificate_no=held.number if held else None, state=held.state if held else None,
            version=held.version or None if held else None, revision=held.revision if held else None,
            reasons=self.reasons, document=self.document, findings=self.findings))


@dataclass(frozen=True, slots=True)
class Answered:
    """A question is answered; no certificate moves. also: what else is written (receipts sent again, copies granted): it counts on
    the certificate as it was seen."""

    code: str
    answer: Answer = field(default_factory=Answer)
    also: Callable[[Work, Context], None] | None = None

    @property
    def certificate(self) -> UUID | None:
        """The certificate it is about."""
        return self.answer.certificate.id if self.answer.certificate else None

    def wanted(self) -> Wanted:
        """The certificate, when more is written than the answer."""
        return Wanted(certificates=[self.certificate] if self.also and self.certificate else [])

    def lost(self, held: Held) -> str | None:
        """Whether the certificate moved meanwhile; a mere answer tells how it stood."""
        seen = self.answer.certificate
        return "certificate" if self.also and seen and held.certificates[seen.id].version != seen.version else None

    def write(self, work: Work, context: Context) -> None:
        """The answer."""
        if self.also:
            self.also(work, context)
        self.answer.send(work, context, self.code)
        answer_interchange(work, context.origin.interchange, "accepted")


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of a certificate that exists, decided on the version seen.

    seen: the certificate; came_from: the origin of its content, which its receipts name; code: of the message's own answer;
    numbers: what an approval needs; also: what else is written.
    """

    code: str
    seen: Certificate
    came_from: Origin
    decision: Decision
    numbers: tuple[tuple[str, str], ...] = ()
    also: Callable[[Work, Context], None] | None = None

    @property
    def certificate(self) -> UUID:
        """The certificate it is about."""
        return self.seen.id

    def wanted(self) -> Wanted:
        """The certificate, the one it replaces, and where its receipts are counted."""
        locked = [identity for identity in (self.seen.id, self.seen.replaces) if identity]
        return Wanted(certificates=locked, interchanges=[self.came_from.interchange], enterprises=[self.seen.enterprise],
                      numbers=self.numbers)

    def lost(self, held: Held) -> str | None:
        """Whether it moved meanwhile."""
        return None if held.certificates[self.seen.id].version == self.seen.version else "certificate"

    def write(self, work: Work, context: Context) -> None:
        """The move with its receipt, then the message's own answer; NUMBERS_EXHAUSTED when there is none left for it."""
        try:
            moved = advance(work, work.held.certificates[self.seen.id], self.decision, context.actor, self.came_from)
        except CounterExhausted as exhausted:
            Answer(self.seen, (exhausted.reason,)).send(work, context, "NUMBERS_EXHAUSTED")
            answer_interchange(work, context.origin.interchange, "refused")
            return
        if self.also:
            self.also(work, context)
        Answer(moved, self.decision.reasons).send(work, context, self.code)
        answer_interchange(work, context.origin.interchange, "accepted")


@dataclass(frozen=True, slots=True)
class Early:
    """The message is about a certificate that we do not have yet: it waits for it, `minutes` at most, and is then refused.

    place, found: where the message names it, and how.
    """

    place: str
    found: str
    minutes: int = 15


def touched(outcome: Accepted | Outcome) -> frozenset[UUID]:
    """Certificates and filings that this outcome changes or counts on: no other outcome of its round may."""
    wanted = outcome.claims if isinstance(outcome, Accepted) else outcome.wanted()
    return frozenset([*wanted.certificates, *wanted.filings])
