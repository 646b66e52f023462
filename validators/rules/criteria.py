"""F01, F02, F04-F16: origin criteria, value contents and the values that go with them.

Which codes, percentages and limits there are, and whether a value is printed, stands in the definition of the type. Where that
is confirmed by no source, a person is asked instead of refusing.
"""

import re
from collections.abc import Callable, Iterator

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import CertificateType, Criterion, certificate_type
from validators.criterion import Line, counts_value, is_certain, lines, value_of, within
from validators.facts import Facts
from validators.rule import PREFERENTIAL, Hit, Rule, Scope, only

_FIRST_MANUFACTURED_CHAPTER = 28
_FOB = re.compile(r"\bFOB\b[^\n]{0,24}\d")
_VALUE = re.compile(
    r"\b(?:USD|US\$|EUR|GBP|JPY|CNY|RMB|HKD|AUD|CAD|CHF) ?\d|\b(?:FOB|INVOICED?) (?:VALUE|AMOUNT)\b[^\n]{0,24}\d")

Check = Callable[[Application, Facts], Iterator[Hit]]


def _doubt(certain: bool) -> Severity | None:
    """The severity of a hit that rests on an unconfirmed part of the definition."""
    return None if certain else Severity.MANUAL


def _no_criterion(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if not line.criterion:
            yield Hit(f"Goods/Line[{position}]/Criterion")


def _other_criterion(application: Application, facts: Facts) -> Iterator[Hit]:
    kind = certificate_type(application.certificate_type)
    for line in lines(application):
        if line.goods.criterion and (fault := _fault_of_criterion(kind, line)):
            zh, en, certain = fault
            yield Hit(f"{line.path}/Criterion", line.goods.criterion, zh=zh, en=en, severity=_doubt(certain))


def _fault_of_criterion(kind: CertificateType, line: Line) -> tuple[str, str, bool] | None:
    """What is wrong with the text of a criterion, in Chinese and English, and whether that is certain."""
    main, printed, additions, strange, _ = line.declared
    known = ", ".join([*(one.code for one in kind.criteria), *kind.additions])
    if strange or (main is None and not additions):
        what = (" ".join(strange) or line.goods.criterion)[:80]
        return f"{what}；可用：{known}", f"{what}; available: {known}", is_certain(kind)
    if main and printed is not None and not main.percent:
        return f"{main.code}不带百分比", f"{main.code} has no percentage beside it", main.verified
    return None


def _value_rule(content: str) -> Check:
    """The check of stated percentages that count `content`."""

    def check(application: Application, facts: Facts) -> Iterator[Hit]:
        for line in lines(application):
            main = line.main
            if main and main.percent and main.content == content and (fault := _fault_of_value(line, main)):
                found = line.goods.value_content or line.goods.criterion
                yield Hit(f"{line.path}/ValueContent", found, zh=fault[0], en=fault[1], severity=_doubt(main.verified))

    return check


def _fault_of_value(line: Line, main: Criterion) -> tuple[str, str] | None:
    """What is wrong with the percentage of a line, in Chinese and English."""
    value, printed = value_of(line), line.declared.printed
    if value is None:
        if line.goods.value_content:
            return "不是数字", "not a number"
        return (f"{main.code}须注明百分比", f"{main.code} needs a percentage") if main.percent == "required" else None
    if printed is not None and printed != value:
        return f"原产地标准栏为{printed}%", f"the criterion says {printed}%"
    if within(value, main):
        return None
    least, most = main.minimum, main.maximum
    return (f"应不低于{least}%", f"at least {least}%") if least and value < least else (
        f"应不高于{most or 100}%", f"at most {most or 100}%")


def _addition_alone(application: Application, facts: Facts) -> Iterator[Hit]:
    for line in lines(application):
        if line.declared.additions and line.main is None:
            yield Hit(f"{line.path}/Criterion", line.goods.criterion)
        elif line.declared.additions and not line.declared.first:
            yield Hit(f"{line.path}/Criterion", line.goods.criterion, zh="主要标准应在前", en="the main criterion stands first")


def _no_member_of_origin(application: Application, facts: Facts) -> Iterator[Hit]:
    members = {"CN", *certificate_type(application.certificate_type).members}
    for position, line in enumerate(application.goods, 1):
        # asterisks beside the country mark the highest rate of duty
        if facts.codes.country_of(line.origin_country.strip("* ")) not in members:
            yield Hit(f"Goods/Line[{position}]/OriginCountry", line.origin_country)


def _no_basis(application: Application, facts: Facts) -> Iterator[Hit]:
    for line in lines(application):
        if line.main and line.main.basis and line.goods.psr_basis.upper() not in line.main.basis:
            known = ", ".join(line.main.basis)
            yield Hit(f"{line.path}/PSRBasis", line.goods.psr_basis, zh=f"可选：{known}", en=f"one of {known}",
                      severity=_doubt(line.main.verified))


def _value_missing_for_percent(application: Application, facts: Facts) -> Iterator[Hit]:
    for line in lines(application):
        if counts_value(line) and not line.goods.fob_value:
            yield Hit(f"{line.path}/FOBValue")


def _value_without_percent(application: Application, facts: Facts) -> Iterator[Hit]:
    counted = False
    for line in lines(application):
        if line.main is None or counts_value(line):
            counted = True
        elif line.goods.fob_value:
            yield Hit(f"{line.path}/FOBValue", line.goods.fob_value)
        elif "FOB" in line.goods.description and _FOB.search(line.goods.description):
            yield Hit(f"{line.path}/Description", line.goods.description, "description")
    if not counted and _FOB.search(application.goods_total):
        yield Hit("Goods/Total", application.goods_total, "description")


def _no_fob_value(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if not line.fob_value:
            yield Hit(f"Goods/Line[{position}]/FOBValue")


def _no_invoiced_value(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, invoice in enumerate(application.invoices, 1):
        if not invoice.amount:
            yield Hit(f"Invoices/Invoice[{position}]/Amount")


def _value_printed(application: Application, facts: Facts) -> Iterator[Hit]:
    places = [(f"Goods/Line[{position}]/Description", "description", line.description)
              for position, line in enumerate(application.goods, 1)]
    for path, field, text in (
        *places, ("Goods/Total", "description", application.goods_total), ("FormRemarks", "remarks", application.form_remarks),
    ):
        if found := _VALUE.search(text.upper()):
            yield Hit(path, text, field, zh=found.group(), en=found.group())


def _wholly_obtained_manufactures(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        chapter = line.hs_code[:2]
        if line.criterion.strip().upper() == "WO" and chapter.isdecimal() and int(chapter) >= _FIRST_MANUFACTURED_CHAPTER:
            yield Hit(f"Goods/Line[{position}]/Criterion", line.criterion, zh=f"第{chapter}章", en=f"chapter {chapter}")


def _any(name: str, test: Callable[[Criterion], bool]) -> Scope:
    """The types that have such a criterion."""
    return Scope(name, lambda kind: any(map(test, kind.criteria)))


def _stating(content: str, but: str = "") -> Scope:
    """The types that have a criterion with a percentage of this kind; but: the type that has a rule of its own."""
    def covers(kind: CertificateType) -> bool:
        return kind.code != but and any(one.percent and one.content == content for one in kind.criteria)

    return Scope(f"types that state a {content} percentage", covers)


def _shows_origin(kind: CertificateType) -> bool:
    return kind.preferential and kind.box_number("origin_country") is not None


def _beside_quantity(kind: CertificateType) -> bool:
    """Whether the form's value stands beside the quantity: then it is the FOB value, else the invoiced one."""
    return kind.box_number("value") == kind.box_number("quantity")


_REMEDY_VALUE = "请填写ValueContent，如45 / Give ValueContent, for example 45"

RULES = (
    Rule(
        "F01", Severity.REJECT, PREFERENTIAL, "criterion", "filling guides of the agreements",
        "原产地标准不得为空", "Origin criterion required",
        "请按商品备案填写每项商品的原产地标准 / Give the criterion of every goods line as filed",
        _no_criterion,
    ),
    Rule(
        "F02", Severity.REJECT, _any("types with origin criteria", lambda one: True), "criterion",
        "filling guides of the agreements",
        "原产地标准代码不适用", "Criterion not valid for this type",
        "请使用该证书类型的代码，附加标准在后，用空格隔开 / Use a code of this type, additions behind it after a blank",
        _other_criterion,
    ),
    Rule(
        "F04", Severity.REJECT, _stating("regional", but="SG"), "criterion", "notices on the ASEAN form of 2019; filling guides",
        "区域价值成分缺失或低于下限", "Regional value content missing or too low",
        _REMEDY_VALUE, _value_rule("regional"),
    ),
    Rule(
        "F05", Severity.REJECT, only("SG"), "criterion", "filling guide of the Singapore form",
        "区域价值成分缺失或低于下限", "Regional value content missing or too low",
        _REMEDY_VALUE, _value_rule("regional"),
    ),
    Rule(
        "F06", Severity.REJECT, _stating("foreign"), "criterion", "notes on the Asia-Pacific form",
        "非原产成分缺失或超限", "Foreign content missing or over the limit",
        _REMEDY_VALUE, _value_rule("foreign"),
    ),
    Rule(
        "F07", Severity.REJECT, _stating("cumulative"), "criterion", "notes on the Asia-Pacific form",
        "累计成分缺失或不足", "Cumulative content missing or too low",
        _REMEDY_VALUE, _value_rule("cumulative"),
    ),
    Rule(
        "F08", Severity.REJECT, Scope("types with additions to a criterion", lambda kind: bool(kind.additions)), "criterion",
        "overleaf notes of the RCEP form",
        "附加标准（ACU、DMI）须与主要标准同时使用", "ACU and DMI stand beside another criterion",
        "请写作CTC ACU / Write it like CTC ACU",
        _addition_alone,
    ),
    Rule(
        "F09", Severity.REJECT,
        Scope("types with a box for the country of origin", _shows_origin), "origin_country", "overleaf notes of the RCEP form",
        "原产国缺失或不是协定成员方", "Country of origin missing or not a party to the agreement",
        "请填写成员方代码，中国原产填CN / Give the code of a party, CN for goods of China",
        _no_member_of_origin,
    ),
    Rule(
        "F10", Severity.REJECT, _any("types that choose the basis of a product-specific rule", lambda one: bool(one.basis)),
        "criterion", "notices on the ASEAN form of 2019",
        "PSR须选择具体标准", "Choose the PSR basis",
        "请在PSRBasis中选择RVC、CTC或PROCESS / Choose RVC, CTC or PROCESS in PSRBasis",
        _no_basis,
    ),
    Rule(
        "F11", Severity.REJECT, Scope("types that show a value with RVC only", lambda kind: kind.value == "with-percent"), "value",
        "notices on the ASEAN form of 2019; overleaf notes of the RCEP form",
        "适用RVC须填FOB值", "FOB value required",
        "请填写FOBValue / Give FOBValue",
        _value_missing_for_percent,
    ),
    Rule(
        "F12", Severity.REJECT, Scope("types that show a value with RVC only", lambda kind: kind.value == "with-percent"), "value",
        "notices on the ASEAN form of 2019",
        "非RVC标准不显示FOB值", "FOB must not be shown",
        "请删除FOBValue和文字中的FOB值 / Leave out FOBValue, and the FOB value in the text",
        _value_without_percent,
    ),
    Rule(
        "F13", Severity.REJECT,
        Scope("types that show the FOB value", lambda kind: kind.value == "required" and _beside_quantity(kind)), "value",
        "filling guides of the Singapore and Pakistan forms",
        "须填FOB价格", "FOB value required",
        "请填写每项商品的FOBValue / Give FOBValue of every goods line",
        _no_fob_value,
    ),
    Rule(
        "F14", Severity.REJECT,
        Scope("types that show the invoiced value", lambda kind: kind.value == "required" and not _beside_quantity(kind)), "value",
        "filling guides of the New Zealand, Peru and Costa Rica forms",
        "须填发票金额", "Invoiced value required",
        "请填写发票的Amount和Currency / Give Amount and Currency of the invoice",
        _no_invoiced_value,
    ),
    Rule(
        "F15", Severity.REJECT, Scope("types that show no value", lambda kind: kind.value == "never"), "value",
        "notice on the Chile form of 2019",
        "该版证书不显示金额", "No value may be shown",
        "请删除文字中的金额；发票金额可以填写，不打印 / "
        "Remove the value from the text; the invoice amount may be sent, it is not printed",
        _value_printed,
    ),
    Rule(
        "F16", Severity.MANUAL,
        Scope("types with WO and PE", lambda kind: bool(kind.criterion("WO") and kind.criterion("PE"))), "criterion",
        "notice of a local council on the ASEAN form of 2019",
        "制成品填WO存疑，应为PE", "WO on manufactured goods is doubtful",
        "由审核员核对；全部用原产材料生产的制成品填PE / A reviewer will look at it; manufactures of originating materials are PE",
        _wholly_obtained_manufactures,
    ),
)  # fmt: skip
