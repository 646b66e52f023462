"""What the definition of a certificate type says, in words: for the command line and the documentation.

Every sentence is there in Chinese and in English. What no source confirms is marked, never hidden.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType

from schemas.certificate_types import FIELDS, CertificateType, Criterion, LineLimit, Mark
from schemas.codelists import code_lists

_VALUES = MappingProxyType({
    "required": ("必填", "required"),
    "never": ("不打印", "never printed"),
    "with-percent": ("仅适用价值标准时填写", "only where the criterion counts value"),
})
_OF_THE_AGREEMENT = frozenset({"agreement", "members", "valid_from"})
_PAPERS = MappingProxyType({
    "eco": ("白纸，整页打印", "white paper, the whole page is printed"),
    "pco": ("套打：打印在印制好的空白证书上", "pre-printed stock: only the content is printed"),
})
_OTHER_LABELS = MappingProxyType({
    "boxes": ("栏目", "boxes"),
    "criteria": ("原产地标准", "origin criteria"),
    "hs_edition": ("HS版本", "HS edition"),
    "letter": ("证书字母", "type letter"),
})


@dataclass(frozen=True, slots=True)
class Particular:
    """One thing that a definition says. about: the field of CertificateType it comes from; label and text in Chinese and
    English; verified: False when no source confirms it."""

    about: str
    label_zh: str
    label_en: str
    zh: str
    en: str
    verified: bool = True


def particulars(kind: CertificateType) -> tuple[Particular, ...]:
    """What is said about this type beside its boxes and criteria, in a fixed order; what does not apply is left out, and
    of a type that is not enabled what only its form would say."""
    found = []
    for about, label_zh, label_en, say in _PARTS:
        if (kind.enabled or about in _OF_THE_AGREEMENT) and (said := say(kind)) and all(said):
            doubtful = about in kind.unverified or _has_doubtful_mark(kind, about)
            found.append(Particular(about, label_zh, label_en, *said, verified=not doubtful))
    return tuple(found)


def names_of(codes: Iterable[str]) -> tuple[str, str]:
    """Countries by their ISO 3166-1 codes, in Chinese and in English; "*" is any country."""
    lists = code_lists()
    pairs = [("任何国家或地区", "any country") if code == "*" else (lists.country_zh.get(code, code), lists.countries[code])
             for code in codes]
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def place_of(kind: CertificateType, field: str) -> tuple[str, str]:
    """The box in which a field stands: by its number, else by what it shows; in Chinese and in English."""
    if number := kind.box_number(field):
        return f"第{number}栏", f"box {number}"
    zh, en = FIELDS[field]
    return zh, f"the box {en}"


def percentage_of(one: Criterion) -> tuple[str, str]:
    """What percentage stands beside a criterion, in Chinese and in English; empty without one."""
    if not one.percent:
        return "", ""
    if one.percent == "optional":
        return "规则计算价值时注明百分比", "its percentage where the rule counts value"
    if one.minimum is not None:
        return f"不低于{one.minimum}%", f"at least {one.minimum}%"
    if one.maximum is not None:
        return f"不高于{one.maximum}%", f"at most {one.maximum}%"
    return "须注明百分比", "with its percentage"


def printed_as(one: Criterion) -> str:
    """The criterion as it is printed: "RVC nn%", "nn%", "WO"."""
    if one.percent != "required":
        return one.code
    return "nn%" if one.short else f"{one.code} nn%"


def doubts(kind: CertificateType) -> tuple[str, str]:
    """Everything that no source confirms, in Chinese and in English; empty when all is confirmed."""
    labels = {about: (zh, en) for about, zh, en, _ in _PARTS} | dict(_OTHER_LABELS)
    named = [labels[about] for about in kind.unverified]
    return "、".join(zh for zh, _ in named), ", ".join(en for _, en in named)


def _countries(codes: Callable[[CertificateType], tuple[str, ...]]) -> "Say":
    return lambda kind: names_of(codes(kind))


def _agreement(kind: CertificateType) -> tuple[str, str]:
    zh, _, en = kind.agreement.partition(" / ")
    return zh, en or zh


def _days(kind: CertificateType) -> tuple[str, str]:
    begin, end = kind.valid_from, kind.valid_to
    zh = (f"{begin}起" if begin else "") + (f"至{end}" if end else "")
    en = (f"from {begin}" if begin else "") + (" to " if begin and end else "") + (f"{'' if begin else 'to '}{end}" if end else "")
    return zh, en


def _number(kind: CertificateType) -> tuple[str, str]:
    if not kind.letter:
        return "", ""
    example = kind.number("1100A0017", 2026, 1)
    return f"{example}（字母{kind.letter}）", f"{example} (letter {kind.letter})"


def _to_order(kind: CertificateType) -> tuple[str, str]:
    if not kind.preferential:
        return "", ""
    if kind.to_order == "manual":
        return "转人工审核", "referred to a person"
    return "可填", "may stand"


def _hs(kind: CertificateType) -> tuple[str, str]:
    if not kind.preferential:
        return "", ""
    zh, en = f"至少{kind.hs_digits}位", f"at least {kind.hs_digits} digits"
    if kind.hs_warn:
        zh, en = f"{zh}，不足{kind.hs_warn}位时提示", f"{en}, below {kind.hs_warn} a warning"
    if kind.hs_in_description:
        zh, en = f"{zh}，货物描述中也须注明", f"{en}, and also in the description"
    return zh, en


def _value(kind: CertificateType) -> tuple[str, str]:
    return _VALUES.get(kind.value, ("", ""))


def _marks(kind: CertificateType) -> tuple[str, str]:
    if kind.box_number("marks") is None and kind.boxes:
        return "无唛头栏", "the form has no box for marks"
    return ("必填，无唛头填N/M", "required; N/M where there are none") if kind.marks_required else ("可不填", "optional")


def _lines(kind: CertificateType) -> tuple[str, str]:
    spans = [(_most(limit), limit.since) for limit in kind.lines if limit.most or len(kind.lines) > 1]
    return (
        "；".join((f"{since}起" if since else "") + (f"{most}项" if most else "不限") for most, since in spans),
        "; ".join((most or "no limit") + (f" since {since}" if since else "") for most, since in spans),
    )


def _most(limit: LineLimit) -> str:
    return str(limit.most or "")


def _late(kind: CertificateType) -> tuple[str, str]:
    rule = kind.retrospective
    if rule.mark is None:
        if not rule.latest_days:
            return "", ""
        most = rule.latest_days
        return f"不办理；最迟出运后{most}个工作日签发", f"not issued; at the latest {most} working days after departure"
    zh, en = _mark(kind, rule.mark)
    zh, en = f"{zh}，出运后{rule.window_days}天内", f"{en}, within {rule.window_days} days of departure"
    if rule.grace_days:
        zh += f"；出运后{rule.grace_days}个{'工作日' if rule.working else '自然日'}内无须注明"
        en += f"; no mark within {rule.grace_days} {'working ' if rule.working else ''}days"
    if rule.since:
        zh, en = f"{zh}；限{rule.since}起出运的货物", f"{en}; for departures since {rule.since}"
    return zh, en


def _mark(kind: CertificateType, mark: Mark | None) -> tuple[str, str]:
    if mark is None:
        return "", ""
    zh, en = place_of(kind, mark.field)
    if mark.tick:
        return f"{zh}勾选“{mark.words}”", f'tick "{mark.words}" in {en}'
    return f"{zh}注明“{mark.words}”", f'"{mark.words}" in {en}'


def _non_party(kind: CertificateType) -> tuple[str, str]:
    rule = kind.non_party
    if rule is None:
        return "", ""
    zh, en = place_of(kind, rule.field)
    who_zh = "和".join({"operator": "经营者", "producer": "生产商"}[one] for one in rule.needs)
    who_en = " and ".join({"operator": "the operator", "producer": "the producer"}[one] for one in rule.needs)
    tick_zh, tick_en = ("，并勾选", ", and a tick") if rule.tick else ("", "")
    return f"{zh}注明{who_zh}名称、国家{tick_zh}", f"name and country of {who_en} in {en}{tick_en}"


def _producer(kind: CertificateType) -> tuple[str, str]:
    rule = kind.producer
    if rule is None:
        return "", ""
    known = [
        ("同出口商", "the exporter", rule.same), ("保密", "confidential", rule.confidential),
        ("未知", "unknown", rule.unknown), ("多个", "several", rule.several),
    ]  # fmt: skip
    said = [(zh, en, phrase) for zh, en, phrase in known if phrase]
    return "；".join(f"{zh}填{phrase}" for zh, _, phrase in said), "; ".join(f"{en}: {phrase}" for _, en, phrase in said)


def _months(kind: CertificateType) -> tuple[str, str]:
    return (f"{kind.validity_months}个月", f"{kind.validity_months} months") if kind.validity_months else ("", "")


def _copies(kind: CertificateType) -> tuple[str, str]:
    return (f"正本一份，副本{kind.copies}份", f"one original and {kind.copies} copies") if kind.copies else ("", "")


def _has_doubtful_mark(kind: CertificateType, about: str) -> bool:
    part = kind.retrospective.mark if about == "retrospective" else getattr(kind, about)
    return not getattr(part, "verified", True)


Say = Callable[[CertificateType], tuple[str, str]]

# the field of CertificateType, its name in Chinese and English, and what is said about it
_PARTS: tuple[tuple[str, str, str, Say], ...] = (
    ("agreement", "协定", "agreement", _agreement),
    ("members", "其他成员方", "other members", _countries(lambda kind: kind.members)),
    ("consignees", "收货人所在国", "consignee may be in", _countries(lambda kind: kind.consignees)),
    ("to_order", "收货人填TO ORDER", "consignee TO ORDER", _to_order),
    ("landlocked", "可经他国港口到达", "reached through another country's port", _countries(lambda kind: kind.landlocked)),
    ("valid_from", "申请日期", "application dates", _days),
    ("number_template", "证书号", "certificate number", _number),
    ("validity_months", "有效期", "valid for", _months),
    ("paper", "纸张", "paper", lambda kind: _PAPERS[kind.paper]),
    ("copies", "份数", "copies", _copies),
    ("hs_digits", "HS编码", "HS code", _hs),
    ("value", "价值", "value", _value),
    ("marks_required", "唛头", "marks", _marks),
    ("lines", "商品项数上限", "most goods lines", _lines),
    ("producer", "生产商栏", "producer's box", _producer),
    ("retrospective", "补发", "issued after shipment", _late),
    ("reissue", "重发", "re-issued", lambda kind: _mark(kind, kind.reissue)),
    ("replacement", "更改", "amended", lambda kind: _mark(kind, kind.replacement)),
    ("non_party", "第三方发票", "non-party invoice", _non_party),
)
