"""Users and roles 用户, for administrators: their branch's, head office's all."""

from collections.abc import Callable
from dataclasses import dataclass

from console import user_changes
from console.user_changes import By, NewUser
from console.web.asking import ADMINISTRATORS, Answer, Ask, Done, Field, Route, View
from console.web.pages.me import SessionRow, confirmed_lately, need_confirmation, row_of
from domain.errors import UnknownThing
from schemas.certificate_types import all_types
from store.accounts import Account, accounts
from store.people import ROLES, sessions_of
from store.registry import branches


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: roles (code, zh, en, what it may), certificate types (code, zh, en), branches (code, zh, en)."""

    roles: tuple[tuple[str, str, str, str], ...]
    types: tuple[tuple[str, str, str], ...]
    branches: tuple[tuple[str, str, str], ...]
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Users:
    """The users that this administrator keeps. confirmed: the password was given lately, so that one can be added."""

    users: tuple[Account, ...]
    choices: Choices
    confirmed: bool


@dataclass(frozen=True, slots=True)
class User:
    """One user. one_time: the password that was made just now and is shown this once; mine: it is the one who asks; confirmed: the
    password was given lately, so that roles and passwords can be changed."""

    user: Account
    sessions: tuple[SessionRow, ...]
    choices: Choices
    mine: bool
    confirmed: bool
    one_time: str = ""


def users(ask: Ask) -> View:
    """The list, and the form to add one."""
    found = accounts(ask.database, None if ask.person.everywhere else ask.branch)
    return View("users.html", Users(tuple(found), _choices(ask), confirmed_lately(ask)))


def user(ask: Ask) -> View:
    """One user with his sessions."""
    return View("user.html", _user(ask, ask.path["branch"], ask.path["name"]))


def add(ask: Ask) -> View:
    """A new user; his one-time password is shown this once."""
    need_confirmation(ask)
    given = ask.given
    new = NewUser(
        given.get("branch", ask.person.branch), given["name"].lower(), given["shown"], given["roles"], given["skills"],
        given["everywhere"], given["totp"])
    made = user_changes.add(ask.database, By(ask.person), new)
    return View("user.html", _user(ask, new.branch, new.name, made or ""), 201)


def set_roles(ask: Ask) -> Done:
    """The roles that are ticked, and no others."""
    need_confirmation(ask)
    have, wanted = set(_account(ask).roles), set(ask.given["roles"])
    user_changes.change_roles(ask.database, By(ask.person), *_target(ask), wanted - have, have - wanted)
    return _done(ask, "角色已更改，其会话已结束", "The roles are changed; the user signs in anew")


def set_skills(ask: Ask) -> Done:
    """The certificate types that are ticked; none: all."""
    user_changes.set_skills(ask.database, By(ask.person), *_target(ask), ask.given["skills"])
    return _done(ask, "证书种类已更改", "The certificate types are changed")


def reset(ask: Ask) -> View:
    """A new one-time password, shown this once; a new second factor if asked for."""
    need_confirmation(ask)
    made = user_changes.reset(ask.database, By(ask.person), *_target(ask), totp=ask.given["totp"])
    return View("user.html", _user(ask, *_target(ask), made))


def drop_totp(ask: Ask) -> Done:
    """The second factor is set up anew at the next sign-in."""
    need_confirmation(ask)
    user_changes.drop_totp(ask.database, By(ask.person), *_target(ask))
    return _done(ask, "下次登录时须重新设置动态口令", "The second factor is set up anew at the next sign-in")


def disable(ask: Ask) -> Done:
    """Switch the user off."""
    user_changes.set_active(ask.database, By(ask.person), *_target(ask), active=False)
    return _done(ask, "用户已停用，其会话已结束", "The user is switched off and signed out")


def enable(ask: Ask) -> Done:
    """Switch the user on again."""
    user_changes.set_active(ask.database, By(ask.person), *_target(ask), active=True)
    return _done(ask, "用户已启用", "The user is active again")


def end_sessions(ask: Ask) -> Done:
    """End all sessions of the user."""
    count = user_changes.end_sessions(ask.database, By(ask.person), *_target(ask))
    return _done(ask, f"已结束{count}个会话", f"{count} session{'' if count == 1 else 's'} ended")


def _target(ask: Ask) -> tuple[str, str]:
    return ask.path["branch"], ask.path["name"]


def _done(ask: Ask, zh: str, en: str) -> Done:
    return Done("/users/" + "/".join(_target(ask)), said=(zh, en))


def _account(ask: Ask) -> Account:
    branch, name = _target(ask)
    return _found(ask, branch, name)


def _found(ask: Ask, branch: str, name: str) -> Account:
    """The account, of the asker's branch; raises UnknownThing."""
    rows = accounts(ask.database, branch, name) if ask.branch in ("*", branch) else []
    if not rows:
        raise UnknownThing(f"there is no user {branch}/{name}", zh=f"没有用户{branch}/{name}")
    return rows[0]


def _user(ask: Ask, branch: str, name: str, one_time: str = "") -> User:
    account = _found(ask, branch, name)
    this = ask.session.id if ask.session else b""
    rows = tuple(row_of(one, this) for one in sessions_of(ask.database, branch, name))
    return User(account, rows, _choices(ask), account.key == ask.who, confirmed_lately(ask), one_time)


def _choices(ask: Ask) -> Choices:
    roles = tuple((code, *texts) for code, texts in ROLES.items())
    types = tuple((kind.code, kind.zh, kind.en) for kind in all_types() if kind.enabled)
    places = tuple((one.code, one.name_zh, one.name_en) for one in branches(ask.database) if ask.branch in ("*", one.code))
    return Choices(roles, types, places, ask.person.everywhere)


_ROLES = Field("roles", "texts", longest=20, zh="角色", en="roles")
_SKILLS = Field("skills", "texts", longest=12, zh="证书种类", en="certificate types")
_TOTP = Field("totp", "flag", zh="动态口令", en="second factor")


def _change(name: str, answer: Callable[[Ask], Answer], zh: str, en: str, *fields: Field) -> Route:
    path = f"/users/{{branch}}/{{name}}/{name}"
    return Route("POST", path, f"user_{name.replace('-', '_')}", answer, ADMINISTRATORS, zh, en, fields, api=False)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/users", "users", users, ADMINISTRATORS, "用户列表", "The users", gives=Users),
    Route("POST", "/users", "add_user", add, ADMINISTRATORS, "新增用户", "Add a user", api=False, fields=(
        Field("branch", longest=6, zh="分会代码", en="branch code"),
        Field("name", required=True, longest=32, zh="用户名", en="user"),
        Field("shown", required=True, longest=40, zh="姓名", en="name"), _ROLES, _SKILLS,
        Field("everywhere", "flag", zh="总会", en="head office"), _TOTP)),
    Route("GET", "/users/{branch}/{name}", "user", user, ADMINISTRATORS, "用户", "A user", gives=User),
    _change("roles", set_roles, "更改角色", "Change the roles", _ROLES),
    _change("skills", set_skills, "更改证书种类", "Change the certificate types", _SKILLS),
    _change("reset", reset, "重置密码", "A new one-time password", _TOTP),
    _change("totp", drop_totp, "重设动态口令", "Set the second factor up anew"),
    _change("disable", disable, "停用", "Switch off"),
    _change("enable", enable, "启用", "Switch on"),
    _change("end-sessions", end_sessions, "结束会话", "End the sessions"),
)
