"""Every fault that a goods filing can come back with, from facts alone."""

from datetime import date

import pytest
from lxml import etree

from domain.registry import EnterpriseRecord
from gateway import goods_checks
from gateway.faults import Faults
from messages.goods_filing import extract
from messages.parsing import parse
from tests.filing_messages import BRANCH, FIRM, NAME_EN, NAME_ZH, form_e, goods

TODAY = date(2026, 11, 16)
RECORD = EnterpriseRecord(FIRM, BRANCH, NAME_ZH, NAME_EN, customs_code="1101960017")


@pytest.fixture(autouse=True)
def preferential(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type with criteria that are known here, whatever its definition file says."""
    known = goods_checks.type_of
    monkeypatch.setattr(goods_checks, "type_of", lambda code: form_e() if code == "FORME2" else known(code))


def faults(record: EnterpriseRecord = RECORD, branch: str = BRANCH, **parts: str) -> Faults:
    root = parse(goods("G-1", **parts))
    assert isinstance(root, etree._Element)
    found = Faults(root[1])
    found.add_structure()
    goods_checks.check(extract(root[1]), record, branch, TODAY, found)
    return found


def codes(found: Faults) -> str:
    return " ".join(sorted({finding.code for finding in found.found}))


def test_goods_without_fault_have_none() -> None:
    assert faults().found == []


@pytest.mark.parametrize(("parts", "expected"), [
    ({"CertificateType": "CO"}, "GF01"), ({"CertificateType": "XX"}, "A15"), ({"CertificateType": "CEPA"}, "A15"),
    ({"HSCode": ""}, "A02 E16"), ({"HSCode": "8413"}, "E17"), ({"HSCode": "84 13X0"}, "E18"),
    ({"HSCode": "77010000"}, "E19"), ({"HSCode": "841399"}, "E19"),
    ({"NameZh": ""}, "A02 GF02"), ({"NameEn": ""}, "A02 GF02"),
    ({"Criterion": ""}, "A02 F01"), ({"Criterion": "ZZ"}, "F02"), ({"ValueContent": ""}, "GF03"),
    ({"ValueContent": "39.9"}, "GF04"), ({"ValueContent": "MANY"}, "GF03"), ({"ValueContent": "101"}, "GF03"),
    ({"Criterion": "PSR", "ValueContent": ""}, "F10"), ({"Producer": "<Name/>"}, "GF06"),
    ({"ValidTo": "2020-01-01"}, "GF05"), ({"ValidTo": "01/02/2027"}, "B03"),
    ({"Materials": "<Material><Name>X</Name><HSCode>12</HSCode></Material>"}, "GF07"),
    ({"Materials": "<Material><Name>X</Name><Share>60</Share></Material>" * 2}, "GF08"),
    ({"HSCode": "84", "NameEn": "", "Criterion": "ZZ", "ValidTo": "2020-01-01"}, "A02 E17 GF02 F02 GF05"),
], ids=str)
def test_a_fault_is_found(parts: dict[str, str], expected: str) -> None:
    found = faults(**parts)
    assert codes(found) == " ".join(sorted(expected.split()))
    assert found.refused
    for finding in found.found:
        assert finding.zh and finding.en and finding.remedy
        assert finding.path and finding.path.startswith("/Interchange/GoodsFiling[1]")


def test_a_fault_of_the_schema_names_its_place() -> None:
    [finding] = faults(Materials="<Material><Name>X</Name><Weight>3</Weight></Material>").found
    assert (finding.code, finding.path) == ("A02", "/Interchange/GoodsFiling[1]/Materials/Material/Weight")


def test_the_branch_and_the_customs_code_are_the_enterprises() -> None:
    assert codes(faults(branch="4403C1")) == "A09"
    assert codes(faults(EnterpriseRecord(FIRM, BRANCH, NAME_ZH, NAME_EN))) == "A29"


@pytest.mark.parametrize(("parts", "code"), [
    ({"Criterion": "OLD", "ValueContent": "50"}, "GF04"), ({"HSEdition": "2017"}, "E20"), ({"HSCode": "98010000"}, "E19")], ids=str)
def test_what_is_not_certain_is_left_to_a_person(parts: dict[str, str], code: str) -> None:
    found = faults(**parts)
    assert (codes(found), found.refused) == (code, False)


@pytest.mark.parametrize("parts", [
    {"Criterion": "PSR", "ValueContent": "", "PSRBasis": "2"}, {"Criterion": "psr", "PSRBasis": "1"}, {"HSCode": "8413.70"},
    {"HSCode": "8413709990"}, {"ValidTo": "2026-11-16"}, {"ValueContent": "40"}, {"Materials": ""}, {"Processing": ""}], ids=str)
def test_what_is_allowed_is_no_fault(parts: dict[str, str]) -> None:
    assert faults(**parts).found == []
