"""What becomes of messages about filings 备案: a filing is made or revised, or one that exists moves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.certificate import Decision, Origin
from domain.filing import Filing
from domain.filing_lifecycle import LIVES
from domain.finding import Finding
from gateway.filing_facts import Filed, change_of
from gateway.outcomes import Context
from pipeline.advance import advance_filing
from pipeline.answers import answer_interchange, message_receipt
from store.wanted import FilingClaim, Held, Wanted
from store.work import Work

CHECKS = "filing-check"  # who moves a filing from RECEIVED


@dataclass(frozen=True, slots=True)
class NewFiling:
    """The message makes `filing`, or its next revision; its faults return it, else the branch decides.

    event: "receive" or "resubmit"; original: the filing that it changes.
    """

    filing: Filing
    event: str
    findings: tuple[Finding, ...]
    refused: bool
    original: Filing | None = None

    @property
    def certificate(self) -> None:
        """No certificate."""
        return

    @property
    def _claims(self) -> list[FilingClaim]:
        filing, original = self.filing, self.original
        own = FilingClaim(filing.kind, filing.enterprise, filing.subject, filing.id)
        if original is None:
            return [own]
        change = FilingClaim(filing.kind, filing.enterprise, change_of(original.id), filing.id)
        return [change] if filing.subject == original.subject else [own, change]

    def wanted(self) -> Wanted:
        """Its subject, the filing itself when it is revised, the one that it changes."""
        locked = [self.filing.id] if self.event == "resubmit" else []
        return Wanted(filings=[*locked, self.original.id] if self.original else locked, subjects=self._claims,
                      enterprises=[self.filing.enterprise])

    def lost(self, held: Held) -> str | None:
        """Which of these somebody else won or moved."""
        if any(claim[:3] not in held.subjects for claim in self._claims):
            return "filing subject"
        if self.event == "resubmit" and held.filings[self.filing.id].version != self.filing.version:
            return "filing"
        if self.original and held.filings[self.original.id].version != self.original.version:
            return "changed filing"
        return None

    def write(self, work: Work, context: Context) -> None:
        """Received, then returned or referred, each with its receipt; the message's own answer before the one that may close
        its interchange."""
        received = advance_filing(work, self.filing, Decision(self.event), "intake", context.origin)
        event = "return" if self.refused else "refer"
        target = LIVES[received.kind].move(received.state, event).target
        answer(work, context, "FILING_TAKEN", replace(received, state=target, version=received.version + 1),
               findings=self.findings)
        advance_filing(work, received, Decision(event, findings=self.findings), CHECKS, context.origin)


@dataclass(frozen=True, slots=True)
class FilingMoved:
    """One move of a filing that exists, decided on the version seen.

    code: of the message's own answer; original: the filing that an approved change replaces; valid_to: what the branch says
    instead of the day wanted; also: what else is written once it is approved.
    """

    code: str
    seen: Filed
    decision: Decision
    original: UUID | None = None
    valid_to: date | None = None
    also: Callable[[Work, Filing], None] | None = None

    @property
    def certificate(self) -> None:
        """No certificate."""
        return

    def wanted(self) -> Wanted:
        """The filing, the one that it replaces, and its counters."""
        filing = self.seen.filing
        numbered = filing.kind == "goods" and self.decision.event == "approve"
        return Wanted(
            filings=[filing.id, *([self.original] if self.original else [])], enterprises=[filing.enterprise],
            filing_numbers=[filing.enterprise] if numbered else [])

    def lost(self, held: Held) -> str | None:
        """Whether it moved meanwhile."""
        return None if held.filings[self.seen.filing.id].version == self.seen.filing.version else "filing"

    def move(self, work: Work, actor: str) -> Filing:
        """The move with its receipt, and what goes with it; the filing as it stands now."""
        filing = work.held.filings[self.seen.filing.id]
        if self.valid_to:
            filing = replace(filing, valid_to=self.valid_to)
        moved = advance_filing(work, filing, self.decision, actor, self.seen.origin)
        if self.also and moved.state in ("APPROVED", "REGISTERED"):
            self.also(work, moved)
        return moved

    def write(self, work: Work, context: Context) -> None:
        """The move, then the message's own answer."""
        moved = self.move(work, context.actor)
        work.note(context.actor, f"{moved.kind} filing {self.decision.event}", str(moved.id), version=self.seen.filing.version,
                  state=moved.state, message_id=context.origin.message_id)
        answer(work, context, self.code, moved, self.decision.reasons)
        answer_interchange(work, context.origin.interchange, "accepted")


def answer(
    work: Work, context: Context, code: str, filing: Filing, reasons: tuple[str, ...] = (), findings: tuple[Finding, ...] = ()
) -> None:
    """The receipt on the message's own stream."""
    origin: Origin = context.origin
    work.send(message_receipt(
        work, code, origin.message, context.party, origin.sha256, interchange_id=origin.interchange_id,
        message_id=origin.message_id, state=filing.state, version=filing.version, revision=filing.revision, reasons=reasons,
        findings=findings, filing=filing))
