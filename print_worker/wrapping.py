"""How text is broken into lines, by measured width."""

import re
from functools import lru_cache

from print_worker.typeface import REGULAR, advances

# a blank, one Chinese character or full-width sign (a line may end after each), or a word
_PIECE = re.compile(r"\s+|[⺀-鿿豈-﫿︰-﹏＀-￯]|[^\s⺀-鿿豈-﫿︰-﹏＀-￯]+")


@lru_cache(maxsize=1024)
def wrap(text: str, width: float, size: float, font: str = REGULAR) -> tuple[str, ...]:
    """The lines of `text`, none wider than `width` points at `size`; line ends in `text` are kept, empty lines too.

    Lines break at blanks and between Chinese characters; a word wider than the line is broken where it must.
    Nothing is lost but the blanks at a break. Raises KeyError for a character without glyph.
    """
    limit = width * 1000 / size
    lines: list[str] = []
    for line in text.splitlines():
        lines += _broken(line.rstrip(), limit, font)
    return tuple(lines)


def _broken(line: str, limit: float, font: str) -> list[str]:
    advance = advances(font)
    if sum(map(advance.__getitem__, line)) <= limit:
        return [line]
    lines, current, used = [], "", 0
    for piece in _pieces(line, limit, font):
        wide = sum(map(advance.__getitem__, piece))
        if used + wide <= limit:
            current, used = current + piece, used + wide
            continue
        lines.append(current.rstrip())
        current, used = ("", 0) if piece.isspace() else (piece, wide)
    return [*lines, current] if current or not lines else lines


def _pieces(line: str, limit: float, font: str) -> list[str]:
    """Pieces that stay together; what is wider than a line, character by character."""
    advance = advances(font)
    pieces: list[str] = []
    for piece in _PIECE.findall(line):
        wide = len(piece) * 1000 > limit and sum(map(advance.__getitem__, piece)) > limit
        pieces += piece if wide else [piece]
    return pieces
