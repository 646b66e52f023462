"""A stage: a name, the facts it needs, and a pure decision. No connection, channel, clock, commit, ack or publish."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.application import Application
from domain.branch import Branch
from domain.certificate import Certificate, Decision, Origin, Original
from domain.certificate_lifecycle import CERTIFICATE
from domain.filing import GoodsFiling
from domain.finding import Finding
from domain.registry import EnterpriseRecord
from store.rule_packs import Reference


@dataclass(frozen=True, slots=True)
class Case:
    """A certificate with the content of its current revision.

    element: the message's XML element, for places of findings; findings: those of earlier stages of this revision;
    pack: the version of the rule pack that decides, None for that of the document's date.
    """

    certificate: Certificate
    origin: Origin
    application: Application
    element: Any
    findings: tuple[Finding, ...] = ()
    pack: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may look at, fetched for a whole batch.

    issued: certificates the enterprise has had, counted to a cap; filings: its goods filings for the certificate's type by
    six-digit HS code, newest first; original: the certificate that an amendment replaces; reference: rule packs and severities
    beside the shipped ones, None without a database.
    """

    today: date
    enterprise: EnterpriseRecord | None = None
    branches: Mapping[str, Branch] | None = None
    issued: int = 0
    reference: Reference | None = None
    filings: Mapping[str, tuple[GoodsFiling, ...]] = field(default_factory=dict)
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way.

    needs: names of facts (`pipeline.facts.FETCH`); effect: deciding has an effect outside the database (a file), so
    the chain is cut before it and it runs with no transaction open.
    """

    name: str
    needs: tuple[str, ...]
    decide: Callable[[Case, Facts], Decision]
    effect: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A decision that one stage took."""

    stage: str
    decision: Decision


def carry(case: Case, facts: Facts, stages: Mapping[str, Stage]) -> list[Step]:
    """The decisions of all hosted stages the certificate passes in one go, up to one with an outside effect."""
    steps: list[Step] = []
    state = case.certificate.state
    while stage := _next(state, stages):
        decision = stage.decide(case, facts)
        steps.append(Step(stage.name, decision))
        case = replace(case, findings=case.findings + decision.findings)
        state = CERTIFICATE.move(state, decision.event).target
    return steps


def _next(state: str | None, stages: Mapping[str, Stage]) -> Stage | None:
    waits_for = CERTIFICATE.state(state).waits_for if state else None
    stage = stages.get(waits_for) if waits_for else None
    return None if stage is None or stage.effect else stage


def needs_of(stages: Iterable[Stage]) -> frozenset[str]:
    """The union of what these stages need."""
    return frozenset(need for stage in stages for need in stage.needs)
