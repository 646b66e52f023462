"""Registration 企业注册 and its changes: what an enterprise, or its branch for it, wants on file."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from messages.interchange import NAMESPACE, texts_in

_NS = f"{{{NAMESPACE}}}"
_TRUE = frozenset({"", "true", "1"})


@dataclass(frozen=True, slots=True)
class NewSignatory:
    """A signatory 手签员; signature: the specimen, a jpg or png file as base64, "" when none was sent."""

    code: str = ""
    name_zh: str = ""
    active: bool = True
    signature: str = ""


@dataclass(frozen=True, slots=True)
class NewOperator:
    """A person who draws up documents 制单员."""

    code: str = ""
    name_zh: str = ""
    contact: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class NewCustomsCode:
    """A customs code 海关编码; issued_on: yyyy-mm-dd; nature: of the enterprise as customs registered it."""

    code: str = ""
    issued_on: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was sent. kind: NEW, CHANGE or WITHDRAW; registration_no: number or credit code; suffix: "-1" or "-2", which tells
    duplicates of a number in a replaced system apart; seal: the specimen, a jpg or png file as base64."""

    kind: str = ""
    registration_no: str = ""
    suffix: str = ""
    name_zh: str = ""
    name_en: str = ""
    address_en: str = ""
    contact: str = ""
    signatories: tuple[NewSignatory, ...] = ()
    operators: tuple[NewOperator, ...] = ()
    customs_codes: tuple[NewCustomsCode, ...] = ()
    seal: str = ""

    @property
    def kept(self) -> dict[str, Any]:
        """What a filing keeps of it, JSON-ready."""
        return asdict(self)


def extract(element: etree._Element) -> Registration:
    """The registration in `element`; never raises."""
    text = texts_in(element)
    return Registration(
        text.get("Kind", ""), text.get("RegistrationNo", ""), text.get("Suffix", ""), text.get("NameZh", ""),
        text.get("NameEn", ""), text.get("AddressEn", ""), text.get("Contact", ""),
        tuple(map(_signatory, _inside(element, "Signatories", "Signatory"))),
        tuple(map(_operator, _inside(element, "Operators", "Operator"))),
        tuple(map(_customs_code, _inside(element, "CustomsCodes", "CustomsCode"))), text.get("Seal", ""))


def registration_from(kept: dict[str, Any]) -> Registration:
    """The inverse of `Registration.kept`."""
    return Registration(**(kept | {
        "signatories": tuple(NewSignatory(**one) for one in kept["signatories"]),
        "operators": tuple(NewOperator(**one) for one in kept["operators"]),
        "customs_codes": tuple(NewCustomsCode(**one) for one in kept["customs_codes"])}))


def _signatory(element: etree._Element) -> NewSignatory:
    text = texts_in(element)
    return NewSignatory(
        text.get("Code", ""), text.get("NameZh", ""), text.get("Active", "") in _TRUE, text.get("Signature", ""))


def _operator(element: etree._Element) -> NewOperator:
    text = texts_in(element)
    return NewOperator(text.get("Code", ""), text.get("NameZh", ""), text.get("Contact", ""), text.get("Active", "") in _TRUE)


def _customs_code(element: etree._Element) -> NewCustomsCode:
    text = texts_in(element)
    return NewCustomsCode(text.get("Code", ""), text.get("IssuedOn", ""), text.get("Nature", ""))


def _inside(element: etree._Element, group: str, name: str) -> Iterator[etree._Element]:
    return element.iterfind(f"{_NS}{group}/{_NS}{name}")
