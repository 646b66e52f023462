"""Who looks at which certificate: a lease in database time, with a token that grows with each claim.

A claim keeps two reviewers from reading the same papers. What keeps them from deciding twice is the version; the token
keeps a decision made under an old claim from overtaking the one who claimed since.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import NotAllowed, UnknownThing
from store.database import Database

MINUTES = 15
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Claim:
    """A review row as it is claimed. token: of the newest claim, 0 before the first; until: the lease's end, aware."""

    certificate: UUID
    version: int
    holder: str | None
    until: datetime | None
    token: int


def claim(
    database: Database, who: str, minutes: int = MINUTES, certificate: UUID | None = None, branch: str | None = None
) -> Claim | None:
    """Lease `certificate`, or the next by deadline that nobody holds; None when nothing is left to claim.

    Claims made at the same moment pass each other over. Raises NotAllowed when somebody else holds it, UnknownThing.
    """
    with database.transaction():
        rows = database.query("claim_review", who=who, minutes=minutes, certificate=certificate, branch=branch)
        if rows:
            return _noted(database, who, "review claim", Claim(*rows[0]))
        if certificate is not None:
            raise _refused(database, who, certificate, None)
    return None


def steal(database: Database, who: str, certificate: UUID, reason: str, minutes: int = MINUTES) -> Claim:
    """Take over a live claim, on record with the reason; raises NotAllowed when there is none, UnknownThing."""
    with database.transaction():
        held, live = _locked(database, certificate)
        if not live or held.holder == who:
            raise NotAllowed(f"certificate {certificate} is not claimed by anybody else; use: coedi review claim {certificate}")
        rows = database.query("steal_review", who=who, minutes=minutes, certificate=certificate, token=held.token)
        return _noted(database, who, "review steal", Claim(*rows[0]), reason=reason, held_by=held.holder)


def renew(database: Database, who: str, certificate: UUID, minutes: int = MINUTES, token: int | None = None) -> Claim:
    """A lease of `minutes` from now, even after its end when nobody claimed since; raises NotAllowed, UnknownThing."""
    return _as_holder(database, "renew_review", who, certificate, token, minutes=minutes)


def release(database: Database, who: str, certificate: UUID, token: int | None = None) -> Claim:
    """Give it back before the lease ends; raises NotAllowed for who does not hold it, UnknownThing."""
    return _as_holder(database, "release_review", who, certificate, token)


def may_decide(database: Database, who: str, certificate: UUID, token: int | None) -> int:
    """The token under which `who` may decide now; the row stays locked until the caller's transaction ends.

    A row that nobody holds is claimed by deciding on it. Raises NotAllowed when another holds a live lease, or when `token`
    is of a claim that was followed by another.
    """
    held, live = _locked(database, certificate)
    if live and held.holder != who:
        raise NotAllowed(_claimed(held))
    if token is not None and (token != held.token or held.holder not in (who, None)):
        raise NotAllowed(
            f"your claim of certificate {certificate} (token {token}) has ended and it was claimed again since "
            f"(token {held.token}); claim it again and look at it again")
    return held.token


def _as_holder(database: Database, query: str, who: str, certificate: UUID, token: int | None, **given: Any) -> Claim:
    with database.transaction():
        rows = database.query(query, who=who, certificate=certificate, token=token, **given)
        if not rows:
            raise _refused(database, who, certificate, token)
        return _noted(database, who, f"review {query.removesuffix('_review')}", Claim(*rows[0]))


def _noted(database: Database, who: str, action: str, made: Claim, **detail: object) -> Claim:
    database.query(
        "insert_audit", actor=f"reviewer:{who}", action=action, subject=str(made.certificate),
        detail=json.dumps({"version": made.version, "token": made.token, **detail}, ensure_ascii=False))
    return made


def _refused(database: Database, who: str, certificate: UUID, token: int | None) -> NotAllowed:
    held, live = _locked(database, certificate)
    if live and held.holder != who:
        return NotAllowed(_claimed(held))
    if held.holder == who:
        return NotAllowed(f"token {token} is not that of your newest claim of certificate {certificate}")
    return NotAllowed(f"certificate {certificate} is not claimed by {who}; it is free, or was claimed a moment ago")


def _locked(database: Database, certificate: UUID) -> tuple[Claim, bool]:
    """The row's claim and whether its lease is live; locked until the transaction ends."""
    rows = database.query("review_claim", certificate=certificate)
    if not rows:
        raise UnknownThing(f"certificate {certificate} does not wait for review")
    return Claim(*rows[0][:5]), bool(rows[0][5])


def _claimed(held: Claim) -> str:
    until = held.until.astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if held.until else "-"
    return f"certificate {held.certificate} is claimed by {held.holder} until {until}; it can be stolen with a reason"
