"""Origin criteria, goods filings, endorsements, amendments and pictures: a fault gives exactly its finding, at its box."""

import base64
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from random import Random
from typing import Any

import pytest
from origin_cases import FIRING, PASSING, amend, base, gif, jpg, line, original, png, put
from preferential_goods_cases import Change, TypeCase
from rule_cases import CLEAN, FACTS

from domain.finding import Severity
from schemas.certificate_types import certificate_type
from schemas.codelists import code_lists
from validators.criterion import is_certain
from validators.pack import all_rules, current_pack
from validators.picture import fault_of, measure
from validators.reading import bounded
from validators.rule_check import hits
from validators.rules import amendments, criteria, endorsements, filings, pictures, printing
from validators.workdays import deadline


def found(case: TypeCase) -> list[tuple[str, str, Severity, str | None]]:
    """Rule, path, severity and box of everything that fires."""
    application, facts = base(case.type)
    kind = certificate_type(case.type)
    return [
        (rule.id, hit.path, hit.severity or rule.severity, kind.box_number(hit.field or rule.field or ""))
        for rule, hit in hits(case.change(application), case.facts(facts), current_pack())
    ]


@pytest.mark.parametrize("case", FIRING, ids=lambda case: f"{case.code}-{case.type}-{case.path}")
def test_a_fault_gives_exactly_the_finding_of_its_rule(case: TypeCase) -> None:
    given = found(case)
    assert sorted((rule, path) for rule, path, _, _ in given) == sorted([(case.code, case.path), *case.beside])
    assert (case.code, case.path, case.severity, case.box) in given


@pytest.mark.parametrize("case", PASSING, ids=lambda case: f"{case.code}-{case.type}")
def test_what_only_looks_like_a_fault_does_not_fire(case: TypeCase) -> None:
    assert [one for one in found(case) if one[0] == case.code] == []


def test_every_rule_of_these_topics_has_a_firing_and_a_passing_case() -> None:
    topics = (amendments, criteria, endorsements, filings, pictures)
    rules = {rule.id for topic in topics for rule in topic.RULES if rule.check}
    assert rules <= {case.code for case in FIRING}
    assert rules <= {case.code for case in PASSING}


def test_what_the_gateway_and_the_print_stage_decide_has_its_texts_here() -> None:
    others = {rule.id: rule.decided_by for rule in all_rules().values() if rule.check is None}
    assert {code for code, by in others.items() if by == "print"} == {rule.id for rule in printing.RULES}
    assert {code for code, by in others.items() if by == "gateway"} >= {"A16", "A19", "A23", "A24", "A29"}
    assert set(others.values()) == {"gateway", "print"}


def test_rules_on_filings_are_named_where_there_is_no_register() -> None:
    named = set(current_pack().not_checked("RCEP", registry_known=False))
    assert named >= {"F17", "F18", "F19", "F20"}
    assert not named & set(current_pack().not_checked("CO", registry_known=False)) - {
        "A07", "A09", "A10", "A11", "A12", "A13", "A14", "C02"}


def test_an_amendment_says_once_for_each_field_what_changed_and_in_how_many_lines() -> None:
    before = original("CO", lambda one: line(1, hs_code="84137010")(line(2, hs_code="721420", origin_country="VN")(one)))
    found = [(hit.path, hit.zh, hit.en) for rule, hit in hits(amend()(CLEAN), before(FACTS), current_pack())]
    assert found == [
        ("Goods/Line[1]/HSCode", "原为84137010", "was 84137010"),
        ("Goods/Line[2]/OriginCountry", "原为VN", "was VN"),
    ]
    both_lines = original("CO", lambda one: line(1, hs_code="84137010")(line(2, hs_code="72142000")(one)))
    [(_, hit)] = hits(amend()(CLEAN), both_lines(FACTS), current_pack())
    assert (hit.path, hit.en) == ("Goods/Line[1]/HSCode", "was 84137010; 2 lines differ")


