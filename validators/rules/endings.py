"""E13-E15, G18: what closes box 7: total line, end mark, and the references below it.

The form prints its own end mark, so that none has to be sent; these rules look only at what was written (docs/decisions/0012).
"""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.rule import ALL, Hit, Rule
from validators.wording import wording

_END_MARK = re.compile(r"\*{8,}")
# what clerks close the goods with by habit from other forms (***, \, a row of dashes): sign -> how many make a mark
_OTHER_MARKS = {"*": range(3, 8), "\\": range(1, 9_999), "-": range(5, 9_999), "=": range(5, 9_999), "_": range(5, 9_999)}
_PRICE = re.compile(
    r"(?:\b(?:USD|EUR|GBP|JPY|CNY|RMB|HKD|AUD|CAD|CHF)|[$\u00a3\u00a5\u20ac]) ?\d"
    r"|\b(?:FOB|CFR|CIF|UNIT PRICE)(?: VALUE)? ?[:.]? ?\d"
)


def _total_without_only(application: Application, facts: Facts) -> Iterator[Hit]:
    total = application.goods_total
    if total and not re.search(r"\bONLY\b", total.upper()) and any(map(str.isalnum, total)):
        yield Hit("Goods/Total", total)


def _other_end_mark(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if line.description[-1:] in _OTHER_MARKS and (mark := _closing(line.description)):
            yield Hit(f"Goods/Line[{position}]/Description", line.description, zh=mark, en=mark)
    if mark := _closing(application.goods_total):
        yield Hit("Goods/Total", application.goods_total, zh=mark, en=mark)


def _closing(text: str) -> str:
    """The signs that close `text` and are no end mark of this form, "" when there are none."""
    sign = text[-1:]
    count = len(text) - len(text.rstrip(sign)) if sign in _OTHER_MARKS else 0
    return sign * min(count, 20) if count and count in _OTHER_MARKS[sign] else ""


def _goods_after_end_mark(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if "********" not in line.description:
            continue
        path = f"Goods/Line[{position}]/Description"
        if position < len(application.goods):
            zh, en = f"其后还有第{position + 1}项商品", f"goods line {position + 1} follows"
            yield Hit(path, line.description, zh=zh, en=en)
        elif said := _about_goods(_END_MARK.split(line.description, maxsplit=1)[1]):
            yield Hit(path, line.description, zh=said, en=said)
    _, *below = _END_MARK.split(application.goods_total, maxsplit=1)
    if below and (said := _about_goods(below[0])):
        yield Hit("Goods/Total", application.goods_total, zh=said, en=said)
    if said := _about_goods(application.goods_note):
        yield Hit("Goods/Note", application.goods_note, zh=said, en=said)


def _about_goods(text: str) -> str:
    """The first figure with a unit, a package or a currency in `text`; "" when there is none."""
    if not text:
        return ""
    upper = " ".join(text.upper().split())
    found = wording().counted.search(upper) or _PRICE.search(upper)
    return found.group() if found else ""


def _odd_reference(application: Application, facts: Facts) -> Iterator[Hit]:
    note = application.goods_note
    # figures about the goods are E15's fault
    if note and not _about_goods(note) and (found := wording().note_phrases.search(note.upper())):
        yield Hit("Goods/Note", note, zh=found.group(), en=found.group())


RULES = (
    Rule(
        "E13", Severity.WARN, ALL, "7", "issued certificates",
        "合计行应以ONLY结尾", "End the total with ONLY",
        "请写作TOTAL: ONE HUNDRED (100) CARTONS ONLY / Write it like TOTAL: ONE HUNDRED (100) CARTONS ONLY",
        _total_without_only,
    ),
    Rule(
        "E14", Severity.REJECT, ALL, "7", "filling guides of the general certificate",
        "结束符不正确，应为8个以上星号或不填", "Wrong end mark: eight or more asterisks, or none",
        "请删除所列结束符，系统打印时自动加注 / Remove the mark shown; the form prints its own",
        _other_end_mark,
    ),
    Rule(
        "E15", Severity.REJECT, ALL, "7", "filling guides of the general certificate",
        "结束符后不得再有商品、包装或价格内容", "No goods, packages or prices after the end mark",
        "请将商品、包装内容写在结束符之前；结束符后只写信用证号等参考号 / "
        "Write goods and packages before the end mark; below it only references such as an L/C number",
        _goods_after_end_mark,
    ),
    Rule(
        "G18", Severity.WARN, ALL, "7", "own",
        "备注内容不规范", "Check the remarks text",
        "结束符后请只写信用证号、合同号、订单号 / Below the end mark give only L/C, contract and order numbers",
        _odd_reference,
    ),
)  # fmt: skip
