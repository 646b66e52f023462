"""A foreign UBL certificate of origin as the draft of an application: what is there is taken over, nothing is invented.

Reading is lenient: UBL 2.0 to 2.4, any order, any part missing. What has no place in an application, and what is there but cannot
be read, is listed with path and value. The one text that is written here is a package count: UBL has it as data, and the box for
the goods wants it in words and figures.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from domain.application import Applicant, Application, GoodsLine, Transport
from domain.finding import Finding, Severity
from messages.application import extract
from messages.gates import MAX_FOUND
from messages.interchange import NAMESPACE
from messages.number_words import package_phrase
from messages.parsing import line_of, parse, text_of
from messages.ubl import (
    APPLICATION,
    CONSIGNMENT,
    DECLARATION,
    ITEM,
    MODES,
    PARTICULAR_FIELDS,
    PARTICULARS,
    PROPERTIES,
    ROOT,
    SHIPMENT,
    VEHICLES,
)
from messages.ubl_documents import with_documents
from messages.ubl_reading import NotTaken, Reader
from messages.writing import interchange_xml
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists, code_lists

_ENCODINGS = frozenset({"utf-8", "gb18030"})
_SENDER = re.compile(r"[0-9A-Za-z]{1,18}", re.ASCII)
_KILOGRAMS = frozenset({"", "KGM"})
_LONGEST_COUNT = 15  # digits
_LONGEST_TEXT = 8_000  # characters, as our schema allows for a description
_PACKAGE_WORDS, _LONGEST_KIND = 3, 48  # words and characters behind a figure in which a package is looked for
# of the certificate that was issued, not of an application for another: left out on purpose
_OF_THE_ISSUE = (
    "cbc:UBLVersionID", "cbc:CustomizationID", "cbc:ProfileID", "cbc:ProfileExecutionID", "cbc:ID", "cbc:UUID", "cbc:IssueDate",
    "cbc:IssueTime", "cac:EndorserParty", "cac:IssuerEndorsement", "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionURI",
    *(f"{APPLICATION}/{part}" for part in (
        "cbc:ReferenceID", "cbc:ApplicationStatusCode", "cbc:OriginalJobID", "cac:EndorserParty", "cac:IssuingCountry")),
    f"{SHIPMENT}/cbc:ID", f"{CONSIGNMENT}/cbc:ID", f"{ITEM}/cbc:ID", f"{ITEM}/cac:ContainingPackage/cbc:ID",
)

_Part = etree._Element | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of a document. id: made of its SHA-256, so the same file gives the same interchange and message ids."""

    id: str
    application: Application
    not_taken: tuple[NotTaken, ...]

    def interchange(self, created: datetime) -> bytes:
        """The draft as an interchange for `coedi check` and `coedi send`; the sender is "" when the document names none."""
        applicant = self.application.applicant
        sender = applicant.registration_no if _SENDER.fullmatch(applicant.registration_no) else ""
        return interchange_xml(
            [self.application], interchange_id=self.id, sender=sender, branch=applicant.branch, created=created)


def draft_from(body: bytes, certificate_type: str = "", enterprise: str = "") -> Draft | Finding:
    """The draft in `body`, or the finding of the gate that refuses it; never raises for any bytes.

    certificate_type, enterprise (registration number): used where given, whatever the document says.
    """
    root = parse(body, _ENCODINGS)
    if isinstance(root, Finding):
        return root
    if root.tag != ROOT:
        return Finding(
            "UBL_NOT_A_CERTIFICATE", Severity.REJECT, "不是UBL 2原产地证文件", "It is not a UBL 2 certificate of origin",
            "请提供根元素为CertificateOfOrigin的UBL文件 / Give a UBL document whose root is CertificateOfOrigin",
            line=line_of(root), found=str(root.tag)[:MAX_FOUND])
    reader = Reader(root, code_lists())
    for path in _OF_THE_ISSUE:
        for element in reader.all(root, path):
            reader.take(element)
    identity = f"UBL-{hashlib.sha256(body).hexdigest()[:16]}"
    application = replace(_application(reader, certificate_type, enterprise), message_id=f"{identity}-1")
    return Draft(identity, application, reader.not_taken())


