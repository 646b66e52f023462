"""B03-B06: dates, amounts and currencies can be read as such."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.reading import day, number
from validators.rule import ALL, Hit, Rule

_SIGNED = re.compile(r"-\d{1,15}(\.\d{1,6})?", re.ASCII)


def _bad_dates(application: Application, facts: Facts) -> Iterator[Hit]:
    # an empty invoice date is G01's fault; a departure date may be left out
    if day(application.application_date) is None:
        yield Hit("ApplicationDate", application.application_date, "declaration")
    departure = application.transport.departure_date
    if departure and day(departure) is None:
        yield Hit("Transport/DepartureDate", departure, "transport")
    for position, invoice in enumerate(application.invoices, 1):
        if invoice.date and day(invoice.date) is None:
            yield Hit(f"Invoices/Invoice[{position}]/Date", invoice.date, "invoices")


def _amounts(application: Application) -> Iterator[tuple[str, str, str]]:
    """Path, field and text of every amount: of invoices, and of goods lines."""
    for position, invoice in enumerate(application.invoices, 1):
        if invoice.amount:
            yield f"Invoices/Invoice[{position}]/Amount", "invoices", invoice.amount
    for position, line in enumerate(application.goods, 1):
        if line.fob_value:
            yield f"Goods/Line[{position}]/FOBValue", "value", line.fob_value


def _unreadable_amounts(application: Application, facts: Facts) -> Iterator[Hit]:
    for path, field, text in _amounts(application):
        if number(text) is None and not _SIGNED.fullmatch(text):
            yield Hit(path, text, field)


def _invalid_amounts(application: Application, facts: Facts) -> Iterator[Hit]:
    for path, field, text in _amounts(application):
        amount, decimals = number(text), text.partition(".")[2]
        if (amount is not None and (not amount or len(decimals) > 2)) or _SIGNED.fullmatch(text):
            yield Hit(path, text, field)


def _unknown_currencies(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, invoice in enumerate(application.invoices, 1):
        if (invoice.amount or invoice.currency) and invoice.currency not in facts.codes.currencies:
            yield Hit(f"Invoices/Invoice[{position}]/Currency", invoice.currency)


RULES = (
    Rule(
        "B03", Severity.REJECT, ALL, None, "manual of 2006",
        "日期格式错误，应为YYYY-MM-DD", "Date must be YYYY-MM-DD",
        "请用半角数字填写存在的日期，如2026-11-16 / Give an existing date in half-width digits, for example 2026-11-16",
        _bad_dates,
    ),
    Rule(
        "B04", Severity.REJECT, ALL, "invoices", "manual of 2006",
        "金额只能输入数字", "Amount must be digits only",
        "请去掉货币符号、逗号和字母，如12500.00 / Remove currency signs, commas and letters, for example 12500.00",
        _unreadable_amounts,
    ),
    Rule(
        "B05", Severity.REJECT, ALL, "invoices", "own",
        "金额无效", "Invalid amount",
        "金额应大于0且最多两位小数 / The amount must be above zero with at most two decimals",
        _invalid_amounts,
    ),
    Rule(
        "B06", Severity.REJECT, ALL, "invoices", "ISO 4217",
        "币种代码无效", "Unknown currency",
        "请填写ISO 4217三位代码，如USD / Give the three-letter ISO 4217 code, for example USD",
        _unknown_currencies,
    ),
)  # fmt: skip
