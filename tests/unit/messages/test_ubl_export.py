"""Certificates as UBL 2.1: valid against the standard's own schema, nothing printed is lost, nothing private leaves."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from ubl_samples import ALL, BRANCH, FULL, NUMBER, exported, issued, texts, what_is_exported

import schemas.documents
from domain.application import Application, Invoice, Party
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import Refusal
from messages.ubl import NAMESPACES
from messages.ubl_export import EXPORTED_STATES, certificate_of_origin
from schemas.documents import ubl_schema

SCHEMA = Path(schemas.documents.__file__).parent / "xsd" / "ubl-2.1" / "maindoc" / "UBL-CertificateOfOrigin-2.1.xsd"


def values(body: bytes) -> set[str]:
    """Every text and attribute of a document."""
    root = etree.fromstring(body)
    found = {text for element in root.iter() for text in (element.text or "", *map(str, element.attrib.values()))}
    return found | {line.strip() for text in found for line in text.split("\n")}


def at(body: bytes, path: str) -> list[str]:
    """The texts at a path such as "cac:ExporterParty/cac:PartyName/cbc:Name"."""
    return [element.text or "" for element in etree.fromstring(body).findall(path, dict(NAMESPACES))]


@pytest.mark.parametrize("application", ALL, ids=lambda application: application.message_id)
def test_every_sample_is_valid_and_every_value_is_found_again(application: Application) -> None:
    body = exported(application)
    assert ubl_schema().validate(etree.fromstring(body)), ubl_schema().error_log
    said = values(body)
    amounts = {f"{invoice.currency} {invoice.amount}".strip() for invoice in application.invoices}
    assert amounts <= said
    plain = replace(application, invoices=tuple(replace(one, amount="", currency="") for one in application.invoices))
    wanted = {line.strip() for text in texts(what_is_exported(plain)) for line in text.split("\n")}
    assert wanted - said == set()


def test_each_box_stands_where_the_standard_has_it() -> None:
    body = exported(FULL)
    app = "cac:CertificateOfOriginApplication/"
    item = f"{app}cac:Shipment/cac:GoodsItem/"
    assert at(body, "cbc:ID") == [NUMBER]
    assert at(body, "cbc:IssueDate") == ["2026-11-17"]
    assert at(body, "cac:ExporterParty/cac:PostalAddress/cac:AddressLine/cbc:Line") == ["NO. 5 ROAD", "BEIJING 100000"]
    assert at(body, "cac:ImporterParty/cac:PostalAddress/cac:Country/cbc:IdentificationCode") == ["ID"]
    assert at(body, f"{app}cbc:ReferenceID") == ["INV-1"]
    assert at(body, f"{app}cbc:CertificateType") == ["FORME2"]
    assert at(body, f"{app}cac:PreparationParty/cac:PartyIdentification/cbc:ID") == ["1100A0017", "1101960017"]
    assert at(body, f"{app}cac:IssuerParty/cac:PartyIdentification/cbc:ID") == ["1100B0"]
    assert at(body, f"{item}cbc:PreferenceCriterionCode") == ["RVC", "WO"]
    assert at(body, f"{item}cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode") == ["841370", "720429"]
    assert at(body, f"{item}cac:ContainingPackage/cbc:Quantity") == ["100"]
    assert at(body, f"{item}cac:ContainingPackage/cbc:PackagingTypeCode") == ["CT"]
    assert at(body, f"{item}cbc:FreeOnBoardValueAmount") == ["9800.00", "200.00"]
    assert at(body, f"{item}cac:Item/cac:ManufacturerParty/cac:PartyName/cbc:Name") == ["PUMP WORKS LTD.", "SEE BOX 7"]
    assert at(body, f"{app}cac:Shipment/cac:ShipmentStage/cbc:TransportModeCode") == ["1"]
    assert at(body, f"{app}cac:Shipment/cac:TransportHandlingUnit/cbc:ShippingMarks") == [FULL.marks]
    assert at(body, f"{app}cac:Shipment/cac:Consignment/cbc:TotalInvoiceAmount") == ["10000.00"]
    assert at(body, f"{app}cac:SupportingDocumentReference/cbc:DocumentTypeCode") == ["380", "380", "830"]
    assert at(body, f"{app}cac:SupportingDocumentReference/cac:IssuerParty/cac:PartyName/cbc:Name") == ["A TRADER PTE LTD"]
    assert at(body, "cac:IssuerEndorsement/cbc:DocumentID") == [NUMBER]
    assert at(body, "cac:IssuerEndorsement/cbc:Remarks") == ["SEEN"]
    units = [element.get("unitCode") for element in etree.fromstring(body).iter(f"{{{NAMESPACES['cbc']}}}Quantity")]
    assert units == ["H87", None, "TNE"]


def test_what_is_for_the_reviewer_stays_inside() -> None:
    text = exported(FULL).decode()
    assert not [word for word in ("for the reviewer", "casting", "LocalPrint", "PrintSeal", "SmallEnterprise") if word in text]


@pytest.mark.parametrize(
    ("replaced", "original", "previous"),
    [(("26E1100A0017/00007", "26E1100A0017/00002"), "26E1100A0017/00002", ["26E1100A0017/00007"]),
     ((), "26E1100A0017/00007", ["26E1100A0017/00007"])])
def test_an_amendment_names_the_first_and_the_replaced_certificate(
    replaced: tuple[str, ...], original: str, previous: list[str]
) -> None:
    body = exported(FULL, *replaced)
    assert at(body, "cac:CertificateOfOriginApplication/cbc:OriginalJobID") == [original]
    assert at(body, "cac:CertificateOfOriginApplication/cbc:PreviousJobID") == previous


def test_a_first_certificate_is_its_own_original() -> None:
    body = exported(replace(FULL, amendment=None))
    assert at(body, "cac:CertificateOfOriginApplication/cbc:OriginalJobID") == [NUMBER]
    assert at(body, "cac:CertificateOfOriginApplication/cbc:PreviousJobID") == []


@pytest.mark.parametrize("state", [state.code for state in CERTIFICATE.states])
def test_only_what_was_issued_is_exported_and_says_its_state(state: str) -> None:
    certificate = issued(FULL, state)
    if state in EXPORTED_STATES:
        body = certificate_of_origin(certificate, FULL, BRANCH)
        assert at(body, "cac:CertificateOfOriginApplication/cbc:ApplicationStatusCode") == [state]
        return
    with pytest.raises(Refusal, match=f"is {state}; only what was issued \\(ISSUED, SUPERSEDED, VOID\\)"):
        certificate_of_origin(certificate, FULL, BRANCH)


def test_the_same_certificate_gives_the_same_bytes() -> None:
    assert exported(FULL) == exported(FULL)
    assert exported(FULL) != exported(replace(FULL, marks="N/M"))


@pytest.mark.parametrize("change", [
    {"application_date": "16.11.2026"}, {"goods": (replace(FULL.goods[0], quantity="2 dozen"),)},
    {"invoices": (Invoice("INV-1", "soon"),)},
])
def test_content_that_the_standard_cannot_hold_is_refused_with_its_value(change: dict[str, object]) -> None:
    application = replace(FULL, **change)  # type: ignore[arg-type] # fields by name
    with pytest.raises(Refusal, match=re.escape(f"certificate {NUMBER} does not fit UBL 2.1: ") + ".*'(16.11.2026|2 dozen|soon)'"):
        certificate_of_origin(issued(application), application, BRANCH)


def test_a_value_without_currency_is_kept_as_a_property() -> None:
    bare = replace(FULL, invoices=(Invoice("INV-1", "2026-11-10"),))
    body = exported(bare)
    assert at(body, ".//cbc:FreeOnBoardValueAmount") == []
    assert {"FOBValue", "9800.00"} <= values(body)


def test_no_element_is_empty() -> None:
    sparse = replace(FULL, consignee=Party("TO ORDER"), marks="", form_remarks="", official_use="", endorsement="", amendment=None)
    for body in (exported(FULL), exported(sparse)):
        leaves = [element for element in etree.fromstring(body).iter() if not len(element)]
        assert [element.tag for element in leaves if not (element.text or "").strip()] == []


def test_a_second_validator_agrees() -> None:
    xmlschema = pytest.importorskip("xmlschema")
    explained = xmlschema.XMLSchema(str(SCHEMA), defuse="nonlocal", allow="local")
    assert list(explained.iter_errors(etree.fromstring(exported(FULL)))) == []
    broken = etree.fromstring(exported(FULL).replace(b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", b"<cbc:Colour>red</cbc:Colour>"))
    assert not explained.is_valid(broken)
    assert not ubl_schema().validate(broken)
