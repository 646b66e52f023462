"""Registrations 企业注册 and their changes, from the enterprise itself or from its branch. The branch decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.certificate import Decision
from domain.filing import Filing
from domain.registry import Signatory
from gateway.faults import Faults
from gateway.filing_facts import Filed, Name, Standing, Subject, named, standings
from gateway.filing_outcomes import FilingMoved, NewFiling
from gateway.filings import taken
from gateway.opening import Item, Sender, refusal
from gateway.outcomes import Outcome, Refused
from gateway.registration_checks import OnFile, check
from messages.application import absolute, locate
from messages.registration import Registration
from store.database import Database

SUBJECT = "registration"  # one at a time for an enterprise


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round: by message what is on file about the enterprise that it names, what stands in its way, and that
    filing's origin."""

    on_file: Mapping[UUID, OnFile]
    standing: Mapping[UUID, Standing]
    under_way: Mapping[UUID, Filed]


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Three queries for the round; a branch finds its own enterprises only."""
    sent = [(item, sender, item.value.registration_no) for item in items if (sender := item.opened.sender)]
    rows = database.query(
        "registered", message=[str(item.identity) for item, _, _ in sent], no=[no for _, _, no in sent],
        branch=[sender.no if sender.kind == "branch" else "" for _, sender, _ in sent])
    on_file = {row[0]: _on_file(row[1:]) for row in rows}
    standing = standings(database, [Subject(message, "registration", held.no, SUBJECT) for message, held in on_file.items()])
    live = [Name(message, "registration", str(each.live.id)) for message, each in standing.items() if each.live]
    return Known(on_file, standing, named(database, live))


def decide(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """A registration for the branch to decide, back at once with its faults, withdrawn, or refused."""
    value: Registration = item.value
    if sender.kind == "enterprise" and not sender.named(value.registration_no):
        return _refused(item, "IDENTITY_MISMATCH", value.registration_no)
    held = known.on_file.get(item.identity)
    if held is None:
        return _refused(item, "ENTERPRISE_UNKNOWN", value.registration_no)
    if not held.active:
        return _refused(item, "ENTERPRISE_INACTIVE", held.no)
    standing = known.standing.get(item.identity, Standing())
    if value.kind == "WITHDRAW":
        return _withdrawn(item, known.under_way.get(item.identity))
    if standing.live:
        return taken(item, "FILING_UNDER_WAY", "RegistrationNo", standing.live)
    return _filed(item, value, held, standing.returned)


def keys(item: Item) -> list[tuple[str, ...]]:
    """One registration at a time: an enterprise may be named by number or credit code, by itself or by its branch."""
    return [("registration",)]


def _withdrawn(item: Item, about: Filed | None) -> Refused | Outcome:
    if about is None:
        return _refused(item, "FILING_UNKNOWN", "")
    return FilingMoved("FILING_WITHDRAWN", about, Decision("withdraw", reasons=(f"WITHDRAWN_BY: {item.party}",)))


def _filed(item: Item, value: Registration, held: OnFile, returned: Filing | None) -> Outcome:
    faults = Faults(item.message.element)  # type: ignore[union-attr] # an item that was decided on has a message
    faults.add_structure()
    check(value, held, item.opened.interchange.branch if item.opened.interchange else "", faults)
    filing = Filing(
        id=item.identity, kind="registration", enterprise=held.no, branch=held.branch, subject=SUBJECT, message=item.identity,
        content=value.kept)
    if returned:
        filing = replace(filing, id=returned.id, version=returned.version, revision=returned.revision + 1, state=returned.state,
                         head=returned.head)
    return NewFiling(filing, "resubmit" if returned else "receive", tuple(faults.found), faults.refused)


def _refused(item: Item, code: str, found: str) -> Refused:
    element, place = item.message.element, "RegistrationNo"  # type: ignore[union-attr] # as above
    return Refused(code, refusal(code, found, absolute(element, place), locate(element, place)))


def _on_file(row: Sequence[Any]) -> OnFile:
    no, branch, name_zh, name_en, active, customs_code, registered, suffix, signatories = row
    return OnFile(no, branch, name_zh, name_en, active, customs_code, registered, suffix,
                  tuple(Signatory(code, name, active == "true") for code, name, active in signatories))
