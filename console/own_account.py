"""What people set on their own account: the password, and the second factor that they have to set up first."""

from console import passwords, second_factor
from console.secrets_at_rest import Keys
from console.signing_in import fresh_totp
from domain.errors import NotAllowed
from store import people
from store.accounts import Secrets, secrets_of
from store.database import Database
from store.people import Person, Session


def choose_password(database: Database, keys: Keys, session: Session, new: str) -> str | None:
    """Put a password of one's own in the place of the one had, and end the other sessions; why not, a key of `passwords.FAULTS`."""
    me = session.person
    found = _secrets(database, me)
    if fault := passwords.fault(new, me.branch, me.name):
        return fault
    if passwords.matches(found.password, new):
        return "same"
    hashed = passwords.hash_of(new)
    with database.transaction():
        if not database.query("set_password", branch=me.branch, name=me.name, hash=hashed, hours=None, seen=found.password):
            raise NotAllowed("the password was changed elsewhere meanwhile; sign in again", zh="密码已在别处更改，请重新登录")
        if session.pending == "password":
            people.set_pending(database, session.id, _still_pending(database, keys, me, found))
        people.audit(database, me.key, "user.password", me.branch, me.key)
        people.end_sessions_of(database, me.branch, me.name, "password changed", but=session.id)
    return None


def shown_secret(database: Database, keys: Keys, person: Person) -> str | None:
    """The second factor that waits for its first code; None when there is none, or it counts already."""
    found = _secrets(database, person)
    if found.totp is None or found.totp_confirmed:
        return None
    return second_factor.opened(keys, found.totp, person.key)


def confirm_second_factor(database: Database, keys: Keys, session: Session, code: str) -> bool:
    """The first code of the new second factor: from now on it counts. False when it is not right."""
    me = session.person
    found, secret = _secrets(database, me), shown_secret(database, keys, me)
    step = second_factor.step_of(secret, code, found.now) if secret else None
    if step is None:
        return False
    with database.transaction():
        if not database.query("confirm_totp", branch=me.branch, name=me.name, totp=found.totp, step=step):
            return False
        people.set_pending(database, session.id, None)
        people.audit(database, me.key, "user.totp", me.branch, me.key, set_up=True)
    return True


def renew_second_factor(database: Database, keys: Keys, session: Session) -> None:
    """A new second factor that has to be confirmed before anything else; the old one and the other sessions are over."""
    me = session.person
    with database.transaction():
        fresh_totp(database, keys, me.branch, me.name)
        people.set_pending(database, session.id, "totp")
        people.audit(database, me.key, "user.totp", me.branch, me.key, set_up=False)
        people.end_sessions_of(database, me.branch, me.name, "second factor changed", but=session.id)


def _still_pending(database: Database, keys: Keys, person: Person, found: Secrets) -> str | None:
    if not found.totp_required or found.totp_confirmed:
        return None
    fresh_totp(database, keys, person.branch, person.name)
    return "totp"


def _secrets(database: Database, person: Person) -> Secrets:
    found = secrets_of(database, person.branch, person.name)
    if found is None:
        raise NotAllowed("this account is gone", zh="此账户已不存在")
    return found
