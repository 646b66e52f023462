"""Filings 备案: goods that the issuing body approves for an agreement before a certificate names them, and registrations."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.certificate import GENESIS, Decision, Transition, detail_of, link
from domain.filing_lifecycle import LIVES
from domain.lifecycle import State


@dataclass(frozen=True, slots=True)
class Filing:
    """A goods filing or a registration on its way.

    kind: "goods" or "registration"; subject: what may be under way only once for the enterprise; number: given to goods when
    approved; content: JSON-ready, as `messages` made it; version, revision, head: as of a certificate; certificate_type,
    hs6 (six digits) and valid_to (inclusive) belong to goods; replaces: the filing that a change stands for.
    """

    id: UUID
    kind: str
    enterprise: str
    branch: str
    subject: str
    message: UUID
    number: str | None = None
    version: int = 0
    revision: int = 1
    state: str | None = None
    head: bytes = GENESIS
    content: dict[str, Any] = field(default_factory=dict)
    certificate_type: str | None = None
    hs6: str | None = None
    valid_to: date | None = None
    replaces: UUID | None = None

    @property
    def lifecycle_state(self) -> State:
        """The state's row in its life-cycle table; KeyError before the first move."""
        return LIVES[self.kind].state(self.state or "")

    def move(self, decision: Decision, actor: str, at: datetime) -> tuple["Filing", Transition]:
        """The filing after `decision`, and the line for its history; raises IllegalTransition."""
        target = LIVES[self.kind].move(self.state, decision.event).target
        version = self.version + 1
        detail = detail_of(decision) | {"message": str(self.message)} | ({"number": self.number} if self.number else {})
        digest = link(self.head, self.id, version, self.revision, decision.event, target, actor, at, detail)
        transition = Transition(
            self.id, version, self.revision, self.state, decision.event, target, actor, at, detail, self.head, digest)
        return replace(self, version=version, state=target, head=digest), transition


@dataclass(frozen=True, slots=True)
class Material:
    """A raw material of the goods: what it is, its HS code, country of origin (ISO 3166-1) and share of the value in percent."""

    name: str = ""
    hs_code: str = ""
    origin_country: str = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class GoodsFiling:
    """One goods filing as it stands.

    number: ours, what FilingNo names; state: of the life cycle in `domain.filing_lifecycle`; hs_code: six digits or more;
    criterion, value_content (percent), psr_basis, producer: as approved; valid_to: last day, inclusive, None without end.
    """

    id: UUID
    number: str
    enterprise: str
    certificate_type: str
    hs_code: str
    state: str
    name_zh: str = ""
    name_en: str = ""
    hs_edition: int = 2022
    criterion: str = ""
    value_content: Decimal | None = None
    psr_basis: str = ""
    producer: str = ""
    valid_to: date | None = None
