"""The two schemas: the good samples are valid, structure is judged, values are left to the rules."""

import re
import socket
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
import xmlschema
from lxml import etree

from domain.finding import Finding
from messages.application import extract
from messages.catalog import kind_of
from messages.interchange import Interchange, read
from messages.parsing import GATES, parse, text_of
from messages.receipts import read as read_receipt
from schemas.documents import explainer, message_schema, receipt_schema

ROOT = Path(__file__).parents[3]
GOOD = sorted((ROOT / "tests" / "samples" / "application" / "good").glob("*.xml"))
REFERENCE = (ROOT / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
XSD = "{http://www.w3.org/2001/XMLSchema}"
EXAMPLES = re.findall(r"```xml\n(.*?)```", REFERENCE, re.DOTALL)


def root_of(body: bytes) -> etree._Element:
    root = parse(body)
    assert not isinstance(root, Finding), root
    return root


def sample() -> str:
    return next(path for path in GOOD if "one-line" in path.name).read_text(encoding="utf-8")


def explained(element: etree._Element) -> list[str]:
    errors: list[Any] = list(explainer("message").iter_errors(cast(Any, element)))  # its types know ElementTree only
    return [str(error) for error in errors]


def application_of(text: str) -> etree._Element:
    return root_of(text.encode())[1]


def test_there_are_at_least_six_good_samples() -> None:
    assert len(GOOD) >= 6


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_sample_is_valid_for_both_validators(path: Path) -> None:
    root = root_of(path.read_bytes())
    assert message_schema().validate(root), message_schema().error_log
    assert explained(root) == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_sample_is_read_and_each_message_is_valid_alone(path: Path) -> None:
    interchange = read(root_of(path.read_bytes()))
    assert isinstance(interchange, Interchange)
    assert datetime.fromisoformat(interchange.created).utcoffset() is not None
    for message in interchange.messages:
        assert kind_of(message.kind) is not None
        assert message_schema().validate(message.element)
        application = extract(message.element)
        assert application.applicant.registration_no == message.registration_no == interchange.sender
        assert application.goods
        assert application.invoice_key


def test_no_two_good_samples_share_an_invoice_or_a_message_id() -> None:
    applications = [extract(element) for path in GOOD for element in root_of(path.read_bytes())[1:]]
    assert len({(a.applicant.registration_no, a.invoice_key) for a in applications}) == len(applications)
    assert len({a.message_id for a in applications}) == len(applications)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<Marks>", "<Marks><b/>"), ("<Marks>", "<Marks size='1'>"), ("<Marks>", "<Colour/><Marks>"),
        ("<CertificateType>CO</CertificateType>", ""), ("HL-CO-20261116-001", ""), ("HL-CO-20261116-001", "A B"),
        ("84137099", "8" * 65), ("</Applicant>", "<SmallEnterprise>是</SmallEnterprise></Applicant>"),
        ("<Goods>", "<Goods xmlns='urn:other'>"),
        ("<Goods>", '<Goods xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">'),
        ("<Goods>", '<Goods xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="urn:coedi:message:1" '
                    'xsi:type="m:Transport">'),
        ("<Marks>", '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd"/><Marks>'),
    ],
)
def test_a_fault_of_structure_or_length_is_refused_by_both_validators(before: str, after: str) -> None:
    assert sample().count(before) >= 1
    element = application_of(sample().replace(before, after, 1))
    assert not message_schema().validate(element)
    assert explained(element)


@pytest.mark.parametrize(
    "value", ["NORDWASSER PUMPENTECHNIK GMBH", "84137099", "2026-11-16", "2026-11-12", "38760.00", "EUR", "48", "SET",
              "SEA", "3960", "GERMANY", "HL2026-1187", "CO", "1100A0017"],
)
@pytest.mark.parametrize("instead", ["", "２０２６年"])
def test_a_value_that_a_rule_judges_is_left_to_the_rule(value: str, instead: str) -> None:
    tag_and_value = f">{value}</"
    head, body = sample().split("<CertificateApplication>")
    assert tag_and_value in body
    element = application_of(head + "<CertificateApplication>" + body.replace(tag_and_value, f">{instead}</"))
    assert message_schema().validate(element), message_schema().error_log


def test_an_unknown_type_is_refused_and_makes_the_explainer_raise_what_its_docstring_says() -> None:
    swap = '<Goods xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Anything">'
    element = application_of(sample().replace("<Goods>", swap))
    assert not message_schema().validate(element)
    with pytest.raises(xmlschema.XMLSchemaException):
        explained(element)


def test_goods_lines_end_at_five_hundred() -> None:
    line = re.search(r" *<Line>.*?</Line>\n", sample(), re.DOTALL)
    assert line is not None
    assert message_schema().validate(application_of(sample().replace(line[0], line[0] * 500)))
    assert not message_schema().validate(application_of(sample().replace(line[0], line[0] * 501)))


def test_schema_locations_of_a_message_are_never_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    explainer("message")

    def no_network(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_network)
    hint = ('<Marks xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd">')
    element = application_of(sample().replace("<Marks>", hint))
    assert message_schema().validate(element)
    assert explained(element) == []


@pytest.mark.parametrize("name", ["message-1.xsd", "receipt-1.xsd"])
def test_every_element_and_type_is_documented_in_both_languages(name: str) -> None:
    schema = etree.parse(ROOT / "schemas" / "xsd" / name)
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for node in schema.iter(f"{XSD}element", f"{XSD}complexType", f"{XSD}simpleType"):
        if node.get("ref"):
            continue
        notes = node.findall(f"{XSD}annotation/{XSD}documentation")
        assert [note.get(language) for note in notes] == ["en", "zh"], node.get("name")
        assert all(text_of(note) for note in notes)


def test_the_reference_shows_every_gate_as_the_table_has_it() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", REFERENCE, re.MULTILINE))
    assert rows == {code: " | ".join(texts) for code, texts in GATES.items()}


def test_the_examples_of_the_reference_are_what_coedi_reads_and_writes() -> None:
    assert len(EXAMPLES) >= 12
    for example in EXAMPLES:
        root = root_of(example.encode())
        kind = etree.QName(root).localname
        if kind == "Interchange":
            assert isinstance(read(root), Interchange)
        elif kind == "Receipt":
            assert receipt_schema().validate(root), receipt_schema().error_log
            assert read_receipt(example.encode()).findings
        else:
            assert kind_of(kind) is not None
            assert message_schema().validate(root), message_schema().error_log
            assert explained(root) == []


def test_the_examples_of_applications_name_every_element_that_the_schema_has() -> None:
    """As an element, or in a comment that says why it is left out there."""
    schema = etree.parse(ROOT / "schemas" / "xsd" / "application-1.xsd")
    declared = {str(node.get("name")) for node in schema.iter(f"{XSD}element") if node.get("name")}
    shown = " ".join(example for example in EXAMPLES if "<CertificateApplication" in example)
    assert {name for name in declared if not re.search(rf"\b{name}\b", shown)} == set()
