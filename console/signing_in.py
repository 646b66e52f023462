"""Signing in: branch code, user, password and one-time code (the manuals' four fields), and the client certificate on file.

Whatever is wrong, the answer is the same and takes as long: a password is verified for users that do not exist, too. Who
fails waits longer each time, and is told how long; nobody is locked out. Everything stands in the audit, no secret does.
"""

import hmac
import re
from dataclasses import dataclass, field

from console import passwords, second_factor
from console.secrets_at_rest import Keys
from store import accounts, people
from store.accounts import Secrets
from store.database import Database
from store.people import Person

BRANCH, NAME = re.compile(r"[0-9]{4}[A-Z][0-9]"), re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed, and the SHA-256 (hex) of the client certificate if the proxy verified one."""

    branch: str
    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """token: for the cookie; pending: "password" or "totp", which has to be set before anything else."""

    token: str = field(repr=False)
    branch: str
    name: str
    pending: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """wait: seconds until the next attempt is looked at, 0: now. reason: for the audit; a sign-in page never shows it."""

    reason: str
    wait: int = 0


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Who is said to sign in, from where. key: under which a failure counts."""

    branch: str
    name: str
    address: str
    agent: str
    key: str

    @property
    def user(self) -> str:
        return f"{self.branch}/{self.name}"


def sign_in(database: Database, keys: Keys, given: Given, address: str, agent: str) -> Signed | Refused:
    """A new session, or a refusal. Call it outside of a transaction: the hash is computed while none is open."""
    branch, name, address = given.branch.strip().upper(), given.name.strip().lower(), people.one_text(address, 64)
    if not (BRANCH.fullmatch(branch) and NAME.fullmatch(name)):
        return _turn_away(database, keys, given, address, agent)
    with database.transaction():
        database.query("scope_to", scope=branch)
        if refused := _told_to_wait(database, branch, name, address, f"{branch}/{name}"):
            return refused
        key = accounts.attempt_key(database, branch, name, address)
        found = accounts.secrets_of(database, branch, name)
    attempt = _Attempt(branch, name, address, people.one_text(agent), key)
    reason, step = _verified(keys, given, found, attempt.user)
    with database.transaction():
        database.query("scope_to", scope=branch)
        if found is None or reason is not None or not _still(database, branch, name, found, step):
            return _refuse(database, attempt, reason or "changed meanwhile")
        return _accept(database, keys, attempt, found)


def re_authenticate(
    database: Database, keys: Keys, person: Person, password: str, code: str, address: str = ""
) -> Refused | None:
    """Whether it is still this person, before a thing that cannot be taken back; None: yes. Throttled as a sign-in is."""
    branch, name = person.branch, person.name
    with database.transaction():
        if refused := _told_to_wait(database, branch, name, address, person.key):
            return refused
        key = accounts.attempt_key(database, branch, name, address)
        found = accounts.secrets_of(database, branch, name)
    given = Given(branch, name, password, code, found.card if found else None)  # the session began with the card
    reason, step = _verified(keys, given, found, person.key)
    with database.transaction():
        if found is None or reason is not None or not _still(database, branch, name, found, step):
            reason = reason or "changed meanwhile"
            people.audit(database, person.key, "confirmation refused", branch, person.key, reason=reason, address=address)
            return Refused(reason)
        accounts.forget_attempts(database, key)
        people.audit(database, person.key, "confirmation", branch, person.key, address=address)
    return None


def _told_to_wait(database: Database, branch: str, name: str, address: str, subject: str) -> Refused | None:
    """A refusal when the user or the address has to wait; else the attempt is counted.

    Who signed in from this address lately does not wait for what others do there: a whole branch may have one address.
    """
    key = accounts.attempt_key(database, branch, name, address)
    keys = [key, accounts.address_key(address)] if key == f"user:{branch}/{name}" else [key]
    if accounts.wait_of(database, *keys[1:]) == 0 and accounts.take_attempt(database, key):
        return None
    wait = max(accounts.wait_of(database, *keys), 1)
    people.audit(database, f"address:{address}", "sign-in refused", branch, subject, reason="too early", wait=wait)
    return Refused("too early", wait)