def _application(reader: Reader, certificate_type: str, enterprise: str) -> Application:
    root = reader.root
    declaration = next(
        (each for each in reader.all(root, f"{APPLICATION}/cac:Signature") if reader.text(each, "cbc:ID") == DECLARATION), None)
    applicant = _applicant(reader)
    draft = Application(
        message_id="",
        certificate_type=_type(reader, certificate_type),
        applicant=replace(applicant, registration_no=enterprise) if enterprise else applicant,
        exporter=reader.party(reader.first(root, "cac:ExporterParty", f"{APPLICATION}/cac:ExporterParty",
                                           f"{CONSIGNMENT}/cac:ExporterParty", f"{CONSIGNMENT}/cac:ConsignorParty")),
        consignee=reader.party(reader.first(root, "cac:ImporterParty", f"{APPLICATION}/cac:ImporterParty",
                                            f"{CONSIGNMENT}/cac:ConsigneeParty", f"{CONSIGNMENT}/cac:ImporterParty")),
        transport=_transport(reader),
        destination=reader.printed_country(reader.first(root, f"{CONSIGNMENT}/cac:FinalDestinationCountry")),
        marks=reader.text(root, f"{SHIPMENT}/cac:TransportHandlingUnit/cbc:ShippingMarks"),
        goods=tuple(_line(reader, item) for item in reader.all(root, ITEM)),
        goods_total=reader.text(root, f"{CONSIGNMENT}/cbc:SummaryDescription"),
        goods_note=reader.text(root, f"{CONSIGNMENT}/cbc:Remarks"),
        application_place=reader.text(declaration, "cbc:Note"),
        application_date=reader.text(declaration, "cbc:ValidationDate"),
        exit_customs=reader.place(reader.first(root, f"{SHIPMENT}/cac:LastExitPortLocation")),
        signing_point=reader.text(root, f"{APPLICATION}/cac:IssuerParty/cac:PhysicalLocation/cbc:ID"),
        form_remarks=reader.text(root, f"{APPLICATION}/cbc:Remarks"),
    )
    return _with_particulars(reader, with_documents(reader, draft))


def _type(reader: Reader, given: str) -> str:
    element = reader.first(reader.root, f"{APPLICATION}/cbc:CertificateType")
    code = reader.text(reader.root, f"{APPLICATION}/cbc:CertificateType")
    if code and not given and type_of(code) is None:
        reader.give_back(element)
        return ""
    return given or code


def _applicant(reader: Reader) -> Applicant:
    party = reader.first(reader.root, f"{APPLICATION}/cac:PreparationParty")
    numbers: dict[str, str] = {}
    for element in reader.all(party, "cac:PartyIdentification/cbc:ID"):
        scheme = element.get("schemeID", "")
        kind = "customs" if scheme == "CustomsCode" else "registration"
        if kind not in numbers:
            numbers[kind] = text_of(element)
            reader.take(element)
    return Applicant(
        registration_no=numbers.get("registration", ""),
        branch=reader.text(reader.root, f"{APPLICATION}/cac:IssuerParty/cac:PartyIdentification/cbc:ID"),
        name_zh=reader.text(party, "cac:PartyLegalEntity/cbc:RegistrationName"),
        name_en=reader.text(party, "cac:PartyName/cbc:Name"),
        customs_code=numbers.get("customs", ""),
        signatory_code=reader.text(party, "cac:Contact/cbc:ID"),
        signatory_name=reader.text(party, "cac:Contact/cbc:Name"),
    )


def _transport(reader: Reader) -> Transport:
    """The first stage of the shipment; further ones are listed as not taken."""
    stage = reader.first(reader.root, f"{SHIPMENT}/cac:ShipmentStage", f"{CONSIGNMENT}/cac:MainCarriageShipmentStage")
    means = reader.first(stage, "cac:TransportMeans")
    vehicle = (reader.text(means, *VEHICLES.values()), reader.text(means, "cbc:JourneyID"))
    return Transport(
        origin=reader.place(reader.first(stage, "cac:LoadingPortLocation")),
        destination=reader.place(reader.first(stage, "cac:UnloadingPortLocation")),
        via=reader.place(reader.first(stage, "cac:TransshipPortLocation")),
        mode=_mode(reader, reader.first(stage, "cbc:TransportModeCode")),
        vehicle=" ".join(filter(None, vehicle)),
        departure_date=reader.text(stage, "cac:PlannedDepartureTransportEvent/cbc:OccurrenceDate",
                                   "cac:ActualDepartureTransportEvent/cbc:OccurrenceDate"),
    )


def _mode(reader: Reader, element: _Part) -> str:
    if element is None:
        return ""
    named = element.get("name", "").upper()
    code = text_of(element)
    mode = named if named in MODES else next((mode for mode, known in MODES.items() if code in (known, mode)), "")
    if mode:
        reader.take(element)
    else:
        reader.give_back(element)
    return mode


