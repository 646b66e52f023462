"""What stands in each box: the parts of a sheet, by the field names that the form definitions use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from domain.application import GoodsLine
from print_worker.drawing import name_of
from print_worker.endorsements import extras
from print_worker.line_texts import LINE_FIELDS, LineText, hs_code_below, without_end_mark
from print_worker.sheet import Sheet
from print_worker.sheet_texts import SHEET_FIELDS, importing_country, lines, nothing
from print_worker.typeface import check_glyphs
from schemas.certificate_types import Box, certificate_type

SheetText = Callable[[Sheet], str]

# what stands above the rest of its box, in whatever order the definition names the parts
_ABOVE = ("marks", "destination")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a certificate's boxes say. Boxes go by their number, see `name_of`.

    texts: box -> text, for every box but the columns of the goods lines; columns: those, left to right;
    rows: their cells: marks where they have no column of their own, goods line by goods line, then TOTAL with the end mark,
    and the note, below the descriptions; bare_mark: the row whose end mark has no TOTAL above it, else None; first_line: the
    row of the first goods line.
    """

    texts: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bare_mark: int | None = None
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Which texts make up the boxes of a type.

    texts: what stands once, by box; columns: the boxes whose cells stand side by side, cells: their parts for a goods line,
    heads: parts of the whole sheet above the cells; described: which of the columns has the descriptions; places: field ->
    box, where remarks and endorsements go.
    """

    texts: tuple[tuple[str, tuple[SheetText, ...]], ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[LineText, ...], ...]
    heads: tuple[tuple[SheetText, ...], ...]
    described: int
    places: Mapping[str, str]


def content_of(sheet: Sheet) -> Content:
    """What `sheet` says in the boxes of its type; raises MissingGlyph for a character that cannot be printed."""
    content = content_as_sent(sheet)
    for box, text in content.texts.items():
        check_glyphs(text, box)
    for box, cells in zip(content.columns, zip(*content.rows, strict=True), strict=False):
        check_glyphs("\n".join(cells), box)
    return content


def content_as_sent(sheet: Sheet) -> Content:
    """The same whether or not every character of it can be printed: for the screen."""
    plan = _plan(sheet.application.certificate_type)
    texts = {box: _joined(parts, sheet) for box, parts in plan.texts}
    below = _add_extras(texts, sheet, plan)
    rows, bare_mark = _rows(sheet, plan, below)
    return Content(texts, plan.columns, tuple(rows), bare_mark, int(any(plan.heads)))


def _rows(sheet: Sheet, plan: Plan, below: str) -> tuple[list[tuple[str, ...]], int | None]:
    """The cells of the goods table, and which row is an end mark without a TOTAL."""
    application, end_mark = sheet.application, sheet.kind.end_mark
    rows = [tuple([_joined_cell(parts, sheet, line, at) for parts in plan.cells])
            for at, line in enumerate(application.goods, start=1)]  # fmt: skip
    if any(plan.heads):
        rows.insert(0, tuple(_joined(parts, sheet) for parts in plan.heads))
    total = without_end_mark(application.goods_total)
    closing, bare_mark = lines(total, end_mark), None if total or not (rows and end_mark) else len(rows)
    for text in (closing, below):
        if text:
            rows.append(tuple(text if at == plan.described else "" for at in range(len(plan.columns))))
    return rows, bare_mark


def _add_extras(texts: dict[str, str], sheet: Sheet, plan: Plan) -> str:
    """Put remarks, operators and endorsements into their boxes; return what stands below the goods.

    They stand above the box's own text, so that no mark goes to another page for its length. What the form has no such box
    for stands among the remarks, and without remarks below the goods.
    """
    remarks = plan.places.get("remarks")
    below = "" if remarks else sheet.application.goods_note
    found: dict[str | None, list[str]] = {}
    for field, text in extras(sheet):
        found.setdefault(plan.places.get(field, remarks), []).append(text)
    for box, added in found.items():
        if box is None:
            below = lines(below, *added)
        else:
            texts[box] = lines(*added, texts[box])
    return below


@cache
def _plan(code: str) -> Plan:
    boxes = certificate_type(code).boxes
    in_table = [box for box in boxes if box.column and _cell(box)]
    texts = {name_of(box): _flow(box) if box.column else _block(box) for box in boxes}
    return Plan(
        texts=tuple((name, parts) for name, parts in texts.items() if parts),
        columns=tuple(map(name_of, in_table)),
        cells=tuple(map(_cell, in_table)),
        heads=tuple(map(_head, in_table)),
        described=next((at for at, box in enumerate(in_table) if box.field == "description"), 0),
        places=_places(boxes),
    )


def _places(boxes: tuple[Box, ...]) -> dict[str, str]:
    """Field -> the box whose text others may be added to; the box of its own before one that shows it too."""
    open_to_all = [box for box in boxes if not (box.column and _cell(box))]
    shown = [(part, box) for box in open_to_all for part in box.also] + [(box.field, box) for box in open_to_all]
    return {part: name_of(box) for part, box in shown if SHEET_FIELDS.get(part, nothing) is not nothing}


def _parts(box: Box) -> tuple[str, ...]:
    """The fields that a box shows, from top to bottom; the value beside invoices is part of their text."""
    shown = [part for part in (box.field, *box.also) if not (part == "value" and box.field == "invoices")]
    return tuple(sorted(shown, key=lambda part: part not in _ABOVE))


def _block(box: Box) -> tuple[SheetText, ...]:
    """The parts of a box outside the goods table; of what belongs to goods lines, all that they say."""
    return tuple(
        partial(_of_all_lines, _line_text(box, part)) if _is_of_lines(box, part) else _sheet_text(box, part)
        for part in _parts(box)
    )


def _flow(box: Box) -> tuple[SheetText, ...]:
    """The parts of a column that runs down beside the goods on its own; none when its cells stand beside theirs."""
    return () if _cell(box) else _head(box)


def _head(box: Box) -> tuple[SheetText, ...]:
    """The parts of a column that belong to the whole sheet."""
    return tuple(_sheet_text(box, part) for part in _parts(box) if not _is_of_lines(box, part))


def _cell(box: Box) -> tuple[LineText, ...]:
    """The parts of a column that belong to a goods line."""
    return tuple(_line_text(box, part) for part in _parts(box) if _is_of_lines(box, part))


def _is_of_lines(box: Box, part: str) -> bool:
    """Whether each goods line has its own text of this part; a value with a box of its own is the invoiced one."""
    return part in LINE_FIELDS and not part == "value" == box.field


def _sheet_text(box: Box, part: str) -> SheetText:
    return importing_country if part == "destination" and box.field != part else SHEET_FIELDS[part]


def _line_text(box: Box, part: str) -> LineText:
    return hs_code_below if part == "hs_code" and box.field == "description" else LINE_FIELDS[part]


def _of_all_lines(text: LineText, sheet: Sheet) -> str:
    """What the goods lines say, each saying once."""
    return lines(*dict.fromkeys(text(sheet, line, at) for at, line in enumerate(sheet.application.goods, start=1)))


def _joined(parts: tuple[SheetText, ...], sheet: Sheet) -> str:
    return parts[0](sheet) if len(parts) == 1 else lines(*(part(sheet) for part in parts))


def _joined_cell(parts: tuple[LineText, ...], sheet: Sheet, line: GoodsLine, position: int) -> str:
    return parts[0](sheet, line, position) if len(parts) == 1 else lines(*(part(sheet, line, position) for part in parts))
