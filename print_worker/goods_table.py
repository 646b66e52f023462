"""The goods table: which lines stand on which page.

Cells of one goods line stand side by side; marks and invoices run down columns of their own beside them, where the form
has such.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from print_worker.box_texts import Content
from print_worker.drawing import ASCENT, DESCENT, LEADING, Run, stacked
from print_worker.form import Form
from print_worker.typeface import width_of
from print_worker.wrapping import wrap

SMALLEST = 6.0
STEP = 0.5
SHORT = 40  # characters of a cell such as an HS code, a country, a quantity with its weights
SQUEEZED = 5.0  # size down to which one line may shrink so that a word of it need not be broken
GAP = 0.35  # of a line, between goods lines
MORE = "SEE CONTINUATION"

Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a goods line on a page: the lines of its cells, and how far below the top of the column, in lines."""

    down: float
    cells: Cells


def goods_pages(content: Content, form: Form) -> list[list[Run]]:
    """The runs of the goods table, a list for each page: the first page, then continuation pages.

    One page if it fits at some size down to 6 pt; else as many as it takes at the size of the form.
    """
    table = GoodsTable(content, form)
    size = form.columns[0].box.size
    smaller = size
    while smaller >= SMALLEST and table.may_fit(smaller):
        if (page := table.one_page(smaller)) is not None:
            return [page]
        smaller -= STEP
    return table.pages(size)


@dataclass(frozen=True, slots=True)
class GoodsTable:
    """The content of the table on its form."""

    content: Content
    form: Form

    def may_fit(self, size: float) -> bool:
        """False when there are more lines than the first page holds, however wide it is: not worth a try."""
        needed = sum(max(map(_line_count, row), default=0) for row in self.content.rows)
        return needed <= self.form.columns[0].first.holds(size)

    def one_page(self, size: float) -> list[Run] | None:
        """Everything on the first page at this size; None when it does not fit."""
        room = self.form.columns[0].first.holds(size)
        flows = self.flows(size)
        slices = _fill(self.rows(size), room, room)
        if len(slices) > 1 or any(len(lines) > room for lines in flows.values()):
            return None
        return self.draw(size, slices[0] if slices else [], flows, later=False)

    def pages(self, size: float) -> list[list[Run]]:
        """Pages with one line kept free at the foot, which says in each column that goes on that there is more."""
        first, later = (space.holds(size) - 1 for space in (self.form.columns[0].first, self.form.columns[0].later))
        slices = dict(enumerate(_fill(self.rows(size), first, later)))
        flows = {number: _chunks(lines, first, later) for number, lines in self.flows(size).items()}
        count = max(1, len(slices), *map(len, flows.values()))
        pages = []
        for page in range(count):
            beside = {number: chunks[page] for number, chunks in flows.items() if page < len(chunks)}
            going_on = {number for number, chunks in flows.items() if page < len(chunks) - 1}
            going_on |= {self.description} if page < len(slices) - 1 else set()
            runs = self.draw(size, slices.get(page, []), beside, later=page > 0)
            pages.append(runs + self.more(size, going_on, later=page > 0))
        return pages

    @property
    def description(self) -> str:
        """The box with the descriptions."""
        return next(column.name for column in self.form.columns if column.box.field == "description")

    def flows(self, size: float) -> dict[str, tuple[str, ...]]:
        """Lines of the columns that belong to the whole sheet, by box number."""
        return {
            column.name: broken(self.content.texts[column.name], column.first.width, size)
            for column in self.form.columns
            if column.name in self.content.texts
        }

    def rows(self, size: float) -> list[Cells]:
        """The cells of the goods lines, broken into lines; an end mark never stands alone at the head of a page."""
        widths = [column.first.width for column in self.form.columns if column.name in self.content.columns]
        rows = [
            tuple(broken(cell, width, size) for cell, width in zip(row, widths, strict=True))
            for row in self.content.rows
        ]  # fmt: skip
        if (mark := self.content.bare_mark) is not None:
            rows[mark - 1 : mark + 1] = [_below(rows[mark - 1], rows[mark])]
        return rows

    def draw(
        self, size: float, slices: Sequence[Slice], flows: Mapping[str, tuple[str, ...]], *, later: bool
    ) -> list[Run]:
        """The runs of one page, column by column."""
        runs: list[Run] = []
        for column in self.form.columns:
            number, space = column.name, column.later if later else column.first
            begin = len(runs)
            runs += stacked(number, flows.get(number, ()), space.left, space.top, size)
            if number in self.content.columns:
                cell = self.content.columns.index(number)
                for part in slices:
                    runs += stacked(number, part.cells[cell], space.left, space.top - part.down * LEADING * size, size)
            if max([run.width for run in runs[begin:]], default=0) > space.width + 0.01:
                runs[begin:] = [squeezed(run, space.width) for run in runs[begin:]]
        return runs

    def more(self, size: float, boxes: Collection[str], *, later: bool) -> list[Run]:
        """The words at the foot of the columns that go on; nothing may stand below the end mark of goods that do not."""
        runs: list[Run] = []
        for column in self.form.columns:
            if column.name in boxes:
                space = column.later if later else column.first
                fitting = min(size, size * space.width / width_of(MORE, size))
                bottom = space.bottom + (ASCENT + DESCENT) * size
                runs += stacked(column.name, (MORE,), space.left, bottom, fitting)
        return runs


