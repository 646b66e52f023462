"""The certificates that messages are about: named by number, invoice or id, and only those that the sender may know of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.certificate import Certificate, Origin
from domain.certificate_lifecycle import CERTIFICATE
from gateway.opening import Item, Sender, refusal
from gateway.outcomes import Refused
from messages.application import absolute, locate
from messages.reference import Reference
from store.database import Database
from store.postgres import certificate_from


@dataclass(frozen=True, slots=True)
class Subject:
    """A certificate as committed, and where its content came from."""

    certificate: Certificate
    origin: Origin


Subjects = dict[UUID, tuple[Subject, ...]]


def subjects(database: Database, items: Sequence[Item], reference: Callable[[Item], Reference]) -> Subjects:
    """message identity -> the certificates it names, newest first, in one query for the round.

    An enterprise finds its own, a branch those of its enterprises; what is another's does not exist for them.
    """
    named = [(at, item, reference(item)) for at, item in enumerate(items) if item.opened.sender]
    if not named:
        return {}
    rows = database.query(
        "referenced", reference=[at for at, _, _ in named],
        enterprise=[_owner(item, ref) for _, item, ref in named], branch=[_branch(item) for _, item, _ in named],
        number=[ref.certificate_no for _, _, ref in named], invoice=[ref.invoice for _, _, ref in named],
        id=[str(ref.id) if ref.id else None for _, _, ref in named])
    found: dict[UUID, list[Subject]] = {}
    for row in rows:
        certificate = certificate_from(row[1:15])
        found.setdefault(items[row[0]].identity, []).append(
            Subject(certificate, Origin(certificate.message, row[15], row[16], row[17], row[18])))
    return {identity: tuple(each) for identity, each in found.items()}


def movable(found: Sequence[Subject], event: str) -> Subject | None:
    """The newest of these that may make this move now; None when none may."""
    return next((one for one in found if event in CERTIFICATE.events_from(one.certificate.state)), None)


def refused(item: Item, code: str, place: str, found: str, about: Certificate | None = None, zh: str = "", en: str = "") -> Refused:
    """The refusal of a message about a certificate: the place in the message, and the state the certificate is in."""
    element = item.message.element  # type: ignore[union-attr] # an item that was decided on has a message
    if about and not zh:
        state = about.lifecycle_state
        zh, en = f"当前状态不允许此操作：{state.zh}", f"The state does not allow it: {state.en}"
    finding = refusal(code, found, absolute(element, place), locate(element, place), en=en or None, zh=zh or None)
    return Refused(code, finding, about.invoice if about else None, about.id if about else None)


def keys(item: Item, reference: Reference) -> list[tuple[str, ...]]:
    """What a message about a certificate occupies in a round: the certificate, by whatever name."""
    return [("certificate", item.party, reference.shown)] if reference.shown else []


def _owner(item: Item, reference: Reference) -> str:
    sender: Sender = item.opened.sender  # type: ignore[assignment] # only items with a sender come here
    return sender.no if sender.kind == "enterprise" else reference.registration_no


def _branch(item: Item) -> str:
    sender: Sender = item.opened.sender  # type: ignore[assignment] # as above
    return sender.no if sender.kind == "branch" else ""
