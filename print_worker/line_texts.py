"""What the columns of the goods table say of one goods line."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.application import GoodsLine
from print_worker.printed_words import country_name, printed_quantity
from print_worker.sheet import Sheet
from print_worker.sheet_texts import lines
from schemas.certificate_types import CertificateType, Criterion

_END_MARK = re.compile(r"\s*\*{3,}[\s*]*$")
_ELSEWHERE = re.compile(r"SEE\b", re.IGNORECASE)


def item_no(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """As sent, else the position of the line, from 1."""
    return line.item_no or str(position)


def description(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """Packages and goods, and the line's own producer where the producer's box points here."""
    text = without_end_mark(line.description)
    if not line.producer or sheet.kind.producer is None:
        return text
    whole = sheet.application.producer.name
    several = bool(_ELSEWHERE.match(whole)) or not whole
    return lines(text, f"PRODUCER: {line.producer}") if several else text


def hs_code(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """The code, as sent."""
    return line.hs_code


def hs_code_below(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """The code below a description, unless that states its first six digits."""
    six = _undotted(line.hs_code)[:6]
    stated = bool(six) and six in _undotted(line.description)
    return "" if stated or not line.hs_code else f"HS CODE: {line.hs_code}"


def criterion(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """The origin criterion with the percentage that it states, and additions as sent: "RVC 45%", "45%", "CTC ACU"."""
    found, additions = criterion_of(sheet.kind, line)
    return " ".join(filter(None, (_with_percentage(found, line), additions))) if found else line.criterion


def criterion_of(kind: CertificateType, line: GoodsLine) -> tuple[Criterion | None, str]:
    """The criterion of a line and the additions behind it; None for one that the type does not have."""
    if found := kind.criterion(line.criterion):
        return found, ""
    main, _, additions = line.criterion.partition(" ")
    return kind.criterion(main), additions


def _with_percentage(found: Criterion, line: GoodsLine) -> str:
    """The code and its percentage; a product-specific rule also says what it counts."""
    if not (found.percent and line.value_content):
        return found.code
    percentage = f"{line.value_content.removesuffix('%')}%"
    if found.short:
        return percentage
    return f"{found.code} RVC {percentage}" if line.psr_basis == "RVC" else f"{found.code} {percentage}"


def origin_country(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """The country of origin, spelt out."""
    return country_name(line.origin_country)


def quantity(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """Quantity with its unit, gross and net weight in kilograms, a line each."""
    return lines(
        printed_quantity(line.quantity, line.unit),
        line.gross_weight and f"G.W. {line.gross_weight} KGS",
        line.net_weight and f"N.W. {line.net_weight} KGS",
    )


def value(sheet: Sheet, line: GoodsLine, position: int) -> str:
    """Beside the quantity: "FOB USD 48000.00" in the invoices' currency, where the type prints it."""
    if not line.fob_value or not prints_value(sheet.kind, line):
        return ""
    currency = next((invoice.currency for invoice in sheet.application.invoices if invoice.currency), "")
    return " ".join(filter(None, ("FOB", currency, line.fob_value)))


def prints_value(kind: CertificateType, line: GoodsLine) -> bool:
    """Whether the value of this line is printed: with "with-percent" only where its criterion counts value."""
    if kind.value != "with-percent":
        return kind.value != "never"
    found, _ = criterion_of(kind, line)
    if found is None or not found.percent:
        return False
    return found.percent == "required" or bool(line.value_content) or line.psr_basis == "RVC"


def without_end_mark(text: str) -> str:
    """`text` without the row of asterisks that its sender may have closed it with: the form prints its own."""
    return _END_MARK.sub("", text)


def _undotted(text: str) -> str:
    """`text` without the dots inside its figures: "6109.10" as "610910"."""
    return re.sub(r"(?<=\d)\.(?=\d)", "", text)


LineText = Callable[[Sheet, GoodsLine, int], str]

# field -> text of one goods line: the columns whose cells stand side by side
LINE_FIELDS: Mapping[str, LineText] = MappingProxyType({
    "item_no": item_no,
    "description": description,
    "hs_code": hs_code,
    "criterion": criterion,
    "origin_country": origin_country,
    "quantity": quantity,
    "value": value,
})
