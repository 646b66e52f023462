"""What people do with a filing: claim it, give it back, take it over, hand it on, decide; the next one opens by itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from console.web.asking import Ask, BadInput, Done, Field, Route
from console.web.pages.filings import DECIDERS, PLACES
from domain.errors import NotAllowed
from gateway.filing_decisions import Person, decide_by_person
from messages.filing_decision import FilingDecision
from review_worker import claims
from review_worker.reasons import reason
from store.desk import unskilled
from store.filing_pages import deciders, stored_filing
from store.leases import Claim

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_CODE = re.compile(r"(approve|refuse|later)=(.{1,64})")
_WORDS = {"goods": ("商品备案", "goods filing"), "registration": ("企业注册", "registration")}


@dataclass(frozen=True, slots=True)
class Held:
    """A claim after it was made, renewed, given back or handed on."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision led to. next: the filing that is claimed now, None when nothing is left."""

    id: UUID
    state: str
    version: int
    number: str
    next: UUID | None


def claim(ask: Ask) -> Done:
    """Lease this one."""
    made = claims.claim(ask.database, ask.who, subject=_ours(ask), senior=True)
    return Done(_to(ask, made.subject if made else None), Held(made) if made else None, ("已领取", "It is yours now"))


def claim_next(ask: Ask) -> Done:
    """Lease the next one by deadline."""
    made = _next(ask)
    if made is None:
        return Done(_place(ask), None, ("没有待审的了", "Nothing is left to decide"))
    return Done(_to(ask, made.subject), Held(made))


def renew(ask: Ask) -> Done:
    """A lease from now on."""
    made = claims.renew(ask.database, ask.who, _known(ask), token=ask.given.get("token"))
    return Done(_to(ask, made.subject), Held(made), ("已续期", "The lease begins anew"))


def release(ask: Ask) -> Done:
    """Give it back."""
    made = claims.release(ask.database, ask.who, _known(ask), token=ask.given.get("token"))
    return Done(_place(ask), Held(made), ("已放回队列", "It is back in the queue"))


def steal(ask: Ask) -> Done:
    """Take it over from who holds it, with a reason."""
    made = claims.steal(ask.database, ask.who, _ours(ask), ask.given["reason"], senior=True)
    return Done(_to(ask, made.subject), Held(made), ("已接管", "It is yours now"))


def reassign(ask: Ask) -> Done:
    """Give it to somebody of its branch, or back to everybody."""
    subject, to = _known(ask), ask.given.get("to") or None
    filing = stored_filing(ask.database, _kind(ask), subject, ask.branch)
    if to and to not in dict(deciders(ask.database, filing.branch, DECIDERS[filing.kind])):
        raise BadInput({"to": ("没有该经办人", "is nobody who decides here")})
    made = claims.reassign(ask.database, ask.who, subject, to, ask.given.get("reason", ""))
    said = (f"已指派给{to}", f"Assigned to {to}") if to else ("已放回队列", "It is back in the queue")
    return Done(_to(ask, subject), Held(made), said)


def approve(ask: Ask) -> Done:
    """Approve what was seen at this version."""
    codes = [_CODE.fullmatch(text) for text in ask.given.get("codes", ())]
    if not all(codes):
        raise BadInput({"codes": ("海关编码结论有误", "say approve=CODE, refuse=CODE or later=CODE")})
    chosen = [(found[1], found[2]) for found in codes if found]
    return _decided(ask, FilingDecision(
        decision="APPROVE", reason=ask.given.get("note", ""), valid_to=_last_day(ask.given.get("valid_to", "")),
        approved=tuple(code for what, code in chosen if what == "approve"),
        refused=tuple(code for what, code in chosen if what == "refuse")))


def send_back(ask: Ask) -> Done:
    """Return it with a reason."""
    code, text = ask.given.get("code", ""), ask.given.get("reason", "")
    if not (code or text):
        raise BadInput({"reason": ("请选择或填写退回原因", "choose a reason or write one")})
    coded = (str(reason("return", _kind(ask), code)),) if code else ()
    return _decided(ask, FilingDecision(decision="RETURN", reason=text or code), coded)


def _decided(ask: Ask, value: FilingDecision, coded: tuple[str, ...] = ()) -> Done:
    kind, subject = _kind(ask), _ours(ask)
    value = FilingDecision(
        str(subject), str(ask.given["version"]), value.decision, value.reason_code, value.reason, "", value.valid_to,
        value.approved, value.refused)
    moved = decide_by_person(ask.store, kind, value, Person(f"reviewer:{ask.who}", ask.who, ask.given.get("token"), coded))
    following = _next(ask)
    zh, en = _WORDS[kind]
    what = ("已审核", "approved") if value.decision == "APPROVE" else ("已退回", "returned")
    number = f" {moved.number}" if moved.number else ""
    said = (f"{zh}{number}{what[0]}；{moved.enterprise}", f"The {en}{number} of {moved.enterprise} is {what[1]}")
    data = Decided(moved.id, moved.state or "", moved.version, moved.number or "", following.subject if following else None)
    return Done(_to(ask, following.subject if following else None), data, said)


