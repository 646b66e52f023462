"""People of the console: who a session or a key belongs to, and the sessions themselves.

Of a session the database keeps the SHA-256 of its token, so that who reads the table cannot use it. All times are the
database's. A session ends after 15 minutes without a request and 10 hours after it began, whatever happens.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.database import Database

IDLE_MINUTES = 15
LONGEST_HOURS = 10

# role -> (Chinese, English, what it may): the one table of roles; console_role.role accepts these and no others
ROLES: dict[str, tuple[str, str, str]] = {
    "reviewer": ("审核员", "reviewer", "claims and decides certificates of the skills given"),
    "senior-reviewer": ("复核员", "senior reviewer", "decides as the second person, steals claims, voids, corrects numbers"),
    "registrar": ("备案员", "registrar", "decides goods filings and registrations, keeps the registry"),
    "print-clerk": ("打印员", "print clerk", "prints and re-prints, keeps form serials"),
    "operator": ("运维", "operator", "watches the pipeline, replays and discards parked messages"),
    "auditor": ("审计", "auditor", "reads everything, changes nothing"),
    "administrator": ("管理员", "administrator", "keeps users, roles and keys"),
}
HEAD_OFFICE_ROLES = frozenset({"operator", "auditor", "administrator"})  # these may be given for all branches
DECIDING_ROLES = frozenset({"reviewer", "senior-reviewer", "registrar"})  # these can be given something to review


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. skills: certificate types, none: all; enterprise: its number when an enterprise's key asks, which has no role."""

    branch: str
    name: str
    shown: str
    everywhere: bool
    skills: tuple[str, ...]
    roles: frozenset[str]
    enterprise: str | None = None

    @property
    def key(self) -> str:
        """As history names them: "1100B0/wang", or the enterprise's number."""
        return self.enterprise or f"{self.branch}/{self.name}"

    @property
    def scope(self) -> str:
        """What row-level security is told: the branch, "*" for head office."""
        return "*" if self.everywhere else self.branch


@dataclass(frozen=True, slots=True)
class Session:
    """A session that may be used now. pending: "password" or "totp", to be set first; confirmed_at: password given last."""

    id: bytes
    person: Person
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    confirmed_at: datetime
    pending: str | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A row of the list of one's sessions."""

    id: bytes
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str
    pending: str | None


def hashed(token: str) -> bytes:
    """What is stored of a token or key: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def session_of(database: Database, token: str, now: datetime | None = None, by_itself: bool = False) -> Session | None:
    """The session of a token, one statement; None when there is none, it ran out, or was left idle (that ends it for good).

    by_itself: a page asks without anybody doing anything, which keeps no session alive.
    """
    ident = hashed(token)
    for *row, idle in database.query("session_by_token", id=ident, now=now, idle=IDLE_MINUTES, by_itself=by_itself):
        if not idle:
            return Session(ident, _person(*row[:6]), *row[6:])
        with database.transaction():
            database.query("scope_to", scope=row[0])
            end_session(database, ident, "idle")
    return None


def key_of(database: Database, token: str) -> Person | None:
    """Who a program's key speaks for; None when it is unknown, ended or revoked, or its owner is switched off."""
    for row in database.query("key_by_token", id=hashed(token)):
        return _person(*row)
    return None


def start_session(database: Database, branch: str, name: str, address: str, agent: str, pending: str | None = None) -> str:
    """A new session's token: 32 random bytes, kept by the browser alone."""
    token = secrets.token_urlsafe(32)
    _close_run_out(database, branch, name)
    database.query(
        "start_session", id=hashed(token), branch=branch, name=name, hours=LONGEST_HOURS, pending=pending,
        address=one_text(address), agent=one_text(agent))
    return token


def end_session(database: Database, ident: bytes, why: str, by: str | None = None) -> bool:
    """End one session; False when it was over. why: "signed out", "idle" ...; by: who, its user if not said."""
    for branch, name, address in database.query("end_session", id=ident, why=why):
        action = "sign-out" if why == "signed out" else "session ended"
        audit(database, by or f"{branch}/{name}", action, branch, f"{branch}/{name}", why=why, address=address)
        return True
    return False


def end_sessions_of(
    database: Database, branch: str, name: str, why: str, but: bytes | None = None, by: str | None = None
) -> int:
    """End a user's sessions, except `but`; how many there were."""
    ended = int(database.query("end_sessions_of", branch=branch, name=name, why=why, but=but)[0][0])
    if ended:
        audit(database, by or f"{branch}/{name}", "session ended", branch, f"{branch}/{name}", why=why, sessions=ended)
    return ended


def sessions_of(database: Database, branch: str, name: str) -> list[OpenSession]:
    """A user's sessions that could be used now, the one seen last first."""
    return [OpenSession(bytes(row[0]), *row[1:]) for row in
            database.query("sessions_of", branch=branch, name=name, idle=IDLE_MINUTES)]


def confirm(database: Database, ident: bytes) -> None:
    """The password was given again in this session, now."""
    database.query("confirm_session", id=ident)


def set_pending(database: Database, ident: bytes, pending: str | None) -> None:
    """What this session's user has to set before anything else; None: nothing more."""
    database.query("set_session_pending", id=ident, pending=pending)


def audit(database: Database, actor: str, action: str, branch: str | None, subject: str, **detail: Any) -> None:
    """Write who did `action` to `subject`, a user of `branch` (None: of none that is known). `detail` never holds a secret."""
    database.query("audit_person", actor=actor, action=action, subject=subject, branch=branch,
                   detail=json.dumps(detail, ensure_ascii=False))


def one_text(text: str, longest: int = 200) -> str:
    """A text from outside as it may be kept: without control characters, cut."""
    return "".join(char for char in text if char.isprintable())[:longest]


def _person(
    branch: str, name: str, shown: str, everywhere: bool, skills: list[str], roles: list[str], enterprise: str | None = None
) -> Person:
    return Person(branch, name, shown, everywhere, tuple(skills), frozenset(roles), enterprise)


def _close_run_out(database: Database, branch: str, name: str) -> None:
    for *_, address, why in database.query("close_run_out_sessions", branch=branch, name=name, idle=IDLE_MINUTES):
        audit(database, f"{branch}/{name}", "session ended", branch, f"{branch}/{name}", why=why, address=address)
