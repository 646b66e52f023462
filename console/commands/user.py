"""`coedi user`: who may sign in to the console, with which roles, and the keys of programs."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.terminal import echo_json, on_terminal, one_line, table, when
from domain.errors import BadSetting

if TYPE_CHECKING:
    from store.accounts import Account, Key
    from store.database import Database

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_ROLES = "reviewer, senior-reviewer, registrar, print-clerk, operator, auditor, administrator"


def _user(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Click callback: "1100B0/wang" becomes ("1100B0", "wang")."""
    if value is None:
        return None
    branch, _slash, name = value.strip().partition("/")
    if not re.fullmatch(r"[0-9]{4}[A-Z][0-9]", branch) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,31}", name):
        raise click.BadParameter(
            f"{one_line(value)!r}: a user is BRANCH/NAME, the name 2 to 32 of a-z 0-9 . _ -, as in 1100B0/wang")
    return branch, name


def _card(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Click callback: 64 hex digits, colons dropped."""
    digits = value.replace(":", "").lower() if value else None
    if digits and not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise click.BadParameter("the SHA-256 of a certificate has 64 hex digits; see: openssl x509 -fingerprint -sha256")
    return digits


_USER = click.argument("who", metavar="BRANCH/NAME", callback=_user)


@click.group()
def user() -> None:
    """People of the console 用户, and keys of programs."""


@user.command("add")
@_USER
@click.option("--role", "roles", multiple=True, required=True, help=f"May be repeated: {_ROLES}.")
@click.option("--shown", default="", help="As colleagues call them, 王芳.")
@click.option("--skill", "skills", multiple=True, metavar="TYPE", help="Certificate type that a reviewer is offered; none: all.")
@click.option("--everywhere", is_flag=True, help="Head office 总会: sees all branches.")
@click.option("--no-totp", is_flag=True, help="A second factor is not required.")
@click.option("--card", callback=_card, metavar="SHA256", help="Client certificate (CA card) without which sign-in is refused.")
@click.option("--password-file", metavar="FILE", help="Read the user's password from FILE, - for standard input.")
@_JSON
def add(who: tuple[str, str], roles: tuple[str, ...], skills: tuple[str, ...], as_json: bool, **fields: Any) -> None:
    """Add a user; prints a one-time password, once."""
    from console.user_changes import By, NewUser
    from console.user_changes import add as add_user

    password = _password(fields["password_file"])
    new = NewUser(
        *who, fields["shown"] or who[1], roles, skills, fields["everywhere"], not fields["no_totp"], fields["card"])
    with _Users() as (_, database):
        made = add_user(database, By(), new, password)
    _say_password("/".join(who), made, as_json)


@user.command("list")
@click.option("--branch", help="Only this branch's.")
@_JSON
def list_(branch: str | None, as_json: bool) -> None:
    """All users with their roles."""
    from store.accounts import accounts

    with _Users() as (_, database):
        rows = accounts(database, branch)
    if as_json:
        echo_json({"users": [_as_data(row) for row in rows]})
    elif rows:
        columns = ("user", "name", "roles", "skills", "second factor", "active", "signed in")
        table("Users 用户", columns, [
            (row.key, row.shown, ", ".join(row.roles) + (" (all branches)" if row.everywhere else ""), " ".join(row.skills) or None,
             _factor(row), "yes" if row.active else "no", when(row.signed_in_at)) for row in rows])
    else:
        click.echo("there is no user; to add the first: coedi user add BRANCH/NAME --role administrator")


@user.command("role")
@_USER
@click.option("--add", "give", multiple=True, metavar="ROLE", help=f"Give it; may be repeated: {_ROLES}.")
@click.option("--remove", "take", multiple=True, metavar="ROLE", help="Take it away; may be repeated.")
@_JSON
def role(who: tuple[str, str], give: tuple[str, ...], take: tuple[str, ...], as_json: bool) -> None:
    """Give and take roles; the user signs in anew."""
    from console.user_changes import By, change_roles

    if not give and not take:
        raise click.UsageError("say which: --add ROLE, --remove ROLE")
    with _Users() as (_, database):
        now = change_roles(database, By(), *who, give, take)
    if as_json:
        echo_json({"user": "/".join(who), "roles": now})
    else:
        click.echo(f"{'/'.join(who)} is {', '.join(now)}")


@user.command("reset")
@_USER
@click.option("--totp", is_flag=True, help="The second factor is set up anew, too.")
@_JSON
def reset(who: tuple[str, str], totp: bool, as_json: bool) -> None:
    """A new one-time password, printed once; ends the user's sessions."""
    from console.user_changes import By
    from console.user_changes import reset as reset_user

    with _Users() as (_, database):
        made = reset_user(database, By(), *who, totp)
    _say_password("/".join(who), made, as_json)


@user.command("totp")
@_USER
@_JSON
def totp(who: tuple[str, str], as_json: bool) -> None:
    """Set up a second factor here and now; prints what a telephone reads, once. Ends the user's sessions."""
    from console.second_factor import address_of
    from console.secrets_at_rest import keys_of
    from console.user_changes import By, give_totp

    with _Users() as (settings, database):
        secret = give_totp(database, keys_of(settings.state_dir), By(), *who)
    address = address_of(secret, "/".join(who))
    if as_json:
        echo_json({"user": "/".join(who), "secret": secret, "address": address})
        return
    if on_terminal():
        import segno

        segno.make(address, error="m").terminal(compact=True)
    click.echo(address)


@user.command("disable")
@_USER
def disable(who: tuple[str, str]) -> None:
    """Switch a user off; ends the sessions and stops the keys. What he did stays."""
    _switch(who, active=False)


@user.command("enable")
@_USER
def enable(who: tuple[str, str]) -> None:
    """Switch a user on again."""
    _switch(who, active=True)


@user.command("skills")
@_USER
@click.argument("types", nargs=-1)
def skills(who: tuple[str, str], types: tuple[str, ...]) -> None:
    """Offer a reviewer these certificate TYPES only; none: all."""
    from console.user_changes import By, set_skills

    with _Users() as (_, database):
        set_skills(database, By(), *who, types)
    click.echo(f"{'/'.join(who)} is offered {' '.join(sorted(set(types))) or 'every type'}")


@user.command("sessions")
@_USER
@click.option("--end", is_flag=True, help="End them all.")
@_JSON
def sessions(who: tuple[str, str], end: bool, as_json: bool) -> None:
    """Where a user is signed in."""
    from console.user_changes import By, end_sessions
    from store.people import sessions_of

    with _Users() as (_, database):
        rows = sessions_of(database, *who)
        ended = end_sessions(database, By(), *who) if end else 0
    if as_json:
        keys = ("started_at", "seen_at", "ends_at", "address", "agent")
        echo_json({"ended": ended, "sessions": [{name: getattr(row, name) for name in keys} for row in rows]})
    elif rows:
        table("Sessions 会话" + (", all ended" if end else ""), ("since", "seen", "address", "with"),
              [(when(row.started_at), when(row.seen_at), row.address, row.agent) for row in rows])
    else:
        click.echo(f"{'/'.join(who)} is not signed in")


@user.group("key")
def key() -> None:
    """Keys with which programs ask the console, of a user or of an enterprise."""


@key.command("add")
@click.argument("owner", metavar="BRANCH/NAME|ENTERPRISE")
@click.option("--label", required=True, help="What it is for.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 1096), help="How long it lasts.")
@_JSON
def key_add(owner: str, label: str, days: int, as_json: bool) -> None:
    """Make a key; prints it, once."""
    from console.user_changes import By, add_key

    with _Users() as (_, database):
        token = add_key(database, By(), _owner(owner), label, days)
    if as_json:
        echo_json({"owner": owner, "label": label, "days": days, "key": token})
    else:
        click.echo(f"key of {owner} for {days} days, shown this once:\n{token}")


@key.command("list")
@click.argument("owner", metavar="BRANCH/NAME|ENTERPRISE", required=False)
@_JSON
def key_list(owner: str | None, as_json: bool) -> None:
    """Keys, the newest first; never the keys themselves."""
    from store.accounts import keys_of

    found = _owner(owner) if owner else None
    with _Users() as (_, database):
        rows = keys_of(database, *found) if isinstance(found, tuple) else keys_of(database, enterprise=found)
    if as_json:
        echo_json({"keys": [_key_data(row) for row in rows]})
    elif rows:
        table("Keys 密钥", ("id", "owner", "label", "until", "used", "revoked"), [
            (row.id.hex()[:12], row.owner, row.label, when(row.ends_at), when(row.used_at), when(row.revoked_at)) for row in rows])
    else:
        click.echo("there is no key")


@key.command("revoke")
@click.argument("id", metavar="ID")
def key_revoke(id: str) -> None:
    """End the key whose id begins with ID."""
    from console.user_changes import By, revoke_key

    if not re.fullmatch(r"[0-9a-f]{6,64}", id):
        raise click.BadParameter("give at least six digits of the id, from: coedi user key list")
    with _Users() as (_, database):
        owner = revoke_key(database, By(), id)
    click.echo(f"the key of {owner} is revoked")


COMMANDS: dict[str, click.Command] = {"user": user}


class _Users:
    """Settings and a connected database, closed at the end."""

    def __enter__(self) -> "tuple[configuration.Settings, Database]":
        settings = configuration.load()
        self._database = wiring.database(settings, name="coedi user")
        return settings, self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()


def _switch(who: tuple[str, str], active: bool) -> None:
    from console.user_changes import By, set_active

    with _Users() as (_, database):
        set_active(database, By(), *who, active)
    click.echo(f"{'/'.join(who)} is {'active again' if active else 'switched off'}")


def _owner(text: str) -> tuple[str, str] | str:
    if "/" in text:
        branch, _, name = text.partition("/")
        return branch, name
    return text


def _password(path: str | None) -> str | None:
    """The first line of a file or of standard input; raises BadSetting."""
    if path is None:
        return None
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"cannot read the password from {path}: {error}") from error
    return text.partition("\n")[0].rstrip("\r")


def _say_password(who: str, made: str | None, as_json: bool) -> None:
    if as_json:
        echo_json({"user": who, "one_time_password": made})
    elif made is None:
        click.echo(f"user {who} is on file")
    else:
        click.echo(f"one-time password of {who}, for 24 hours, shown this once:\n{made}")


def _factor(row: "Account") -> str:
    return "set up" if row.totp else "to be set up" if row.totp_required else "not required"


def _as_data(row: "Account") -> dict[str, Any]:
    return {
        "user": row.key, "branch": row.branch, "name": row.name, "shown": row.shown, "everywhere": row.everywhere,
        "roles": row.roles, "skills": row.skills, "active": row.active, "totp": row.totp, "totp_required": row.totp_required,
        "card": row.card, "one_time_until": row.password_until, "created_at": row.created_at, "created_by": row.created_by,
        "signed_in_at": row.signed_in_at,
    }  # fmt: skip


def _key_data(row: "Key") -> dict[str, Any]:
    return {
        "id": row.id.hex(), "owner": row.owner, "label": row.label, "created_at": row.created_at, "created_by": row.created_by,
        "ends_at": row.ends_at, "used_at": row.used_at, "revoked_at": row.revoked_at,
    }  # fmt: skip
