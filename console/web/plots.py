"""Small plots as the path of an SVG: sizes are the drawing's own units, colours and widths come from the style sheet."""

from collections.abc import Sequence

WIDTH, HEIGHT = 120, 24


def line(values: Sequence[int | None], top: int = 0) -> str:
    """The "d" of a path through values of equal distance; None leaves a gap. top: the least that the full height stands for."""
    most = max([value for value in values if value is not None], default=0)
    scale = (HEIGHT - 2) / (max(most, top) or 1)
    step = WIDTH / max(1, len(values) - 1)
    words, pen_is_up = [], True
    for place, value in enumerate(values):
        if value is None:
            pen_is_up = True
            continue
        words.append(f"{'M' if pen_is_up else 'L'}{_short(place * step)} {_short(HEIGHT - 1 - value * scale)}")
        pen_is_up = False
    return "".join(words)


def trend(counts: Sequence[int]) -> tuple[str, str, str]:
    """(shape, zh, en) of counts an hour, the newest last: the last three hours against the three before."""
    now, before = sum(counts[-3:]), sum(counts[-6:-3])
    if now > before:
        return "↗", "增多", "rising"
    return ("↘", "减少", "falling") if now < before else ("→", "持平", "steady")


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
