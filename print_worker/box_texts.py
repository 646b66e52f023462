"""What stands in each box: the parts of a sheet, by the field names that the form definitions use."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from domain.application import GoodsLine, Party
from print_worker.printed_words import (
    MODES,
    country_name,
    names_country,
    printed_date,
    printed_date_of,
    printed_quantity,
)
from print_worker.sheet import Sheet
from print_worker.typeface import check_glyphs
from schemas.certificate_types import Box

_END_MARK = re.compile(r"\s*\*{3,}[\s*]*$")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a certificate's boxes say.

    texts: box number -> text, for every box but the columns of the goods lines; columns: the numbers of those, left to
    right; rows: their cells, goods line by goods line, then TOTAL with the end mark, and the note, below the descriptions;
    bare_mark: the row whose end mark has no TOTAL above it, else None.
    """

    texts: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bare_mark: int | None = None


def content_of(sheet: Sheet, boxes: Sequence[Box], end_mark: str) -> Content:
    """What `sheet` says in `boxes`; raises MissingGlyph for a character that cannot be printed."""
    texts = {box.number: SHEET_FIELDS[box.field](sheet) for box in boxes if box.field in SHEET_FIELDS}
    columns = [box for box in boxes if box.field in LINE_FIELDS]
    rows = [tuple(LINE_FIELDS[box.field](line) for box in columns) for line in sheet.application.goods]
    total = without_end_mark(sheet.application.goods_total)
    closing, bare_mark = lines(total, end_mark), None if total or not (rows and end_mark) else len(rows)
    for text in filter(None, (closing, sheet.application.goods_note)):
        rows.append(tuple(text if box.field == "description" else "" for box in columns))
    for number, text in texts.items():
        check_glyphs(text, number)
    for box, cells in zip(columns, zip(*rows, strict=True), strict=False):
        check_glyphs("\n".join(cells), box.number)
    return Content(texts, tuple(box.number for box in columns), tuple(rows), bare_mark)


def exporter(sheet: Sheet) -> str:
    """Name, address, country."""
    return party(sheet.application.exporter)


def consignee(sheet: Sheet) -> str:
    """Name, address, country."""
    return party(sheet.application.consignee)


def party(who: Party) -> str:
    """Name, address, and the country unless the address names it."""
    country = who.country and country_name(who.country)
    if country and names_country(who.address, who.country):
        country = ""
    return lines(who.name, who.address, country)


def transport(sheet: Sheet) -> str:
    """FROM ... TO ..., VIA, mode, vehicle and date of departure, each where it was sent."""
    route = sheet.application.transport
    ends = " ".join(f"{word} {place}" for word, place in (("FROM", route.origin), ("TO", route.destination)) if place)
    mode = MODES.get(route.mode, route.mode)
    # a vehicle like "BY SEA" or "***" is the customary word for one that is not known yet: print it as it is
    vehicle = "" if route.vehicle == mode else route.vehicle
    departure = route.departure_date and f"DEPARTURE DATE: {printed_date_of(route.departure_date)}"
    return lines(ends, route.via and f"VIA {route.via}", ", ".join(filter(None, (mode, vehicle))), departure)


def destination(sheet: Sheet) -> str:
    """The country or region of destination; an ISO 3166 code is spelt out."""
    return country_name(sheet.application.destination)


def invoices(sheet: Sheet) -> str:
    """Number and date of each invoice, one under the other."""
    return "\n".join(lines(invoice.number, printed_date_of(invoice.date)) for invoice in sheet.application.invoices)


def declaration(sheet: Sheet) -> str:
    """Place and date of the exporter's declaration."""
    application = sheet.application
    return ", ".join(filter(None, (application.application_place, printed_date_of(application.application_date))))


def certification(sheet: Sheet) -> str:
    """The branch, how to reach it, and place and date of certification."""
    branch = sheet.branch
    place = ", ".join(filter(None, (branch.place, printed_date(sheet.approved_on))))
    return lines(branch.name_en, branch.contact, place)


def quantity(line: GoodsLine) -> str:
    """Quantity with its unit, gross and net weight in kilograms, a line each."""
    return lines(
        printed_quantity(line.quantity, line.unit),
        line.gross_weight and f"G.W. {line.gross_weight} KGS",
        line.net_weight and f"N.W. {line.net_weight} KGS",
    )


def without_end_mark(text: str) -> str:
    """`text` without the row of asterisks that its sender may have closed it with: the form prints its own."""
    return _END_MARK.sub("", text)


def lines(*parts: str) -> str:
    """The parts that are not empty, a line each."""
    return "\n".join(filter(None, parts))


# field -> text of the whole sheet: boxes of their own and the two columns that run beside the goods
SHEET_FIELDS: Mapping[str, Callable[[Sheet], str]] = MappingProxyType({
    "exporter": exporter,
    "consignee": consignee,
    "transport": transport,
    "destination": destination,
    "official_use": lambda sheet: sheet.application.official_use,
    "marks": lambda sheet: sheet.application.marks,
    "invoices": invoices,
    "declaration": declaration,
    "certification": certification,
})

# field -> text of one goods line: the columns whose cells stand side by side
LINE_FIELDS: Mapping[str, Callable[[GoodsLine], str]] = MappingProxyType({
    "description": lambda line: without_end_mark(line.description),
    "hs_code": lambda line: line.hs_code,
    "quantity": quantity,
})
