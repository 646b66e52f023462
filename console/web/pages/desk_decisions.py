"""The review desk, to work on: claims and decisions. What lost a race is told who won, when, and what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from console.web.asking import REVIEWERS, SENIORS, Ask, BadInput, Done, Field, Route, View
from console.web.desk_history import StepView, timeline
from console.web.desk_standing import refusal_in_words
from console.web.form_view import numbers
from domain.certificate import Certificate
from domain.errors import NotAllowed, Refusal, StaleVersion, UnknownThing
from review_worker import claims, manual_review
from review_worker.remarks import Remark, Return
from store import desk as stored
from store.desk import OnDesk
from store.leases import Claim

QUEUE = "/queues/review"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim. token: to be sent with a decision; until: the lease's end; None of all where nothing is left to claim."""

    certificate: UUID | None
    version: int | None = None
    token: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeaseView:
    """What became of renewing. lost: nobody or somebody else has it now; zh, en: why."""

    certificate: UUID
    lost: bool
    until: datetime | None
    seconds: int
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision led to. done: False while a second person has to approve; next: the certificate that was claimed after it."""

    certificate: UUID
    state: str | None
    version: int
    number: str | None
    done: bool
    agreed: tuple[str, ...]
    eyes: int
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What was written and did not go out: to be copied."""

    zh: str
    en: str
    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A decision or claim that was not carried out.

    seen: the version that was looked at, None where none was; moves: what happened since; who_zh, who_en, at: who was faster, and
    when; state, version, revision: how it stands now; holder, until: who holds it now; typed: what was written.
    """

    certificate: UUID
    invoice: str
    number: str | None
    code: str
    zh: str
    en: str
    seen: int | None
    who_zh: str
    who_en: str
    at: datetime | None
    state: str
    version: int
    revision: int
    holder: str | None
    until: datetime | None
    moves: tuple[StepView, ...]
    typed: tuple[Typed, ...]


def next_one(ask: Ask) -> Done:
    """Claim the next certificate by deadline and go to it."""
    claimed = _claim_next(ask, ask.given["types"])
    if claimed is None:
        return Done(QUEUE, Claimed(None), ("没有可领取的待审证书", "There is nothing left to claim"))
    return Done(f"/desk/{claimed.subject}", _claimed(claimed))


def claim(ask: Ask) -> Done | View:
    """Claim this one."""
    return _acted(ask, lambda: _held(ask, claims.claim(
        ask.database, ask.who, subject=ask.path["certificate"], senior=ask.may(SENIORS)), ("已领取", "Claimed")), skilled=True)


def renew(ask: Ask) -> View:
    """A longer lease; says so when it was lost."""
    identity = ask.path["certificate"]
    stored.branch_in_sight(ask.database, ask.branch, identity)
    try:
        made = claims.renew(ask.database, ask.who, identity, token=ask.given["token"])
    except NotAllowed as refused:
        zh, en = refusal_in_words(refused)
        return View("desk_lease.html", LeaseView(identity, True, None, 0, zh, en))
    except UnknownThing:
        return View("desk_lease.html", LeaseView(identity, True, None, 0, "该证书已不在待审", "It waits for review no more"))
    return View("desk_lease.html", LeaseView(identity, False, made.until, claims.MINUTES * 60))


def release(ask: Ask) -> Done | View:
    """Give it back to the queue."""

    def given_back() -> Done:
        made = claims.release(ask.database, ask.who, ask.path["certificate"], ask.given.get("token"))
        return Done(QUEUE, _claimed(made), ("已释放，他人可领取", "Released: anybody may claim it"))

    return _acted(ask, given_back)


def steal(ask: Ask) -> Done | View:
    """Take over a live claim, with a reason."""
    return _acted(ask, lambda: _held(ask, claims.steal(
        ask.database, ask.who, ask.path["certificate"], ask.given.get("text", ""), code=ask.given["code"],
        senior=ask.may(SENIORS)), ("已接管，已记录原因", "Taken over; the reason is on record")), skilled=True)


def refer(ask: Ask) -> Done | View:
    """Hand it on to a second reviewer with a remark."""

    def handed_on() -> Done:
        to = ask.given.get("to")
        referral = claims.Referral(ask.given["text"], to, ask.given.get("code", ""))
        made = claims.refer(ask.database, ask.who, ask.path["certificate"], referral, ask.given.get("token"))
        said = (f"已转交{to or '复核员'}", f"Handed on to {to or 'the senior reviewers'}")
        return _and_next(ask, said, _claimed(made))

    return _acted(ask, handed_on)


def reassign(ask: Ask) -> Done | View:
    """Give it to a person, or back to everybody."""

    def given() -> Done:
        to = ask.given.get("to")
        made = claims.reassign(ask.database, ask.who, ask.path["certificate"], to, ask.given.get("text", ""))
        said = (f"已指派给{to}", f"Assigned to {to}") if to else ("已放回队列，任何人可领取", "Back in the queue for everybody")
        return Done(f"/desk/{made.subject}", _claimed(made), said)

    return _acted(ask, given)


def approve(ask: Ask) -> Done | View:
    """Approve what was seen at this version under this claim."""

    def approved() -> Done:
        decided = manual_review.approve(
            ask.store, ask.path["certificate"], ask.who, ask.given["version"], ask.given.get("text", ""), ask.given.get("token"),
            ask.given.get("code", ""))
        return _decided(ask, decided, _approved(decided))

    return _acted(ask, approved, skilled=True)


def send_back(ask: Ask) -> Done | View:
    """Return it with findings, remarks and reasons."""

    def returned() -> Done:
        decided = manual_review.send_back(
            ask.store, ask.path["certificate"], ask.who, ask.given["version"], _why(ask), ask.given.get("token"))
        invoice = decided.certificate.invoice
        return _decided(ask, decided, (f"{invoice} 已退回", f"{invoice} was returned"))

    return _acted(ask, returned, skilled=True)


def _why(ask: Ask) -> Return:
    """`picked` says that findings were offered to be ticked: then none ticked means none, not all. Findings alone are reason
    enough."""
    ticked = frozenset(int(at) for at in ask.given["keep"] if at.isascii() and at.isdecimal())
    text, code, remarks = ask.given.get("text", ""), ask.given.get("code", ""), _remarks(ask)
    if ticked and not (text.strip() or code or remarks):
        text = "见所列检查结果 / See the findings listed"
    return Return(text, code, remarks, ticked if ask.given["picked"] or ticked else None)


def _remarks(ask: Ask) -> tuple[Remark, ...]:
    """One for each box that something was written to, and one for none of them."""
    boxes = ("", *numbers())
    return tuple(Remark(box, text) for box in boxes if (text := ask.given.get(f"remark-{box}", "").strip()))


def _approved(decided: manual_review.Decided) -> tuple[str, str]:
    one = decided.certificate
    if decided.done:
        return f"{one.invoice} 已审核，证书号 {one.number}", f"{one.invoice} was approved: {one.number}"
    return (f"{one.invoice} 您的同意是{decided.eyes}人中的第{len(decided.agreed)}人，等待另一人复核",
            f"{one.invoice}: your approval is number {len(decided.agreed)} of {decided.eyes}; another person has to approve")


def _decided(ask: Ask, decided: manual_review.Decided, said: tuple[str, str]) -> Done:
    one: Certificate = decided.certificate
    followed = _claim_next(ask, ask.given["types"]) if ask.given["next"] else None
    data = Decision(one.id, one.state, one.version, one.number, decided.done, decided.agreed, decided.eyes,
                    followed.subject if followed else None)
    return _onwards(ask, followed, said, data)


def _and_next(ask: Ask, said: tuple[str, str], data: Claimed) -> Done:
    followed = _claim_next(ask, ask.given["types"]) if ask.given["next"] else None
    return _onwards(ask, followed, said, data)


def _onwards(ask: Ask, followed: Claim | None, said: tuple[str, str], data: Any) -> Done:
    if followed:
        return Done(f"/desk/{followed.subject}", data, said)
    if ask.given["next"]:
        said = f"{said[0]}。队列中没有下一份了", f"{said[1]}. Nothing is left in your queue"
        return Done(QUEUE, data, said)
    return Done(f"/desk/{ask.path['certificate']}", data, said)


def _claim_next(ask: Ask, types: tuple[str, ...]) -> Claim | None:
    """The next of these types that the person's skills allow; a person with skills never gets another type by asking for it."""
    skills = set(ask.person.skills)
    wanted = skills & set(types) if skills and types else skills or set(types)
    if types and not wanted:
        return None
    return claims.claim(
        ask.database, ask.who, branch=None if ask.branch == "*" else ask.branch, skills=wanted, senior=ask.may(SENIORS))


