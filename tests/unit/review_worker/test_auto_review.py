"""What sends a certificate to a person, and on what terms: each condition of a policy by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party
from domain.calendar import Calendar
from domain.certificate import Certificate, Origin, Original
from domain.finding import Finding, Severity
from pipeline.stage import Case, Facts
from review_worker.auto_review import origin_changes, review, stage
from review_worker.policies import calendar, policies
from review_worker.policy import Condition, Policy, Shorter, load_policy
from store.rule_packs import Reference

PUMPS = GoodsLine("PUMPS", "8413.7099", criterion="WO", origin_country="CN", producer="SAME")
PLAIN = Application(
    "M1", "CO", destination="GERMANY", goods=(PUMPS,), invoices=(Invoice("A", amount="600"), Invoice("B", amount="500.5")),
    producer=Party("YUANLING"))
FACTS = Facts(date(2026, 11, 18), issued=5)


def case(application: Application = PLAIN, findings: tuple[Finding, ...] = (), number: int = 7, **changes: Any) -> Case:
    """A certificate that auto review is asked about."""
    certificate = Certificate(UUID(int=number), "1100A2001", "1100B0", application.certificate_type, "A", UUID(int=1))
    return Case(replace(certificate, **changes), Origin(UUID(int=1), "M1", UUID(int=2), "I1", ""), application, None, findings)


def codes(made: Case, policy: Policy, facts: Facts = FACTS) -> list[str]:
    """Codes of the reasons, in order."""
    return [reason.partition(":")[0] for reason in review(made, facts, policy).reasons]


def found(severity: Severity) -> Finding:
    """A finding of the rules."""
    return Finding("C05", severity, "中间商", "middleman", "x")


AMENDED = replace(PLAIN, amendment=Amendment("AMEND"), goods=(replace(PUMPS, criterion="CTC"),))
SMALL = replace(PLAIN, applicant=Applicant(small_enterprise=True))
ORIGINAL = Original(case().certificate, None, PLAIN)
# what holds, by itself: the condition, the case, the facts, the code
HOLDS: list[tuple[Condition, Case, Facts, str]] = [
    (Condition(branches=("1100B0",)), case(), FACTS, "BRANCH"),
    (Condition(types=("CO",)), case(), FACTS, "TYPE"),
    (Condition(destinations=("GERMANY",)), case(), FACTS, "DESTINATION"),
    (Condition(destinations=("DE",)), case(), FACTS, "DESTINATION"),
    (Condition(destinations=("GERMANY",)), case(replace(PLAIN, destination=" hamburg,  germany ")), FACTS, "DESTINATION"),
    (Condition(destinations=("ATLANTIS",)), case(replace(PLAIN, destination="Atlantis")), FACTS, "DESTINATION"),
    (Condition(hs_prefixes=("84137",)), case(), FACTS, "GOODS"),
    (Condition(invoice_amount_above=Decimal("1100.49")), case(), FACTS, "AMOUNT"),
    (Condition(new_exporter_first=6), case(), FACTS, "NEW_EXPORTER"),
    (Condition(small_enterprises=True), case(SMALL), FACTS, "SMALL_ENTERPRISE"),
    (Condition(origin_amendments=True), case(AMENDED), replace(FACTS, original=ORIGINAL), "ORIGIN_CHANGED"),
    (Condition(origin_amendments=True), case(AMENDED), FACTS, "ORIGIN_CHANGED"),  # nothing to compare with
]
HOLDS_NOT: list[tuple[Condition, Case, Facts]] = [
    (Condition(), case(), FACTS),
    (Condition(branches=("4403C1",)), case(), FACTS),
    (Condition(types=("RCEP",)), case(), FACTS),
    (Condition(destinations=("IRAN", "ATLANTIS")), case(), FACTS),
    (Condition(destinations=("ATLANTIS",)), case(replace(PLAIN, destination="LEMURIA")), FACTS),
    (Condition(hs_prefixes=("413",)), case(), FACTS),
    (Condition(invoice_amount_above=Decimal("1100.5")), case(), FACTS),
    (Condition(new_exporter_first=5), case(), FACTS),
    (Condition(small_enterprises=True), case(), FACTS),
    (Condition(origin_amendments=True), case(), FACTS),
    (Condition(origin_amendments=True), case(replace(AMENDED, goods=PLAIN.goods)), replace(FACTS, original=ORIGINAL)),
]


@pytest.mark.parametrize(("when", "made", "facts", "code"), HOLDS)
def test_a_condition_that_holds_refers(when: Condition, made: Case, facts: Facts, code: str) -> None:
    decision = review(made, facts, Policy("1", refer=when))
    assert (decision.event, codes(made, Policy("1", refer=when), facts), decision.pack) == ("refer", [code], "1")
    assert " / " in decision.reasons[0]


@pytest.mark.parametrize(("when", "made", "facts"), HOLDS_NOT)
def test_a_condition_that_does_not_hold_approves(when: Condition, made: Case, facts: Facts) -> None:
    everything = Policy("1", refer=when, four_eyes=when, senior=when, shorter=(Shorter(5, when),))
    decision = review(made, facts, everything)
    assert (decision.event, decision.terms.minutes, decision.terms.eyes, decision.terms.senior) == ("approve", 480, 1, False)


@pytest.mark.parametrize(("when", "made", "facts", "code"), HOLDS)
def test_four_eyes_refers_and_says_why(when: Condition, made: Case, facts: Facts, code: str) -> None:
    decision = review(made, facts, Policy("1", four_eyes=when))
    assert (decision.event, decision.terms.eyes) == ("refer", 2)
    assert decision.terms.eyes_reason == decision.reasons[0]
    assert decision.reasons[0].startswith("FOUR_EYES: 须双人复核")


@pytest.mark.parametrize(("when", "made", "facts", "code"), HOLDS)
def test_a_senior_is_asked_for(when: Condition, made: Case, facts: Facts, code: str) -> None:
    decision = review(made, facts, Policy("1", senior=when))
    assert (decision.event, decision.terms.senior, decision.terms.eyes) == ("refer", True, 1)
    assert codes(made, Policy("1", senior=when), facts) == ["SENIOR"]


@pytest.mark.parametrize(("when", "made", "facts", "code"), HOLDS)
def test_a_deadline_is_shorter_without_asking_for_a_person(when: Condition, made: Case, facts: Facts, code: str) -> None:
    decision = review(made, facts, Policy("1", shorter=(Shorter(90, when), Shorter(120, when))))
    assert (decision.event, decision.terms.minutes) == ("approve", 90)


def test_a_deadline_is_the_types_and_never_made_longer() -> None:
    policy = Policy("1", deadlines=(("CO", 60),), shorter=(Shorter(120, Condition(types=("CO",))),))
    assert review(case(), FACTS, policy).terms.minutes == 60
    rcep = case(replace(PLAIN, certificate_type="RCEP"))
    assert review(rcep, FACTS, policy).terms.minutes == 480


@pytest.mark.parametrize(("severities", "severity", "event"), [
    (("manual",), Severity.MANUAL, "refer"), (("manual",), Severity.WARN, "approve"), (("warn",), Severity.WARN, "refer"),
    ((), Severity.MANUAL, "approve"),
])
def test_findings_refer_by_their_severity(severities: tuple[str, ...], severity: Severity, event: str) -> None:
    decision = review(case(findings=(found(severity),)), FACTS, Policy("1", refer_severities=severities))
    assert decision.event == event


def test_reasons_stand_in_the_order_in_which_they_are_read() -> None:
    policy = Policy("1", sample_one_in=1, refer=Condition(types=("CO",), new_exporter_first=9, hs_prefixes=("84",)),
                    four_eyes=Condition(types=("CO",)), senior=Condition(types=("CO",)))
    assert codes(case(findings=(found(Severity.MANUAL),)), policy) == [
        "C05", "NEW_EXPORTER", "GOODS", "TYPE", "FOUR_EYES", "SENIOR", "SAMPLE"]


@given(st.uuids(), st.integers(1, 50))
def test_a_sample_is_the_same_whenever_it_is_drawn(identity: UUID, one_in: int) -> None:
    policy = Policy("1", sample_one_in=one_in)
    first, again = (review(case(id=identity, version=version), FACTS, policy) for version in (3, 9))
    assert first == again


def test_a_sample_is_about_one_in_so_many() -> None:
    policy = Policy("1", sample_one_in=10)
    drawn = sum(review(case(number=number), FACTS, policy).event == "refer" for number in range(4000))
    assert 320 < drawn < 480


@pytest.mark.parametrize(("change", "expected"), [
    (lambda a: replace(a, goods=(replace(PUMPS, hs_code="84138100"),)), ["hs_code"]),
    (lambda a: replace(a, goods=(replace(PUMPS, criterion="CTC"),)), ["criterion"]),
    (lambda a: replace(a, goods=(replace(PUMPS, value_content="45"),)), ["value_content"]),
    (lambda a: replace(a, goods=(replace(PUMPS, psr_basis="RVC"),)), ["psr_basis"]),
    (lambda a: replace(a, goods=(replace(PUMPS, origin_country="VN"),)), ["origin_country"]),
    (lambda a: replace(a, goods=(replace(PUMPS, producer="OTHER"),)), ["producer"]),
    (lambda a: replace(a, producer=Party("OTHER")), ["producer"]),
    (lambda a: replace(a, goods=(PUMPS, PUMPS)), ["lines"]),
    (lambda a: replace(a, goods=()), ["lines"]),
    (lambda a: replace(a, goods=(replace(PUMPS, hs_code="84137099", quantity="9"),), marks="N/M"), []),
])
def test_what_touches_origin(change: Callable[[Application], Application], expected: list[str]) -> None:
    assert list(origin_changes(PLAIN, change(PLAIN))) == expected


# which policy counts where

BUILT_IN = load_policy()


def decided(reference: Reference | None, branch: str) -> tuple[str, str | None]:
    """Event and policy of a clean certificate of this branch."""
    decision = stage(BUILT_IN).decide(case(branch=branch), replace(FACTS, reference=reference))
    return decision.event, decision.pack


STRICT = ("strict", 'version = "strict"\ntypes = ["CO"]')
MILD = ("mild", 'version = "mild"')


@pytest.mark.parametrize(("activations", "here", "there"), [
    ((), "2026.2", "2026.2"), (((None, "strict"),), "strict", "strict"), ((("1100B0", "strict"),), "strict", "2026.2"),
    (((None, "strict"), ("1100B0", "mild")), "mild", "strict"), (((None, "strict"), ("1100B0", None)), "2026.2", "strict"),
])
def test_a_branchs_own_policy_counts_before_that_of_all(
    activations: tuple[tuple[str | None, str | None], ...], here: str, there: str
) -> None:
    tables = Reference(1, policies=(STRICT, MILD), policy_activations=activations)
    for branch, version in (("1100B0", here), ("4403C1", there)):
        assert decided(tables, branch) == ("refer" if version == "strict" else "approve", version)


def test_without_a_database_the_built_in_policy_decides() -> None:
    assert decided(None, "1100B0") == ("approve", "2026.2")


def test_the_calendar_of_the_branch_comes_with_the_decision() -> None:
    tables = Reference(1, days=(("1100B0", date(2026, 11, 18), False), ("1100B0", date(2026, 11, 21), True)))
    here = stage(BUILT_IN).decide(case(), replace(FACTS, reference=tables)).terms.calendar
    there = stage(BUILT_IN).decide(case(branch="4403C1"), replace(FACTS, reference=tables)).terms.calendar
    assert [here.works(date(2026, 11, 18)), here.works(date(2026, 11, 21))] == [False, True]
    assert there == policies(tables, BUILT_IN).national


def test_a_branchs_days_count_before_the_national_ones() -> None:
    newyear, usual, saturday = date(2026, 1, 1), date(2026, 1, 6), date(2026, 1, 10)
    assert [calendar().works(day) for day in (newyear, usual, saturday)] == [False, True, False]
    own = calendar({newyear: True, usual: False, saturday: True})
    assert [own.works(day) for day in (newyear, usual, saturday)] == [True, False, True]
    assert isinstance(own, Calendar)
