"""An issued certificate as a UBL 2.1 CertificateOfOrigin document, for customs and traders who read that standard.

What the certificate prints stands where UBL has an element for it (docs/how-to/exchange-ubl.md has the table). What UBL has none
for (tick boxes, the producer's box, the non-party operator, what an amendment says) stands once more under UBLExtensions, in the
elements of our own message. What only the reviewer reads (remarks, processing) and how it is printed do not leave the house.
"""

import threading
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from lxml import etree

from domain.application import Application, GoodsLine, Invoice, Party, Picture, Transport, decimal_of
from domain.branch import Branch
from domain.certificate import Certificate
from domain.errors import Refusal
from messages.interchange import NAMESPACE
from messages.ubl import (
    DECLARATION,
    EXPORT_DECLARATION,
    INVOICE,
    MODES,
    NAMESPACES,
    PARTICULAR_FIELDS,
    PARTICULARS,
    PICTURE,
    PROPERTIES,
    ROOT,
    UBL,
    VEHICLES,
    name_of,
)
from messages.writing import parts_xml
from schemas.codelists import CodeLists, code_lists
from schemas.documents import ubl_schema

EXPORTED_STATES = frozenset({"ISSUED", "SUPERSEDED", "VOID"})
_COUNTRY = "CN"  # whose certificates these are
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MIME_TYPES = {"iVBOR": "image/png", "/9j/": "image/jpeg", "R0lG": "image/gif", "Qk": "image/bmp"}  # by the start of base64
_validating = threading.Lock()  # the schema's error log belongs to all threads

_Node = etree._Element | None


@dataclass(frozen=True, slots=True)
class _Source:
    """What the document is made of; chain: numbers of the certificates that it stands for, the newest first."""

    number: str
    certificate: Certificate
    application: Application
    branch: Branch
    issued_on: date | None
    chain: tuple[str, ...]
    codes: CodeLists


def certificate_of_origin(
    certificate: Certificate, application: Application, branch: Branch, replaced: tuple[str, ...] = ()
) -> bytes:
    """The document as UTF-8 bytes, valid against the UBL 2.1 schema; the same input gives the same bytes.

    replaced: numbers of the certificates that this one stands for, the newest first. Raises Refusal for a certificate that was
    never issued, and for content that UBL cannot hold (naming what the schema says).
    """
    if certificate.state not in EXPORTED_STATES or certificate.number is None:
        raise Refusal(
            f"certificate {certificate.number or certificate.id} is {certificate.state}; only what was issued "
            f"({', '.join(sorted(EXPORTED_STATES))}) is exported")
    amendment = application.amendment
    chain = replaced or ((amendment.original_no,) if amendment and amendment.original_no else ())
    approved = certificate.approved_at
    source = _Source(
        certificate.number, certificate, application, branch, approved.astimezone(_SHANGHAI).date() if approved else None,
        chain, code_lists())
    root = _document(source)
    with _validating:
        schema = ubl_schema()
        if not schema.validate(root):
            raise Refusal(f"certificate {certificate.number} does not fit UBL 2.1: {schema.error_log[0].message}")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _document(source: _Source) -> etree._Element:
    application = source.application
    prefixes: dict[str | None, str] = {None: f"{UBL}CertificateOfOrigin-2"}
    prefixes |= dict(NAMESPACES.items())
    root = etree.Element(ROOT, nsmap=prefixes)
    _fill(root, [
        _extension(application),
        _leaf("cbc:UBLVersionID", "2.1"),
        _leaf("cbc:ID", source.number),
        _leaf("cbc:UUID", str(source.certificate.id)),
        _leaf("cbc:IssueDate", source.issued_on.isoformat() if source.issued_on else ""),
        _leaf("cbc:Note", application.endorsement),
        _party("cac:ExporterParty", application.exporter),
        _party("cac:ImporterParty", application.consignee),
        _application(source),
        _node("cac:IssuerEndorsement", _leaf("cbc:DocumentID", source.number), _leaf("cbc:ApprovalStatus", "APPROVED"),
              _leaf("cbc:Remarks", application.official_use), _endorser(source.branch)),
    ])
    return root


def _application(source: _Source) -> _Node:
    application = source.application
    return _node(
        "cac:CertificateOfOriginApplication",
        _leaf("cbc:ReferenceID", source.certificate.invoice),
        _leaf("cbc:CertificateType", application.certificate_type),
        _leaf("cbc:ApplicationStatusCode", source.certificate.state or ""),
        _leaf("cbc:OriginalJobID", source.chain[-1] if source.chain else source.number),
        _leaf("cbc:PreviousJobID", source.chain[0] if source.chain else ""),
        _leaf("cbc:Remarks", application.form_remarks),
        _shipment(application, source.codes),
        _endorser(source.branch),
        _preparation(application),
        _node("cac:IssuerParty", _identification(application.applicant.branch or source.branch.code),
              _node("cac:PhysicalLocation", _leaf("cbc:ID", application.signing_point))),
        _node("cac:IssuingCountry", _leaf("cbc:IdentificationCode", _COUNTRY)),
        *(_invoice(invoice, application.operator) for invoice in application.invoices),
        _reference(application.export_declaration, EXPORT_DECLARATION),
        *(_picture(position, picture) for position, picture in enumerate(application.pictures, 1)),
        _node("cac:Signature", _leaf("cbc:ID", DECLARATION), _leaf("cbc:Note", application.application_place),
              _leaf("cbc:ValidationDate", application.application_date)),
    )


