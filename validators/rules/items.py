"""E06, E07, E17, E20, E27, E28: goods lines of preferential forms: how many, how numbered, codes and packing."""

from collections.abc import Iterator
from datetime import date

from domain.application import Application, GoodsLine
from domain.finding import Severity
from schemas.certificate_types import certificate_type
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import day
from validators.rule import PREFERENTIAL, Hit, Rule, Scope
from validators.rules.filings import matched
from validators.rules.goods import plain_hs

LIMITED = Scope("types with a limit of lines", lambda kind: any(limit.most for limit in kind.lines))
NUMBERED = Scope(
    "PREF with a box for the item number", lambda kind: kind.preferential and kind.box_number("item_no") is not None)
DESCRIBED = Scope("types whose description shows the HS code", lambda kind: kind.hs_in_description)

# packing as data -> the words that the description must have
_PACKING_WORDS = {"NUDE": "NUDE CARGO", "NUDE CARGO": "NUDE CARGO", "BULK": "IN BULK", "IN BULK": "IN BULK"}
# what clerks write instead
_OTHER_WORDS = {"IN NUDE": "NUDE CARGO", "NUDE PACKED": "NUDE CARGO", "UNPACKED": "NUDE CARGO", "BULK CARGO": "IN BULK"}


def _too_many_lines(application: Application, facts: Facts) -> Iterator[Hit]:
    kind, count = certificate_type(application.certificate_type), len(application.goods)
    most = kind.most_lines(signed_on(application, facts))
    if most is not None and count > most:
        zh, en = f"最多{most}项，共{count}项", f"at most {most}, {count} were sent"
        yield Hit(f"Goods/Line[{most + 1}]", str(count), zh=zh, en=en, severity=doubted(kind, "lines"))


def signed_on(application: Application, facts: Facts) -> date:
    """The day on which it is signed: today, but an amendment keeps the dates of its original."""
    amendment = application.amendment
    kept = day(application.application_date) if amendment and amendment.kind == "AMEND" else None
    return kept or facts.today


def _items_not_in_order(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if line.item_no.lstrip("0") != str(position):
            kind, zh, en = certificate_type(application.certificate_type), f"应为{position}", f"here {position}"
            yield Hit(f"Goods/Line[{position}]/ItemNo", line.item_no, zh=zh, en=en, severity=doubted(kind, "boxes"))
            return


def _short_hs(application: Application, facts: Facts) -> Iterator[Hit]:
    kind = certificate_type(application.certificate_type)
    for position, line in enumerate(application.goods, 1):
        digits = len(plain_hs(line))
        if digits and digits < max(kind.hs_digits, kind.hs_warn):  # another form is E18's fault
            severity = Severity.WARN if digits >= kind.hs_digits else doubted(kind, "hs_digits")
            yield Hit(f"Goods/Line[{position}]/HSCode", line.hs_code, severity=severity)


def _other_edition(application: Application, facts: Facts) -> Iterator[Hit]:
    edition = certificate_type(application.certificate_type).hs_edition
    for line, filing in matched(application, facts):
        if filing.hs_edition != edition:
            zh, en = f"协定HS {edition}，备案HS {filing.hs_edition}", f"agreement HS {edition}, filing HS {filing.hs_edition}"
            yield Hit(f"{line.path}/HSCode", line.goods.hs_code, zh=zh, en=en)


def _code_not_described(application: Application, facts: Facts) -> Iterator[Hit]:
    kind = certificate_type(application.certificate_type)
    for position, line in enumerate(application.goods, 1):
        code = plain_hs(line)[:6]
        if len(code) < 6 or not line.description:
            continue  # E17, E08
        heading, subheading = code[:4], code[4:]
        if not any(printed in line.description for printed in _ways_to_print(code)):
            wanted, severity = f"{heading}.{subheading}", doubted(kind, "hs_in_description")
            yield Hit(f"Goods/Line[{position}]/Description", line.description, zh=wanted, en=wanted, severity=severity)


def _ways_to_print(code: str) -> tuple[str, ...]:
    chapter, heading, last = code[:2], code[:4], code[4:]
    middle = heading[2:]
    return code, f"{heading}.{last}", f"{heading} {last}", f"{chapter}.{middle}.{last}", f"{chapter} {middle} {last}"


def _packing_not_described(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        wanted = _packing_words(line)
        if wanted and line.description and wanted not in " ".join(line.description.upper().split()):
            yield Hit(f"Goods/Line[{position}]/Description", line.description, zh=wanted, en=wanted)


def _packing_words(line: GoodsLine) -> str:
    """The words that the line's packing, as data or as written, asks for; "" when it is packed."""
    if wanted := _PACKING_WORDS.get(line.packing.upper()):
        return wanted
    if line.package_count or line.packing.upper() == "PACKED":
        return ""  # LIPSTICKS IN NUDE, in cartons
    said = line.description.upper()
    return next((wanted for words, wanted in _OTHER_WORDS.items() if words in said), "")


RULES = (
    Rule(
        "E06", Severity.REJECT, LIMITED, "item_no", "filling guides of the types",
        "商品项数超过上限", "Too many goods lines",
        "请分为多份证书申请 / Spread the goods over several certificates",
        _too_many_lines,
    ),
    Rule(
        "E07", Severity.REJECT, NUMBERED, "item_no", "filling guide of the Switzerland form",
        "项目编号应连续", "Item numbers must run 1..n",
        "请从1开始连续编号 / Number the lines from 1 on, without gaps",
        _items_not_in_order,
    ),
    Rule(
        "E17", Severity.REJECT, PREFERENTIAL, "hs_code", "filling guides of the types",
        "HS编码不足6位", "HS code needs 6 digits",
        "请填写6位或以上HS编码 / Give six digits or more",
        _short_hs,
    ),
    Rule(
        "E20", Severity.MANUAL, PREFERENTIAL, "hs_code", "GACC 2022-39",
        "HS版本不一致", "HS edition differs",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _other_edition,
    ),
    Rule(
        "E27", Severity.REJECT, DESCRIBED, "description", "filling guides of form E and of the Singapore and Pakistan forms",
        "货物描述栏应注明6位HS编码", "The 6-digit HS code must also stand in the description box",
        "请在货物描述后写明HS编码，如H.S.CODE 8413.70 / Write the code after the description, like H.S.CODE 8413.70",
        _code_not_described,
    ),
    Rule(
        "E28", Severity.REJECT, PREFERENTIAL, "description", "filling guides of the types",
        "裸装应注明NUDE CARGO，散装应注明IN BULK", "State NUDE CARGO or IN BULK",
        "请在货物描述中写明所列用语 / Write the words shown into the description",
        _packing_not_described,
    ),
)  # fmt: skip
