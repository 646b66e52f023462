"""Signing in with the manuals' four fields, signing out, and the first steps: a password of one's own, a second factor."""

import re
from dataclasses import dataclass

from console import own_account, passwords, second_factor
from console.second_factor import Drawing
from console.signing_in import Given, Refused
from console.signing_in import sign_in as try_to
from console.web.asking import PENDING, PUBLIC, Ask, Done, Field, Route, View
from console.web.security import SESSION_COOKIE
from domain.errors import NotAllowed
from store.people import Session, end_session

_OWN = re.compile(r"/(?![/\\])[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the page shows again after a refusal: never the password. wait: seconds until the next attempt is looked at."""

    next: str
    branch: str = ""
    name: str = ""
    refused: bool = False
    wait: int = 0


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """pending: "password" or "totp"; fault: (zh, en) of what was not accepted; drawing, secret: of the new second factor."""

    user: str
    pending: str
    fault: tuple[str, str] | None = None
    drawing: Drawing | None = None
    secret: str = ""
    shortest: int = passwords.SHORTEST
    advised: int = passwords.ADVISED


def own_address(text: str) -> str:
    """An address of this console to go on to; "/" for anything else."""
    return text if _OWN.fullmatch(text) else "/"


def sign_in_page(ask: Ask) -> View | Done:
    """The form; who is signed in goes on."""
    to = own_address(ask.given.get("next", "/"))
    return Done(to) if ask.session else View("sign_in.html", SignIn(to))


def sign_in(ask: Ask) -> View | Done:
    """A new session; whatever was wrong, the same answer."""
    typed = {name: ask.given.get(name, "") for name in ("branch", "name", "password", "code")}
    to = own_address(ask.given.get("next", "/"))
    answer = try_to(ask.database, ask.house.keys, Given(**typed, card=ask.card), ask.address, ask.agent)
    if isinstance(answer, Refused):
        page = SignIn(to, typed["branch"], typed["name"], refused=True, wait=answer.wait)
        return View("sign_in.html", page, 429 if answer.wait else 401)
    if ask.session:
        end_session(ask.database, ask.session.id, "signed in anew")
    return Done("/first-steps" if answer.pending else to, cookies={SESSION_COOKIE: answer.token})


def sign_out(ask: Ask) -> Done:
    """The session is over, here and on the server."""
    end_session(ask.database, _session(ask).id, "signed out")
    return Done("/sign-in", said=("已退出", "You have signed out"), cookies={SESSION_COOKIE: None})


def first_steps(ask: Ask) -> View | Done:
    """What has to be set before anything else."""
    if _session(ask).pending is None:
        return Done("/")
    return View("first_steps.html", _steps(ask))


def set_password(ask: Ask) -> View | Done:
    """A password of one's own in place of the one-time one."""
    if _session(ask).pending != "password":
        return Done("/first-steps")
    if ask.given["new"] != ask.given["again"]:
        return View("first_steps.html", _steps(ask, DIFFERENT), 422)
    fault = own_account.choose_password(ask.database, ask.house.keys, _session(ask), ask.given["new"])
    if fault:
        return View("first_steps.html", _steps(ask, passwords.FAULTS[fault]), 422)
    return Done("/first-steps", said=("密码已设置", "Your password is set"))


def set_second_factor(ask: Ask) -> View | Done:
    """The first code of the telephone."""
    if _session(ask).pending != "totp":
        return Done("/first-steps")
    if own_account.confirm_second_factor(ask.database, ask.house.keys, _session(ask), ask.given["code"]):
        return Done("/", said=("动态口令已启用", "The one-time code is in force"))
    return View("first_steps.html", _steps(ask, WRONG_CODE), 422)


def _steps(ask: Ask, fault: tuple[str, str] | None = None) -> FirstSteps:
    pending = _session(ask).pending or ""
    secret = own_account.shown_secret(ask.database, ask.house.keys, ask.person) if pending == "totp" else None
    if not secret:
        return FirstSteps(ask.who, pending, fault)
    drawing = second_factor.drawn(second_factor.address_of(secret, ask.who))
    return FirstSteps(ask.who, pending, fault, drawing, " ".join(re.findall(".{1,4}", secret)))


def _session(ask: Ask) -> Session:
    if ask.session is None:
        raise NotAllowed("a program with a key has no session", zh="程序密钥没有会话")
    return ask.session


WRONG_CODE = ("动态口令不正确，请检查手机时间", "This code is not right; check your telephone's clock")
DIFFERENT = ("两次输入的密码不一致", "The two passwords differ")
NEW_PASSWORD = (
    Field("new", "secret", required=True, longest=1024, zh="新密码", en="new password"),
    Field("again", "secret", required=True, longest=1024, zh="再次输入", en="again"))
CODE = Field("code", longest=20, zh="动态口令", en="one-time code")

ROUTES: tuple[Route, ...] = (
    Route("GET", "/sign-in", "sign_in_page", sign_in_page, PUBLIC, "登录页", "The sign-in form", api=False, fields=(
        Field("next", longest=2000, zh="登录后前往", en="go on to"),)),
    Route("POST", "/sign-in", "sign_in", sign_in, PUBLIC, "登录", "Sign in", api=False, fields=(
        Field("branch", zh="分会代码", en="branch code"), Field("name", zh="用户名", en="user"),
        Field("password", "secret", longest=4096, zh="密码", en="password"), CODE,
        Field("next", longest=2000, zh="登录后前往", en="go on to"))),
    Route("POST", "/sign-out", "sign_out", sign_out, PENDING, "退出", "Sign out", api=False),
    Route("GET", "/first-steps", "first_steps", first_steps, PENDING, "首次登录设置", "The first steps of an account", api=False),
    Route("POST", "/first-steps/password", "first_password", set_password, PENDING, "设置密码", "Set one's own password", api=False,
          fields=NEW_PASSWORD),
    Route("POST", "/first-steps/code", "first_code", set_second_factor, PENDING, "启用动态口令", "Confirm the second factor",
          api=False, fields=(Field("code", required=True, longest=20, zh="动态口令", en="one-time code"),)),
)
