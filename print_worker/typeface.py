"""Which characters can be printed, in which font, and how wide they are: the fonts under `print_worker/fonts/`.

They are read once per process (about 40 ms), at the first use.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from reportlab.pdfbase.ttfonts import TTFont

from domain.errors import MissingGlyph

REGULAR = "NotoSansSC-Regular"
BOLD = "NotoSansSC-Bold"
LATIN = "NotoSans-Latin"  # the Latin letters that Noto Sans SC lacks: those of Polish, Czech, Turkish, Hungarian ...


@cache
def typeface(name: str) -> TTFont:
    """The font with this name, as reportlab knows it."""
    return TTFont(name, str(files("print_worker").joinpath("fonts", f"{name}.ttf")), asciiReadable=False)


@cache
def advances(name: str = REGULAR) -> Mapping[str, int]:
    """Character -> advance width in thousandths of the font size, for every character that `name` can print.

    REGULAR includes LATIN, which stands in for it.
    """
    # a soft hyphen has a glyph but no meaning on paper; what stands below U+0020 controls terminals, not pages
    widths = typeface(name).face.charWidths
    own = {chr(code): round(width) for code, width in widths.items() if code >= 0x20 and code != 0xAD}
    return {**advances(LATIN), **own} if name == REGULAR else own


@cache
def own_characters(name: str) -> frozenset[str]:
    """The characters that the font with this name has itself."""
    return frozenset(map(chr, typeface(name).face.charWidths))


def width_of(text: str, size: float, font: str = REGULAR) -> float:
    """Width of `text` in points; KeyError for a character without glyph (see `check_glyphs`)."""
    return sum(map(advances(font).__getitem__, text)) * size / 1000


def check_glyphs(text: str, box: str) -> None:
    """Raise MissingGlyph, naming the first character that cannot be printed, and its box. Line ends may stand."""
    missing = set(text).difference(advances(), "\r\n")
    for character in text if missing else ():
        if character in missing:
            raise MissingGlyph(character, box)
