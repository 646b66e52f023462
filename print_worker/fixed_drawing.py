"""The fixed drawing of a form: frame, captions, titles. The same for every certificate of a type, so made once."""

from dataclasses import dataclass
from functools import cache

from print_worker.drawing import ASCENT, DESCENT, LEADING, PADDING, Rule, Run, Space, centred, name_of, points, space_of, stacked
from print_worker.form import (
    FIRST,
    GOODS,
    HEAD,
    NUMBER_LABEL,
    NUMBER_SIZE,
    Tick,
    form,
    head_of,
    later_number_space,
    later_space,
    number_space,
)
from print_worker.typeface import BOLD, width_of
from print_worker.wrapping import wrap
from schemas.certificate_types import Box, FormHead, certificate_type

FRAME, LINE, THIN = 1.1, 0.45, 0.6  # weights of rules in points: outer border, boxes, ticks
CAPTION, SIGN, STATEMENT = 6.8, 6.4, 7.6  # font sizes in points
SMALLEST = 4.4  # down to which captions and statements shrink where a box is small
COPY, TITLE, SUBTITLE, CONNECTING = 12.0, 15.5, 12.0, 9.0
PAGE_NUMBER = 70.0  # points that "Page 10 of 12" may take
PITCH = 1.7  # from one line of the heading to the next, in font sizes


@dataclass(frozen=True, slots=True)
class Drawing:
    """Rules and text of a page that no certificate changes."""

    rules: tuple[Rule, ...]
    runs: tuple[Run, ...]


@cache
def drawing(code: str, kind: str) -> Drawing:
    """The fixed drawing of one kind of page; raises as `form` does."""
    ready, certificate = form(code), certificate_type(code)
    head = head_of(certificate)
    if kind == FIRST:
        runs = [*_title(head), *(run for box in certificate.boxes for run in _fixed_text(box, space_of(box)))]
        runs += [_tick_words(tick) for tick in ready.ticks]
        rules = [rule for box in certificate.boxes for rule in _outline(box, space_of(box))]
        rules += [rule for tick in ready.ticks for rule in _edges(tick.square, THIN)]
    else:
        columns = [box for box in certificate.boxes if box.column and kind == GOODS]
        runs = [*_later_title(head), *(run for box in columns for run in _fixed_text(box, later_space(box, head)))]
        rules = [rule for box in columns for rule in _outline(box, later_space(box, head))]
        rules += _edges(space_of(head.continued), LINE)[:1]
    # neighbours share edges: each is drawn once
    return Drawing((*dict.fromkeys(rules), *_edges(space_of(head.frame), FRAME)), tuple(runs))


def captioned(box: Box) -> str:
    """The caption with the number before it, where the form prints one."""
    return f"{box.number}. {box.caption}" if box.number else box.caption


def _title(head: FormHead) -> list[Run]:
    """Copy, label of the number, and the heading in the middle of what remains."""
    space, number = space_of(head.title), number_space(head)
    middle, pad = (space.left + space.right) / 2, points(PADDING)
    room = Space(space.left + pad, number.bottom - pad, space.right - pad, space.bottom + pad)
    runs = [centred(HEAD, head.copy, middle, space.top - min(points(8), 0.125 * space.height), COPY, BOLD), _label(number)]
    texts = _heading(head.heading, room)
    top = room.top - (room.height - PITCH * sum(size for _, size in texts)) / 2
    for text, size in texts:
        top -= PITCH * size
        runs.append(centred(HEAD, text, middle, top + (PITCH - ASCENT) / 2 * size, size, BOLD))
    return runs


def _heading(heading: tuple[str, ...], room: Space) -> list[tuple[str, float]]:
    """The lines of the title with their sizes: the first one large, words that only connect ("OF") small."""
    scale = 1.0
    while True:
        texts = []
        for at, text in enumerate(heading):
            size = scale * (CONNECTING if len(text) < 4 else TITLE if at == 0 else SUBTITLE)
            size = max(0.75 * size, min(size, _fitting(text, room.width, size)))
            texts += [(line, size) for line in wrap(text, room.width, size, BOLD)]
        if scale < 0.5 or PITCH * sum(size for _, size in texts) <= room.height:
            return texts
        scale -= 0.05


