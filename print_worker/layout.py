"""From a sheet to pages of placed text: values that can be looked at without drawing anything."""

from dataclasses import replace

from print_worker.box_texts import content_of
from print_worker.drawing import ASCENT, DESCENT, LEADING, Page, Run, Space, points, stacked
from print_worker.form import FIRST, GOODS, HEAD, NUMBER_SIZE, TEXTS, Form, form
from print_worker.goods_table import MORE, SMALLEST, STEP, goods_pages
from print_worker.sheet import Sheet
from print_worker.typeface import BOLD, check_glyphs, width_of
from print_worker.wrapping import wrap
from schemas.certificate_types import Box

TITLE_SIZE = 8.5  # of the titles on a page of continued texts


def lay_out(sheet: Sheet) -> tuple[Page, ...]:
    """The pages of a certificate: the first, then goods that go on, then texts that did not fit their boxes.

    Raises MissingGlyph for a character that cannot be printed, UnknownThing for an unknown certificate type.
    """
    the_form = form(sheet.application.certificate_type)
    check_glyphs(sheet.number, HEAD)
    content = content_of(sheet, the_form.boxes, the_form.end_mark)
    runs: list[Run] = []
    left_over: list[tuple[Box, tuple[str, ...]]] = []
    for box, space in the_form.plain:
        placed, rest = fit(box, space, content.texts[box.number])
        runs += placed
        if rest:
            left_over.append((box, rest))
    goods = goods_pages(content, the_form)
    pages = [Page(FIRST, (*runs, *goods[0])), *(Page(GOODS, tuple(more)) for more in goods[1:])]
    pages += (Page(TEXTS, tuple(texts)) for texts in _text_pages(the_form, left_over))
    return tuple(_numbered(page, at, len(pages), sheet, the_form) for at, page in enumerate(pages, start=1))


def fit(box: Box, space: Space, text: str) -> tuple[list[Run], tuple[str, ...]]:
    """The text of a box in its space, at the largest size that holds it, and the lines that go on elsewhere.

    When 6 pt is still too large, the last line says SEE CONTINUATION.
    """
    size = box.size
    while size > SMALLEST and len(wrap(text, space.width, size)) > space.holds(size):
        size -= STEP
    lines, room = wrap(text, space.width, size), space.holds(size)
    rest: tuple[str, ...] = ()
    if len(lines) > room:
        lines, rest = (*lines[: room - 1], MORE), lines[room - 1 :]
    top = space.top
    if box.anchor == "bottom":
        top = space.bottom + (ASCENT + DESCENT + (len(lines) - 1) * LEADING) * size
    return stacked(box.number, lines, space.left, top, size), rest


def _text_pages(the_form: Form, left_over: list[tuple[Box, tuple[str, ...]]]) -> list[list[Run]]:
    """What did not fit, a titled part for each box, on as many pages as it takes."""
    space = the_form.texts
    entries: list[tuple[str, str, bool]] = []
    for box, lines in left_over:
        entries.append((box.number, f"{box.number}. {box.caption} (continued)", True))
        wrapped = (line for text in lines for line in wrap(text, space.width, TITLE_SIZE) or ("",))
        entries += ((box.number, line, False) for line in wrapped)
        entries.append((box.number, "", False))
    room = space.holds(TITLE_SIZE)
    return [_text_page(space, entries[at : at + room]) for at in range(0, len(entries), room)]


def _text_page(space: Space, entries: list[tuple[str, str, bool]]) -> list[Run]:
    runs: list[Run] = []
    for line, (box, text, title) in enumerate(entries):
        placed = stacked(box, (text,), space.left, space.top - line * LEADING * TITLE_SIZE, TITLE_SIZE)
        runs += [replace(run, font=BOLD, width=width_of(text, TITLE_SIZE, BOLD)) for run in placed] if title else placed
    return runs


def _numbered(page: Page, at: int, count: int, sheet: Sheet, the_form: Form) -> Page:
    """The page with its certificate number, and "Page x of y" when there are several."""
    space = the_form.number if page.kind == FIRST else the_form.later_number
    size = NUMBER_SIZE
    while size > SMALLEST and width_of(sheet.number, size) > space.width:
        size -= STEP
    runs = [Run(HEAD, space.left, space.bottom, width_of(sheet.number, size), size, sheet.number)]
    if count > 1:
        text = f"Page {at} of {count}"
        width = width_of(text, 8)
        runs.append(Run(HEAD, space.right - width, space.bottom + points(12), width, 8, text))
    return replace(page, runs=(*runs, *page.runs))