def _shipment(application: Application, codes: CodeLists) -> _Node:
    currency = application.invoices[0].currency if application.invoices else ""
    return _node(
        "cac:Shipment",
        _leaf("cbc:ID", "1"),
        _consignment(application, codes),
        *(_goods_item(position, line, application.producer, currency, codes)
          for position, line in enumerate(application.goods, 1)),
        _stage(application.transport),
        _node("cac:TransportHandlingUnit", _leaf("cbc:ShippingMarks", application.marks)),
        _node("cac:LastExitPortLocation", _leaf("cbc:Name", application.exit_customs)),
    )


def _consignment(application: Application, codes: CodeLists) -> _Node:
    amounts = [decimal_of(invoice.amount) for invoice in application.invoices]
    currencies = {invoice.currency for invoice in application.invoices}
    currency = currencies.pop() if len(currencies) == 1 and None not in amounts else ""  # else there is no one total
    total = sum(amount for amount in amounts if amount is not None)
    destination = application.destination
    return _node(
        "cac:Consignment",
        _leaf("cbc:ID", "1"),
        _leaf("cbc:SummaryDescription", application.goods_total),
        _leaf("cbc:TotalInvoiceAmount", str(total), currencyID=currency) if currency else None,
        _leaf("cbc:Remarks", application.goods_note),
        _node("cac:FinalDestinationCountry", _leaf("cbc:IdentificationCode", codes.country_of(destination) or ""),
              _leaf("cbc:Name", destination)),
    )


def _goods_item(position: int, line: GoodsLine, producer: Party, currency: str, codes: CodeLists) -> _Node:
    priced = bool(line.fob_value and currency)
    unit, kind = _unit_code(line.unit, codes), codes.packages.get(line.package_kind.upper(), line.package_kind)
    # what a code of UBL already says is not said twice
    told = {"unit": unit, "package_kind": kind, "fob_value": line.fob_value if priced else ""}
    extra = [(name, getattr(line, field)) for name, field in PROPERTIES.items()]
    properties = [_property(name, value) for name, value in extra if value and value != told.get(PROPERTIES[name])]
    return _node(
        "cac:GoodsItem",
        _leaf("cbc:ID", str(position)),
        _leaf("cbc:SequenceNumberID", line.item_no),
        _leaf("cbc:Description", line.description),
        _leaf("cbc:FreeOnBoardValueAmount", line.fob_value, currencyID=currency) if priced else None,
        _leaf("cbc:GrossWeightMeasure", line.gross_weight, unitCode="KGM"),
        _leaf("cbc:NetWeightMeasure", line.net_weight, unitCode="KGM"),
        _leaf("cbc:Quantity", line.quantity, unitCode=unit),
        _leaf("cbc:PreferenceCriterionCode", line.criterion),
        _node("cac:Item",
              _node("cac:CommodityClassification", _leaf("cbc:ItemClassificationCode", line.hs_code, listID="HS")),
              *properties,
              _party("cac:ManufacturerParty", Party(line.producer) if line.producer else producer)),
        _node("cac:OriginAddress", _country(line.origin_country)),
        _node("cac:ContainingPackage", _leaf("cbc:Quantity", line.package_count), _leaf("cbc:PackagingTypeCode", kind)),
    )


def _unit_code(unit: str, codes: CodeLists) -> str:
    """The Recommendation 20 code of a printed unit, "KGS G.W." too; the word itself when it is none."""
    words = unit.upper()
    return codes.units.get(words) or codes.units.get(words.partition(" ")[0]) or unit


def _stage(transport: Transport) -> _Node:
    mode, place = transport.mode, VEHICLES.get(transport.mode)
    if place and transport.vehicle:
        aggregate, leaf = place.split("/")
        vehicle = _node(aggregate, _leaf(leaf, transport.vehicle))
    else:
        vehicle = _leaf("cbc:JourneyID", transport.vehicle)
    return _node(
        "cac:ShipmentStage",
        _leaf("cbc:TransportModeCode", MODES.get(mode, mode), name=mode),
        _node("cac:TransportMeans", vehicle),
        _node("cac:LoadingPortLocation", _leaf("cbc:Name", transport.origin)),
        _node("cac:UnloadingPortLocation", _leaf("cbc:Name", transport.destination)),
        _node("cac:TransshipPortLocation", _leaf("cbc:Name", transport.via)),
        _node("cac:PlannedDepartureTransportEvent", _leaf("cbc:OccurrenceDate", transport.departure_date)),
    )