def test_without_the_original_an_amendment_is_asked_only_what_it_says_itself() -> None:
    assert list(hits(amend()(CLEAN), FACTS, current_pack())) == []
    assert [rule.id for rule, _ in hits(amend("REISSUE", original_date="")(CLEAN), FACTS, current_pack())] == ["A26", "A27"]


@pytest.mark.parametrize(
    ("begin", "days", "early", "late", "known"),
    [
        ("2026-11-13", 3, "2026-11-18", "2026-11-18", True),  # a Friday
        ("2026-11-14", 1, "2026-11-16", "2026-11-16", True),
        ("2026-02-13", 3, "2026-02-18", "2026-02-26", True),  # over the Spring Festival
        ("2026-12-30", 3, "2027-01-04", "2027-01-04", False),
        ("2026-11-17", 0, "2026-11-17", "2026-11-17", True),
    ],
)
def test_working_days_pass_over_weekends_and_listed_holidays(begin: str, days: int, early: str, late: str, known: bool) -> None:
    last = deadline(date.fromisoformat(begin), days, code_lists().parameters.public_holidays)
    assert (str(last.early), str(last.late), last.known) == (early, late, known)


@pytest.mark.parametrize(
    ("type_code", "code", "left", "today", "severity"),
    [
        ("APTA", "G10", "2026-02-13", "2026-02-18", None),
        ("APTA", "G10", "2026-02-13", "2026-02-24", Severity.MANUAL),
        ("APTA", "G10", "2026-02-13", "2026-02-26", Severity.MANUAL),
        ("APTA", "G10", "2026-02-13", "2026-02-27", Severity.REJECT),
        ("APTA", "G10", "2027-03-01", "2027-03-04", None),
        ("APTA", "G10", "2027-03-01", "2027-03-15", Severity.MANUAL),  # no holidays are listed for 2027
        ("KR", "G07", "2026-02-06", "2026-02-17", None),
        ("KR", "G07", "2026-02-06", "2026-02-25", Severity.MANUAL),
        ("KR", "G07", "2026-02-06", "2026-02-26", Severity.REJECT),
        ("KR", "G07", "2027-03-01", "2027-03-31", Severity.MANUAL),
    ],
)
def test_where_only_the_unverified_holidays_decide_a_person_is_asked(
    type_code: str, code: str, left: str, today: str, severity: Severity | None,
) -> None:
    application, facts = base(type_code)
    shipped = put(application_date=left, transport={"departure_date": left})(application)
    found = hits(shipped, replace(facts, today=date.fromisoformat(today)), current_pack())
    assert [hit.severity or rule.severity for rule, hit in found if rule.id == code] == ([severity] if severity else [])


ODD = (
    "", "0", "-1", "%", "45%", "９２", "²", "2026-02-29", "0001-01-01", "9999-12-30", "9999-12-31", "ACU ACU", "\x00", "((((",
    "RETROACTIVELY " * 50, "FOB " * 500, "A" * 8_000, "SAME", "ß", "NaN", "USD 5", "SEE ATTACHMENT", "/9j/", "R0lGODlh", "84.13",
)


def disturbed(value: Any, chance: Random) -> Any:
    """The same with odd texts here and there, flags turned, and parts doubled or left out."""
    if isinstance(value, str):
        return chance.choice(ODD) if chance.random() < 0.15 else value
    if isinstance(value, bool):
        return value is not (chance.random() < 0.2)
    if isinstance(value, tuple):
        return tuple(disturbed(part, chance) for part in value) * chance.choice((0, 1, 1, 1, 1, 1, 1, 2))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: disturbed(getattr(value, field.name), chance) for field in fields(value)})
    return value


def odd_applications() -> Iterator[tuple[Any, Any]]:
    chance = Random(20261117)
    for case in (*FIRING, *PASSING) * 3:
        application, facts = base(case.type)
        odd = disturbed(case.change(application), chance)
        code = chance.choice((case.type, case.type, "CO", "RCEP", "KR", "CEPA", "?"))
        yield replace(odd, certificate_type=code), case.facts(facts)


