"""A certificate as its form on the screen: boxes where the paper has them, from the definition that the print is drawn from.

The sheet is a grid whose lines are the edges of the boxes, so that a box with much text grows and moves what lies below it:
nothing is cut and nothing overlaps. Where the lines are is in a stylesheet for each type, `stylesheet`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from domain.errors import UnknownThing
from print_worker.box_texts import Content, content_as_sent
from print_worker.drawing import name_of
from print_worker.endorsements import is_ticked
from print_worker.sheet import Sheet
from print_worker.typeface import advances
from schemas.certificate_types import Area, Box, CertificateType, all_types, certificate_type, type_of

GENERAL = "CO"  # the form on which a type without one of its own is shown
_EDGE = 1  # digits of millimetres by which edges are told apart


@dataclass(frozen=True, slots=True)
class Tick:
    """A square with the words beside it."""

    words: str
    crossed: bool


@dataclass(frozen=True, slots=True)
class Unprintable:
    """A character without a glyph, and its code: U+1F600."""

    shown: str
    code: str


@dataclass(frozen=True, slots=True)
class BoxView:
    """A box outside the goods table. name: its number, or the field it shows where the form prints none; statement, sign: printed
    on every certificate; missing: characters that cannot be printed."""

    name: str
    number: str
    caption: str
    field: str
    text: str
    statement: str
    sign: str
    ticks: tuple[Tick, ...]
    missing: tuple[Unprintable, ...]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the goods table. at: which of a row's cells stand in it; None for one that runs down on its own with `text`."""

    name: str
    number: str
    caption: str
    field: str
    at: int | None
    text: str
    missing: tuple[Unprintable, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of the goods table. kind: "line", or "more" for marks, total and notes; line: which goods line, from 1, 0 for none."""

    kind: str
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """The whole sheet. type: whose form it is; substituted: the certificate's own type has none; stylesheet: address."""

    type: str
    zh: str
    en: str
    heading: tuple[str, ...]
    copy: str
    boxes: tuple[BoxView, ...]
    columns: tuple[ColumnView, ...]
    rows: tuple[RowView, ...]
    substituted: bool
    stylesheet: str

    @property
    def names(self) -> tuple[str, ...]:
        """All boxes, columns among them."""
        return (*(box.name for box in self.boxes), *(column.name for column in self.columns))


def formed(sheet: Sheet) -> Sheet:
    """The sheet on a form that exists: its own type's, else the general one."""
    kind = type_of(sheet.application.certificate_type)
    if kind and kind.form and kind.boxes:
        return sheet
    return replace(sheet, application=replace(sheet.application, certificate_type=GENERAL))


def form_view(sheet: Sheet, content: Content | None = None) -> FormView:
    """`sheet`, or its content where that is known, on its form; never raises for a text that cannot be printed."""
    shown = formed(sheet)
    kind, said = shown.kind, content or content_as_sent(shown)
    boxes = tuple(_box(box, said, shown) for box in kind.boxes if not box.column)
    columns = tuple(_column(box, said) for box in sorted((box for box in kind.boxes if box.column), key=lambda box: box.x))
    head = kind.form
    return FormView(
        kind.code, kind.zh, kind.en, head.heading if head else (), head.copy if head else "", boxes, columns,
        _rows(said, len(shown.application.goods)), shown is not sheet, stylesheet_address(kind.code))


def _box(box: Box, said: Content, sheet: Sheet) -> BoxView:
    name = name_of(box)
    text = said.texts.get(name, "")
    ticks = tuple(Tick(words, is_ticked(sheet, flag)) for flag, words in box.ticks)
    return BoxView(name, box.number, box.caption, box.field, text, box.text.strip(), box.sign, ticks, unprintable([text]))


def _column(box: Box, said: Content) -> ColumnView:
    name = name_of(box)
    at = said.columns.index(name) if name in said.columns else None
    texts = [said.texts.get(name, "")] if at is None else [row[at] for row in said.rows]
    return ColumnView(name, box.number, box.caption, box.field, at, texts[0] if at is None else "", unprintable(texts))


def _rows(said: Content, lines: int) -> tuple[RowView, ...]:
    first = said.first_line
    return tuple(
        RowView("line", at - first + 1, row) if first <= at < first + lines else RowView("more", 0, row)
        for at, row in enumerate(said.rows))


def unprintable(texts: Iterable[str]) -> tuple[Unprintable, ...]:
    """The characters of these that have no glyph on paper, each once."""
    missing = set("".join(texts)).difference(advances(), "\r\n")
    return tuple(Unprintable(one, f"U+{ord(one):04X}") for one in sorted(missing))


@cache
def stylesheet(code: str) -> str:
    """Where the boxes of a type stand, as CSS; raises UnknownThing for a type without a form."""
    kind = type_of(code)
    if kind is None or kind.form is None or not kind.boxes:
        raise UnknownThing(f"there is no form of {code!r}", zh="没有这样的证书格式")
    places = _places(kind)
    across = _edges([(area.x, area.x + area.width) for area in places.values()])
    down = _edges([(area.y, area.y + area.height) for area in places.values()])
    width, scope = across[-1] - across[0], f".form-{code}"
    rules = [
        f"{scope} .sheet {{ grid-template-columns: {' '.join(f'minmax(0, {b - a:.4g}fr)' for a, b in pairwise(across))}; "
        f"grid-template-rows: "
        f"{' '.join(f'minmax(calc(var(--tall, 1) * {100 * (b - a) / width:.4g}cqw), auto)' for a, b in pairwise(down))}; }}"]
    rules += [f"{scope} .at-{name} {{ grid-area: {_area(area, across, down)}; }}" for name, area in places.items()]
    columns = sorted((box for box in kind.boxes if box.column), key=lambda box: box.x)
    total = sum(box.width for box in columns)
    rules += [f"{scope} .col-{name_of(box)} {{ width: {100 * box.width / total:.4g}%; }}" for box in columns]
    return "\n".join(rules) + "\n"


@cache
def stylesheet_address(code: str) -> str:
    """Its address, which changes when it does."""
    return f"/forms/{code}.css?{hashlib.sha256(stylesheet(code).encode()).hexdigest()[:12]}"


def numbers() -> tuple[str, ...]:
    """All numbers that boxes have on any form."""
    found = {box.number for kind in all_types() for box in kind.boxes if box.number}
    return tuple(sorted(found, key=lambda number: (len(number), number)))


def captioned(code: str, number: str) -> str:
    """A box of a type as people name it: "7 Description of goods"; the number alone where the form has no such box."""
    try:
        return f"{number} {certificate_type(code).box(number).caption}"
    except KeyError:
        return number


def _places(kind: CertificateType) -> dict[str, Area | Box]:
    """What stands on the sheet: boxes, the title, and the goods table as one."""
    columns = [box for box in kind.boxes if box.column]
    places: dict[str, Area | Box] = {name_of(box): box for box in kind.boxes if not box.column}
    if kind.form:
        places["title"] = kind.form.title
    if columns:
        left, top = min(box.x for box in columns), min(box.y for box in columns)
        right, bottom = max(box.x + box.width for box in columns), max(box.y + box.height for box in columns)
        places["goods"] = Area(left, top, right - left, bottom - top)
    return places


def _edges(spans: Iterable[tuple[float, float]]) -> list[float]:
    return sorted({round(edge, _EDGE) for span in spans for edge in span})


def _area(area: Area | Box, across: list[float], down: list[float]) -> str:
    """Row and column lines of the grid, from 1."""
    top, left = down.index(round(area.y, _EDGE)) + 1, across.index(round(area.x, _EDGE)) + 1
    bottom, right = down.index(round(area.y + area.height, _EDGE)) + 1, across.index(round(area.x + area.width, _EDGE)) + 1
    return f"{top} / {left} / {bottom} / {right}"