def _next(ask: Ask) -> Claim | None:
    """The next one, claimed; none of another branch."""
    kind = _kind(ask)
    return claims.claim(
        ask.database, ask.who, branch=None if ask.branch == "*" else ask.branch, kind=kind,
        skills=ask.person.skills if kind == "goods" else (), senior=True)


def _known(ask: Ask) -> UUID:
    """The filing's id; raises UnknownThing for another branch's, NotAllowed for a person of head office, who decides nothing."""
    if ask.branch == "*":
        raise NotAllowed("head office looks on; the branch decides", zh="总会只可查看，由分会审核", code="ELSEWHERE")
    return stored_filing(ask.database, _kind(ask), ask.path["filing"], ask.branch).id


def _ours(ask: Ask) -> UUID:
    """The same, to be decided by this person; raises NotAllowed for goods of a type that they do not review."""
    subject, skills = _known(ask), ask.person.skills
    if not skills:
        return subject
    filing = stored_filing(ask.database, _kind(ask), subject, ask.branch)
    if filing.kind == "goods" and filing.type not in skills and filing.assigned_to != ask.who:
        raise unskilled(filing.type)
    return subject


def _last_day(text: str) -> str:
    """The last day as people write it ("2027-12-31", "2027/12/31", "2027年12月31日", "20271231") as yyyy-mm-dd, "" for none."""
    if not text:
        return ""
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)).isoformat() if found else _bad_day()
    except ValueError:
        return _bad_day()


def _bad_day() -> str:
    raise BadInput({"valid_to": ("日期应为 2027-12-31 或 2027年12月31日", "must be a day, such as 2027-12-31")})


def _kind(ask: Ask) -> str:
    return "goods" if ask.route.path.startswith("/filings") else "registration"


def _place(ask: Ask) -> str:
    return PLACES[_kind(ask)]


def _to(ask: Ask, subject: UUID | None) -> str:
    return f"{_place(ask)}/{subject}" if subject else _place(ask)


_TOKEN = Field("token", "integer", least=0, zh="领取号", en="token of the claim")
_REASON = Field("reason", "lines", longest=500, zh="原因", en="reason")
_VERSION = Field("version", "integer", required=True, least=0, zh="版本", en="version that was looked at")
_SAID = Field("reason", "lines", required=True, longest=500, zh="原因", en="reason")
_NOTE = Field("note", "lines", longest=500, zh="备注", en="note")
# name, function, Chinese, English, fields
_DOES: tuple[tuple[str, Callable[[Ask], Done], str, str, tuple[Field, ...]], ...] = (
    ("claim", claim, "领取", "Claim", ()),
    ("renew", renew, "续期", "Renew the lease of", (_TOKEN,)),
    ("release", release, "释放", "Release", (_TOKEN,)),
    ("steal", steal, "接管", "Take over", (_SAID,)),
    ("reassign", reassign, "指派", "Reassign", (Field("to", longest=64, zh="给谁", en="to whom"), _REASON)),
    ("return", send_back, "退回", "Return", (
        _VERSION, _TOKEN, Field("code", longest=40, zh="原因代码", en="reason code"), _REASON)),
)
_APPROVE = {
    "goods": (_VERSION, _TOKEN, _NOTE, Field("valid_to", longest=20, zh="有效期至", en="valid until")),
    "registration": (_VERSION, _TOKEN, _NOTE, Field("codes", "texts", longest=80, zh="海关编码结论", en="customs codes")),
}
_ONE = {"goods": "filing", "registration": "registration"}


def _routes(kind: str) -> tuple[Route, ...]:
    place, one, (zh, en) = PLACES[kind], _ONE[kind], _WORDS[kind]
    does = (*_DOES, ("approve", approve, "审核", "Approve", _APPROVE[kind]))
    return (
        Route("POST", f"{place}/next", f"{one}-next", claim_next, DECIDERS[kind], f"领取下一{zh}", f"Claim the next {en}",
              gives=Held),
        *(Route("POST", f"{place}/{{filing:uuid}}/{name}", f"{one}-{name}", does_it, DECIDERS[kind], f"{what_zh}{zh}",
                f"{what_en} a {en}", fields, Decided if name in ("approve", "return") else Held)
          for name, does_it, what_zh, what_en, fields in does))


ROUTES: tuple[Route, ...] = (*_routes("goods"), *_routes("registration"))
