"""Applications as messages: the exact inverse of `messages.application.extract`.

One table a part, its rows in the order of the schema (application-1.xsd, amendment-1.xsd). Elements that the schema asks for
are written even when they are empty, so that the schema's answer is about the value; optional ones only when they say something.
"""

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from domain.application import Application
from messages.interchange import NAMESPACE

_NS = f"{{{NAMESPACE}}}"
_Rows = tuple[tuple[str, str, bool], ...]  # element, field, whether the schema asks for it

_PARTY: _Rows = (("Name", "name", True), ("Address", "address", False), ("Country", "country", False))
# element -> the rows of what stands in it
_PARTS: dict[str, _Rows] = {
    "Amendment": (
        ("Kind", "kind", True), ("OriginalNo", "original_no", True), ("OriginalDate", "original_date", False),
        ("Revision", "revision", True), ("Reason", "reason", True),
    ),
    "Applicant": (
        ("RegistrationNo", "registration_no", True), ("Branch", "branch", True), ("NameZh", "name_zh", True),
        ("NameEn", "name_en", False), ("CustomsCode", "customs_code", False), ("SignatoryCode", "signatory_code", True),
        ("SignatoryName", "signatory_name", True), ("SmallEnterprise", "small_enterprise", False),
    ),
    "Exporter": (("Name", "name", True), ("Address", "address", True), ("Country", "country", True)),
    "Consignee": _PARTY,
    "Producer": _PARTY,
    "Operator": _PARTY,
    "Transport": (
        ("Origin", "origin", True), ("Destination", "destination", True), ("Via", "via", False), ("Mode", "mode", True),
        ("Vehicle", "vehicle", False), ("DepartureDate", "departure_date", False),
    ),
    "Line": (
        ("Description", "description", True), ("HSCode", "hs_code", True), ("Quantity", "quantity", True), ("Unit", "unit", True),
        ("PackageCount", "package_count", False), ("PackageKind", "package_kind", False), ("Packing", "packing", False),
        ("GrossWeight", "gross_weight", False), ("NetWeight", "net_weight", False), ("OriginCountry", "origin_country", False),
        ("Criterion", "criterion", False), ("ItemNo", "item_no", False), ("ValueContent", "value_content", False),
        ("PSRBasis", "psr_basis", False), ("FOBValue", "fob_value", False), ("FilingNo", "filing_no", False),
        ("Producer", "producer", False), ("Processing", "processing", False),
    ),
    "Invoice": (
        ("Number", "number", True), ("Date", "date", True), ("Amount", "amount", False), ("Currency", "currency", False),
        ("IssuerCountry", "issuer_country", False),
    ),
    "Picture": (("Title", "title", True), ("Content", "content", True)),
}
_ITEMS = {"Goods": "Line", "Invoices": "Invoice", "Pictures": "Picture"}
_BELOW_THE_LINES: _Rows = (("Total", "goods_total", False), ("Note", "goods_note", False))
_CONTENT: _Rows = (
    ("MessageId", "message_id", True), ("Amendment", "amendment", True), ("CertificateType", "certificate_type", True),
    ("Applicant", "applicant", True), ("Exporter", "exporter", True), ("Consignee", "consignee", True),
    ("Transport", "transport", True), ("Destination", "destination", True), ("OfficialUse", "official_use", False),
    ("Marks", "marks", True), ("Goods", "goods", True), ("Invoices", "invoices", True),
    ("ApplicationPlace", "application_place", True), ("ApplicationDate", "application_date", True),
    ("ExitCustoms", "exit_customs", False), ("ExportDeclaration", "export_declaration", False),
    ("SigningPoint", "signing_point", False), ("Remarks", "remarks", False), ("LocalPrint", "local_print", False),
    ("PrintSeal", "print_seal", False), ("Producer", "producer", False), ("FormRemarks", "form_remarks", False),
    ("Endorsement", "endorsement", False), ("Retrospective", "retrospective", False),
    ("NonPartyInvoice", "non_party_invoice", False), ("Operator", "operator", False), ("Exhibition", "exhibition", False),
    ("MovementCertificate", "movement_certificate", False), ("BackToBack", "back_to_back", False),
    ("Pictures", "pictures", False), ("LinkedDocument", "linked_document", False),
)


def application_xml(application: Application) -> etree._Element:
    """The CertificateApplication element, or CertificateAmendment for an amendment.

    Values are written as they stand; ValueError for a character that XML cannot hold. Valid against message-1.xsd when the
    values are: what the schema says of a value (its length, a goods line at least) is not looked at here.
    """
    name = "CertificateApplication" if application.amendment is None else "CertificateAmendment"
    root = etree.Element(f"{_NS}{name}", nsmap={None: NAMESPACE})
    _write(root, application, _CONTENT)
    goods = root.find(f"{_NS}Goods")
    if goods is not None:
        _write(goods, application, _BELOW_THE_LINES)
    return root


def parts_xml(name: str, application: Application, fields: frozenset[str]) -> etree._Element:
    """An element `name` of our namespace with only these fields of the application; without children when they are empty."""
    root = etree.Element(f"{_NS}{name}", nsmap={None: NAMESPACE})
    _write(root, application, tuple((element, field, False) for element, field, _ in _CONTENT if field in fields))
    return root


def interchange_xml(
    applications: Iterable[Application], *, interchange_id: str, sender: str, branch: str, created: datetime
) -> bytes:
    """An interchange of these messages as UTF-8 bytes, one element a line; created: aware, of whom it is made."""
    root = etree.Element(f"{_NS}Interchange", nsmap={None: NAMESPACE})
    header = etree.SubElement(root, f"{_NS}Header")
    for name, text in (("InterchangeId", interchange_id), ("Sender", sender), ("Branch", branch),
                       ("Created", created.isoformat(timespec="seconds"))):
        _leaf(header, name, text)
    root.extend(application_xml(application) for application in applications)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write(parent: etree._Element, value: object, rows: _Rows) -> None:
    for element, field, required in rows:
        _add(parent, element, getattr(value, field), required)


def _add(parent: etree._Element, element: str, value: object, required: bool) -> None:
    match value:
        case None | False:
            return
        case True:
            _leaf(parent, element, "true")
        case str():
            if value or required:
                _leaf(parent, element, value)
        case tuple():
            if value or required:
                rows, child = _PARTS[_ITEMS[element]], etree.SubElement(parent, f"{_NS}{element}")
                for item in value:
                    _write(etree.SubElement(child, f"{_NS}{_ITEMS[element]}"), item, rows)
        case _:
            if required or value != type(value)():
                _write(etree.SubElement(parent, f"{_NS}{element}"), value, _PARTS[element])


def _leaf(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{_NS}{name}").text = text or None
