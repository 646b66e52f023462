"""One's own page: where one is signed in, and the password."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console import own_account, passwords
from console.signing_in import re_authenticate
from console.web.asking import SIGNED_IN, Ask, BadInput, Done, Field, Route, View
from console.web.pages.sign_in import CODE, DIFFERENT, NEW_PASSWORD, own_address
from domain.errors import NotAllowed, UnknownThing
from store import people
from store.people import ROLES, OpenSession

# what a browser says of itself -> how people call it; the first that fits
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"))
_MACHINES = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))
LATELY = timedelta(minutes=10)  # so long a password that was given counts for what an administrator does


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as listed. id: names it, and opens nothing; this: the one that asks; device: "Chrome, Windows"."""

    id: str
    this: bool
    device: str
    agent: str
    address: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Me:
    """The person and his sessions. roles: (code, zh, en)."""

    user: str
    shown: str
    branch: str
    everywhere: bool
    roles: tuple[tuple[str, str, str], ...]
    skills: tuple[str, ...]
    sessions: tuple[SessionRow, ...]
    fault: tuple[str, str] | None = None


def me(ask: Ask) -> View:
    """My account and my sessions."""
    return View("me.html", _me(ask))


def end_one(ask: Ask) -> Done:
    """End one of one's own sessions; another's is unknown."""
    wanted = ask.given["id"]
    found = next((one for one in _mine(ask) if one.id.hex() == wanted), None)
    if found is None:
        raise UnknownThing("this session is over already", zh="该会话已结束")
    people.end_session(ask.database, found.id, "ended by the user")
    return Done("/me", said=("会话已结束", "The session is ended"))


def end_others(ask: Ask) -> Done:
    """End all of one's own sessions but the one that asks."""
    but = ask.session.id if ask.session else None
    count = people.end_sessions_of(ask.database, ask.person.branch, ask.person.name, "ended by the user", but=but)
    return Done("/me", said=(f"已结束其他{count}个会话", f"{count} other session{'' if count == 1 else 's'} ended"))


def change_password(ask: Ask) -> View | Done:
    """A new password; asks for the old one and a code, ends the other sessions."""
    if ask.session is None:
        raise NotAllowed("a password is changed by the person, not by a program", zh="密码须由本人更改")
    if ask.given["new"] != ask.given["again"]:
        return View("me.html", _me(ask, DIFFERENT), 422)
    confirm_person(ask)
    fault = own_account.choose_password(ask.database, ask.house.keys, ask.session, ask.given["new"])
    if fault:
        return View("me.html", _me(ask, passwords.FAULTS[fault]), 422)
    return Done("/me", said=("密码已更改，其他会话已结束", "Your password is changed; your other sessions are ended"))


def renew_second_factor(ask: Ask) -> Done:
    """Another telephone: a new second factor is set up, before anything else; asks for the password and a code of the old one."""
    if ask.session is None:
        raise NotAllowed("a second factor is a person's, not a program's", zh="动态口令须由本人更换")
    confirm_person(ask)
    own_account.renew_second_factor(ask.database, ask.house.keys, ask.session)
    return Done("/first-steps", said=("请在新手机上设置动态口令", "Set up the one-time code on the new telephone"))


def confirm(ask: Ask) -> Done:
    """It is still this person: what needs that is allowed for some minutes."""
    confirm_person(ask)
    return Done(own_address(ask.given.get("back", "/")))


def confirmed_lately(ask: Ask) -> bool:
    """Whether the password was given in this session in the last minutes."""
    return ask.session is not None and datetime.now(UTC) - ask.session.confirmed_at < LATELY


def need_confirmation(ask: Ask) -> None:
    """Raises NotAllowed when the password was given too long ago for what gives others power."""
    if not confirmed_lately(ask):
        raise NotAllowed("give your password again first: it was given too long ago for this", zh="请先再次确认身份，再执行此操作",
                         code="CONFIRM")


def confirm_person(ask: Ask) -> None:
    """That it is still this person, by the fields `password` and `code`; raises BadInput, and says how long to wait."""
    refused = re_authenticate(
        ask.database, ask.house.keys, ask.person, ask.given.get("password", ""), ask.given.get("code", ""), ask.address)
    if refused is None:
        if ask.session:
            people.confirm(ask.database, ask.session.id)
        return
    if refused.wait:
        raise BadInput({"password": (f"请{refused.wait}秒后再试", f"try again in {refused.wait} s")})
    if refused.reason == "code used before":
        raise BadInput({"code": ("此动态口令已使用，请等待下一个", "this code was used; wait for the next one")})
    raise BadInput({"password": ("密码或动态口令不正确", "the password or the code is not right")})


def device(agent: str) -> str:
    """A browser's own words as people call it: "Chrome, Windows"; the first word of others."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    machine = next((name for sign, name in _MACHINES if sign in agent), "")
    return ", ".join(filter(None, (browser, machine))) or re.split(r"[/(]", agent, maxsplit=1)[0].strip()[:30] or "?"


def _mine(ask: Ask) -> list[OpenSession]:
    return people.sessions_of(ask.database, ask.person.branch, ask.person.name)


def row_of(one: OpenSession, this: bytes) -> SessionRow:
    """A session as listed; this: the id of the one that asks."""
    return SessionRow(
        one.id.hex(), one.id == this, device(one.agent), one.agent, one.address, one.started_at, one.seen_at, one.ends_at)


def _me(ask: Ask, fault: tuple[str, str] | None = None) -> Me:
    this, person = ask.session.id if ask.session else b"", ask.person
    rows = tuple(row_of(one, this) for one in _mine(ask))
    roles = tuple((code, zh, en) for code, (zh, en, _) in ROLES.items() if code in person.roles)
    return Me(person.key, person.shown, person.branch, person.everywhere, roles, person.skills, rows, fault)


_PASSWORD = Field("password", "secret", required=True, longest=4096, zh="密码", en="password")
ROUTES: tuple[Route, ...] = (
    Route("GET", "/me", "me", me, SIGNED_IN, "我的账户与会话", "My account and my sessions", gives=Me),
    Route("POST", "/me/sessions/end", "end_session", end_one, SIGNED_IN, "结束一个会话", "End one of my sessions", api=False,
          fields=(Field("id", required=True, longest=64, zh="会话", en="session"),)),
    Route("POST", "/me/sessions/end-others", "end_other_sessions", end_others, SIGNED_IN, "结束其他会话", "End my other sessions",
          api=False),
    Route("POST", "/me/password", "change_password", change_password, SIGNED_IN, "更改密码", "Change my password", api=False,
          fields=(Field("password", "secret", required=True, longest=4096, zh="原密码", en="password"), CODE, *NEW_PASSWORD)),
    Route("POST", "/me/totp", "renew_totp", renew_second_factor, SIGNED_IN, "更换动态口令", "Set up another second factor",
          api=False, fields=(_PASSWORD, CODE)),
    Route("POST", "/me/confirm", "confirm", confirm, SIGNED_IN, "再次确认身份", "Confirm who it is", api=False,
          fields=(_PASSWORD, CODE, Field("back", longest=200, zh="返回", en="back to"))),
)