def _line(reader: Reader, item: etree._Element) -> GoodsLine:
    said = _properties(reader, item)
    quantity = reader.first(item, "cbc:Quantity")
    count = reader.text(item, "cac:ContainingPackage/cbc:Quantity")
    kind = reader.text(item, "cac:ContainingPackage/cbc:PackagingTypeCode")
    description = reader.text(item, "cbc:Description", "cac:Item/cbc:Description", "cac:Item/cbc:Name")
    return GoodsLine(**{
        "description": described(description, count, said.get("package_kind", kind), reader.codes),
        "hs_code": reader.text(item, "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
                               "cac:Item/cac:CommodityClassification/cbc:CommodityCode"),
        "quantity": reader.text(item, "cbc:Quantity"),
        "unit": "" if quantity is None else quantity.get("unitCode", ""),
        "package_count": count,
        "package_kind": kind,
        "gross_weight": _weight(reader, item, "cbc:GrossWeightMeasure"),
        "net_weight": _weight(reader, item, "cbc:NetWeightMeasure"),
        "origin_country": reader.text(item, "cac:OriginAddress/cac:Country/cbc:IdentificationCode",
                                      "cac:Item/cac:OriginCountry/cbc:IdentificationCode")
        or reader.text(item, "cac:OriginAddress/cac:Country/cbc:Name", "cac:Item/cac:OriginCountry/cbc:Name"),
        "criterion": reader.text(item, "cbc:PreferenceCriterionCode"),
        "item_no": reader.text(item, "cbc:SequenceNumberID"),
        "fob_value": reader.text(item, "cbc:FreeOnBoardValueAmount"),
    } | said)


def _properties(reader: Reader, item: etree._Element) -> dict[str, str]:
    """Field to text for the properties that our own export writes."""
    said = {}
    for element in reader.all(item, "cac:Item/cac:AdditionalItemProperty"):
        name = reader.first(element, "cbc:Name")
        field = PROPERTIES.get("" if name is None else text_of(name))
        if field and field not in said:
            said[field] = reader.text(element, "cbc:Value")
            reader.take(name)
    return said


def described(description: str, count: str, kind: str, codes: CodeLists) -> str:
    """The goods with their packages in words and figures before them, unless the text says the count already."""
    if not (count.isascii() and count.isdecimal() and count.strip("0") and len(count) <= _LONGEST_COUNT):
        return description
    figure = int(count)
    text = description[:_LONGEST_TEXT]
    for match in re.finditer(rf"(?<![\d.,])(?:{figure}|{figure:,})(?![\d.,]*\d)(\s*\))?", text):
        following = text[match.end() : match.end() + _LONGEST_KIND].upper().split()[:_PACKAGE_WORDS]
        if match[1] or any(word.strip(",.;") in codes.packages for word in following):
            return description
    return f"{package_phrase(figure, kind, codes)} OF {description}" if description else description


def _weight(reader: Reader, item: etree._Element, path: str) -> str:
    element = reader.first(item, path)
    if element is not None and element.get("unitCode", "") not in _KILOGRAMS:
        reader.give_back(element)
        return ""
    return reader.text(item, path)


def _with_particulars(reader: Reader, draft: Application) -> Application:
    """What our own export put into the extension; without one, what the goods say of the producer.

    A foreign PreviousJobID makes no amendment: kind, revision and reason would have to be made up. It is listed as not taken.
    """
    particulars = reader.first(
        reader.root, f"ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/{{{NAMESPACE}}}{PARTICULARS}")
    makers = reader.all(reader.root, f"{ITEM}/cac:Item/cac:ManufacturerParty")
    if particulars is None:
        return _with_makers(reader, draft)
    said = extract(particulars)
    notes = [each for each in reader.all(reader.root, "cbc:Note") if text_of(each) == said.endorsement]
    chain = reader.all(reader.root, f"{APPLICATION}/cbc:PreviousJobID") if said.amendment else []
    for element in (particulars, *makers, *notes, *chain):
        reader.take(element)
    return replace(draft, **{field: getattr(said, field) for field in PARTICULAR_FIELDS})


def _with_makers(reader: Reader, draft: Application) -> Application:
    """One manufacturer of all lines is the producer; of several each line keeps the name of its own."""
    makers = [reader.first(item, "cac:Item/cac:ManufacturerParty") for item in reader.all(reader.root, ITEM)]
    looking = Reader(reader.root, reader.codes)  # nothing that it sees is taken
    different = {looking.party(maker) for maker in makers}
    if len(different) == 1 and not any(line.producer for line in draft.goods):
        return replace(draft, producer=[*map(reader.party, makers)][-1])
    named = zip(draft.goods, map(reader.party_name, makers), strict=True)
    return replace(draft, goods=tuple(replace(line, producer=line.producer or name) for line, name in named))