def _preparation(application: Application) -> _Node:
    """The applicant: names and numbers of the register, and the signatory who declares."""
    applicant = application.applicant
    return _node(
        "cac:PreparationParty",
        _identification(applicant.registration_no),
        _identification(applicant.customs_code, "CustomsCode"),
        _node("cac:PartyName", _leaf("cbc:Name", applicant.name_en)),
        _node("cac:PartyLegalEntity", _leaf("cbc:RegistrationName", applicant.name_zh)),
        _node("cac:Contact", _leaf("cbc:ID", applicant.signatory_code), _leaf("cbc:Name", applicant.signatory_name)),
    )


def _endorser(branch: Branch) -> _Node:
    return _node(
        "cac:EndorserParty",
        _leaf("cbc:RoleCode", "ISSUER"),
        _leaf("cbc:SequenceNumeric", "1"),
        _node("cac:Party", _identification(branch.code), _node("cac:PartyName", _leaf("cbc:Name", branch.name_en)),
              _address(branch.place, "")),
        _node("cac:SignatoryContact", _leaf("cbc:Name", branch.name_en), _leaf("cbc:Note", branch.contact)),
    )


def _invoice(invoice: Invoice, operator: Party) -> _Node:
    """An invoice; UBL's reference has no amount, so it is the description: "USD 27600.00"."""
    issuer = operator if operator.country == invoice.issuer_country else Party(country=invoice.issuer_country)
    return _reference(
        invoice.number, INVOICE, _leaf("cbc:IssueDate", invoice.date),
        f"{invoice.currency} {invoice.amount}".strip(), _party("cac:IssuerParty", issuer) if invoice.issuer_country else None)


def _reference(number: str, kind: str, issued: _Node = None, text: str = "", issuer: _Node = None) -> _Node:
    if not number:
        return None
    return _node("cac:SupportingDocumentReference", _leaf("cbc:ID", number), issued, _leaf("cbc:DocumentTypeCode", kind),
                 _leaf("cbc:DocumentDescription", text), issuer)


def _picture(position: int, picture: Picture) -> _Node:
    mime = next((kind for start, kind in _MIME_TYPES.items() if picture.content.startswith(start)), "application/octet-stream")
    return _node(
        "cac:SupportingDocumentReference", _leaf("cbc:ID", str(position)), _leaf("cbc:DocumentType", PICTURE),
        _leaf("cbc:DocumentDescription", picture.title),
        _node("cac:Attachment", _leaf("cbc:EmbeddedDocumentBinaryObject", picture.content, mimeCode=mime)))


def _extension(application: Application) -> _Node:
    particulars = parts_xml(PARTICULARS, application, PARTICULAR_FIELDS)
    if not len(particulars):
        return None
    content = etree.Element(name_of("ext:ExtensionContent"))
    content.append(particulars)
    return _node("ext:UBLExtensions", _node("ext:UBLExtension", _leaf("ext:ExtensionURI", NAMESPACE), content))


def _party(tag: str, party: Party) -> _Node:
    return _node(tag, _node("cac:PartyName", _leaf("cbc:Name", party.name)), _address(party.address, party.country))


def _address(text: str, country: str) -> _Node:
    lines = text.split("\n") if text else []
    return _node("cac:PostalAddress", *(_node("cac:AddressLine", _leaf("cbc:Line", line)) for line in lines), _country(country))


def _country(text: str) -> _Node:
    return _node("cac:Country", _leaf("cbc:IdentificationCode" if len(text) == 2 else "cbc:Name", text))


def _identification(number: str, scheme: str = "") -> _Node:
    return _node("cac:PartyIdentification", _leaf("cbc:ID", number, schemeID=scheme))


def _property(name: str, value: str) -> _Node:
    return _node("cac:AdditionalItemProperty", _leaf("cbc:Name", name), _leaf("cbc:Value", value))


def _leaf(tag: str, text: str, **attributes: str) -> _Node:
    """An element with text, None without: UBL allows no empty elements."""
    if not text:
        return None
    element = etree.Element(name_of(tag), {name: value for name, value in attributes.items() if value})
    element.text = text
    return element


def _node(tag: str, *children: _Node) -> _Node:
    """An element of these children, None when there are none."""
    return _fill(etree.Element(name_of(tag)), children) if any(child is not None for child in children) else None


def _fill(parent: etree._Element, children: "list[_Node] | tuple[_Node, ...]") -> etree._Element:
    parent.extend(child for child in children if child is not None)
    return parent
