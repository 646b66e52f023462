"""The schema check names every fault once, in words, with path and line, whichever library finds it."""

import pytest
from lxml import etree

from domain.finding import Finding, Severity, Verdict, verdict_of
from messages.application import extract
from validators import schema_check
from validators.limit import limited
from validators.pack import text_of
from validators.rule import Hit
from validators.rule_check import finding_of, merged
from validators.schema_check import schema_findings

MESSAGE = """<Interchange xmlns="urn:coedi:message:1">
<CertificateApplication>
<MessageId>M1</MessageId><CertificateType>CO</CertificateType>
<Applicant><RegistrationNo>1100A0017</RegistrationNo><Branch>1100B0</Branch><NameZh>北京</NameZh>\
<SignatoryCode>01</SignatoryCode><SignatoryName>李文博</SignatoryName></Applicant>
<Exporter><Name>N</Name><Address>A</Address><Country>CN</Country></Exporter>
<Consignee><Name>C</Name></Consignee>
<Transport><Origin>O</Origin><Destination>D</Destination><Mode>SEA</Mode></Transport>
<Destination>USA</Destination>
<Marks>N/M</Marks>
<Goods><Line><Description>D</Description><HSCode>8501</HSCode><Quantity>1</Quantity><Unit>PCS</Unit></Line></Goods>
<Invoices><Invoice><Number>1</Number><Date>2026-11-12</Date></Invoice></Invoices>
<ApplicationPlace>BEIJING, CHINA</ApplicationPlace><ApplicationDate>2026-11-16</ApplicationDate>
</CertificateApplication></Interchange>"""
BASE = "/Interchange/CertificateApplication[1]"
LINE = MESSAGE[MESSAGE.index("<Line>") : MESSAGE.index("</Goods>")]

# what to replace, by what -> path below the message, line, and words of the sentence
FAULTS = {
    "a missing element": ("<Country>CN</Country>", "", [("Exporter/Country", 5, "Country is missing after Address")]),
    "two missing elements": (
        "<Destination>USA</Destination>\n<Marks>N/M</Marks>", "",
        [("Destination", 2, "missing after Transport"), ("Marks", 2, "Marks is missing after Transport")],
    ),
    "no goods line": (LINE, "", [("Goods/Line", 10, "Line is missing")]),
    "an unknown element": (
        "<Marks>N/M", "<Colour>RED</Colour><Marks>N/M", [("Colour", 9, "Colour is not expected here")],
    ),
    "an element of another namespace": (
        "<Mode>SEA</Mode>", '<Mode>SEA</Mode><Mode xmlns="urn:x">SEA</Mode>', [("Transport/Mode", 7, "not expected")],
    ),
    "a repeated element": (
        "<Marks>N/M</Marks>", "<Marks>A</Marks><Marks>B</Marks>", [("Marks[2]", 9, "not expected")],
    ),
    "two elements in the wrong order": (
        "<Destination>USA</Destination>\n<Marks>N/M</Marks>", "<Marks>N/M</Marks>\n<Destination>USA</Destination>",
        [("Destination", 9, "wrong place: it belongs before Marks")],
    ),
    "a text too long": ("8501", "8" * 65, [("Goods/Line[1]/HSCode", 10, "HSCode is longer than 64 characters")]),
    "no boolean": (
        "</ApplicationDate>", "</ApplicationDate><PrintSeal>yes</PrintSeal>",
        [("PrintSeal", 12, "must be true or false")],
    ),
    "an identifier with a blank": ("M1", "M 1", [("MessageId", 3, "characters that are not allowed")]),
    "an attribute": ("<Marks>", '<Marks lang="en">', [("Marks", 9, "must not have attributes")]),
    "text between elements": ("<Goods>", "<Goods>HELLO", [("Goods", 10, "no text between its elements")]),
    "an element inside text": ("<Marks>N/M", "<Marks><B>N/M</B>", [("Marks", 9, "must have no elements inside")]),
}  # fmt: skip


def message(old: str = "", new: str = "") -> etree._Element:
    assert old in MESSAGE
    return etree.fromstring(MESSAGE.replace(old, new, 1) if old else MESSAGE)[0]


def test_a_message_that_fits_has_no_finding() -> None:
    assert schema_findings(message()) == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named_with_path_and_line(fault: str) -> None:
    old, new, expected = FAULTS[fault]
    findings = schema_findings(message(old, new))
    assert [(one.path, one.line) for one in findings] == [(f"{BASE}/{path}", line) for path, line, _ in expected]
    for finding, (_, _, words) in zip(findings, expected, strict=True):
        assert words in finding.en
        assert finding.code == "A02"
        assert finding.zh.startswith("报文不符合规范：")


