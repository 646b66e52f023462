"""Foreign UBL documents as drafts: what is there is taken over, the rest is named, nothing is invented, nothing raises."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from ubl_samples import FULL, SAMPLES, exported

from domain.application import Application, GoodsLine, Invoice, Party, Transport
from domain.finding import Finding
from messages.application import extract
from messages.interchange import Interchange, read
from messages.parsing import parse
from messages.ubl import NAMESPACES
from messages.ubl_import import Draft, described, draft_from
from schemas.codelists import code_lists
from tests.samples.evil.corpus import Row, body_of, expected

CREATED = datetime(2026, 11, 16, tzinfo=UTC)
FABRICS = (SAMPLES / "ubl" / "fabrics-to-indonesia.xml").read_bytes()
BOTH = frozenset({"utf-8", "gb18030"})


def draft(body: bytes, **given: str) -> Draft:
    made = draft_from(body, **given)
    assert isinstance(made, Draft), made
    return made


def sample(name: str) -> bytes:
    return (SAMPLES / "ubl" / f"{name}.xml").read_bytes()


def around(content: str) -> bytes:
    """A document of an application with this content."""
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    root = 'CertificateOfOrigin xmlns="urn:oasis:names:specification:ubl:schema:xsd:CertificateOfOrigin-2"'
    inside = f"<cac:CertificateOfOriginApplication>{content}</cac:CertificateOfOriginApplication>"
    return f"<{root} {names}>{inside}</CertificateOfOrigin>".encode()


def test_a_trading_systems_document_becomes_an_application() -> None:
    made = draft(FABRICS)
    application = made.application
    assert application.certificate_type == "CO"
    assert application.applicant.registration_no == "1100A0025"
    assert application.applicant.branch == "1100B0"
    assert application.exporter == Party("BEIJING QINGHE TEXTILES CO., LTD.", "NO. 9 MIANFANG STREET, BEIJING, 100025", "CN")
    assert application.consignee == Party("PT KAIN MELATI", "JALAN KENANGA 12\nJAKARTA, INDONESIA", "ID")
    assert application.transport == Transport("CNTSN", "JAKARTA, INDONESIA", "", "SEA", "HAI FENG V.118S", "2026-11-20")
    assert application.destination == "INDONESIA"
    assert application.marks == "KAIN MELATI\nC/NO. 1-466"
    assert application.goods == (
        GoodsLine("THREE HUNDRED NINETY (390) ROLLS OF WOVEN FABRICS OF POLYESTER STAPLE FIBRES, DYED", "551219", "26000", "MTR",
                  "390", "RO", gross_weight="5200", origin_country="CN"),
        GoodsLine("WOVEN FABRICS OF VISCOSE FILAMENT YARN, IN 76 CARTONS", "540832", package_count="76", package_kind="CT"))
    assert application.invoices == (Invoice("QH-5512", "2026-11-12", "18400.00", "USD"),)


def test_what_has_no_place_is_named_with_path_value_and_line() -> None:
    left = [(one.path, one.value) for one in draft(FABRICS).not_taken]
    line = "/CertificateOfOrigin/CertificateOfOriginApplication/Shipment/GoodsItem[1]/InvoiceLine"
    assert left == [
        ("/CertificateOfOrigin/Note", "Prepared by the export desk"),
        ("/CertificateOfOrigin/CertificateOfOriginApplication/PreviousJobID", "J0"),
        (f"{line}/ID", "1"), (f"{line}/LineExtensionAmount", "10400.00"), (f"{line}/Item/Name", "FABRIC A")]
    first = draft(FABRICS).not_taken[0]
    assert first.line is not None
    assert "Prepared by" in FABRICS.decode().splitlines()[first.line - 1]
    assert (first.zh, first.en) == ("申请中没有对应的栏目", "An application has no place for it")


def test_what_cannot_be_read_is_named_and_left_empty() -> None:
    made = draft(sample("weights-in-pounds"))
    assert [(one.value, one.en) for one in made.not_taken] == [
        (value, "It cannot be read as such and was left out") for value in ("EUR.1", "2204", "CAMEL")]
    assert (made.application.certificate_type, made.application.transport.mode) == ("", "")
    assert made.application.goods == (GoodsLine(),)
    named = draft(sample("weights-in-pounds"), certificate_type="CO")
    assert named.application.certificate_type == "CO"


def test_nothing_is_invented() -> None:
    made = draft(sample("least-that-is-valid"))
    assert made.application == Application(message_id=f"{made.id}-1", certificate_type="CO")
    assert made.not_taken == ()
    assert draft(sample("least-that-is-valid"), enterprise="1100A0025").application.applicant.registration_no == "1100A0025"


def test_the_same_file_gives_the_same_ids_and_another_file_others() -> None:
    assert draft(FABRICS).id == draft(FABRICS).id
    assert draft(FABRICS).id != draft(FABRICS + b"\n").id
    assert re.fullmatch(r"UBL-[0-9a-f]{16}", draft(FABRICS).id)


def test_the_interchange_of_a_draft_can_be_read_and_says_the_same() -> None:
    made = draft(FABRICS)
    interchange = read(parse(made.interchange(CREATED)))  # type: ignore[arg-type] # just written
    assert isinstance(interchange, Interchange)
    assert (interchange.id, interchange.sender, interchange.branch) == (made.id, "1100A0025", "1100B0")
    assert [extract(message.element) for message in interchange.messages] == [made.application]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.3", "2.4"])
def test_every_minor_version_is_read(version: str) -> None:
    body = FABRICS.replace(b"<cbc:UBLVersionID>2.1<", f"<cbc:UBLVersionID>{version}<".encode())
    assert draft(body).application.goods == draft(FABRICS).application.goods


def test_another_document_of_the_standard_is_refused_by_its_name() -> None:
    finding = draft_from(sample("order"))
    assert isinstance(finding, Finding)
    assert finding.code == "UBL_NOT_A_CERTIFICATE"
    assert (finding.found or "").endswith("}Order")
    assert finding.line == 2


@pytest.mark.parametrize(
    ("description", "count", "kind", "printed"),
    [("PUMPS", "100", "CT", "ONE HUNDRED (100) CARTONS OF PUMPS"), ("PUMPS", "1", "CT", "ONE (1) CARTON OF PUMPS"),
     ("PUMPS", "21", "XX", "TWENTY ONE (21) XX OF PUMPS"), ("PUMPS", "5", "wooden cases", "FIVE (5) WOODEN CASES OF PUMPS"),
     ("ONE HUNDRED (100) CARTONS OF PUMPS", "100", "CT", "ONE HUNDRED (100) CARTONS OF PUMPS"),
     ("PUMPS IN 100 FIBREBOARD BOXES", "100", "4G", "PUMPS IN 100 FIBREBOARD BOXES"),
     ("1,500 CARTONS PUMPS", "1500", "CT", "1,500 CARTONS PUMPS"),
     ("100 W LAMPS", "100", "CT", "ONE HUNDRED (100) CARTONS OF 100 W LAMPS"),
     ("2100 CARTONS", "100", "CT", "ONE HUNDRED (100) CARTONS OF 2100 CARTONS"),
     ("PUMPS", "", "CT", "PUMPS"), ("PUMPS", "0", "CT", "PUMPS"), ("PUMPS", "1.5", "CT", "PUMPS"), ("PUMPS", "１０", "CT", "PUMPS"),
     ("PUMPS", "9" * 16, "CT", "PUMPS"), ("", "100", "CT", "")])
def test_packages_are_written_in_words_unless_they_are_there(description: str, count: str, kind: str, printed: str) -> None:
    assert described(description, count, kind, code_lists()) == printed


def test_manufacturers_become_the_producer_or_those_of_their_lines() -> None:
    def item(name: str) -> str:
        party = f"<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>"
        return f"<cac:GoodsItem><cac:Item><cac:ManufacturerParty>{party}</cac:ManufacturerParty></cac:Item></cac:GoodsItem>"

    same = draft(around(f"<cac:Shipment>{item('A')}{item('A')}</cac:Shipment>"))
    assert (same.application.producer, [line.producer for line in same.application.goods]) == (Party("A"), ["", ""])
    different = draft(around(f"<cac:Shipment>{item('A')}{item('B')}</cac:Shipment>"))
    assert (different.application.producer, [line.producer for line in different.application.goods]) == (Party(), ["A", "B"])
    assert same.not_taken == different.not_taken == ()


def test_an_invoice_of_somebody_else_names_the_operator() -> None:
    body = around(
        "<cac:SupportingDocumentReference><cbc:ID>T-1</cbc:ID><cbc:DocumentTypeCode>380</cbc:DocumentTypeCode><cac:IssuerParty>"
        "<cac:PartyName><cbc:Name>TRADER</cbc:Name></cac:PartyName><cac:PostalAddress><cac:Country><cbc:IdentificationCode>SG"
        "</cbc:IdentificationCode></cac:Country></cac:PostalAddress></cac:IssuerParty></cac:SupportingDocumentReference>"
        "<cac:SupportingDocumentReference><cbc:ID>B/L 7</cbc:ID><cbc:DocumentTypeCode>705</cbc:DocumentTypeCode>"
        "</cac:SupportingDocumentReference>")
    made = draft(body)
    assert made.application.operator == Party("TRADER", "", "SG")
    assert made.application.invoices == (Invoice("T-1", issuer_country="SG"),)
    assert [one.value for one in made.not_taken] == ["B/L 7", "705"]


def test_a_total_that_says_more_than_the_invoices_is_named() -> None:
    body = exported(FULL).replace(b">10000.00<", b">10000.01<")
    assert [one.value for one in draft(body).not_taken] == ["10000.01"]


@pytest.mark.parametrize("row", [row for row in expected() if row.kind != "generated"], ids=lambda row: row.name)
def test_a_hostile_file_gets_a_code(row: Row) -> None:
    body = body_of(row)
    refused = parse(body, BOTH)
    made = draft_from(body)
    assert isinstance(made, Finding)
    assert made.code == (refused.code if isinstance(refused, Finding) else "UBL_NOT_A_CERTIFICATE")


@pytest.mark.parametrize("row", [row for row in expected() if row.kind == "generated"], ids=lambda row: row.name)
def test_a_costly_file_gets_a_code(row: Row) -> None:
    assert isinstance(draft_from(body_of(row)), Finding)


@pytest.mark.parametrize(("old", "new", "code"), [
    (b"<cbc:UBLVersionID>", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><cbc:UBLVersionID>", "DTD_FORBIDDEN"),
    (b"<cbc:UBLVersionID>", b"<?php x?><cbc:UBLVersionID>", "PI_FORBIDDEN"),
    (b"<cbc:UBLVersionID>", b"<a>" * 40 + b"</a>" * 40 + b"<cbc:UBLVersionID>", "TOO_DEEP"),
    (b"<cbc:UBLVersionID>", b"<a/>" * 20_001 + b"<cbc:UBLVersionID>", "TOO_MANY_ELEMENTS"),
    (b"CertificateOfOrigin-2", b"CertificateOfOrigin-3", "UBL_NOT_A_CERTIFICATE"),
])
def test_hostile_parts_of_a_good_document_are_refused(old: bytes, new: bytes, code: str) -> None:
    made = draft_from(FABRICS.replace(old, new, 1))
    assert isinstance(made, Finding)
    assert made.code == code


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_makes_the_import_raise(data: st.DataObject) -> None:
    root = etree.fromstring(data.draw(st.sampled_from([FABRICS, exported(FULL)])))
    for _ in range(data.draw(st.integers(1, 6))):
        elements = list(root.iter(etree.Element))
        victim = data.draw(st.sampled_from(elements[1:]))
        match data.draw(st.integers(0, 4)):
            case 0:
                victim.tag = data.draw(st.sampled_from(elements[1:])).tag
            case 1:
                victim.text = data.draw(st.sampled_from([None, "", " ", "9" * 400, "９", "=1+1", "-1", "NaN", "380", "'; --"]))
            case 2:
                victim.attrib.clear()
            case 3:
                victim.getparent().remove(victim)
            case 4:
                victim.addprevious(etree.fromstring(etree.tostring(victim)))
    made = draft(etree.tostring(root))
    interchange = read(parse(made.interchange(CREATED)))  # type: ignore[arg-type] # just written
    if isinstance(interchange, Interchange):  # a draft that names no sender has none
        assert [extract(message.element) for message in interchange.messages] == [made.application]
    else:
        assert interchange.code == "INTERCHANGE_HEADER"
