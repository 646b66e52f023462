"""Filings box by box: what they say, what changed against another one, and what stands in the register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.specimens import image_in
from messages.interchange import Interchange, read
from messages.parsing import parse
from pipeline.cases import ANY_ENCODING

# key of a filing's content -> its name, in the order of the form
GOODS_BOXES: dict[str, tuple[str, str]] = {
    "certificate_type": ("协定（证书种类）", "Agreement (certificate type)"), "hs_code": ("HS编码", "HS code"),
    "hs_edition": ("HS版本", "HS edition"), "name_zh": ("中文品名", "Name in Chinese"), "name_en": ("英文品名", "Name in English"),
    "criterion": ("原产地标准", "Origin criterion"), "value_content": ("价值成分（%）", "Value content (%)"),
    "psr_basis": ("产品特定规则依据", "Basis of the product-specific rule"), "producer_name": ("生产商", "Producer"),
    "producer_address": ("生产商地址", "Address of the producer"), "materials": ("原材料", "Materials"),
    "processing": ("加工工序", "Processing"), "valid_to": ("申请有效期至", "Wanted until"),
}
_MATERIAL = ("name", "hs_code", "origin_country", "share")  # the database does not keep their order
REGISTRATION_BOXES: dict[str, tuple[str, str]] = {
    "name_zh": ("中文名称", "Name in Chinese"), "name_en": ("英文名称", "Name in English"),
    "address_en": ("英文地址", "Address in English"), "contact": ("联系方式", "Contact"), "suffix": ("后缀", "Suffix"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A box that says something else than before. old, new: as people read them, "" for nothing."""

    box: str
    zh: str
    en: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A specimen that was sent. width, height: centimetres, 0 when it is no picture; size: bytes."""

    media_type: str
    size: int
    width: float
    height: float


def changes(old: Mapping[str, Any], new: Mapping[str, Any], boxes: Mapping[str, tuple[str, str]]) -> tuple[Change, ...]:
    """The boxes that differ."""
    pairs = ((box, shown(old.get(box)), shown(new.get(box))) for box in boxes)
    return tuple(Change(box, *boxes[box], before, after) for box, before, after in pairs if before != after)


def shown(value: Any) -> str:
    """What a box says, on one line for each material or step."""
    if isinstance(value, Mapping):
        return " · ".join(str(value[part]) for part in _MATERIAL if value.get(part))
    if isinstance(value, list | tuple):
        return "\n".join(map(shown, value))
    return "" if value is None else str(value)


def picture_in(text: str) -> Picture | None:
    """A specimen as sent, base64; None when nothing was sent."""
    if not text:
        return None
    image = image_in(text)
    if image is None:
        return Picture("", len(text) * 3 // 4, 0.0, 0.0)
    width, height = image.centimetres()
    return Picture(image.media_type, len(image.body), round(width, 1), round(height, 1))


def by_code(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Rows under their codes; of a code that stands twice the first counts."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        found.setdefault(str(row.get("code", "")), row)
    return found


def sent_element(body: bytes, position: int) -> Any:
    """The message at this position of a delivery as an lxml element; None when it can no longer be read."""
    root = parse(body, ANY_ENCODING)
    interchange = read(root) if hasattr(root, "tag") else None  # type: ignore[arg-type] # an element, when it has a tag
    if not isinstance(interchange, Interchange) or not 0 < position <= len(interchange.messages):
        return None
    return interchange.messages[position - 1].element
