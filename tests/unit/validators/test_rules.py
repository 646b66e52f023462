"""Every rule fires on its fault, on nothing else, and a clean application gives no finding at all."""

from dataclasses import replace

import pytest
from origin_cases import FIRING as ORIGIN_FIRING
from rule_cases import CLEAN, FACTS, FIRING, PASSING, Case

from domain.finding import Severity
from schemas.certificate_types import type_of
from validators.pack import current_pack, text_of
from validators.rule_check import hits


def fired(case: Case) -> list[tuple[str, str]]:
    facts = replace(FACTS, **case.facts)
    return [(rule.id, hit.path) for rule, hit in hits(case.change(CLEAN), facts, current_pack())]


def test_a_clean_application_gives_no_finding() -> None:
    assert list(hits(CLEAN, FACTS, current_pack())) == []


@pytest.mark.parametrize("case", FIRING, ids=lambda case: f"{case.code}-{case.paths[0]}")
def test_a_fault_gives_exactly_the_finding_of_its_rule(case: Case) -> None:
    assert fired(case) == sorted([*((case.code, path) for path in case.paths), *case.beside])


@pytest.mark.parametrize("case", PASSING, ids=lambda case: case.code)
def test_what_only_looks_like_a_fault_does_not_fire(case: Case) -> None:
    assert [found for found in fired(case) if found[0] == case.code] == []


def test_every_rule_of_the_general_certificate_has_a_firing_case() -> None:
    checked = {rule.id for rule in current_pack().rules if rule.check and rule.covers(type_of("CO"))}
    assert checked == {case.code for case in FIRING} | {case.code for case in ORIGIN_FIRING if case.type == "CO"}


def test_rule_ids_are_unique_and_texts_are_complete() -> None:
    rules = current_pack().rules
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        chinese, _, english = rule.remedy.partition(" / ")
        assert rule.zh and rule.en and rule.source and chinese and english, rule.id
        assert rule.zh.isascii() is False and rule.en.isascii(), rule.id


def test_rules_that_need_the_register_are_named_when_there_is_none() -> None:
    offline = replace(FACTS, registry_known=False, enterprise=None, branches=frozenset())
    assert list(hits(CLEAN, offline, current_pack())) == []
    named = current_pack().not_checked("CO", registry_known=False)
    assert named == ("A07", "A09", "A10", "A11", "A12", "A13", "A14", "C02")
    assert current_pack().not_checked("CO", registry_known=True) == ()


def test_rules_of_the_general_certificate_are_not_asked_of_other_types() -> None:
    goods = (replace(CLEAN.goods[0], criterion="WO"),)
    preferential = replace(CLEAN, certificate_type="RCEP", official_use="x", goods=goods)
    facts = replace(FACTS, types=frozenset({"RCEP"}))
    codes = {rule.id for rule, _ in hits(preferential, facts, current_pack())}
    assert not codes & {"F03", "G16"}


def test_national_chapters_are_referred_not_refused() -> None:
    changed = replace(CLEAN, goods=(replace(CLEAN.goods[0], hs_code="98010010"),))
    [(rule, hit)] = hits(changed, FACTS, current_pack())
    assert (rule.id, hit.severity) == ("E19", Severity.MANUAL)


def test_a_name_that_differs_says_which_character() -> None:
    exporter = replace(CLEAN.exporter, name="BEIJING HUALIN MACHINERY IMPORT AND EXPORT CO., LTD.")
    [(_, hit)] = hits(replace(CLEAN, exporter=exporter), FACTS, current_pack())
    assert "after 'NGHUALIN' filed is 'G', sent is 'M'" in hit.en
    assert "备案为“G”，所填为“M”" in hit.zh


def test_gateway_decisions_have_their_texts_here() -> None:
    assert text_of("A16").zh == "发票号重复"
    assert text_of("A17").severity is Severity.REJECT
    assert text_of("A04").check is None
    with pytest.raises(KeyError):
        text_of("Z99")
