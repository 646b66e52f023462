"""Messages about filings: what is read, and that the reference shows them as they are."""

import re
from dataclasses import fields
from textwrap import dedent

import pytest
from lxml import etree

from gateway.faults import FAULTS
from messages import filing_decision, goods_filing, registration
from messages.catalog import kind_of
from messages.parsing import parse
from tests.filing_messages import decision, goods, interchange
from tests.samples.kinds import FOLDERS, SAMPLES, files

REFERENCE = (SAMPLES.parents[1] / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
SHOWN = {
    "GoodsFiling": "pumps-by-value-content", "GoodsFilingDecision": "approved", "Registration": "first",
    "RegistrationDecision": "approved"}


def element(body: bytes) -> etree._Element:
    root = parse(body)
    assert isinstance(root, etree._Element)
    return root[1]


@pytest.mark.parametrize("kind", SHOWN)
def test_the_reference_shows_the_annotated_sample_as_it_is(kind: str) -> None:
    text = (SAMPLES / FOLDERS[kind] / "good" / f"{SHOWN[kind]}.xml").read_text(encoding="utf-8")
    [sample] = re.findall(rf"^(  <{kind}>\n.*?^  </{kind}>\n)", text, re.M | re.S)
    shown = dedent(sample).replace(f"<{kind}>", f'<{kind} xmlns="urn:coedi:message:1">')
    assert f"```xml\n{shown}```" in REFERENCE
    assert shown.count("<!--") >= 4


def test_the_reference_lists_the_codes_that_filings_have_of_their_own() -> None:
    listed = dict(re.findall(r"^\| `((?:GF|RG)\d\d)` \| (.*) \|$", REFERENCE, re.M))
    assert listed == {code: " | ".join(texts) for code, texts in FAULTS.items() if code[:2] in ("GF", "RG")}


@pytest.mark.parametrize("kinds", [("GoodsFiling",), ("Registration",), ("GoodsFilingDecision", "RegistrationDecision")], ids=str)
def test_every_field_is_shown_in_a_good_sample(kinds: tuple[str, ...]) -> None:
    values = []
    for kind in kinds:
        row = kind_of(kind)
        assert row
        values += [row.extract(element(file.read_bytes())) for file in files(FOLDERS[kind], "good")]
    empty = [f.name for f in fields(values[0]) if not any(getattr(value, f.name) for value in values)]
    assert [name for name in empty if name != "refused"] == []


def test_what_a_filing_keeps_reads_back() -> None:
    [first] = [file for file in files("registration", "good") if file.stem == "first"]
    value = registration.extract(element(first.read_bytes()))
    assert registration.registration_from(value.kept) == value
    kept = goods_filing.extract(element(goods("G-1", Changes="F26-1100A0017-0001"))).kept
    assert kept["name_en"] == "CENTRIFUGAL PUMPS" and "changes" not in kept
    assert list(kept["materials"]) == [{"name": "CAST IRON", "hs_code": "720110", "origin_country": "CN", "share": "40"}]


@pytest.mark.parametrize("body", [
    "<GoodsFiling/>", "<GoodsFiling><Producer>text</Producer><Materials>x</Materials></GoodsFiling>",
    "<GoodsFiling><NameZh><b>x</b></NameZh><Materials><Material/></Materials></GoodsFiling>",
    "<Registration><Signatories><Signatory/></Signatories><CustomsCodes/><Kind/></Registration>",
    "<RegistrationDecision><CustomsCodes>x</CustomsCodes></RegistrationDecision>"])
def test_whatever_stands_there_is_read_without_an_error(body: str) -> None:
    message = element(interchange(body))
    for extract, kind in ((goods_filing.extract, goods_filing.GoodsContent), (registration.extract, registration.Registration),
                          (filing_decision.extract, filing_decision.FilingDecision)):
        assert isinstance(extract(message), kind)


def test_a_decision_is_read() -> None:
    codes = "<CustomsCodes><Approved>1</Approved><Approved>2</Approved><Refused>3</Refused></CustomsCodes>"
    value = filing_decision.extract(element(decision("D-1", "F26-1", 3, "RETURN", reason="no", more=codes)))
    assert value == filing_decision.FilingDecision("F26-1", "3", "RETURN", "", "no", "", "", ("1", "2"), ("3",))
