"""A certificate type made ready for layout: where on its pages numbers, texts, columns and ticks stand.

A form has three kinds of page: "first", with all boxes; "goods", on which the goods table goes on; "texts", for boxes
whose text went past their space.
"""

from dataclasses import dataclass, replace
from functools import cache

from domain.errors import UnknownThing
from print_worker.drawing import PADDING, Space, name_of, points, space_of, text_space
from print_worker.typeface import BOLD, width_of
from schemas.certificate_types import Box, CertificateType, FormHead, certificate_type

FIRST, GOODS, TEXTS = "first", "goods", "texts"
HEAD = "head"  # the `box` of runs that stand outside the boxes
NUMBER_SIZE = 10.0
NUMBER_LABEL = "Certificate No."
SMALLEST_TICK = 5.0  # font size of the words beside a tick, in points
ROW, SIDE = 1.5, 0.95  # of ticks: from one row to the next, and of a square, in font sizes


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the goods table: the space of its text on the first page and on later ones."""

    box: Box
    name: str
    first: Space
    later: Space


@dataclass(frozen=True, slots=True)
class Tick:
    """A square that may carry a cross: the box it stands in, the flag of the application, and the words beside it."""

    box: str
    flag: str
    words: str
    square: Space
    size: float


@dataclass(frozen=True, slots=True)
class Form:
    """A certificate type made ready for layout: its boxes with the space of their text, in points.

    plain: the boxes outside the goods table; columns: the goods table, left to right; ticks: squares to cross;
    number, later_number: where the certificate number is written; texts: what a "texts" page offers.
    """

    code: str
    plain: tuple[tuple[Box, str, Space], ...]
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    number: Space
    later_number: Space
    texts: Space


@cache
def form(code: str) -> Form:
    """The form of an enabled type; raises UnknownThing, and ValueError for a type without boxes."""
    try:
        kind = certificate_type(code)
    except KeyError:
        raise UnknownThing(f"there is no certificate type {code!r}") from None
    head = head_of(kind)
    plain = tuple((box, name_of(box), _below_ticks(box)) for box in kind.boxes if not box.column)
    in_table = [box for box in kind.boxes if box.column]
    columns = tuple(Column(box, name_of(box), text_space(box), text_space(box, later_space(box, head))) for box in in_table)
    body, pad = space_of(head.continued), points(PADDING)
    texts = Space(body.left + pad, body.top - pad, body.right - pad, body.bottom + pad)
    ticks = tuple(tick for box in kind.boxes if box.ticks for tick in ticks_of(box))
    return Form(code, plain, columns, ticks, number_space(head), later_number_space(head), texts)


def head_of(kind: CertificateType) -> FormHead:
    """What stands outside the boxes; ValueError for a type without a form."""
    if kind.form is None:
        raise ValueError(f"certificate type {kind.code} has no form")
    return kind.form


def later_space(box: Box, head: FormHead) -> Space:
    """A column on a continuation page: as wide as ever, as high as the page allows."""
    own, body = space_of(box), space_of(head.continued)
    return Space(own.left, body.top, own.right, body.bottom)


def number_space(head: FormHead) -> Space:
    """Where the certificate number stands on the first page: under the name of the copy."""
    space = space_of(head.title)
    return _beside_label(space.left + points(4), space.right, space.top - min(points(20), 0.3125 * space.height))


def later_number_space(head: FormHead) -> Space:
    """Where it stands on continuation pages."""
    frame = space_of(head.frame)
    return _beside_label(frame.left + points(PADDING), frame.right, frame.top - points(20.5))


def _beside_label(left: float, right: float, baseline: float) -> Space:
    begin = left + width_of(NUMBER_LABEL, NUMBER_SIZE, BOLD) + 4
    return Space(begin, baseline + NUMBER_SIZE, right - points(PADDING), baseline)


def ticks_of(box: Box) -> list[Tick]:
    """The ticks of a box, in rows from its top, at the largest size at which all have room."""
    space, size = text_space(box), box.size
    while size > SMALLEST_TICK and _row_count(box, space.width, size) * ROW * size > space.height:
        size -= 0.5
    return _placed(box, space, size)


def _placed(box: Box, space: Space, size: float) -> list[Tick]:
    ticks, left, row = [], space.left, 0
    for flag, words in box.ticks:
        width = _tick_width(words, size)
        if left > space.left and left + width > space.right:
            left, row = space.left, row + 1
        top, side = space.top - row * ROW * size, SIDE * size
        ticks.append(Tick(name_of(box), flag, words, Space(left, top, left + side, top - side), size))
        left += width + 2 * size
    return ticks


def _tick_width(words: str, size: float) -> float:
    """Square, gap and words."""
    return (SIDE + 0.5) * size + width_of(words, size)


def _row_count(box: Box, width: float, size: float) -> int:
    left, rows = 0.0, 1
    for _, words in box.ticks:
        own = _tick_width(words, size)
        if left and left + own > width:
            left, rows = 0.0, rows + 1
        left += own + 2 * size
    return rows


def _below_ticks(box: Box) -> Space:
    """The space for text that the ticks of a box leave."""
    space = text_space(box)
    if not box.ticks:
        return space
    lowest = min(tick.square.top - ROW * tick.size for tick in ticks_of(box))
    return replace(space, top=max(lowest, space.bottom))
