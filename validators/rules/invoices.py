"""G01-G06, G21, G22: invoices (box 10) and the dates around them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.reading import day, number
from validators.rule import ALL, Hit, Rule
from validators.rules.amendments import keeps_dates

# FOB USD 12,500.00 / FOB VALUE: USD12500
_FOB = re.compile(r"\bFOB\b(?: VALUE)? ?[:.]? ?(?:[A-Z]{3}|US\$|\$)? ?(\d[\d,]*+(?:\.\d++)?)")


def _no_invoice(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.invoices:
        yield Hit("Invoices/Invoice")
    for position, invoice in enumerate(application.invoices, 1):
        if not invoice.number:
            yield Hit(f"Invoices/Invoice[{position}]/Number")
        if not invoice.date:
            yield Hit(f"Invoices/Invoice[{position}]/Date")


def _dated_invoices(application: Application) -> Iterator[tuple[str, str, date]]:
    """Path, text and value of every invoice date that can be read."""
    for position, invoice in enumerate(application.invoices, 1):
        if dated := day(invoice.date):
            yield f"Invoices/Invoice[{position}]/Date", invoice.date, dated


def _invoice_after_application(application: Application, facts: Facts) -> Iterator[Hit]:
    applied = day(application.application_date)
    for path, text, dated in _dated_invoices(application):
        if applied and dated > applied:
            yield Hit(path, text, zh=f"申请日期{applied}", en=f"application date {applied}")


def _invoice_after_issue(application: Application, facts: Facts) -> Iterator[Hit]:
    """The issue date is ours: today, or the day on which an application dated ahead falls.

    An invoice after the application is G02's fault, so this speaks where the application date cannot: it is no date, or
    lies too far ahead itself (G04).
    """
    applied = day(application.application_date)
    latest = facts.today + timedelta(days=facts.codes.parameters.future_days)
    for path, text, dated in _dated_invoices(application):
        if dated > latest and not (applied and dated > applied):
            yield Hit(path, text, zh=f"最迟签发日期{latest}", en=f"issued on {latest} at the latest")


def _application_in_future(application: Application, facts: Facts) -> Iterator[Hit]:
    applied = day(application.application_date)
    if applied and applied > facts.today + timedelta(days=facts.codes.parameters.future_days):
        yield Hit("ApplicationDate", application.application_date, zh=f"今天{facts.today}", en=f"today {facts.today}")


def _back_dated(application: Application, facts: Facts) -> Iterator[Hit]:
    applied = day(application.application_date)
    earliest = facts.today - timedelta(days=facts.codes.parameters.back_dating_days)
    if applied and applied < earliest and not keeps_dates(application):
        yield Hit("ApplicationDate", application.application_date, zh=f"今天{facts.today}", en=f"today {facts.today}")


def _old_invoice(application: Application, facts: Facts) -> Iterator[Hit]:
    if keeps_dates(application):  # it was asked when the original was applied for
        return
    oldest = facts.today - timedelta(days=facts.codes.parameters.invoice_age_days)
    for path, text, dated in _dated_invoices(application):
        if dated < oldest:
            yield Hit(path, text)


def _invoice_after_departure(application: Application, facts: Facts) -> Iterator[Hit]:
    departure = day(application.transport.departure_date)
    applied = day(application.application_date)
    for path, text, dated in _dated_invoices(application):
        # later than the application too is G02's fault
        if departure and dated > departure and not (applied and dated > applied):
            yield Hit(path, text, zh=f"离港日期{departure}", en=f"departure {departure}")


def _fob_differs(application: Application, facts: Facts) -> Iterator[Hit]:
    path, values = _fob(application)
    amounts = [number(invoice.amount) for invoice in application.invoices]
    if not values or None in amounts or not amounts:
        return
    if len({invoice.currency for invoice in application.invoices}) != 1:
        return
    printed = sum(values, Decimal(0))
    invoiced = sum((amount for amount in amounts if amount is not None), Decimal(0))
    if abs(printed - invoiced) > facts.codes.parameters.fob_tolerance:
        yield Hit(
            path, str(printed), "value" if path.endswith("FOBValue") else None,
            zh=f"FOB合计{printed}，发票金额{invoiced}",
            en=f"FOB values add up to {printed}, the invoices to {invoiced}",
        )


def _fob(application: Application) -> tuple[str, list[Decimal]]:
    """Where FOB values stand, and all of them: in the total, in every description, or given with every line."""
    if total := _fob_values(application.goods_total):
        return "Goods/Total", total
    printed = [_fob_values(line.description) for line in application.goods]
    if printed and all(printed):
        return "Goods/Line[1]/Description", [value for line in printed for value in line]
    given = [number(line.fob_value) for line in application.goods if line.fob_value]
    whole = len(given) == len(application.goods)
    return "Goods/Line[1]/FOBValue", [value for value in given if value] if whole and all(given) else []


def _fob_values(text: str) -> list[Decimal]:
    if "FOB" not in text:
        return []
    # single blanks: adjacent \s* would take a text of blanks apart in every way there is
    return [Decimal(value.replace(",", "")) for value in _FOB.findall(" ".join(text.split()))]


RULES = (
    Rule(
        "G01", Severity.REJECT, ALL, "invoices", "filling guides of the general certificate",
        "发票号码和日期不得为空", "Invoice number and date required",
        "请填写发票号码和日期 / Give number and date of the invoice",
        _no_invoice,
    ),
    Rule(
        "G02", Severity.REJECT, ALL, "invoices", "filling guides of the general certificate",
        "发票日期不得晚于申请日期", "Invoice date after application",
        "请更正发票日期或申请日期 / Correct the invoice date or the application date",
        _invoice_after_application,
    ),
    Rule(
        "G03", Severity.REJECT, ALL, "invoices", "filling guides of the general certificate",
        "签发日期不得早于申请日期和发票日期", "Issue date before the invoice date",
        "请更正发票日期 / Correct the invoice date",
        _invoice_after_issue,
    ),
    Rule(
        "G04", Severity.REJECT, ALL, "declaration", "own",
        "申请日期不得晚于今天", "Application date in the future",
        "请填写今天或以前的日期（最多提前一天） / Give today's date or an earlier one (one day ahead is allowed)",
        _application_in_future,
    ),
    Rule(
        "G05", Severity.MANUAL, ALL, "declaration", "filling guides",
        "申请日期倒签嫌疑", "Application date looks back-dated",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _back_dated,
    ),
    Rule(
        "G06", Severity.WARN, ALL, "invoices", "enterprise manual 2017, FAQ 8",
        "发票日期过早", "Invoice is old",
        "请核对发票日期 / Check the invoice date",
        _old_invoice,
    ),
    Rule(
        "G21", Severity.MANUAL, ALL, "invoices", "practice of the issuing bodies",
        "发票日期晚于离港日期", "Invoice dated after departure",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _invoice_after_departure,
    ),
    Rule(
        "G22", Severity.WARN, ALL, "description", "practice of the issuing bodies",
        "FOB合计与发票金额不符", "FOB values differ from the invoice amount",
        "请核对FOB价值与发票金额 / Check the FOB values against the invoices",
        _fob_differs,
    ),
)  # fmt: skip