def _held(ask: Ask, made: Claim | None, said: tuple[str, str]) -> Done:
    return Done(f"/desk/{ask.path['certificate']}", _claimed(made), said)


def _claimed(made: Claim | None) -> Claimed:
    return Claimed(made.subject, made.version, made.token, made.until) if made else Claimed(None)


def _acted(ask: Ask, act: Callable[[], Done], skilled: bool = False) -> Done | View:
    """What was done; or the page that says why not: who was faster, how things stand, and what had been written.

    skilled: it has to be of a type that the person reviews.
    """
    branch = stored.branch_in_sight(ask.database, ask.branch, ask.path["certificate"])
    if "to" in ask.given:
        _known(ask, branch)
    try:
        if skilled and ask.person.skills:
            stored.within_skills(ask.database, ask.path["certificate"], ask.who, ask.person.skills)
        return act()
    except (StaleVersion, NotAllowed, UnknownThing) as refused:
        one = stored.on_desk(ask.database, ask.branch, ask.path["certificate"])
        if isinstance(refused, UnknownThing) and one.waits:  # a code, a box or a person that does not exist
            raise BadInput({"": (refused.zh or str(refused), str(refused))}) from None
        return View("desk_lost.html", _lost(ask, one, refused), status=409)


def _known(ask: Ask, branch: str) -> None:
    """Raises BadInput when `to` is nobody who reviews in this branch."""
    if ask.given["to"] not in {colleague.key for colleague in stored.colleagues(ask.database, branch)}:
        raise BadInput({"to": ("没有这位审核员", "is nobody who reviews in this branch")})