def broken(text: str, width: float, size: float) -> tuple[str, ...]:
    """Lines of a cell. In a short one, a word or figure a little wider than its column stays whole: see `squeezed`."""
    longest = max(text.split(), key=len, default="") if len(text) <= SHORT else ""
    if len(longest) * size > width:  # no character is wider than the font size
        wide = width_of(longest, size)
        if width < wide <= width * size / SQUEEZED:
            return wrap(text, wide + 0.01, size)
    return wrap(text, width, size)


def squeezed(run: Run, width: float) -> Run:
    """The run, at the smaller size at which it is no wider than this."""
    if run.width <= width + 0.01:
        return run
    size = int(10 * run.size * width / run.width) / 10
    return replace(run, size=size, width=width_of(run.text, size))


def _fill(rows: Sequence[Cells], first: int, later: int) -> list[list[Slice]]:
    """Rows on pages of `first`, then `later` lines. A row is split only when a whole page could not hold it."""
    pages: list[list[Slice]] = [[]] if rows else []
    down, room = 0.0, first
    for row in rows:
        remaining = row
        while height := max(map(len, remaining)):
            fits = int(room - down + 1e-9)
            if height <= fits:
                pages[-1].append(Slice(down, remaining))
                down += height + GAP
                break
            if fits > 0 and (height > later or not pages[-1]):
                pages[-1].append(Slice(down, tuple(cell[:fits] for cell in remaining)))
                remaining = tuple(cell[fits:] for cell in remaining)
            pages.append([])
            down, room = 0.0, later
    return pages


def _below(row: Cells, other: Cells) -> Cells:
    """Both as one row: the lines of `other` begin where the longest cell of `row` has ended."""
    height = max(map(len, row))
    return tuple((*cell, *[""] * (height - len(cell)), *more) for cell, more in zip(row, other, strict=True))


def _chunks(lines: tuple[str, ...], first: int, later: int) -> list[tuple[str, ...]]:
    """Lines on pages of `first`, then `later` lines; broken at an empty line, between two marks, where one stands near."""
    pages: list[tuple[str, ...]] = []
    room = first
    while len(lines) > room:
        cut = next((at for at in range(room, room // 2, -1) if not lines[at]), room)
        pages.append(lines[:cut])
        lines = tuple(dropwhile(lambda line: not line, lines[cut:]))
        room = later
    return [*pages, lines] if lines or not pages else pages


def _line_count(text: str) -> int:
    return len(text.splitlines())
