"""What is done to accounts of the console: added, given roles, reset, switched off. Each in one transaction with its audit line.

Whatever takes rights away ends the user's sessions. An administrator keeps the users of his branch, head office those of all;
nobody changes his own roles, and a branch never loses its last administrator.
"""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from console import passwords, second_factor
from console.operator import actor
from console.secrets_at_rest import Keys
from console.signing_in import BRANCH, NAME
from domain.errors import NotAllowed, Refusal, UnknownThing
from schemas.certificate_types import all_types
from store import accounts, people
from store.accounts import Account
from store.database import Database
from store.people import DECIDING_ROLES, HEAD_OFFICE_ROLES, ROLES, Person
from store.registry import partner


@dataclass(frozen=True, slots=True)
class By:
    """Who changes: a person of the console, or the shell (None), which may do everything that is possible."""

    person: Person | None = None

    @property
    def actor(self) -> str:
        """As the audit names them."""
        return self.person.key if self.person else actor()


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is known of a user to be added. card: SHA-256 of the client certificate, hex."""

    branch: str
    name: str
    shown: str
    roles: tuple[str, ...]
    skills: tuple[str, ...] = ()
    everywhere: bool = False
    totp_required: bool = True
    card: str | None = field(default=None)


def add(database: Database, by: By, new: NewUser, password: str | None = None) -> str | None:
    """Add a user; the one-time password that was made, None when a password was given. Raises Refusal, UnknownThing."""
    _check_new(by, new)
    if password is not None:
        _check_password(password, new.branch, new.name)
    made = password or passwords.one_time()
    hashed = passwords.hash_of(made)
    with database.transaction():
        _add(database, by, new)
        database.query("set_password", branch=new.branch, name=new.name, hash=hashed, seen=None,
                       hours=None if password else passwords.ONE_TIME_HOURS)
        people.audit(database, by.actor, "user.add", new.branch, f"{new.branch}/{new.name}", roles=sorted(new.roles),
                     everywhere=new.everywhere, totp_required=new.totp_required, card=new.card is not None)
    return None if password else made


def change_roles(
    database: Database, by: By, branch: str, name: str, give: Collection[str] = (), take: Collection[str] = ()
) -> list[str]:
    """Give and take roles, and end the user's sessions; the roles there are now. Raises NotAllowed, Refusal, UnknownThing."""
    _known_roles({*give, *take})
    with _change(database, by, branch, name) as account:
        after = (set(account.roles) | set(give)) - set(take)
        _check_roles(after, account.everywhere)
        if account.active and "administrator" in set(account.roles) - after:
            _leave_an_administrator(database, account)
        _write_roles(database, by, account, after)
    return sorted(after)


def reset(database: Database, by: By, branch: str, name: str, totp: bool = False) -> str:
    """A new one-time password, and with `totp` a second factor to be set up anew; ends the sessions. The password."""
    made = passwords.one_time()
    hashed = passwords.hash_of(made)
    with _change(database, by, branch, name) as account:
        database.query("set_password", branch=branch, name=name, hash=hashed, seen=None, hours=passwords.ONE_TIME_HOURS)
        if totp:
            database.query("set_totp", branch=branch, name=name, totp=None, confirmed=False)
        database.query("forget_delays_of", key=f"user:{account.key}")
        _record(database, by, account, "user.reset", "password reset", totp=totp)
    return made


def drop_totp(database: Database, by: By, branch: str, name: str) -> None:
    """The second factor has to be set up anew at the next sign-in; ends the sessions."""
    with _change(database, by, branch, name) as account:
        database.query("set_totp", branch=branch, name=name, totp=None, confirmed=False)
        _record(database, by, account, "user.totp", "second factor reset", set_up=False)


def give_totp(database: Database, keys: Keys, by: By, branch: str, name: str) -> str:
    """A second factor that counts at once; its secret, to be handed over. Ends the sessions."""
    secret = second_factor.new_secret()
    with _change(database, by, branch, name) as account:
        sealed = second_factor.sealed(keys, secret, account.key)
        database.query("set_totp", branch=branch, name=name, totp=sealed, confirmed=True)
        _record(database, by, account, "user.totp", "second factor reset", set_up=True)
    return secret


