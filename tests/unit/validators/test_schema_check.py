"""The schema check names every fault once, in words, with path and line, whichever library finds it."""

import pytest
from lxml import etree

from messages.application import extract
from validators import schema_check
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


@pytest.mark.parametrize("explained", [True, False], ids=["explained", "from the log"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named_with_path_and_line(fault: str, explained: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, expected = FAULTS[fault]
    if not explained:
        monkeypatch.setattr(schema_check, "MAX_EXPLAINED_ELEMENTS", 1)
    findings = schema_findings(message(old, new))
    base = "/Interchange/CertificateApplication[1]"
    assert [(one.path, one.line) for one in findings] == [(f"{base}/{path}", line) for path, line, _ in expected]
    for finding, (_, _, words) in zip(findings, expected, strict=True):
        assert words in finding.en
        assert finding.code == "A02"
        assert finding.zh.startswith("报文不符合规范：")


def test_a_large_message_is_refused_from_the_log_and_findings_are_capped() -> None:
    bad_line = LINE.replace("8501", "8" * 65)
    findings = schema_findings(message(LINE, bad_line * 450))
    assert len(findings) == schema_check.MAX_FINDINGS
    assert findings[299].path == "/Interchange/CertificateApplication[1]/Goods/Line[300]/HSCode"


def test_a_message_that_xmlschema_would_accept_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_check, "_explained", lambda element: iter(()))
    [finding] = schema_findings(message("8501", "8" * 65))
    assert "HSCode is longer than 64 characters" in finding.en


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