def test_no_text_in_any_field_makes_a_rule_fail() -> None:
    fired = {rule.id for application, facts in odd_applications() for rule, _ in hits(application, facts, current_pack())}
    assert len(fired) > 60


def test_a_type_may_have_letters_with_accents() -> None:
    named = put(consignee={"name": "COMPAÑÍA INDUSTRIAL"})
    application, facts = base("CL")
    parameters = replace(facts.codes.parameters, diacritics={"CL": frozenset("ÑÍ")})
    allowed = replace(facts, codes=replace(facts.codes, parameters=parameters))
    assert [rule.id for rule, _ in hits(named(application), facts, current_pack())] == ["B02"]
    assert [rule.id for rule, _ in hits(named(application), allowed, current_pack())] == []
    assert [rule.id for rule, _ in hits(put(consignee={"name": "ÀÉ Ñ"})(application), allowed, current_pack())] == ["B02"]


@pytest.mark.parametrize(
    ("code", "type_code", "change", "found", "said"),
    [
        ("F02", "RCEP", line(criterion="PE XX YY"), "PE XX YY", "XX YY; available: WO, PE, CTC, RVC, CR, ACU, DMI"),
        ("F02", "IS", line(criterion="45%"), "45%", "45%; available: WO, WP, PSR"),
        ("F02", "FORME2", line(criterion="PE 45%"), "PE 45%", "PE has no percentage beside it"),
        ("F04", "FORME2", line(criterion="39%"), "39%", "at least 40%"),
        ("F04", "FORME2", line(criterion="RVC", value_content="45%"), "45%", "not a number"),
        ("F04", "FORME2", line(criterion="RVC"), "RVC", "RVC needs a percentage"),
        ("F04", "FORME2", line(criterion="45%", value_content="46"), "46", "the criterion says 45%"),
        ("F04", "FORME2", line(criterion="RVC", value_content="101"), "101", "at most 100%"),
        ("F06", "APTA", line(criterion="B", value_content="56"), "56", "at most 55%"),
        ("F17", "RCEP", line(filing_no="GF9"), "GF9", "these goods have no filing of this number"),
        ("F18", "RCEP", line(criterion="CTC"), "CTC", "filing GF000001 has PE"),
    ],
)
def test_a_finding_says_what_is_wrong_here(code: str, type_code: str, change: Change, found: str, said: str) -> None:
    application, facts = base(type_code)
    [hit] = [hit for rule, hit in hits(change(application), facts, current_pack()) if rule.id == code]
    assert (hit.found, hit.en) == (found, said)
    assert not hit.zh.isascii()


def test_another_code_is_certainly_wrong_only_where_every_criterion_is_confirmed() -> None:
    kind = certificate_type("RCEP")
    assert is_certain(kind)
    assert not is_certain(replace(kind, unverified=("criteria",)))
    assert not is_certain(replace(kind, criteria=(*kind.criteria, replace(kind.criteria[0], verified=False))))


def test_a_picture_is_measured_by_its_content() -> None:
    assert measure(png(640, 480)) == ("png", 640, 480, 1)
    assert measure(gif(3, 55)) == ("gif", 55, 30, 3)
    assert measure(jpg(7, 9)) == ("jpg", 7, 9, 1)


@pytest.mark.parametrize("body", [png(), gif(2), jpg()], ids=["png", "gif", "jpg"])
def test_a_picture_that_is_cut_anywhere_never_fails(body: bytes) -> None:
    for end in range(len(body)):
        measured, fault = measure(body[:end]), fault_of(base64.b64encode(body[:end]).decode())
        assert measured is None or measured == measure(body)
        assert measured is not None or fault is not None


def test_what_the_schema_refuses_keeps_its_pictures_whole() -> None:
    text = base64.b64encode(jpg() + bytes(30_000)).decode()
    case = next(case for case in PASSING if case.code == "B12")
    application = case.change(CLEAN)
    long = replace(application, pictures=(replace(application.pictures[0], content=text),))
    assert bounded(long).pictures[0].content == text
