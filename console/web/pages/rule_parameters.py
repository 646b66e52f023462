"""What rules compare with, by name: which rules read it, and what it is, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.codelists import parameter_data
from validators.rule_pack import Pack


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as a pack has it. rules: ids of those that read it; own: the pack sets it otherwise than the shipped list."""

    name: str
    zh: str
    en: str
    rules: tuple[str, ...]
    value: str
    own: bool


# name in rule-parameters.toml -> (Chinese, English, rules that read it)
PARAMETERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "general_words": ("单独出现时过于笼统的品名用词", "words that say nothing about the goods when they stand alone", ("E08",)),
    "filler_words": ("判断笼统品名时略过的词", "words that are passed over when looking for general names", ("E08",)),
    "forbidden_marks": ("唛头不得使用的表述", "phrases that may not stand for marks", ("E02",)),
    "transport_modes": ("运输方式", "modes of transport", ("D10",)),
    "attention_destinations": ("须人工审核的目的国（地区）", "destinations that a person looks at", ("D12",)),
    "sensitive_goods": ("须人工审核的商品用词", "words of goods that a person looks at", ("E26",)),
    "intermediary_words": ("出口商栏表示中间商的用词", "words that name a second company in the exporter's box", ("C04", "C05")),
    "second_company_types": (
        "出口商栏可含第二家境内企业的证书种类", "types that allow a second company of mainland China", ("C04",)),
    "middleman_places": ("中间商通常所在地", "places where middlemen usually sit", ("C06",)),
    "producer_confidential_words": ("生产商栏的保密用语", "words for a confidential producer", ("C14", "C15", "C16", "C19")),
    "producer_unknown_words": ("生产商栏的不详用语", "words for an unknown producer", ("C14", "C15", "C16", "C19")),
    "producer_same_words": ("生产商栏的“同出口商”用语", "words that stand for the exporter", ("C13",)),
    "trader_words": ("贸易公司名称用词", "words of the names of trading firms", ("C18",)),
    "open_vehicles": ("运输工具未定时可写的用语", "what may stand while the vehicle is unknown", ("D04", "D05")),
    "no_vehicle_words": ("不能代替运输工具的用语", "what clerks write instead of a vehicle", ("D04", "D05")),
    "graphic_words": ("图片唛头用语", "words for a mark that is a drawing", ("E04",)),
    "to_order_phrases": ("凭指示收货人用语", "phrases for a consignee who is nobody in particular", ("C08",)),
    "future_days": ("申请日期可超前的天数", "days that an application may be dated ahead", ("G04",)),
    "back_dating_days": ("申请日期倒签几天起人工审核", "days back before a person looks", ("G05",)),
    "invoice_age_days": ("发票日期的期限（天）", "days that an invoice may be old", ("G06",)),
    "fob_tolerance": ("FOB值合计与发票的允差（发票币种）", "how far printed FOB values may lie from the invoices", ("G22",)),
    "value_margin": (
        "价值成分距限值几个百分点内人工审核", "points within which a value content near its limit is looked at", ("F21",)),
    "public_holidays": ("公共假日", "public holidays", ("G07", "G10")),
    "diacritics": ("各证书种类可用的ASCII以外字符", "characters beyond ASCII that a type's printed text may have", ("B02",)),
    "note_quantity_words": ("说明货物的数量用词", "units that make a reference a statement about the goods", ("E15",)),
    "note_phrases": ("不应出现在参考号中的表述", "wording that does not belong into references", ("G18",)),
    "goods_chapters": ("品名与HS章的对应", "what goods are called, and the HS chapters in which they may lie", ("E21",)),
}


def parameters(pack: Pack) -> tuple[Parameter, ...]:
    """All parameters as this pack has them."""
    data: Mapping[str, Any] = {**parameter_data(), **pack.parameters}
    return tuple(
        Parameter(name, zh, en, rules, _shown(data[name]), name in pack.parameters)
        for name, (zh, en, rules) in PARAMETERS.items() if name in data)


def _shown(value: Any) -> str:
    return "; ".join(map(_shown, value)) if isinstance(value, list) else str(value) if value != "" else "(blank)"