def set_active(database: Database, by: By, branch: str, name: str, active: bool) -> None:
    """Switch a user off, which ends the sessions, or on again; raises Refusal when he is so already."""
    with _change(database, by, branch, name) as account:
        if not active and account.active and "administrator" in account.roles:
            _leave_an_administrator(database, account)
        if not database.query("set_user_active", branch=branch, name=name, active=active):
            raise Refusal(f"{account.key} is {'active' if active else 'disabled'} already", zh=f"{account.key}状态未变")
        _record(database, by, account, "user.enable" if active else "user.disable", None if active else "disabled")
        if not active:
            _give_work_back(database, by, account)


def set_skills(database: Database, by: By, branch: str, name: str, skills: Collection[str]) -> None:
    """The certificate types that this reviewer is offered; none: all."""
    _known_skills(skills)
    with _change(database, by, branch, name) as account:
        database.query("set_user_skills", branch=branch, name=name, skills=sorted(set(skills)))
        _record(database, by, account, "user.skills", None, skills=sorted(set(skills)))


def end_sessions(database: Database, by: By, branch: str, name: str) -> int:
    """End all sessions of a user; how many there were."""
    with _change(database, by, branch, name):
        return people.end_sessions_of(database, branch, name, "ended by an administrator", by=by.actor)


def add_key(database: Database, by: By, owner: tuple[str, str] | str, label: str, days: int) -> str:
    """A key for a program: of a user (branch, name), or of an enterprise (its number). The key, which is not kept."""
    token = f"coedi_{secrets.token_urlsafe(32)}"
    with database.transaction():
        if isinstance(owner, tuple):
            account, firm = _seen(database, by, *owner), None
            branch, subject = account.branch, account.key
        else:
            firm = partner(database, owner)
            branch, subject = firm.branch, firm.no
        user = owner if isinstance(owner, tuple) else None
        accounts.add_key(database, token, label, days, by.actor, user, firm.no if firm else None)
        people.audit(database, by.actor, "key.add", branch, subject, label=label, days=days, key=people.hashed(token).hex()[:12])
    return token


def revoke_key(database: Database, by: By, prefix: str) -> str:
    """End the key whose id begins so; whose it was. Raises UnknownThing, Refusal when several do."""
    with database.transaction():
        found = database.query("revoke_key", prefix=prefix)
        if not found:
            raise UnknownThing(f"no key in force begins with {prefix}; see: coedi user key list")
        if len(found) > 1:
            raise Refusal(f"{len(found)} keys begin with {prefix}; give more digits")
        ident, label, branch, name, enterprise = found[0]
        owner = enterprise or f"{branch}/{name}"
        where = branch or partner(database, enterprise).branch
        people.audit(database, by.actor, "key.revoke", where, owner, label=label, key=bytes(ident).hex()[:12])
    return str(owner)


@contextmanager
def _change(database: Database, by: By, branch: str, name: str) -> Iterator[Account]:
    """One change of a user: in one transaction, one after another in a branch."""
    with database.transaction():
        database.query("hold_users_of", branch=branch)
        yield _seen(database, by, branch, name)


def _seen(database: Database, by: By, branch: str, name: str) -> Account:
    """The account, if this person may change it; raises UnknownThing, NotAllowed."""
    found = accounts.accounts(database, branch, name)
    if not found or (by.person and by.person.scope not in ("*", branch)):
        raise UnknownThing(f"there is no user {branch}/{name}; see: coedi user list", zh=f"没有用户{branch}/{name}")
    _authorise(by, found[0].everywhere)
    if by.person and found[0].key == by.person.key:
        raise NotAllowed("nobody changes his own account here; another administrator has to",
                         zh="不能更改自己的账户，请由其他管理员操作")
    return found[0]


def _authorise(by: By, everywhere: bool) -> None:
    if by.person is None:
        return
    if "administrator" not in by.person.roles:
        raise NotAllowed("only an administrator keeps users", zh="只有管理员可以管理用户")
    if everywhere and not by.person.everywhere:
        raise NotAllowed("users of head office are kept by head office", zh="总会用户只能由总会管理员管理")


