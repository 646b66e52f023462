"""What is drawn, as values: text runs and rules in PDF points, origin at the bottom left of an A4 page."""

from dataclasses import dataclass

from print_worker.typeface import REGULAR, width_of
from schemas.certificate_types import Area, Box

PAGE_WIDTH = 595.276
PAGE_HEIGHT = 841.89
ASCENT = 0.88  # of the font size, above the baseline: capitals with accents and Chinese characters stay within
DESCENT = 0.22  # below it
LEADING = 1.2  # from baseline to baseline
PADDING = 1.6  # mm between a box's side and its text


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text on one line: the box it belongs to, baseline start, width and font size in points."""

    box: str
    x: float
    y: float
    width: float
    size: float
    text: str
    font: str = REGULAR


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line and its weight, in points."""

    x1: float
    y1: float
    x2: float
    y2: float
    weight: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page: which fixed drawing lies under it ("first", "goods" or "texts") and what is written on it."""

    kind: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """A rectangle in points: left, top, right, bottom, with top above bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in points."""
        return self.top - self.bottom

    def holds(self, size: float) -> int:
        """How many lines of this font size fit, one under the other."""
        return max(0, int((self.height - (ASCENT + DESCENT - LEADING) * size + 0.01) / (LEADING * size)))


def name_of(box: Box) -> str:
    """What a box goes by: its printed number; the field it shows where the form prints none."""
    return box.number or box.field


def points(millimetres: float) -> float:
    """Millimetres as points."""
    return millimetres * 72 / 25.4


def space_of(area: Area | Box) -> Space:
    """An area of the form definition, in points."""
    top = PAGE_HEIGHT - points(area.y)
    return Space(points(area.x), top, points(area.x + area.width), top - points(area.height))


def text_space(box: Box, outer: Space | None = None) -> Space:
    """The part of a box that its text may fill; `outer` replaces the box's own rectangle (a column on a later page)."""
    space = outer or space_of(box)
    pad = points(PADDING)
    return Space(space.left + pad, space.top - points(box.top), space.right - pad, space.bottom + points(box.bottom))


def stacked(box: str, texts: list[str] | tuple[str, ...], x: float, top: float, size: float) -> list[Run]:
    """Lines of text one under the other, the first just below `top`; empty lines take their place and draw nothing."""
    first = top - ASCENT * size
    return [
        Run(box, x, first - number * LEADING * size, width_of(text, size), size, text)
        for number, text in enumerate(texts)
        if text
    ]


def centred(box: str, text: str, middle: float, y: float, size: float, font: str = REGULAR) -> Run:
    """A run around `middle`."""
    width = width_of(text, size, font)
    return Run(box, middle - width / 2, y, width, size, text, font)
