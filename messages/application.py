"""Certificate application and amendment as messages: the element becomes a value, and paths in findings become lines.

Reading is lenient: what is missing is "", what is not ours is passed over, so that rules can run on a message that the
schema refuses and the sender gets all findings at once. One pass over the children and no XPath, because this runs for
every message.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from lxml import etree

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party, Picture, Transport
from messages.interchange import NAMESPACE
from messages.parsing import line_of, text_of

_NS = f"{{{NAMESPACE}}}"
_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")

_Names = Mapping[object, str]  # element tag to field name
_Part = etree._Element | None


def _names(**fields: str) -> _Names:
    """The tags of the elements, each with its field; written field="Element"."""
    return MappingProxyType({f"{_NS}{element}": field for field, element in fields.items()})


_TEXTS = _names(
    message_id="MessageId", certificate_type="CertificateType", destination="Destination",
    official_use="OfficialUse", marks="Marks", application_place="ApplicationPlace",
    application_date="ApplicationDate", exit_customs="ExitCustoms", export_declaration="ExportDeclaration",
    signing_point="SigningPoint", remarks="Remarks", form_remarks="FormRemarks", endorsement="Endorsement",
    linked_document="LinkedDocument",
)
_FLAGS = _names(
    local_print="LocalPrint", print_seal="PrintSeal", retrospective="Retrospective", non_party_invoice="NonPartyInvoice",
    exhibition="Exhibition", movement_certificate="MovementCertificate", back_to_back="BackToBack",
)
_PARTS = _names(
    applicant="Applicant", exporter="Exporter", consignee="Consignee", transport="Transport", goods="Goods",
    invoices="Invoices", producer="Producer", operator="Operator", pictures="Pictures", amendment="Amendment",
)
_APPLICANT = _names(
    registration_no="RegistrationNo", branch="Branch", name_zh="NameZh", name_en="NameEn",
    customs_code="CustomsCode", signatory_code="SignatoryCode", signatory_name="SignatoryName",
)
_SMALL = _names(small="SmallEnterprise")
_PARTY = _names(name="Name", address="Address", country="Country")
_TRANSPORT = _names(
    origin="Origin", destination="Destination", via="Via", mode="Mode", vehicle="Vehicle",
    departure_date="DepartureDate",
)
_LINE = _names(
    description="Description", hs_code="HSCode", quantity="Quantity", unit="Unit", package_count="PackageCount",
    package_kind="PackageKind", packing="Packing", gross_weight="GrossWeight", net_weight="NetWeight",
    origin_country="OriginCountry", criterion="Criterion", item_no="ItemNo", value_content="ValueContent",
    psr_basis="PSRBasis", fob_value="FOBValue", filing_no="FilingNo", producer="Producer", processing="Processing",
)
_GOODS = _names(goods_total="Total", goods_note="Note")
_INVOICE = _names(number="Number", date="Date", amount="Amount", currency="Currency", issuer_country="IssuerCountry")
_PICTURE = _names(title="Title", content="Content")
_AMENDMENT = _names(
    kind="Kind", original_no="OriginalNo", original_date="OriginalDate", revision="Revision", reason="Reason",
)


def extract(element: etree._Element) -> Application:
    """The application in `element`; never raises, also for an element that the schema refuses.

    Of an element that stands twice the first counts, as for `locate`.
    """
    parts = {name: child for child in reversed(element) if (name := _PARTS.get(child.tag))}
    goods = parts.get("goods")
    return Application(
        **{"message_id": "", **_texts(element, _TEXTS)},
        **_texts(goods, _GOODS),
        applicant=_applicant(parts.get("applicant")),
        exporter=Party(**_texts(parts.get("exporter"), _PARTY)),
        consignee=Party(**_texts(parts.get("consignee"), _PARTY)),
        transport=Transport(**_texts(parts.get("transport"), _TRANSPORT)),
        goods=tuple(GoodsLine(**_texts(line, _LINE)) for line in _children(goods, "Line")),
        invoices=tuple(Invoice(**_texts(one, _INVOICE)) for one in _children(parts.get("invoices"), "Invoice")),
        **_flags(element),
        **_rare(parts),
    )


def locate(element: etree._Element, relative_path: str) -> int | None:
    """The line of `relative_path` ("Goods/Line[2]/HSCode") below `element`; "" is the element itself.

    Where the path leads to nothing the line of the nearest ancestor that exists; None when libxml2 does not know it.
    """
    return Places(element).line(relative_path)


def absolute(element: etree._Element, relative_path: str) -> str:
    """`relative_path` from the document's root: "/Interchange/CertificateApplication[1]/Goods/Line[2]/HSCode".

    Local names; the message's position is counted among messages of its kind, as XPath counts.
    """
    return Places(element).absolute(relative_path)


class Places:
    """`locate` and `absolute` for many paths of one message: siblings are counted once, not once a path.

    For as long as the tree does not change.
    """

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[tuple[etree._Element, str], list[etree._Element]] = {}

    def line(self, relative_path: str) -> int | None:
        """See `locate`."""
        place = self._element
        for name, position in _STEP.findall(relative_path):
            if (place, name) not in self._children:
                self._children[place, name] = _children(place, name)
            found = self._children[place, name]
            index = int(position or 1) - 1
            if not 0 <= index < len(found):
                break
            place = found[index]
        return line_of(place)

    def absolute(self, relative_path: str) -> str:
        """See `absolute`."""
        return f"{self._base}/{relative_path}" if relative_path else self._base

    @cached_property
    def _base(self) -> str:
        """The message's own path."""
        name = etree.QName(self._element).localname
        parent = self._element.getparent()
        if parent is None:
            return f"/{name}"
        position = 1 + sum(1 for _ in self._element.itersiblings(str(self._element.tag), preceding=True))
        return f"/{etree.QName(parent).localname}/{name}[{position}]"


def _texts(element: _Part, names: _Names) -> dict[str, Any]:
    """Field name to text, for the children of `element` that `names` lists."""
    if element is None:
        return {}
    return {name: text_of(child) for child in reversed(element) if (name := names.get(child.tag))}


def _flags(element: etree._Element) -> dict[str, Any]:
    return {name: text_of(child) in {"true", "1"} for child in reversed(element) if (name := _FLAGS.get(child.tag))}


def _rare(parts: Mapping[str, etree._Element]) -> dict[str, Any]:
    """The parts that a general certificate does not have; most messages bring none of them."""
    rare: dict[str, Any] = {name: Party(**_texts(parts[name], _PARTY)) for name in ("producer", "operator") if name in parts}
    if "pictures" in parts:
        pictures = _children(parts["pictures"], "Picture")
        rare["pictures"] = tuple(Picture(**_texts(one, _PICTURE)) for one in pictures)
    if "amendment" in parts:
        rare["amendment"] = Amendment(**_texts(parts["amendment"], _AMENDMENT))
    return rare


def _applicant(element: _Part) -> Applicant:
    small = _texts(element, _SMALL).get("small", "")
    return Applicant(**_texts(element, _APPLICANT), small_enterprise=small in {"true", "1"})


def _children(element: _Part, name: str) -> list[etree._Element]:
    return [] if element is None else element.findall(f"{_NS}{name}")
