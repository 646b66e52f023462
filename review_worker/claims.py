"""Who looks at which certificate or filing: a lease in database time, with a token that grows with each claim.

A claim keeps two reviewers from reading the same papers. What keeps them from deciding twice is the version; the token
keeps a decision made under an old claim from overtaking the one who claimed since. `who` is any name: a login name, or
"1100B0/wang" of the console.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.errors import NotAllowed
from review_worker.reasons import checked
from store.database import Database
from store.leases import Claim, Lease, claimed, lease_of, not_for

MINUTES = 15


@dataclass(frozen=True, slots=True)
class Referral:
    """To whom a reviewer hands a row on: a named person, or with None any senior reviewer; remark: a word to the next."""

    remark: str
    to: str | None = None
    code: str = ""


def claim(  # noqa: PLR0913 # what a reviewer may say, by name
    database: Database, who: str, minutes: int = MINUTES, subject: UUID | None = None, branch: str | None = None,
    *, kind: str = "certificate", skills: Collection[str] = (), senior: bool = False,
) -> Claim | None:
    """Lease `subject`, or the next of this kind by deadline that nobody holds and that `who` may decide; None when nothing is left.

    skills: certificate types, none: all; senior: also what waits for a senior reviewer. Claims of the next made at the same moment
    pass each other over. Raises UnknownThing, and NotAllowed when somebody else holds `subject`, or it is for somebody else.
    """
    if subject is None:  # one statement is a transaction of its own
        rows = database.query("claim_next", who=who, minutes=minutes, branch=branch, kind=kind, types=sorted(skills), senior=senior)
        return Claim(*rows[0]) if rows else None
    with database.transaction():
        held = lease_of(database, subject)
        if held.live and held.claim.holder != who:
            raise claimed(held)
        if refused := not_for(held, who, senior):
            raise refused
        return _noted(database, who, "review claim", _taken(database, who, subject, minutes))


def steal(
    database: Database, who: str, subject: UUID, reason: str, minutes: int = MINUTES, code: str = "", senior: bool = False
) -> Claim:
    """Take over a live claim, on record with the reason; raises NotAllowed when there is none, UnknownThing."""
    with database.transaction():
        held = lease_of(database, subject)
        holder = held.claim.holder
        coded = {"code": said} if (said := checked("steal", held.kind, code)) else {}
        if not held.live or holder == who:
            raise NotAllowed(f"{held.name} is not claimed by anybody else; use: coedi review claim {subject}",
                             zh="无人正在审核，请直接领取", code="NOT_HELD")
        if who in held.agreed or (held.senior and not senior):
            raise not_for(held, who, senior) or claimed(held)
        made = _taken(database, who, subject, minutes)
        return _noted(database, who, "review steal", made, reason=reason, held_by=holder, **coded)


def renew(database: Database, who: str, subject: UUID, minutes: int = MINUTES, token: int | None = None) -> Claim:
    """A lease of `minutes` from now, even after its end when nobody claimed since; raises NotAllowed, UnknownThing."""
    return _as_holder(database, "renew_review", who, subject, token, minutes=minutes)


def release(database: Database, who: str, subject: UUID, token: int | None = None) -> Claim:
    """Give it back before the lease ends; raises NotAllowed for who does not hold it, UnknownThing."""
    return _as_holder(database, "release_review", who, subject, token)


def reassign(database: Database, who: str, subject: UUID, to: str | None, reason: str = "") -> Claim:
    """A senior reviewer gives it to a person, or with None back to everybody: any lease ends, under a new token.

    Raises NotAllowed when that person has approved it already, UnknownThing.
    """
    with database.transaction():
        held = lease_of(database, subject)
        if to in held.agreed:
            raise not_for(held, to, senior=True) or claimed(held)
        made = _handed(database, subject, to)
        return _noted(database, who, "review reassign", made, to=to, reason=reason, held_by=held.claim.holder)


def refer(database: Database, who: str, subject: UUID, referral: Referral, token: int | None = None) -> Claim:
    """The holder hands it on to a second reviewer with a remark: the lease ends, under a new token.

    Raises NotAllowed for who does not hold it, or when it is handed to who had it or has approved it; UnknownThing.
    """
    with database.transaction():
        held = lease_of(database, subject)
        if held.claim.holder != who or token not in (None, held.claim.token):
            raise _refused(database, who, subject, token)
        if referral.to == who or referral.to in held.agreed:
            raise NotAllowed(f"{held.name} has to go to another person than {referral.to}", zh="须转交另一人", code="SAME_PERSON",
                             who=referral.to)
        coded = {"code": said} if (said := checked("refer", held.kind, referral.code)) else {}
        made = _handed(database, subject, referral.to, senior=referral.to is None, by=who, remark=referral.remark)
        return _noted(database, who, "review refer", made, to=referral.to, remark=referral.remark, **coded)


def _taken(database: Database, who: str, subject: UUID, minutes: int) -> Claim:
    return Claim(*database.query("claim_review", who=who, minutes=minutes, subject=subject)[0])


def _handed(
    database: Database, subject: UUID, to: str | None, senior: bool = False, by: str | None = None, remark: str | None = None
) -> Claim:
    rows = database.query("hand_on_review", subject=subject, assigned_to=to, senior=senior, referred_by=by, remark=remark)
    return Claim(*rows[0])


def _as_holder(database: Database, query: str, who: str, subject: UUID, token: int | None, **given: Any) -> Claim:
    with database.transaction():
        rows = database.query(query, who=who, subject=subject, token=token, **given)
        if not rows:
            raise _refused(database, who, subject, token)
        return _noted(database, who, f"review {query.removesuffix('_review')}", Claim(*rows[0]))


def _noted(database: Database, who: str, action: str, made: Claim, **detail: object) -> Claim:
    database.query(
        "insert_audit", actor=f"reviewer:{who}", action=action, subject=str(made.subject),
        detail=json.dumps({"version": made.version, "token": made.token, **detail}, ensure_ascii=False))
    return made


def _refused(database: Database, who: str, subject: UUID, token: int | None) -> NotAllowed:
    held: Lease = lease_of(database, subject)
    if held.live and held.claim.holder != who:
        return claimed(held)
    if held.claim.holder == who:
        return NotAllowed(f"token {token} is not that of your newest claim of {held.name}", zh="不是您最新一次领取",
                          code="TOKEN_OLD", who=who)
    return NotAllowed(f"{held.name} is not claimed by {who}; it is free, or was claimed a moment ago", zh="您未领取该单据",
                      code="NOT_HELD", who=held.claim.holder)
