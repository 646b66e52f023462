"""The fixed drawing of a form: frame, captions, titles. The same for every certificate of a type, so made once.

A form has three kinds of page: "first", with all boxes; "goods", on which the goods table goes on; "texts", for boxes
whose text went past their space.
"""

from dataclasses import dataclass
from functools import cache

from domain.errors import UnknownThing
from print_worker.drawing import (
    LEADING,
    PADDING,
    Rule,
    Run,
    Space,
    centred,
    points,
    space_of,
    stacked,
    text_space,
)
from print_worker.typeface import BOLD, width_of
from print_worker.wrapping import wrap
from schemas.certificate_types import Box, CertificateType, FormHead, certificate_type

FIRST, GOODS, TEXTS = "first", "goods", "texts"
HEAD = "head"  # the `box` of runs that stand outside the boxes
FRAME, LINE = 1.1, 0.45  # weights of rules in points
CAPTION, SIGN, STATEMENT = 6.8, 6.4, 7.6  # font sizes in points
NUMBER_SIZE = 10.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Rules and text of a page that no certificate changes."""

    rules: tuple[Rule, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the goods table: the space of its text on the first page and on later ones."""

    box: Box
    first: Space
    later: Space


@dataclass(frozen=True, slots=True)
class Form:
    """A certificate type made ready for layout: its boxes with the space of their text, in points.

    boxes: all, in order; plain: those outside the goods table; columns: the goods table, left to right;
    number, later_number: where the certificate number is written; texts: what a "texts" page offers.
    """

    code: str
    boxes: tuple[Box, ...]
    plain: tuple[tuple[Box, Space], ...]
    columns: tuple[Column, ...]
    number: Space
    later_number: Space
    texts: Space
    end_mark: str


@cache
def form(code: str) -> Form:
    """The form of an enabled type; raises UnknownThing, and ValueError for a type without boxes."""
    try:
        kind = certificate_type(code)
    except KeyError:
        raise UnknownThing(f"there is no certificate type {code!r}") from None
    head = _head(kind)
    plain = tuple((box, text_space(box)) for box in kind.boxes if not box.column)
    in_table = [box for box in kind.boxes if box.column]
    columns = tuple(Column(box, text_space(box), text_space(box, _later(box, head))) for box in in_table)
    body, pad = space_of(head.continued), points(PADDING)
    texts = Space(body.left + pad, body.top - pad, body.right - pad, body.bottom + pad)
    return Form(code, kind.boxes, plain, columns, _number_space(head), _later_number_space(head), texts, kind.end_mark)


@cache
def drawing(code: str, kind: str) -> Drawing:
    """The fixed drawing of one kind of page."""
    certificate, head = certificate_type(code), _head(certificate_type(code))
    if kind == FIRST:
        runs = [*_title(head), *(run for box in certificate.boxes for run in _fixed_text(box, space_of(box)))]
        rules = [rule for box in certificate.boxes for rule in _outline(box, space_of(box))]
    else:
        columns = [box for box in certificate.boxes if box.column and kind == GOODS]
        runs = [*_later_title(head), *(run for box in columns for run in _fixed_text(box, _later(box, head)))]
        rules = [rule for box in columns for rule in _outline(box, _later(box, head))]
        rules += _edges(space_of(head.continued), LINE)[:1]
    # neighbours share edges: each is drawn once
    return Drawing((*dict.fromkeys(rules), *_edges(space_of(head.frame), FRAME)), tuple(runs))


def _head(certificate: CertificateType) -> FormHead:
    if certificate.form is None:
        raise ValueError(f"certificate type {certificate.code} has no form")
    return certificate.form


def _later(box: Box, head: FormHead) -> Space:
    """A column on a continuation page: as wide as ever, as high as the page allows."""
    own, body = space_of(box), space_of(head.continued)
    return Space(own.left, body.top, own.right, body.bottom)


