"""C01, C02, C05, C07, C08, C20: exporter and consignee of every form; what agreements ask of them stands in `members`."""

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application, Party
from domain.finding import Severity
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists
from validators.facts import Facts
from validators.reading import comparable, difference
from validators.rule import ALL, GENERAL, Hit, Rule, only

_TAIWAN_ALONE = re.compile(r"\bTAIWAN\b(?!\s*[,.(]?\s*(PROVINCE\s*,?\s*(OF\s+)?)?(P\.?R\.?\s*)?CHINA\b)")


def _incomplete_exporter(application: Application, facts: Facts) -> Iterator[Hit]:
    exporter = application.exporter
    if not exporter.name:
        yield Hit("Exporter/Name")
    if not exporter.address:
        yield Hit("Exporter/Address")
    kind = type_of(application.certificate_type)
    if exporter.country and kind and kind.preferential:
        return  # another country is C03's fault
    if exporter.country != "CN" and facts.codes.country_of(exporter.country) != "CN":
        yield Hit("Exporter/Country", exporter.country, zh="国名应为中国（CN）", en="the country must be China (CN)")


def _other_exporter(application: Application, facts: Facts) -> Iterator[Hit]:
    if not facts.enterprise or application.exporter.name == facts.enterprise.name_en:
        return
    name = before_intermediary(application.exporter.name, facts.codes.parameters.intermediary_words)
    sent = comparable(name)
    # an empty name is C01's fault, one that is not English B02's
    if sent and sent.isascii() and sent != comparable(facts.enterprise.name_en):
        zh, en = difference(facts.enterprise.name_en, name)
        yield Hit("Exporter/Name", application.exporter.name, zh=zh, en=en)


def before_intermediary(name: str, words: tuple[str, ...]) -> str:
    """The exporter's own name: what stands before VIA, O/B and the like."""
    return _intermediary(words).split(name.upper(), maxsplit=1)[0]


def after_intermediary(name: str, words: tuple[str, ...]) -> str | None:
    """The second company: what stands after VIA, O/B and the like, None when none of these words is there."""
    _, *second = _intermediary(words).split(name.upper(), maxsplit=1)
    return second[0].strip() if second else None


@lru_cache(maxsize=16)
def _intermediary(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/])(?:{'|'.join(map(re.escape, words))})(?![\w/])")


def _middleman(application: Application, facts: Facts) -> Iterator[Hit]:
    search = _intermediary(facts.codes.parameters.intermediary_words).search
    exporter = application.exporter
    if search(exporter.name.upper()):
        yield Hit("Exporter/Name", exporter.name)
    elif search(exporter.address.upper()):
        yield Hit("Exporter/Address", exporter.address)


def _no_consignee(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.consignee.name:
        yield Hit("Consignee/Name")


def is_to_order(consignee: Party, codes: CodeLists) -> bool:
    """Whether the consignee is nobody in particular: TO ORDER, TO WHOM IT MAY CONCERN."""
    return " ".join(consignee.name.upper().split()).startswith(codes.parameters.to_order_phrases)


def country_of_consignee(consignee: Party, codes: CodeLists) -> str | None:
    """The alpha-2 code of the consignee's country, as sent or else as printed; None when it cannot be told."""
    name = consignee.name
    if is_to_order(consignee, codes):  # TO ORDER OF BANK OF CHINA names a bank; TO ORDER, CHILE a country
        name = name.partition(",")[2]
    return codes.country_of(consignee.country) or codes.country_in_place(consignee.address) or codes.country_in_place(name)


def _to_order_without_country(application: Application, facts: Facts) -> Iterator[Hit]:
    consignee, codes = application.consignee, facts.codes
    if is_to_order(consignee, codes) and not consignee.country and not country_of_consignee(consignee, codes):
        yield Hit("Consignee/Country", consignee.name)


def _taiwan_alone(application: Application, facts: Facts) -> Iterator[Hit]:
    consignee, codes = application.consignee, facts.codes
    if country_of_consignee(consignee, codes) not in {None, "TW"} and codes.country_of(application.destination) != "TW":
        return  # 8 TAIWAN STREET, HANOI
    for path, shown, text in (
        ("Consignee/Name", "consignee", consignee.name),
        ("Consignee/Address", "consignee", consignee.address),
        ("Destination", "destination", application.destination),
    ):
        if "TAIWAN" in (upper := text.upper()) and _TAIWAN_ALONE.search(upper):
            yield Hit(path, text, shown)
            return


RULES = (
    Rule(
        "C01", Severity.REJECT, ALL, "exporter", "filling guides of the general certificate",
        "出口商名称、地址、国名不得为空", "Exporter name, address and country required",
        "请填写出口商英文名称、地址和国家CN / Give the exporter's English name, address and country CN",
        _incomplete_exporter,
    ),
    Rule(
        "C02", Severity.REJECT, ALL, "exporter", "filling guides",
        "出口商名称与备案不一致", "Exporter name differs from registration",
        "请按备案英文名称填写 / Write the English name as registered",
        _other_exporter, needs_registry=True,
    ),
    Rule(
        "C05", Severity.MANUAL, GENERAL, "exporter", "filling guides of the general certificate",
        "出口商栏含中间商，转人工", "Intermediary in exporter box",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _middleman,
    ),
    Rule(
        "C07", Severity.REJECT, ALL, "consignee", "filling guides of the general certificate",
        "收货人不得留空", "Consignee must not be empty",
        "请填写最终收货人，或TO ORDER加国名 / Give the consignee, or TO ORDER with the country",
        _no_consignee,
    ),
    Rule(
        "C08", Severity.WARN, only("CO", "APTA", "IS", "PE"), "consignee", "filling guides",
        "TO ORDER应注明国家", "Add a country to TO ORDER",
        "请在收货人栏补充目的国 / Add the country of destination to the consignee",
        _to_order_without_country,
    ),
    Rule(
        "C20", Severity.WARN, ALL, "consignee", "practice of the issuing bodies",
        "台湾收货人应写作TAIWAN, CHINA", "A consignee in Taiwan is written TAIWAN, CHINA",
        "请写作TAIWAN, CHINA / Write TAIWAN, CHINA",
        _taiwan_alone,
    ),
)  # fmt: skip
