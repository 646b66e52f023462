"""Decisions of a branch on filings 备案: messages of its systems, and people at the command line. The version seen is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.application import date_of
from domain.certificate import Decision
from domain.errors import Refusal, StaleVersion, UnknownThing
from domain.filing import Filing
from domain.filing_lifecycle import LIVES
from gateway.filing_facts import Filed, Name, filed, named
from gateway.filing_outcomes import FilingMoved
from gateway.opening import Item, Sender, refusal
from gateway.outcomes import Outcome, Refused
from gateway.register import CodesDecided, enter
from messages.application import absolute, locate
from messages.filing_decision import FilingDecision
from store.database import Database
from store.leases import may_decide, newest_moves
from store.postgres import PostgresStore

EVENTS = {"APPROVE": "approve", "RETURN": "return"}
_KINDS = {"GoodsFilingDecision": "goods", "RegistrationDecision": "registration"}


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round: the filing that each message names, the business date, and by filing who holds a live claim."""

    named: Mapping[UUID, Filed]
    today: date
    holders: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a decision cannot be carried out: receipt code, place in the message, what was found there, special texts."""

    code: str
    place: str
    found: str
    zh: str | None = None
    en: str | None = None


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Three queries for the round; a branch finds its own filings only."""
    names = [Name(item.identity, _KINDS[item.kind], item.value.filing, branch=item.party) for item in items if item.opened.sender]
    found = named(database, names)
    ids = sorted({str(one.filing.id) for one in found.values()})
    claims = database.query("live_claims", ids=ids) if ids else []
    return Known(found, database.query("today")[0][0], {row[0]: row[1] for row in claims if row[1]})


def decide(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """The move, or why there is none."""
    value: FilingDecision = item.value
    found = known.named.get(item.identity)
    outcome = judged(found, value, f"branch:{sender.no}", known.today) if found else Unfit("FILING_UNKNOWN", "Filing", value.filing)
    holder = known.holders.get(found.filing.id) if found else None
    if isinstance(outcome, FilingMoved) and holder is None:
        return outcome
    if isinstance(outcome, FilingMoved):
        outcome = Unfit("CLAIMED", "Filing", value.filing, f"该备案正由{holder}审核", f"{holder} is reviewing it")
    element = item.message.element  # type: ignore[union-attr] # an item that was decided on has a message
    return Refused(outcome.code, refusal(
        outcome.code, outcome.found, absolute(element, outcome.place), locate(element, outcome.place), en=outcome.en,
        zh=outcome.zh))


def keys(item: Item) -> list[tuple[str, ...]]:
    """The filing."""
    value: FilingDecision = item.value
    return [("filing", value.filing.lower())]


def judged(found: Filed, value: FilingDecision, actor: str, today: date) -> FilingMoved | Unfit:
    """What a decision does to the filing, at the version that was looked at."""
    filing = found.filing
    event, last = EVENTS.get(value.decision, ""), date_of(value.valid_to)
    codes = {one["code"] for one in filing.content.get("customs_codes", ())}
    named_codes = (*value.approved, *value.refused)
    unknown = next((code for code in named_codes if code not in codes or named_codes.count(code) > 1), None)
    state = filing.lifecycle_state
    unfit: tuple[tuple[bool, Unfit], ...] = (
        (not event, Unfit("DECISION_UNKNOWN", "Decision", value.decision)),
        (event == "return" and not value.reason.strip(), Unfit("REASON_MISSING", "Reason", "")),
        (value.version != str(filing.version), Unfit(
            "STALE_VERSION", "Version", value.version, f"备案已到版本{filing.version}（{state.zh}），请按现行内容审核",
            f"The filing is at version {filing.version} now ({state.en})")),
        (event not in LIVES[filing.kind].events_from(filing.state), Unfit(
            "STATE_NOT_ALLOWED", "Filing", value.filing, f"当前状态不允许此操作：{state.zh}",
            f"The state does not allow it: {state.en}")),
        (event == "approve" and bool(value.valid_to) and (last is None or last < today),
         Unfit("VALID_TO_WRONG", "ValidTo", value.valid_to)),
        (unknown is not None, Unfit("CUSTOMS_CODE_UNKNOWN", "CustomsCodes", unknown or "")),
    )
    return next((one for wrong, one in unfit if wrong), None) or _move(found, event, value, actor)


def _move(found: Filed, event: str, value: FilingDecision, actor: str) -> FilingMoved:
    said = " ".join(filter(None, (value.reason_code, value.reason, f"({value.reviewer})" if value.reviewer else "")))
    code = "REVIEWED" if event == "approve" else "RETURNED_BY_BRANCH"
    registers = found.filing.kind == "registration" and event == "approve"
    return FilingMoved(
        "FILING_DECIDED", found, Decision(event, reasons=(f"{code}: {said}" if said else code,)),
        original=found.filing.replaces if event == "approve" else None,
        valid_to=date_of(value.valid_to) if event == "approve" else None,
        also=enter(CodesDecided(actor, value.approved, value.refused)) if registers else None)


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides. actor: as history names them ("operator:wang", "reviewer:1100B0/wang"); who: as their claims do; token: of the
    claim under which they looked at it; coded: reasons with their codes, "CODE: 中文 / English", beside the decision's words."""

    actor: str
    who: str
    token: int | None = None
    coded: tuple[str, ...] = ()


def decide_by_person(store: PostgresStore, kind: str, value: FilingDecision, person: Person) -> Filing:
    """The same for a person: one transaction, written into the audit.

    Raises UnknownThing, StaleVersion, Refusal, and NotAllowed as `store.leases.may_decide` does.
    """
    found = filed(store.database, value.filing)
    if found is None or found.filing.kind != kind:
        raise UnknownThing(f"there is no {kind} filing {value.filing}; see: coedi {_VERBS[kind]} list")
    actor = person.actor
    outcome = judged(found, value, actor, store.database.query("today")[0][0])
    if isinstance(outcome, Unfit):
        raise _refusal(store, outcome, found.filing, value)
    outcome = replace(outcome, decision=replace(outcome.decision, reasons=(*person.coded, *outcome.decision.reasons)))
    with store.work(outcome.wanted()) as work:
        if outcome.lost(work.held):
            raise _stale(store, work.held.filings[found.filing.id], found.filing.version)
        may_decide(store.database, person.who, found.filing.id, person.token)
        moved = outcome.move(work, actor)
        work.note(actor, f"{kind} filing {outcome.decision.event}", str(moved.id), version=found.filing.version,
                  state=moved.state, reasons=list(outcome.decision.reasons))
    return moved


def _refusal(store: PostgresStore, outcome: Unfit, filing: Filing, value: FilingDecision) -> Refusal:
    if outcome.code == "STALE_VERSION" and value.version.isdecimal():
        return _stale(store, filing, int(value.version))
    finding = refusal(outcome.code, outcome.found, en=outcome.en, zh=outcome.zh)
    return Refusal(f"{finding.en} / {finding.zh}", zh=finding.zh)


def _stale(store: PostgresStore, filing: Filing, seen: int) -> StaleVersion:
    """Somebody was faster: who, when, and what they did."""
    lost = newest_moves(store.database, [filing.id]).get(filing.id)
    return StaleVersion(filing.id, seen, filing.version, lost, "filing")


_VERBS = {"goods": "filing", "registration": "registration"}
