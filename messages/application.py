"""The certificate application as a message: its element becomes a value, and paths in findings become lines.

Reading is lenient: what is missing is "", what is not ours is passed over, so that rules can run on a message that the
schema refuses and the sender gets all findings at once. One pass over the children and no XPath, because this runs for
every message.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from domain.application import Applicant, Application, GoodsLine, Invoice, Party, Transport
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
    signing_point="SigningPoint", remarks="Remarks",
)
_PARTS = _names(
    applicant="Applicant", exporter="Exporter", consignee="Consignee", transport="Transport", goods="Goods",
    invoices="Invoices", local_print="LocalPrint", print_seal="PrintSeal",
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
    origin_country="OriginCountry", criterion="Criterion",
)
_GOODS = _names(goods_total="Total", goods_note="Note")
_INVOICE = _names(number="Number", date="Date", amount="Amount", currency="Currency")


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
        local_print=_is_yes(parts.get("local_print")),
        print_seal=_is_yes(parts.get("print_seal")),
    )


def locate(element: etree._Element, relative_path: str) -> int | None:
    """The line of `relative_path` ("Goods/Line[2]/HSCode") below `element`; "" is the element itself.

    Where the path leads to nothing the line of the nearest ancestor that exists; None when libxml2 does not know it.
    """
    place = element
    for name, position in _STEP.findall(relative_path):
        found = _children(place, name)
        index = int(position or 1) - 1
        if not 0 <= index < len(found):
            break
        place = found[index]
    return line_of(place)


def absolute(element: etree._Element, relative_path: str) -> str:
    """`relative_path` from the document's root: "/Interchange/CertificateApplication[1]/Goods/Line[2]/HSCode".

    Local names; the message's position is counted among messages of its kind, as XPath counts.
    """
    name = etree.QName(element).localname
    parent = element.getparent()
    if parent is None:
        base = f"/{name}"
    else:
        position = 1 + len(list(element.itersiblings(str(element.tag), preceding=True)))
        base = f"/{etree.QName(parent).localname}/{name}[{position}]"
    return f"{base}/{relative_path}" if relative_path else base


def _texts(element: _Part, names: _Names) -> dict[str, str]:
    """Field name to text, for the children of `element` that `names` lists."""
    if element is None:
        return {}
    return {name: text_of(child) for child in reversed(element) if (name := names.get(child.tag))}


def _applicant(element: _Part) -> Applicant:
    small = _texts(element, _SMALL).get("small", "")
    return Applicant(**_texts(element, _APPLICANT), small_enterprise=small in {"true", "1"})


def _children(element: _Part, name: str) -> list[etree._Element]:
    return [] if element is None else element.findall(f"{_NS}{name}")


def _is_yes(element: _Part) -> bool:
    return element is not None and text_of(element) in {"true", "1"}