@pytest.mark.parametrize("fault", FAULTS)
def test_where_the_walk_sees_nothing_libxml2_says_what_is_wrong(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, expected = FAULTS[fault]
    monkeypatch.setattr(schema_check, "_walked", lambda element: iter(()))
    findings = schema_findings(message(old, new))
    assert [finding.code for finding in findings] == ["A02"]
    parents = {f"{BASE}/{path}".rpartition("/")[0] for path, _, _ in expected}
    assert {str(findings[0].path), str(findings[0].path).rpartition("/")[0]} & parents


def test_what_only_libxml2_sees_is_added_once_for_each_place() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    findings = schema_findings(message("<Marks>N/M", f'<Marks {xsi} xsi:type="Code" xsi:nil="true">{"N" * 3_000}'))
    assert [one.path for one in findings] == [f"{BASE}/Marks"]
    findings = schema_findings(message("<Marks>N/M", f'<Colour/><Marks {xsi} xsi:type="Nothing">N/M'))
    assert [one.path for one in findings] == [f"{BASE}/Colour"]


@pytest.mark.parametrize("start", ['<x:Line xmlns:x="urn:x"/>', '<Line xmlns=""/>', '<Line xmlns="urn:x"/>'])
def test_elements_of_other_namespaces_are_found_by_their_place(start: str) -> None:
    findings = schema_findings(message(LINE, f"{LINE}{start}"))
    assert [(one.path, one.line) for one in findings] == [(f"{BASE}/Goods/Line[1]", 10)]


def test_a_part_that_stands_under_two_names_is_judged_by_where_it_stands() -> None:
    producer = "<Producer><Name>P</Name></Producer>"
    assert schema_findings(message("<Unit>PCS</Unit>", f"<Unit>PCS</Unit>{producer}"))[0].path == f"{BASE}/Goods/Line[1]/Producer"


def test_findings_are_capped_and_a_notice_says_that_there_are_more() -> None:
    bad_line = LINE.replace("8501", "8" * 65)
    assert len(schema_findings(message(LINE, bad_line * 300))) == 300
    *findings, last = schema_findings(message(LINE, bad_line * 301))
    assert (len(findings), last.code, last.severity) == (300, "FINDINGS_CUT", "warn")
    assert findings[299].path == f"{BASE}/Goods/Line[300]/HSCode"


def test_a_thousand_wrong_children_of_one_parent_are_named_each_by_its_position() -> None:
    *findings, last = schema_findings(message("<Goods>", "<Goods>" + "<Colour/>" * 1_000))
    assert [one.path for one in findings[:2]] == [f"{BASE}/Goods/Colour", f"{BASE}/Goods/Colour[2]"]
    assert (len(findings), last.code) == (300, "FINDINGS_CUT")


def warnings(count: int) -> tuple[Finding, ...]:
    return tuple(Finding("B07", Severity.WARN, "", "", "", path=f"/{at}") for at in range(count))


def test_a_refusal_after_any_number_of_warnings_is_kept() -> None:
    refusal = Finding("G01", Severity.REJECT, "", "", "", path="/x")
    kept = limited((*warnings(400), refusal))
    assert [one.code for one in kept] == ["B07"] * 299 + ["G01", "FINDINGS_CUT"]
    assert verdict_of(kept) is Verdict.REFUSED


def test_every_code_keeps_its_first_places() -> None:
    many = [Finding(code, Severity.REJECT, "", "", "", path=f"/{at}") for code in ("E08", "E14") for at in range(400)]
    kept = limited(many)
    assert [(one.code, one.path) for one in (kept[0], kept[149], kept[150], kept[299])] == [
        ("E08", "/0"), ("E08", "/149"), ("E14", "/0"), ("E14", "/149")]


def test_findings_cut_twice_have_one_notice_at_the_end() -> None:
    cut = limited(warnings(301))
    assert [one.code for one in limited(cut)].count("FINDINGS_CUT") == 1
    both = merged((*cut,), cut[:10])
    assert (len(both), both[-1].code) == (301, "FINDINGS_CUT")
    assert limited(warnings(300)) == warnings(300)


def test_the_rule_that_says_what_a_missing_element_means_replaces_the_schemas_finding() -> None:
    element = message("<Name>C</Name>", "")
    assert extract(element).consignee.name == ""
    rule = finding_of(text_of("C07"), Hit("Consignee/Name"), element, "1")
    assert [one.code for one in merged(schema_findings(element), (rule,))] == ["C07"]


def test_a_missing_parent_is_named_once_and_a_warning_never_replaces_a_refusal() -> None:
    element = message("<Consignee><Name>C</Name></Consignee>", "")
    rule = finding_of(text_of("C07"), Hit("Consignee/Name"), element, "1")
    assert [one.code for one in merged(schema_findings(element), (rule,))] == ["A02"]
    element = message("<Mode>SEA</Mode>", "")
    warning = finding_of(text_of("D10"), Hit("Transport/Mode"), element, "1")
    assert [one.code for one in merged(schema_findings(element), (warning,))] == ["A02"]
