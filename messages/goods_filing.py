"""Goods filing 商品备案: goods that the branch approves for an agreement before a certificate may name them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from domain.filing import Material
from messages.interchange import NAMESPACE, texts_in
from messages.parsing import text_of

_NS = f"{{{NAMESPACE}}}"


@dataclass(frozen=True, slots=True)
class GoodsContent:
    """What was sent, as text; empty where it was not.

    changes, withdraws: number or id of the filing that this one changes, or that is taken back; value_content: percent;
    psr_basis: of a product-specific rule 1 RVC, 2 CTC, 3 process, or a name of the type's list; processing: steps in order;
    valid_to: the last day wanted, yyyy-mm-dd.
    """

    changes: str = ""
    withdraws: str = ""
    reason: str = ""
    certificate_type: str = ""
    hs_code: str = ""
    hs_edition: str = ""
    name_zh: str = ""
    name_en: str = ""
    criterion: str = ""
    value_content: str = ""
    psr_basis: str = ""
    producer_name: str = ""
    producer_address: str = ""
    materials: tuple[Material, ...] = ()
    processing: tuple[str, ...] = ()
    valid_to: str = ""

    @property
    def kept(self) -> dict[str, Any]:
        """What a filing keeps of it, JSON-ready."""
        return {name: value for name, value in asdict(self).items() if name not in ("changes", "withdraws", "reason")}


def extract(element: etree._Element) -> GoodsContent:
    """The goods filing in `element`; never raises."""
    text, producer = texts_in(element), texts_in(element.find(f"{_NS}Producer"))
    return GoodsContent(
        text.get("Changes", ""), text.get("Withdraws", ""), text.get("Reason", ""), text.get("CertificateType", ""),
        text.get("HSCode", ""), text.get("HSEdition", ""), text.get("NameZh", ""), text.get("NameEn", ""),
        text.get("Criterion", ""), text.get("ValueContent", ""), text.get("PSRBasis", ""),
        producer.get("Name", ""), producer.get("Address", ""),
        tuple(map(_material, _inside(element, "Materials", "Material"))),
        tuple(map(text_of, _inside(element, "Processing", "Step"))), text.get("ValidTo", ""))


def _material(element: etree._Element) -> Material:
    text = texts_in(element)
    return Material(text.get("Name", ""), text.get("HSCode", ""), text.get("OriginCountry", ""), text.get("Share", ""))


def _inside(element: etree._Element, group: str, name: str) -> Iterator[etree._Element]:
    return element.iterfind(f"{_NS}{group}/{_NS}{name}")