def _verified(keys: Keys, given: Given, found: Secrets | None, owner: str) -> tuple[str | None, int | None]:
    """(what is wrong, the time step of the code). The password is verified first, whether or not there is a user."""
    right = passwords.matches(found.password if found else None, given.password)
    if found is None:
        return "unknown user", None
    step, wrong = _code_step(keys, given.code, found, owner)
    faults = {
        "switched off": not found.active, "wrong password": not right, "one-time password ended": found.run_out,
        "card missing or wrong": not _card_fits(found.card, given.card), wrong: bool(wrong),
    }
    return next((reason for reason, is_so in faults.items() if is_so), None), step


def _code_step(keys: Keys, code: str, found: Secrets, owner: str) -> tuple[int | None, str]:
    """(the step, "") of a right code, or of none where none is needed yet; else (None, what is wrong)."""
    if found.totp is None or not found.totp_confirmed:
        return None, ""
    secret = second_factor.opened(keys, found.totp, owner)
    if secret is None:
        return None, "second factor cannot be opened with this console.key"
    step = second_factor.step_of(secret, code, found.now)
    if step is None:
        return None, "wrong code"
    return (step, "") if step > found.totp_step else (None, "code used before")


def _card_fits(on_file: str | None, given: str | None) -> bool:
    return on_file is None or hmac.compare_digest(on_file.lower(), (given or "").lower())


def _still(database: Database, branch: str, name: str, found: Secrets, step: int | None) -> bool:
    """Whether nothing changed since it was read, and the code was not used by another sign-in at this moment."""
    if not database.query("user_unchanged", branch=branch, name=name, seen=found.password):
        return False
    return step is None or bool(database.query("use_totp_step", branch=branch, name=name, totp=found.totp, step=step))


def _accept(database: Database, keys: Keys, attempt: _Attempt, found: Secrets) -> Signed:
    branch, name, me = attempt.branch, attempt.name, attempt.user
    pending = "password" if found.one_time else None
    if (found.totp_required or found.totp is not None) and not found.totp_confirmed:  # a renewal left undone is no way round it
        pending = pending or "totp"
        fresh_totp(database, keys, branch, name)
    accounts.forget_attempts(database, attempt.key)
    token = people.start_session(database, branch, name, attempt.address, attempt.agent, pending)
    people.audit(database, me, "sign-in", branch, me, address=attempt.address, agent=attempt.agent, pending=pending)
    return Signed(token, branch, name, pending)


def fresh_totp(database: Database, keys: Keys, branch: str, name: str) -> str:
    """A new second factor that counts once a code of it was given; its secret. What another screen showed before counts no more."""
    secret = second_factor.new_secret()
    database.query(
        "set_totp", branch=branch, name=name, totp=second_factor.sealed(keys, secret, f"{branch}/{name}"), confirmed=False)
    return secret


def _refuse(database: Database, attempt: _Attempt, reason: str) -> Refused:
    accounts.count_failure(database, attempt.address)
    known = reason != "unknown user" or database.query("branches", codes=[attempt.branch])
    people.audit(
        database, f"address:{attempt.address}", "sign-in refused", attempt.branch if known else None, attempt.user,
        reason=reason, address=attempt.address, agent=attempt.agent)
    return Refused(reason)


def _turn_away(database: Database, keys: Keys, given: Given, address: str, agent: str) -> Refused:
    """What can be no user's name: answered as a wrong password is, without a delay of its own."""
    source = f"address:{address}"
    with database.transaction():
        database.query("scope_to", scope="*")
        if wait := accounts.wait_of(database, accounts.address_key(address)):
            people.audit(database, source, "sign-in refused", None, "?", reason="too early", wait=wait)
            return Refused("too early", wait)
    _verified(keys, given, None, "?")
    with database.transaction():
        database.query("scope_to", scope="*")
        accounts.count_failure(database, address)
        subject = people.one_text(f"{given.branch}/{given.name}", 60)
        people.audit(database, source, "sign-in refused", None, subject, reason="unknown user", address=address,
                     agent=people.one_text(agent))
    return Refused("unknown user")
