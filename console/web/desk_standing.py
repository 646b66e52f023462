"""What a person may do with the certificate before them, and why not the rest."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.web.asking import REVIEWERS, SENIORS, Ask
from domain.errors import NotAllowed, Refusal, StaleVersion
from store.desk import OnDesk, Waits, unskilled
from store.leases import Claim, Lease, not_for, why_not


@dataclass(frozen=True, slots=True)
class Standing:
    """Where this person stands.

    holder: who holds it now; mine: that is this person; until, seconds: the end of the lease and how long it lasts; token: of the
    newest claim; lost: this person's lease has ended and nobody has it; nth: the approval would be the so manieth of `eyes`;
    claim, decide, steal, reassign: what they may do now; zh, en: why not to decide, "" where they may.
    """

    holder: str | None = None
    mine: bool = False
    until: datetime | None = None
    seconds: int = 0
    token: int = 0
    lost: bool = False
    eyes: int = 1
    agreed: tuple[str, ...] = ()
    nth: int = 1
    reviewer: bool = False
    claim: bool = False
    decide: bool = False
    steal: bool = False
    reassign: bool = False
    zh: str = ""
    en: str = ""


def standing(ask: Ask, one: OnDesk) -> Standing:
    """Of the person who asks."""
    waits, reviewer = one.waits, ask.may(REVIEWERS)
    if waits is None:
        return Standing(reviewer=reviewer)
    lease, who, senior = lease_as_seen(one.id, waits), ask.who, ask.may(SENIORS)
    mine = lease.live and waits.holder == who
    skills, assigned = ask.person.skills, waits.assigned_to == who
    outside = unskilled(one.type) if skills and one.type not in skills and not assigned else None
    refused = why_not(lease, who, None) or (None if mine else not_for(lease, who, senior)) or outside
    free = not lease.live and reviewer and _claimable(lease, who, senior) and outside is None
    held_by_another = (lease.live and not mine and reviewer and who not in waits.agreed and (senior or not waits.senior)
                       and outside is None)
    return Standing(
        holder=waits.holder, mine=mine, until=waits.until if lease.live else None,
        seconds=max(0, int((waits.until - one.now).total_seconds())) if lease.live and waits.until else 0, token=waits.token,
        lost=not lease.live and waits.last_holder == who, eyes=waits.eyes, agreed=waits.agreed, nth=len(waits.agreed) + 1,
        reviewer=reviewer, claim=free, decide=mine and reviewer and refused is None, steal=held_by_another, reassign=senior,
        **dict(zip(("zh", "en"), refusal_in_words(refused), strict=True)) if refused else {})


def lease_as_seen(identity: UUID, waits: Waits) -> Lease:
    """The row as it was read, without a lock: for what a page shows."""
    claim = Claim(identity, waits.version, waits.holder or waits.last_holder, waits.until, waits.token)
    return Lease(claim, waits.holder is not None, "certificate", "", waits.eyes, waits.senior, waits.assigned_to, waits.agreed,
                 waits.reasons)


def _claimable(lease: Lease, who: str, senior: bool) -> bool:
    return not_for(lease, who, senior) is None and who not in lease.agreed


# why one may not, in words for the page: the sentences of the refusals name commands and ids
_SAID = {
    "CLAIMED": "{who} is reviewing it now; with a reason it can be taken over",
    "SAME_PERSON": "You have approved it already: a second person has to",
    "ASSIGNED": "It is assigned to {who}",
    "SENIOR_ONLY": "It waits for a senior reviewer",
    "TOKEN_OLD": "Your claim has ended and it was claimed again since; claim it again and look at it again",
    "NOT_HELD": "You do not hold it",
    "ELSEWHERE": "It is another branch's",
}


def refusal_in_words(refused: Refusal) -> tuple[str, str]:
    """Why something was refused, in Chinese and English, for people."""
    if isinstance(refused, NotAllowed):
        return refused.zh or str(refused), _SAID.get(refused.code, str(refused)).format(who=refused.who or "")
    if isinstance(refused, StaleVersion):
        return "其间已有人处理了此证书", "Somebody was faster: the certificate has moved since you looked at it"
    return refused.zh or str(refused), str(refused)