def _fitting(text: str, width: float, size: float) -> float:
    """The size at which `text` in bold is just as wide as this, or `size` if that is smaller; tenths of a point."""
    return min(size, int(10 * size * width / width_of(text, size, BOLD)) / 10)


def _later_title(head: FormHead) -> list[Run]:
    frame, pad = space_of(head.frame), points(PADDING)
    title = " ".join(head.heading)
    beside_page_number = frame.width - 2 * pad - PAGE_NUMBER
    lines = [(title, _fitting(title, beside_page_number, 10.0), 8.0), ("CONTINUATION", 9.0, 14.0)]
    runs = [Run(HEAD, frame.left + pad, frame.top - points(down), width_of(text, size, BOLD), size, text, BOLD)
            for text, size, down in lines]  # fmt: skip
    return [*runs, _label(later_number_space(head))]


def _label(number: Space) -> Run:
    """The words before the certificate number; its space begins where they end."""
    width = width_of(NUMBER_LABEL, NUMBER_SIZE, BOLD)
    return Run(HEAD, number.left - width - 4, number.bottom, width, NUMBER_SIZE, NUMBER_LABEL, BOLD)


def _fixed_text(box: Box, space: Space) -> list[Run]:
    """Caption, statement and the words under the signature line."""
    left, width = space.left + points(PADDING), space.width - 2 * points(PADDING)
    if box.column:
        return _column_head(box, space, width)
    runs = caption_and_statement(box, left, width, space.top)
    if box.sign:
        size = min(SIGN, int(10 * SIGN * width / width_of(box.sign, SIGN)) / 10)
        runs.append(Run(name_of(box), left, space.bottom + points(2.2), width_of(box.sign, size), size, box.sign))
    return runs


def caption_and_statement(box: Box, left: float, width: float, top: float) -> list[Run]:
    """The fixed text at the head of a box, at the largest size at which it ends above the space for other text."""
    name, size = name_of(box), CAPTION
    while True:
        caption = wrap(captioned(box), width, size, BOLD)
        statement = wrap(box.text.strip(), width, STATEMENT * size / CAPTION)
        more = max(0, len(caption) - 1) * LEADING * size
        depth = points(3.4) + more + DESCENT * size
        if statement:
            lines = ASCENT + DESCENT + (len(statement) - 1) * LEADING
            depth = points(5.4) + more + lines * STATEMENT * size / CAPTION
        if depth <= points(box.top) or size <= SMALLEST:
            break
        size -= 0.2
    first = top - points(3.4)
    runs = [Run(name, left, first - at * LEADING * size, width_of(text, size, BOLD), size, text, BOLD)
            for at, text in enumerate(caption)]  # fmt: skip
    return runs + stacked(name, statement, left, top - points(5.4) - more, STATEMENT * size / CAPTION)


def _column_head(box: Box, space: Space, width: float) -> list[Run]:
    """The caption of a column, wrapped and centred in its head, at the largest size at which no word is broken."""
    height, text = points(box.top - 1.5), captioned(box)
    longest = max(width_of(word, 1, BOLD) for word in text.split())
    size = max(SMALLEST, min(CAPTION, int(10 * width / longest) / 10))
    while size > SMALLEST and len(wrap(text, width, size, BOLD)) * size * LEADING > height:
        size -= 0.2
    texts = wrap(text, width, size, BOLD)
    first = space.top - (height - len(texts) * size * LEADING) / 2 - size
    middle = (space.left + space.right) / 2
    return [centred(name_of(box), line, middle, first - at * size * LEADING, size, BOLD) for at, line in enumerate(texts)]


def _tick_words(tick: Tick) -> Run:
    """The words beside a square."""
    left, baseline = tick.square.right + 0.5 * tick.size, tick.square.bottom + 0.07 * tick.size
    return Run(tick.box, left, baseline, width_of(tick.words, tick.size), tick.size, tick.words)


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
