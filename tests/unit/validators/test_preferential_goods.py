"""Parties, routes and goods of every preferential type: clean is clean, and a fault gives exactly its finding and its box."""

from dataclasses import replace

import pytest
from clean_types import FACTS_OF, clean, preferential_codes
from preferential_goods_cases import FIRING, LIMITS, PASSING, RESTS_ON, TypeCase, limited
from rule_cases import CLEAN, FACTS

from domain.finding import Severity
from schemas import certificate_types
from schemas.certificate_types import certificate_type, type_of
from validators.pack import current_pack
from validators.rule_check import hits
from validators.rules import items, members, producers, routes

Found = list[tuple[str, str, Severity, str | None]]


def found(case: TypeCase) -> Found:
    """Rule, path, severity and box of everything that fires."""
    kind = certificate_type(case.type)
    facts = case.facts(FACTS_OF(case.type))
    return [
        (rule.id, hit.path, hit.severity or rule.severity, kind.box_number(hit.field or rule.field or ""))
        for rule, hit in hits(case.change(clean(case.type)), facts, current_pack())
    ]


def test_there_are_preferential_types() -> None:
    assert set(preferential_codes()) >= {"APTA", "FORME2", "RCEP", "KR", "CH", "PE", "NZ", "AU", "SG", "IS", "CL", "PK", "CR"}


@pytest.mark.parametrize("code", preferential_codes())
def test_a_clean_application_of_every_type_gives_no_finding(code: str) -> None:
    assert list(hits(clean(code), FACTS_OF(code), current_pack())) == []


@pytest.mark.parametrize("case", FIRING, ids=lambda case: f"{case.code}-{case.type}-{case.path}")
def test_a_fault_gives_exactly_the_finding_of_its_rule(case: TypeCase) -> None:
    given = found(case)
    assert [(rule, path) for rule, path, _, _ in given] == sorted([(case.code, case.path), *case.beside])
    assert (case.code, case.path, case.severity, case.box) in given


@pytest.mark.parametrize("case", PASSING, ids=lambda case: f"{case.code}-{case.type}")
def test_what_only_looks_like_a_fault_does_not_fire(case: TypeCase) -> None:
    assert [one for one in found(case) if one[0] == case.code] == []


def test_every_rule_of_these_topics_has_a_firing_and_a_passing_case() -> None:
    rules = {rule.id for topic in (items, members, producers, routes) for rule in topic.RULES}
    assert rules <= {case.code for case in FIRING}
    assert rules - {"D11"} <= {case.code for case in PASSING}  # D11 asks for nothing but presence


@pytest.mark.parametrize(("count", "today", "amended", "fires"), LIMITS)
def test_the_limit_of_lines_is_that_of_the_day_of_signing(count: int, today: str, amended: str | None, fires: bool) -> None:
    application, facts = limited(count, today, amended)
    assert ("E06" in {rule.id for rule, _ in hits(application, facts, current_pack())}) is fires


@pytest.mark.parametrize(("code", "type_code", "field"), RESTS_ON)
def test_a_refusal_that_rests_on_unverified_data_becomes_a_referral(
    code: str, type_code: str, field: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = next(one for one in FIRING if (one.code, one.type, one.severity) == (code, type_code, Severity.REJECT))
    doubtful = replace(certificate_type(type_code), unverified=(field,))
    monkeypatch.setattr(certificate_types, "_by_code", lambda: {type_code: doubtful})
    assert [severity for rule, _, severity, _ in found(case) if rule == code] == [Severity.MANUAL]


def test_a_wrong_phrase_names_the_right_one() -> None:
    [case] = [case for case in FIRING if case.code == "C15" and case.type == "NZ"]
    [(_, hit)] = hits(case.change(clean("NZ")), case.facts(FACTS_OF("NZ")), current_pack())
    assert hit.en == "write AVAILABLE TO THE AUTHORIZED BODY UPON REQUEST"
    assert hit.zh.startswith("应填")


def test_none_of_these_rules_is_asked_of_the_general_certificate() -> None:
    general = type_of("CO")
    assert [rule.id for topic in (items, members, producers, routes) for rule in topic.RULES if rule.covers(general)] == []
    assert list(hits(CLEAN, FACTS, current_pack())) == []
