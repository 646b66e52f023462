"""E13-E15, G18: what closes the description: total line, end mark, and the references below it.

The form prints its own end mark, so that none has to be sent; these rules look only at what was written (docs/decisions/0012).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import type_of
from validators.facts import Facts
from validators.rule import ALL, Hit, Rule


@dataclass(frozen=True)
class _EndMarks:
    """What closes the goods of a form: the marks that are right, as a pattern, and in words; the signs that are wrong, with
    how many of each make a mark."""

    right: re.Pattern[str]
    sign: str
    zh: str
    en: str
    wrong: Mapping[str, range]


_ROWS = dict.fromkeys("-=_", range(5, 9_999))
# general certificate: a line of asterisks; clerks close it by habit with the marks of other forms (***, \, a row of dashes)
_GENERAL = _EndMarks(
    re.compile(r"\*{8,}"), "********", "应为8个以上星号或不填", "eight or more asterisks, or none",
    {"*": range(3, 8), "\\": range(1, 9_999)} | _ROWS)
# forms of agreements: three asterisks or a backslash, on their own or at the end of a text
_AGREED = _EndMarks(
    re.compile(r"(?<!\S)(?:\*{3,}+|\\++)(?!\S)|(?<!\*)\*{3,}+\s*+\Z|(?<!\\)\\++\s*+\Z"), "***",
    "应为***、\\或不填", "*** or \\, or none", _ROWS)
_PRICE = re.compile(
    r"(?:\b(?:USD|EUR|GBP|JPY|CNY|RMB|HKD|AUD|CAD|CHF)|[$\u00a3\u00a5\u20ac]) ?\d"
    r"|\b(?:FOB|CFR|CIF|UNIT PRICE)(?: VALUE)? ?[:.]? ?\d"
)


def _total_without_only(application: Application, facts: Facts) -> Iterator[Hit]:
    total = application.goods_total
    if total and not re.search(r"\bONLY\b", total.upper()) and any(map(str.isalnum, total)):
        yield Hit("Goods/Total", total)


def _marks_of(application: Application) -> _EndMarks:
    kind = type_of(application.certificate_type)
    return _AGREED if kind and kind.preferential else _GENERAL


def _other_end_mark(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = _marks_of(application)
    for position, line in enumerate(application.goods, 1):
        if line.description[-1:] in marks.wrong and (mark := _closing(line.description, marks.wrong)):
            yield _wrong_mark(f"Goods/Line[{position}]/Description", line.description, mark, marks)
    if mark := _closing(application.goods_total, marks.wrong):
        yield _wrong_mark("Goods/Total", application.goods_total, mark, marks)


def _wrong_mark(path: str, found: str, mark: str, marks: _EndMarks) -> Hit:
    return Hit(path, found, zh=f"{mark}，{marks.zh}", en=f"{mark}; {marks.en}")


def _closing(text: str, wrong: Mapping[str, range]) -> str:
    """The signs that close `text` and are no end mark of this form, "" when there are none."""
    sign = text[-1:]
    count = len(text) - len(text.rstrip(sign)) if sign in wrong else 0
    return sign * min(count, 20) if count and count in wrong[sign] else ""


def _goods_after_end_mark(application: Application, facts: Facts) -> Iterator[Hit]:
    marks, words = _marks_of(application), facts.codes.parameters.note_quantity_words
    for position, line in enumerate(application.goods, 1):
        below = _below(line.description, marks)
        if below is None:
            continue
        path = f"Goods/Line[{position}]/Description"
        if position < len(application.goods):
            zh, en = f"其后还有第{position + 1}项商品", f"goods line {position + 1} follows"
            yield Hit(path, line.description, zh=zh, en=en)
        elif said := _about_goods(below, words):
            yield Hit(path, line.description, zh=said, en=said)
    if said := _about_goods(_below(application.goods_total, marks) or "", words):
        yield Hit("Goods/Total", application.goods_total, zh=said, en=said)
    if said := _about_goods(application.goods_note, words):
        yield Hit("Goods/Note", application.goods_note, zh=said, en=said)


def _below(text: str, marks: _EndMarks) -> str | None:
    """What stands in `text` after its end mark, None when it has none."""
    if marks.sign not in text and (marks is _GENERAL or "\\" not in text):
        return None
    _, *below = marks.right.split(text, maxsplit=1)
    return below[0] if below else None


def _about_goods(text: str, words: tuple[str, ...]) -> str:
    """The first figure with a unit, a package or a currency in `text`; "" when there is none."""
    if not text:
        return ""
    upper = " ".join(text.upper().split())
    found = _counted(words).search(upper) or _PRICE.search(upper)
    return found.group() if found else ""


@lru_cache(maxsize=16)
def _counted(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds a figure with a unit or a package after it ("200 CARTONS") in text with single blanks."""
    return re.compile(rf"(?<![\d,.])\d[\d,.]*+\)? ?(?:{_alternatives(words)})\b")


@lru_cache(maxsize=16)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of these words."""
    return re.compile(rf"\b(?:{_alternatives(words)})\b")


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _odd_reference(application: Application, facts: Facts) -> Iterator[Hit]:
    note, parameters = application.goods_note, facts.codes.parameters
    # figures about the goods are E15's fault
    if not note or _about_goods(note, parameters.note_quantity_words):
        return
    if found := _any_of(parameters.note_phrases).search(note.upper()):
        yield Hit("Goods/Note", note, zh=found.group(), en=found.group())


RULES = (
    Rule(
        "E13", Severity.WARN, ALL, "description", "issued certificates",
        "合计行应以ONLY结尾", "End the total with ONLY",
        "请写作TOTAL: ONE HUNDRED (100) CARTONS ONLY / Write it like TOTAL: ONE HUNDRED (100) CARTONS ONLY",
        _total_without_only,
    ),
    Rule(
        "E14", Severity.REJECT, ALL, "description", "filling guides of the general certificate and of the agreements' forms",
        "结束符不正确", "Wrong end mark",
        "请删除所列结束符，系统打印时自动加注 / Remove the mark shown; the form prints its own",
        _other_end_mark,
    ),
    Rule(
        "E15", Severity.REJECT, ALL, "description", "filling guides of the general certificate",
        "结束符后不得再有商品、包装或价格内容", "No goods, packages or prices after the end mark",
        "请将商品、包装内容写在结束符之前；结束符后只写信用证号等参考号 / "
        "Write goods and packages before the end mark; below it only references such as an L/C number",
        _goods_after_end_mark,
    ),
    Rule(
        "G18", Severity.WARN, ALL, "description", "own",
        "备注内容不规范", "Check the remarks text",
        "结束符后请只写信用证号、合同号、订单号 / Below the end mark give only L/C, contract and order numbers",
        _odd_reference,
    ),
)  # fmt: skip
