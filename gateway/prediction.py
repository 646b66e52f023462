"""What would become of a message if it came today: the validators and the policy on the archived bytes, in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.certificate import Origin
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import MissingGlyph, Refusal
from gateway.intake import Intake, Plan, plan_for
from gateway.known import look_up, one_round
from gateway.opening import UNKNOWN_SENDER, Item
from gateway.outcomes import Accepted, Early, Refused
from pipeline.facts import fetch
from pipeline.handler import Session
from pipeline.stage import Case, Facts, Stage, Step, carry, needs_of
from pipeline.transport import Delivery

# what a fault in a message, or in the code that reads it, raises; a service that is gone is none of them
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, MissingGlyph, Refusal, RuntimeError, TypeError, ValueError)
# why a delivery stands in the archive without having been read
UNREAD = ("PARKED", UNKNOWN_SENDER)
# instead of a version: the rule pack of the document's date
CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where it would end, in words; codes: of the findings; passes: whether there is any use in doing it; pack: that decides."""

    words: str
    codes: tuple[str, ...] = ()
    passes: bool = True
    pack: str | None = None


def fails(error: Exception) -> Verdict:
    """What still cannot be handled."""
    return Verdict(f"fails: {type(error).__name__}: {error}"[:300], passes=False)


def held_to(case: Case, pack: str | None) -> Case:
    """The case, decided by this rule pack; CURRENT: by that of the document's date; None: by the one that decided before."""
    return case if pack is None else replace(case, pack=None if pack == CURRENT else pack)


def under(verdict: Verdict, before: str | None) -> Verdict:
    """The verdict, saying so when it is another rule pack's than the one that decided before."""
    if verdict.pack is None or before is None or verdict.pack == before:
        return verdict
    return replace(verdict, words=f"{verdict.words} (pack {before} -> {verdict.pack})")


def steps_again(case: Case, facts: Facts, stages: Mapping[str, Stage]) -> list[Step]:
    """The decisions that the hosted stages take on this content from the beginning."""
    received = replace(case, certificate=replace(case.certificate, state="RECEIVED"), findings=())
    return carry(received, facts, stages)


def end_of(state: str, steps: Iterable[Step]) -> str:
    """The state that these decisions lead to."""
    for step in steps:
        state = CERTIFICATE.move(state, step.decision.event).target
    return state


def of_certificates(session: Session, cases: list[Case]) -> dict[object, Verdict]:
    """certificate id -> its verdict, on facts fetched once for all."""
    facts = fetch(session.database, needs_of(session.stages.values()), cases)
    return {case.certificate.id: of_case(case, facts[case.certificate.id], session.stages) for case in cases}


def of_case(case: Case, facts: Facts, stages: Mapping[str, Stage]) -> Verdict:
    """The verdict on one certificate's content; a fault is a verdict, too."""
    try:
        steps = steps_again(case, facts, stages)
    except FAULTS as error:
        return fails(error)
    end = end_of("RECEIVED", steps)
    pack = next((step.decision.pack for step in steps if step.stage == "rule-check"), None)
    return Verdict(end, _codes(steps), end != "RETURNED", pack)


def of_delivery(session: Session, delivery: Delivery) -> Verdict:
    """The verdict on every message of a delivery as if it had not been seen: "2 APPROVED, 1 RETURNED"."""
    try:
        items = Intake(session).open([delivery], silent=False)
        if refusal := items[0].opened.refusal:
            return Verdict(f"REFUSED {refusal.code}", (refusal.code,), passes=False)
        verdicts = []
        while items:
            now, items = one_round(items)
            known = look_up(session.database, now)
            if (seen := known.interchanges.get(now[0].delivery_key)) and seen[2]:
                known.interchanges.clear()
            verdicts += [_of_message(session, item, plan_for(item, known)) for item in now]
    except FAULTS as error:
        return fails(error)
    counted = Counter(verdict.words for verdict in verdicts)
    codes = dict.fromkeys(code for verdict in verdicts for code in verdict.codes)
    return Verdict(", ".join(f"{count} {words}" if len(verdicts) > 1 else words for words, count in counted.items()), tuple(codes))


def _of_message(session: Session, item: Item, plan: Plan) -> Verdict:
    outcome = plan.outcome
    if isinstance(outcome, Refused):
        return Verdict(f"REFUSED {outcome.code}", (outcome.code,))
    if not isinstance(outcome, Accepted):
        if isinstance(outcome, str):
            return Verdict({"reused": "REFUSED MSG_ID_REUSED"}.get(outcome, "answered before"))
        return Verdict("waits for its certificate" if isinstance(outcome, Early) else "handled")
    case = case_of(item, plan.interchange, outcome)
    return of_certificates(session, [case])[case.certificate.id]


def case_of(item: Item, interchange: object, outcome: Accepted) -> Case:
    """The case that an accepted application would make."""
    origin = Origin(item.identity, item.message_id, item.opened.id, None, item.opened.sha256.hex())
    return Case(outcome.certificate, origin, outcome.application, item.message.element if item.message else None)


def _codes(steps: Iterable[Step]) -> tuple[str, ...]:
    """Codes of all findings, each once, in order."""
    return tuple(dict.fromkeys(finding.code for step in steps for finding in step.decision.findings))
