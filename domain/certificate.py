"""A certificate and its transitions: values; only `Certificate.move` makes a new state."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.application import Application
from domain.calendar import USUAL, DeskTerms
from domain.certificate_lifecycle import CERTIFICATE
from domain.finding import Finding, Severity
from domain.lifecycle import State

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document: its medium ("pdf"), SHA-256 (hex), relative name under the document folder, size and pages."""

    medium: str
    sha256: str
    name: str
    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class ShadowDifference:
    """What a rule pack that is tried beside the active one would have decided otherwise.

    active, shadow: versions; added, removed: codes found only by the shadow or only by the active pack; changed: codes found by
    both, but with another severity or at other places.
    """

    active: str
    shadow: str
    active_verdict: str
    shadow_verdict: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Its fields as a row of text: codes are separated by blanks."""
        codes = (" ".join(part) for part in (self.added, self.removed, self.changed))
        return self.active, self.shadow, self.active_verdict, self.shadow_verdict, *codes


@dataclass(frozen=True, slots=True)
class Decision:
    """What a stage or a person decided: the event to apply, why, and what was found.

    reasons: codes with a text each, as shown to the reviewer and the enterprise; pack: rule pack or policy version;
    shadow: where a pack on trial decides otherwise; terms: on what terms a person decides, where one has to.
    """

    event: str
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()
    pack: str | None = None
    document: Document | None = None
    shadow: ShadowDifference | None = None
    terms: DeskTerms = USUAL


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a certificate's history, hash-chained to the line before.

    version: 1, 2, 3 ... without gaps; it is also the sequence of the receipt. detail: JSON-ready findings and reasons.
    """

    certificate: UUID
    version: int
    revision: int
    source: str | None
    event: str
    state: str
    actor: str
    at: datetime
    detail: dict[str, Any]
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a certificate's current content came from: message and interchange, as named by the sender and by us.

    sha256: hex digest of the delivery's bytes, as receipts repeat it.
    """

    message: UUID
    message_id: str
    interchange: UUID
    interchange_id: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Original:
    """The certificate that an amendment replaces: as it stands now, when it was issued (business date), and its content."""

    certificate: "Certificate"
    issued_on: date | None
    application: Application | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of origin on its way.

    invoice: normalised first invoice number, with `enterprise` its natural key. message: the message whose content
    is the current revision. version counts transitions, revision counts accepted contents. head: hash of the newest transition.
    replaces: the certificate that an amendment stands for; replacing: how, AMEND, REISSUE or AMEND_REISSUE.
    """

    id: UUID
    enterprise: str
    branch: str
    type: str
    invoice: str
    message: UUID
    version: int = 0
    revision: int = 1
    state: str | None = None
    number: str | None = None
    approved_at: datetime | None = None
    head: bytes = GENESIS
    replaces: UUID | None = None
    replacing: str | None = None

    @property
    def lifecycle_state(self) -> State:
        """The state's row in the life-cycle table; KeyError before the first move."""
        return CERTIFICATE.state(self.state or "")

    def move(self, decision: Decision, actor: str, at: datetime) -> tuple["Certificate", Transition]:
        """The certificate after `decision`, and the line for its history; raises IllegalTransition."""
        target = CERTIFICATE.move(self.state, decision.event).target
        version = self.version + 1
        detail = detail_of(decision) | {"message": str(self.message)} | ({"number": self.number} if self.number else {})
        digest = link(self.head, self.id, version, self.revision, decision.event, target, actor, at, detail)
        transition = Transition(
            self.id, version, self.revision, self.state, decision.event, target, actor, at, detail, self.head, digest
        )
        return replace(self, version=version, state=target, head=digest), transition


def detail_of(decision: Decision) -> dict[str, Any]:
    """The decision as JSON-ready data, empty parts left out."""
    detail: dict[str, Any] = {}
    if decision.findings:
        detail["findings"] = [finding_data(finding) for finding in decision.findings]
    if decision.reasons:
        detail["reasons"] = list(decision.reasons)
    if decision.pack:
        detail["pack"] = decision.pack
    if decision.document:
        document = decision.document
        detail["document"] = {
            "medium": document.medium, "sha256": document.sha256, "name": document.name,
            "size": document.size, "pages": document.pages,
        }
    return detail


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as the mapping that `coedi check --json` prints and the history stores."""
    return {
        "code": finding.code, "severity": str(finding.severity), "box": finding.box, "path": finding.path,
        "line": finding.line, "found": finding.found, "zh": finding.zh, "en": finding.en, "remedy": finding.remedy,
        "pack": finding.pack,
    }


def finding_from(data: dict[str, Any]) -> Finding:
    """The inverse of `finding_data`."""
    return Finding(**{**data, "severity": Severity(data["severity"])})


def link(previous: bytes, *parts: Any) -> bytes:
    """SHA-256 over the previous hash and the canonical JSON of `parts`: one link of the history chain."""
    line = json.dumps([_plain(part) for part in parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous + line.encode()).digest()


def _plain(part: Any) -> Any:
    if isinstance(part, datetime):
        # in whole microseconds since the epoch: PostgreSQL keeps these exactly, whatever the session's time zone
        return int(part.timestamp()) * 1_000_000 + part.microsecond
    return str(part) if isinstance(part, UUID) else part
