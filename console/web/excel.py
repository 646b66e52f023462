"""Lists as Excel files: written row by row with little memory, every text as a text, never a formula."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from console.web.listing import state_words
from console.web.words import SHANGHAI, reason_words, visible
from store.lists import Waiting
from store.search import Row

LONGEST_CELL = 32_000  # characters; Excel takes 32,767
# what a program might read as a formula when the text is copied into it, or saved as CSV
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Value = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its words, its width in characters, and how its value is taken from a row in a language."""

    zh: str
    en: str
    width: int
    value: Value


def _of(name: str) -> Value:
    return lambda row, language: getattr(row, name)


def _yes(row: Row | Waiting, language: str) -> str:
    return ("是" if language == "zh" else "yes") if row.small else ""


def _state(row: Row | Waiting, language: str) -> str:
    return state_words(row.state, language)


def _reasons(row: Row | Waiting, language: str) -> str:
    return "; ".join(reason_words(reason, language) for reason in row.reasons)


_FIRST = (
    Column("企业注册号", "Enterprise no.", 20, _of("enterprise")), Column("企业名称", "Enterprise", 32, _of("name_zh")),
    Column("签证点", "Branch", 9, _of("branch")), Column("小微", "Small", 6, _yes), Column("证书类型", "Type", 9, _of("type")),
    Column("发票号", "Invoice no.", 20, _of("invoice")))
CERTIFICATES: tuple[Column, ...] = (
    *_FIRST,
    Column("发票日期", "Invoice date", 12, _of("invoice_date")), Column("证书编号", "Certificate no.", 22, _of("number")),
    Column("进口商", "Consignee", 36, _of("consignee")), Column("目的国（地区）", "Destination", 20, _of("destination")),
    Column("状态", "State", 12, _state), Column("备注", "Remarks", 36, _reasons),
    Column("手签员", "Signatory", 12, _of("signatory")),
    Column("发票金额", "Amount", 14, _of("amount")), Column("币种", "Currency", 9, _of("currency")),
    Column("印刷号", "Form serial", 14, _of("serial")), Column("收到时间", "Received", 19, _of("received")),
    Column("审核时间", "Approved", 19, _of("approved_at")))
WAITING: tuple[Column, ...] = (
    *_FIRST,
    Column("目的国（地区）", "Destination", 20, _of("destination")), Column("进口商", "Consignee", 36, _of("about")),
    Column("状态", "State", 12, _state), Column("待审原因", "Why", 40, _reasons), Column("到期", "Deadline", 19, _of("deadline")),
    Column("领取人", "Claimed by", 18, _of("claimed_by")), Column("排队时间", "Since", 19, _of("queued_at")))


def write(
    path: Path, columns: Sequence[Column], rows: Iterable[Row | Waiting], language: str, told: Callable[[int], bool], note: str = ""
) -> int:
    """Write a list; how many rows it has. told: called with the number written so far, it answers whether to go on; note: a last
    line, such as that the list was cut."""
    book = xlsxwriter.Workbook(str(path), {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    formats: dict[type, Any] = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})}
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 7)
    sheet.write_string(0, 0, "序号" if language == "zh" else "No.", bold)
    for place, column in enumerate(columns, 1):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.zh if language == "zh" else column.en, bold)
    count = 0
    try:
        for count, row in enumerate(rows, 1):
            sheet.write_number(count, 0, count)
            for place, column in enumerate(columns, 1):
                _cell(sheet, count, place, column.value(row, language), formats)
            if not told(count):
                break
        if note:
            sheet.write_string(count + 1, 0, note)
    finally:
        book.close()
    return count


def _cell(sheet: Any, at: int, place: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(at, place, value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(at, place, datetime(value.year, value.month, value.day), formats[date])
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(at, place, float(value))
    else:
        sheet.write_string(at, place, inert(str(value)))


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula, whatever is done with it; what hides in it is written out."""
    shown = visible(text[:LONGEST_CELL])
    return f"'{shown}" if text.lstrip(" ").startswith(_FORMULA) else shown