def _title(head: FormHead) -> list[Run]:
    """Copy, label of the number, and the title in the middle of what remains."""
    space = space_of(head.title)
    middle, top = (space.left + space.right) / 2, space.top
    runs = [centred(HEAD, head.copy, middle, top - points(8), 12, BOLD), _label(_number_space(head))]
    sizes = (15.5, 9.0, 12.0)
    for text, size, down in zip(head.heading, sizes, (37, 44, 51.5), strict=True):
        runs.append(centred(HEAD, text, middle, top - points(down), size, BOLD))
    return runs


def _later_title(head: FormHead) -> list[Run]:
    frame = space_of(head.frame)
    left, top = frame.left + points(PADDING), frame.top
    lines = [(" ".join(head.heading), 10.0, 8.0), ("CONTINUATION", 9.0, 14.0)]
    runs = [Run(HEAD, left, top - points(down), width_of(text, size, BOLD), size, text, BOLD)
            for text, size, down in lines]
    return [*runs, _label(_later_number_space(head))]


def _label(number: Space) -> Run:
    """The words before the certificate number; its space begins where they end."""
    text = "Certificate No."
    width = width_of(text, NUMBER_SIZE, BOLD)
    return Run(HEAD, number.left - width - 4, number.bottom, width, NUMBER_SIZE, text, BOLD)


def _number_space(head: FormHead) -> Space:
    space = space_of(head.title)
    return _beside_label(space.left + points(4), space.right, space.top - points(20))


def _later_number_space(head: FormHead) -> Space:
    frame = space_of(head.frame)
    return _beside_label(frame.left + points(PADDING), frame.right, frame.top - points(20.5))


def _beside_label(left: float, right: float, baseline: float) -> Space:
    begin = left + width_of("Certificate No.", NUMBER_SIZE, BOLD) + 4
    return Space(begin, baseline + NUMBER_SIZE, right - points(PADDING), baseline)


def _fixed_text(box: Box, space: Space) -> list[Run]:
    """Caption, statement and the words under the signature line."""
    left, width = space.left + points(PADDING), space.width - 2 * points(PADDING)
    if box.column:
        return _column_head(box, space, width)
    caption = f"{box.number}. {box.caption}"
    runs = [Run(box.number, left, space.top - points(3.4), width_of(caption, CAPTION, BOLD), CAPTION, caption, BOLD)]
    runs += stacked(box.number, wrap(box.text.strip(), width, STATEMENT), left, space.top - points(5.4), STATEMENT)
    if box.sign:
        y = space.bottom + points(2.2)
        runs.append(Run(box.number, left, y, width_of(box.sign, SIGN), SIGN, box.sign))
    return runs


def _column_head(box: Box, space: Space, width: float) -> list[Run]:
    """The caption of a column, wrapped and centred in its head."""
    texts = wrap(f"{box.number}. {box.caption}", width, CAPTION, BOLD)
    height = points(box.top - 1.5)
    first = space.top - (height - len(texts) * CAPTION * LEADING) / 2 - CAPTION
    middle = (space.left + space.right) / 2
    return [centred(box.number, text, middle, first - line * CAPTION * LEADING, CAPTION, BOLD)
            for line, text in enumerate(texts)]


def _outline(box: Box, space: Space) -> list[Rule]:
    rules = _edges(space, LINE)
    pad = points(PADDING)
    if box.column:
        y = space.top - points(box.top - 1.5)
        rules.append(Rule(space.left, y, space.right, y, LINE))
    if box.sign:
        y = space.bottom + points(box.bottom - 2)
        rules.append(Rule(space.left + pad, y, space.right - pad, y, LINE))
    return rules


def _edges(space: Space, weight: float) -> list[Rule]:
    """Top, bottom, left, right."""
    left, top, right, bottom = (round(value, 2) for value in (space.left, space.top, space.right, space.bottom))
    return [
        Rule(left, top, right, top, weight), Rule(left, bottom, right, bottom, weight),
        Rule(left, bottom, left, top, weight), Rule(right, bottom, right, top, weight),
    ]
