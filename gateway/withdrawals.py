"""Withdrawals 撤回: an application or amendment is taken back before it is approved; its invoice number is free again."""

from collections.abc import Sequence

from domain.certificate import Decision
from gateway.opening import Item, Sender
from gateway.outcomes import Early, Moved, Outcome, Refused
from gateway.subjects import Subjects, movable, refused, subjects
from gateway.subjects import keys as subject_keys
from messages.withdrawal import Withdrawal
from store.database import Database


def facts(database: Database, items: Sequence[Item]) -> Subjects:
    """The certificates that these withdrawals name."""
    return subjects(database, items, lambda item: _value(item).certificate)


def decide(item: Item, known: Subjects, sender: Sender) -> Refused | Early | Outcome:
    """Withdrawn, refused when it is too late, kept for a while when the application has not arrived yet."""
    found = known.get(item.identity, ())
    if not found:
        return Early("Certificate", _value(item).certificate.shown)
    reason = _value(item).reason
    if subject := movable(found, "withdraw"):
        reasons = ("WITHDRAWN_BY_ENTERPRISE" + (f": {reason}" if reason else ""),)
        return Moved("WITHDRAWAL_DONE", subject.certificate, subject.origin, Decision("withdraw", reasons=reasons))
    return refused(item, "STATE_NOT_ALLOWED", "Certificate", _value(item).certificate.shown, found[0].certificate)


def keys(item: Item) -> list[tuple[str, ...]]:
    """The certificate."""
    return subject_keys(item, _value(item).certificate)


def _value(item: Item) -> Withdrawal:
    value: Withdrawal = item.value
    return value
