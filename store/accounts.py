"""Accounts of the console's people as they are kept: who they are, what proves it, and how long who failed has to wait.

Nothing here decides who may change what: `console.user_changes` does, and the database's row-level security beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from store.database import Database
from store.people import hashed

USER_PATIENCE, ADDRESS_PATIENCE = 5, 20  # failures that cost nothing yet


@dataclass(frozen=True, slots=True)
class Account:
    """A user as colleagues may see him: no secret is in it. password_until: a one-time password's end; signed_in_at: last."""

    branch: str
    name: str
    shown: str
    everywhere: bool
    skills: tuple[str, ...]
    roles: tuple[str, ...]
    active: bool
    has_password: bool
    password_until: datetime | None
    totp: bool
    totp_required: bool
    card: bool
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None

    @property
    def key(self) -> str:
        """ "1100B0/wang"."""
        return f"{self.branch}/{self.name}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a sign-in is compared with. now: the database's time, seconds since 1970."""

    password: str | None
    one_time: bool
    run_out: bool
    totp: bytes | None
    totp_confirmed: bool
    totp_required: bool
    totp_step: int
    card: str | None
    active: bool
    now: int


@dataclass(frozen=True, slots=True)
class Key:
    """A program's key as listed; id: its SHA-256, of which the first digits name it."""

    id: bytes
    label: str
    branch: str | None
    name: str | None
    enterprise: str | None
    created_at: datetime
    created_by: str
    ends_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None

    @property
    def owner(self) -> str:
        """ "1100B0/wang", or the enterprise's number."""
        return self.enterprise or f"{self.branch}/{self.name}"


def accounts(database: Database, branch: str | None = None, name: str | None = None) -> list[Account]:
    """The users of a branch, one user, or all that this connection may see."""
    return [
        Account(where, who, shown, everywhere, tuple(skills), tuple(roles), *rest)
        for where, who, shown, everywhere, skills, roles, *rest in database.query("console_users", branch=branch, name=name)]


def secrets_of(database: Database, branch: str, name: str) -> Secrets | None:
    """What proves that it is this user; None when there is none that this connection may see."""
    for password, one_time, run_out, totp, *rest in database.query("user_secrets", branch=branch, name=name):
        return Secrets(password, one_time, run_out, None if totp is None else bytes(totp), *rest)
    return None


def wait_of(database: Database, *keys: str) -> int:
    """Whole seconds until an attempt under all these keys is answered; 0: now."""
    return int(database.query("sign_in_wait", keys=list(keys))[0][0])


def attempt_key(database: Database, branch: str, name: str, address: str) -> str:
    """Under which key failures as this user from this address count: apart, where he signed in from it within 30 days. So
    that whoever guesses from elsewhere cannot keep the user himself waiting."""
    known = database.query("is_known_address", branch=branch, name=name, address=address)[0][0]
    return f"user:{branch}/{name}" + (f" from {address}" if known else "")


def address_key(address: str) -> str:
    """Under which key failures from an address count: of IPv6 the network, which one customer has all of."""
    try:
        known = ip_address(address)
    except ValueError:
        return f"address:{address}"
    return f"address:{ip_network((known, 64), strict=False)}" if known.version == 6 else f"address:{known}"


def take_attempt(database: Database, key: str) -> bool:
    """Count an attempt before it is looked at, so that a hundred at once are not one; False when the key has to wait."""
    return bool(database.query("count_refusal", key=key, patience=USER_PATIENCE, anyway=False))


def count_failure(database: Database, address: str) -> None:
    """One more failure from this address."""
    database.query("count_refusal", key=address_key(address), patience=ADDRESS_PATIENCE, anyway=True)


def forget_attempts(database: Database, key: str) -> None:
    """A success: failures under this key no longer count."""
    database.query("forget_delay", key=key)


def keys_of(
    database: Database, branch: str | None = None, name: str | None = None, enterprise: str | None = None
) -> list[Key]:
    """Keys of a user, of an enterprise, or all; the newest first."""
    rows = database.query("keys_of", branch=branch, name=name, enterprise=enterprise)
    return [Key(bytes(row[0]), *row[1:]) for row in rows]


def add_key(
    database: Database, token: str, label: str, days: int, by: str, user: tuple[str, str] | None, enterprise: str | None
) -> datetime:
    """Store a new key of a user (branch, name) or an enterprise; when it ends."""
    branch, name = user or (None, None)
    ends: datetime = database.query(
        "add_key", id=hashed(token), label=label, days=days, by=by, branch=branch, name=name, enterprise=enterprise)[0][0]
    return ends