def _lost(ask: Ask, one: OnDesk, refused: Refusal) -> Lost:
    names = {colleague.key: colleague.shown for colleague in stored.colleagues(ask.database, one.branch)}
    steps = timeline(stored.steps(ask.database, one.id), names)
    seen = ask.given.get("version")
    moves = tuple(step for step in steps if seen is not None and step.version > seen)
    first = moves[0] if moves else None
    code = refused.code if isinstance(refused, NotAllowed) else "STALE" if isinstance(refused, StaleVersion) else "NOT_WAITING"
    zh, en = refusal_in_words(refused)
    holder = one.waits.holder if one.waits else None
    until = one.waits.until if one.waits and holder else None
    return Lost(
        one.id, one.invoice, one.number, code, zh, en, seen, first.zh if first else "", first.en if first else "",
        first.at if first else None, one.state, one.version, one.revision, holder, until, moves, _typed(ask))


def _typed(ask: Ask) -> tuple[Typed, ...]:
    said = [Typed("说明", "What you wrote", ask.given.get("text", ""))]
    said += [Typed(f"第{box}栏批注", f"Your remark at box {box}", ask.given.get(f"remark-{box}", "")) for box in numbers()]
    said.append(Typed("批注", "Your remark", ask.given.get("remark-", "")))
    return tuple(one for one in said if one.text.strip())


_AT = "/desk/{certificate:uuid}"
_MOST = 2000
_VERSION = Field("version", "integer", required=True, least=1, zh="版本", en="version")
_TOKEN = Field("token", "integer", least=0, zh="领取凭证", en="token of the claim")
_TEXT = Field("text", "lines", longest=_MOST, zh="说明", en="text")
_CODE = Field("code", longest=40, zh="原因代码", en="reason code")
_NEXT = Field("next", "flag", zh="随后打开下一份", en="open the next one")
_TYPES = Field("types", "texts", longest=16, zh="证书种类", en="certificate types")
_TO = Field("to", longest=60, zh="转给", en="to whom")
_REMARKS = (Field("remark-", "lines", longest=_MOST, zh="批注", en="remark"), *(
    Field(f"remark-{box}", "lines", longest=_MOST, zh=f"第{box}栏批注", en=f"remark at box {box}") for box in numbers()))
_KEEP = (Field("keep", "texts", longest=4, zh="随附检查结果", en="findings that go along"),
         Field("picked", "flag", zh="已选择检查结果", en="findings were chosen"))

_BEATEN = ((409, Lost),)
ROUTES: tuple[Route, ...] = (
    Route("POST", "/desk/next", "desk.next", next_one, REVIEWERS, "领取下一份", "Claim the next one", (_TYPES,), Claimed),
    Route("POST", f"{_AT}/claim", "desk.claim", claim, REVIEWERS, "领取", "Claim", gives=Claimed, also=_BEATEN),
    Route("POST", f"{_AT}/renew", "desk.renew", renew, REVIEWERS, "续期", "Renew the claim", (
        Field("token", "integer", required=True, least=0, zh="领取凭证", en="token of the claim"),), LeaseView, also=_BEATEN),
    Route("POST", f"{_AT}/release", "desk.release", release, REVIEWERS, "释放", "Release", (_TOKEN,), Claimed, also=_BEATEN),
    Route("POST", f"{_AT}/steal", "desk.steal", steal, REVIEWERS, "接管", "Take over a claim", (
        Field("code", longest=40, required=True, zh="原因代码", en="reason code"), _TEXT), Claimed, also=_BEATEN),
    Route("POST", f"{_AT}/refer", "desk.refer", refer, REVIEWERS, "转交复核", "Refer to a second reviewer", (
        Field("text", "lines", required=True, longest=_MOST, zh="说明", en="remark"), _TO, _CODE, _TOKEN, _NEXT, _TYPES),
        Claimed, also=_BEATEN),
    Route("POST", f"{_AT}/reassign", "desk.reassign", reassign, SENIORS, "指派", "Reassign", (_TO, _TEXT), Claimed,
          also=_BEATEN),
    Route("POST", f"{_AT}/approve", "desk.approve", approve, REVIEWERS, "审核通过", "Approve", (
        _VERSION, _TOKEN, _TEXT, _CODE, _NEXT, _TYPES), Decision, also=_BEATEN),
    Route("POST", f"{_AT}/return", "desk.return", send_back, REVIEWERS, "退回", "Return to the enterprise", (
        _VERSION, _TOKEN, _TEXT, _CODE, *_KEEP, *_REMARKS, _NEXT, _TYPES), Decision, also=_BEATEN),
)
