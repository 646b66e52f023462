"""Decisions of a branch on filings 备案: messages of its systems, and people at the command line. The version seen is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.application import date_of
from domain.certificate import Decision
from domain.errors import Refusal, UnknownThing
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
from store.postgres import PostgresStore

EVENTS = {"APPROVE": "approve", "RETURN": "return"}
_KINDS = {"GoodsFilingDecision": "goods", "RegistrationDecision": "registration"}


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round: the filing that each message names, and the business date."""

    named: Mapping[UUID, Filed]
    today: date


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a decision cannot be carried out: receipt code, place in the message, what was found there, special texts."""

    code: str
    place: str
    found: str
    zh: str | None = None
    en: str | None = None


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Two queries for the round; a branch finds its own filings only."""
    names = [Name(item.identity, _KINDS[item.kind], item.value.filing, branch=item.party) for item in items if item.opened.sender]
    return Known(named(database, names), database.query("today")[0][0])


def decide(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """The move, or why there is none."""
    value: FilingDecision = item.value
    found = known.named.get(item.identity)
    outcome = judged(found, value, f"branch:{sender.no}", known.today) if found else Unfit("FILING_UNKNOWN", "Filing", value.filing)
    if isinstance(outcome, FilingMoved):
        return outcome
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


def decide_by_person(store: PostgresStore, kind: str, value: FilingDecision, actor: str) -> Filing:
    """The same for a person: one transaction, written into the audit. Raises UnknownThing and Refusal."""
    found = filed(store.database, value.filing)
    if found is None or found.filing.kind != kind:
        raise UnknownThing(f"there is no {kind} filing {value.filing}; see: coedi {_VERBS[kind]} list")
    outcome = judged(found, value, actor, store.database.query("today")[0][0])
    if isinstance(outcome, Unfit):
        finding = refusal(outcome.code, outcome.found, en=outcome.en, zh=outcome.zh)
        raise Refusal(f"{finding.en} / {finding.zh}")
    with store.work(outcome.wanted()) as work:
        if outcome.lost(work.held):
            now = work.held.filings[found.filing.id]
            raise Refusal(f"somebody else decided first: filing {now.id} is {now.state}, version {now.version}")
        moved = outcome.move(work, actor)
        work.note(actor, f"{kind} filing {outcome.decision.event}", str(moved.id), version=found.filing.version,
                  state=moved.state, reasons=list(outcome.decision.reasons))
    return moved


_VERBS = {"goods": "filing", "registration": "registration"}