def _check_new(by: By, new: NewUser) -> None:
    if not BRANCH.fullmatch(new.branch) or not NAME.fullmatch(new.name):
        raise Refusal(
            "a user is named BRANCH/NAME: the branch's code, and 2 to 32 of a-z 0-9 . _ -, as in 1100B0/wang",
            zh="用户名为2至32个小写字母、数字或 . _ -")
    if by.person and by.person.scope not in ("*", new.branch):
        raise UnknownThing(f"there is no branch {new.branch}", zh="没有该分会")
    _authorise(by, new.everywhere)
    _known_roles(new.roles)
    _check_roles(set(new.roles), new.everywhere)
    _known_skills(new.skills)


def _add(database: Database, by: By, new: NewUser) -> None:
    if not database.query("branches", codes=[new.branch]):
        raise UnknownThing(f"there is no branch {new.branch}; see: coedi branch list", zh="没有该分会")
    if not database.query(
            "add_user", branch=new.branch, name=new.name, shown=people.one_text(new.shown.strip(), 40) or new.name,
            everywhere=new.everywhere, skills=sorted(set(new.skills)), totp_required=new.totp_required,
            card=new.card.lower() if new.card else None, by=by.actor):
        raise Refusal(f"the user {new.branch}/{new.name} is there already", zh=f"用户{new.branch}/{new.name}已存在")
    for role in sorted(set(new.roles)):
        database.query("give_role", branch=new.branch, name=new.name, role=role, by=by.actor)


def _write_roles(database: Database, by: By, account: Account, after: set[str]) -> None:
    before, me = set(account.roles), {"branch": account.branch, "name": account.name}
    for role in sorted(after - before):
        database.query("give_role", **me, role=role, by=by.actor)
    for role in sorted(before - after):
        database.query("take_role", **me, role=role)
    if after != before:
        _record(database, by, account, "user.role", "roles changed", given=sorted(after - before), taken=sorted(before - after))
    if not after & DECIDING_ROLES:
        _give_work_back(database, by, account)


def _give_work_back(database: Database, by: By, account: Account) -> None:
    """What this user holds, or was given, waits for everybody again: nobody else would be offered it."""
    freed = [str(subject) for (subject,) in database.query("free_work_of", who=account.key)]
    if freed:
        people.audit(database, by.actor, "review freed", account.branch, account.key, subjects=freed)


def _record(database: Database, by: By, account: Account, action: str, ends: str | None, **detail: object) -> None:
    """The audit line, and the end of the user's sessions for this reason."""
    people.audit(database, by.actor, action, account.branch, account.key, **detail)
    if ends:
        people.end_sessions_of(database, account.branch, account.name, ends, by=by.actor)


def _known_roles(roles: Collection[str]) -> None:
    if unknown := set(roles) - set(ROLES):
        raise Refusal(f"there is no role {', '.join(sorted(unknown))}; roles are {', '.join(ROLES)}", zh="没有该角色")


def _check_roles(roles: set[str], everywhere: bool) -> None:
    if not roles:
        raise Refusal("a user needs at least one role; to switch one off: coedi user disable",
                      zh="用户至少需要一个角色；停用请用“停用”")
    if everywhere and roles - HEAD_OFFICE_ROLES:
        raise Refusal(
            f"a user of head office can be {', '.join(sorted(HEAD_OFFICE_ROLES))} only; decisions are those of a branch",
            zh="总会用户只能是运维、审计或管理员；审核由分会办理")


def _known_skills(skills: Collection[str]) -> None:
    if unknown := set(skills) - {kind.code for kind in all_types()}:
        raise Refusal(f"there is no certificate type {', '.join(sorted(unknown))}; see: coedi types", zh="没有该证书种类")


def _check_password(password: str, branch: str, name: str) -> None:
    if fault := passwords.fault(password, branch, name):
        zh, en = passwords.FAULTS[fault]
        raise Refusal(f"this password is not accepted: {en}", zh=zh)


def _leave_an_administrator(database: Database, account: Account) -> None:
    if not database.query("other_administrators", branch=account.branch, name=account.name)[0][0]:
        raise NotAllowed(
            f"{account.key} is the last administrator of branch {account.branch}; add another one first",
            zh="这是本分会最后一名管理员，请先增加另一名")

