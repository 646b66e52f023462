"""Texts of faults: both languages and a remedy for each; places of what does not fit the schema."""

import pytest
from lxml import etree

from gateway.faults import FAULTS, Faults
from messages.parsing import parse
from tests.filing_messages import goods, registration


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_said_in_both_languages_with_its_remedy(code: str) -> None:
    zh, en, remedy = FAULTS[code]
    assert not zh.isascii() and en.isascii()
    chinese, _, english = remedy.partition(" / ")
    assert not chinese.isascii() and english.isascii() and english


def message(body: bytes) -> etree._Element:
    root = parse(body)
    assert isinstance(root, etree._Element)
    return root[1]


def test_every_place_that_does_not_fit_the_schema_is_named() -> None:
    faults = Faults(message(goods("G-1", NameZh="字" * 300, Producer="<Name>X</Name><Address>Y</Address><Fax>1</Fax>")))
    faults.add_structure()
    assert {finding.path for finding in faults.found} == {
        "/Interchange/GoodsFiling[1]/NameZh", "/Interchange/GoodsFiling[1]/Producer/Fax"}
    assert all(finding.code == "A02" and finding.line for finding in faults.found)


def test_what_fits_has_no_fault_and_a_fault_shows_what_was_found_and_where() -> None:
    faults = Faults(message(registration("R-1")))
    faults.add_structure()
    assert faults.found == [] and not faults.refused
    faults.add("RG11", "Kind", "X" * 500)
    [finding] = faults.found
    assert (finding.path, finding.found) == ("/Interchange/Registration[1]/Kind", "X" * 200)
    assert faults.refused
