"""From a sheet to pages of placed text: values that can be looked at without drawing anything."""

from dataclasses import replace

from print_worker.box_texts import content_of
from print_worker.drawing import ASCENT, DESCENT, LEADING, Page, Run, Space, centred, name_of, points, stacked
from print_worker.endorsements import is_ticked
from print_worker.fixed_drawing import captioned
from print_worker.form import FIRST, GOODS, HEAD, NUMBER_SIZE, TEXTS, Form, form
from print_worker.goods_table import MORE, SMALLEST, STEP, goods_pages
from print_worker.sheet import Sheet
from print_worker.typeface import BOLD, check_glyphs, width_of
from print_worker.wrapping import wrap
from schemas.certificate_types import Box

TITLE_SIZE = 8.5  # of the titles on a page of continued texts
CROSS = "X"


def lay_out(sheet: Sheet) -> tuple[Page, ...]:
    """The pages of a certificate: the first, then goods that go on, then texts that did not fit their boxes.

    Raises MissingGlyph for a character that cannot be printed, UnknownThing for an unknown certificate type.
    """
    the_form = form(sheet.application.certificate_type)
    check_glyphs(sheet.number, HEAD)
    content = content_of(sheet)
    runs = _crosses(sheet, the_form)
    left_over: list[tuple[Box, str]] = []
    for box, name, space in the_form.plain:
        placed, rest = fit(box, space, content.texts[name])
        runs += placed
        if rest:
            left_over.append((box, rest))
    goods = goods_pages(content, the_form)
    pages = [Page(FIRST, (*runs, *goods[0])), *(Page(GOODS, tuple(more)) for more in goods[1:])]
    pages += (Page(TEXTS, tuple(texts)) for texts in _text_pages(the_form, left_over))
    return tuple(_numbered(page, at, len(pages), sheet, the_form) for at, page in enumerate(pages, start=1))


def fit(box: Box, space: Space, text: str) -> tuple[list[Run], str]:
    """The text of a box in its space, at the largest size that holds it, and what goes on elsewhere.

    Remarks that have too many lines run on, parted by semicolons. When 6 pt is still too large, the last line says
    SEE CONTINUATION.
    """
    size = box.size
    if box.field == "remarks" and len(wrap(text, space.width, size)) > space.holds(size):
        text = "; ".join(filter(None, map(str.strip, text.splitlines())))
    while size > SMALLEST and len(wrap(text, space.width, size)) > space.holds(size):
        size -= STEP
    lines, room = wrap(text, space.width, size), space.holds(size)
    rest = ""
    if len(lines) > room:
        rest = _after(text, lines[: room - 1])
        lines = (*lines[: room - 1], MORE)
    top = space.top
    if box.anchor == "bottom":
        top = space.bottom + (ASCENT + DESCENT + (len(lines) - 1) * LEADING) * size
    return stacked(name_of(box), lines, space.left, top, size), rest


def _crosses(sheet: Sheet, the_form: Form) -> list[Run]:
    """A cross in every square that is ticked."""
    return [
        centred(tick.box, CROSS, (tick.square.left + tick.square.right) / 2, tick.square.bottom + 0.11 * tick.size,
                tick.size, BOLD)
        for tick in the_form.ticks
        if is_ticked(sheet, tick.flag)
    ]  # fmt: skip


def _after(text: str, lines: tuple[str, ...]) -> str:
    """What of `text` follows these, its first lines as wrapped."""
    at = 0
    for line in lines:
        at = text.index(line, at) + len(line)
    return text[at:].lstrip()


def _text_pages(the_form: Form, left_over: list[tuple[Box, str]]) -> list[list[Run]]:
    """What did not fit, a titled part for each box, on as many pages as it takes."""
    space = the_form.texts
    entries: list[tuple[str, str, bool]] = []
    for box, rest in left_over:
        name = name_of(box)
        title = wrap(f"{captioned(box)} (continued)", space.width, TITLE_SIZE, BOLD)
        entries += ((name, line, True) for line in title)
        entries += ((name, line, False) for line in wrap(rest, space.width, TITLE_SIZE))
        entries.append((name, "", False))
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
