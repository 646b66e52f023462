"""How printed text is read: numbers, package counts in words and figures, names for comparison.

The caches hold pure results keyed by the text itself: several rules ask the same question about the same line. What they
can hold is bounded because texts are: by the schema, or by `bounded` where the schema refuses.
"""

import re
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, cast

from domain.application import Application, Picture, date_of, decimal_of
from domain.likeness import comparable, difference
from messages.number_words import number_words
from schemas.codelists import CodeLists

__all__ = [
    "NUMBER_WORDS", "Count", "Spelling", "bounded", "comparable", "day", "difference", "number", "number_words", "package_counts",
    "package_kind", "spelling",
]

# `decimal_of` and `date_of` of domain.application, remembered
number = lru_cache(maxsize=8192)(decimal_of)
day = lru_cache(maxsize=4096)(date_of)

_REVERSED = re.compile(r"(?<![\w.])(\d[\d,]{0,14})\s*\(([A-Z][A-Z ,-]+)\)")
_BARE = re.compile(r"(?:^|(?<=[:&])|(?<=TOTAL)|(?<=AND)|(?<=SAY)|(?<=IN))\s*(\d[\d,]{0,14})(?=\s)")
_PUNCTUATION = ",.;:)"
_LONGEST_KIND = 48  # characters after a figure in which the words for the package stand
_LONGEST_FIGURE = 24  # characters between brackets, commas included
_LONGEST_WORDS = 240  # characters before a figure in which its words stand
_MOST_WORDS = 12  # of them, how many are looked at for slips of the pen
LONGEST_TEXT = 8_000  # characters, as the schema allows for a description
_BREAKS = re.compile(r"[.:;()\n]")
_WORD_GAPS = re.compile(r"[\s,-]+")
# said before a package kind and changing nothing about it
_MATERIALS = frozenset({
    "CARDBOARD", "EXPORT", "FIBER", "FIBRE", "IRON", "KRAFT", "METAL", "NEW", "PAPER", "PLASTIC", "PLYWOOD", "STEEL",
    "STRONG", "WOOD", "WOODEN", "WOVEN",
})
_INTRODUCTIONS = frozenset({
    "CONTAINING", "IN", "OF", "ONLY", "PACKED", "PACKING", "SAY", "SHIPPED", "TOTAL", "TOTALLING",
})
NUMBER_WORDS = frozenset({
    "A", "AND", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN", "TWELVE",
    "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN", "TWENTY", "THIRTY", "FORTY",
    "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY", "HUNDRED", "THOUSAND", "MILLION", "BILLION",
})


def bounded(application: Application) -> Application:
    """The application with every text cut where the schema allows no more; for messages that the schema refuses."""
    return cast("Application", _cut(application))


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, Picture):  # cut, it would no longer be a picture; B11 looks at its length before anything else
        return value
    if isinstance(value, tuple):
        return tuple(_cut(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: _cut(getattr(value, field.name)) for field in fields(value)})
    return value


class Spelling(Enum):
    """How the words before a figure agree with it."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"


class Count(NamedTuple):
    """A package count as printed: "TEN (10) CARTONS OF PUMPS" is 10 of kind CT, spelling right, and the goods after it.

    kind: UN/ECE Recommendation 21 code; end: where the figure ends in the text.
    """

    figure: int
    kind: str
    spelling: Spelling
    end: int


@lru_cache(maxsize=4096)
def package_counts(text: str, codes: CodeLists) -> tuple[Count, ...]:
    """The package counts in `text`, in order: "(100) CARTONS", else "100 (ONE HUNDRED) CARTONS", else "100 CARTONS"."""
    text = text.upper()
    counts = _bracketed(text, codes)
    if not counts:
        found = ((match.group(1), match.group(2), match.end()) for match in _REVERSED.finditer(text))
        counts = [count for one in found if (count := _count(*one, text, codes))]
    if not counts:
        found = ((match.group(1), "", match.end()) for match in _BARE.finditer(text))
        counts = [count for one in found if (count := _count(*one, text, codes))]
    return tuple(counts)


def _bracketed(text: str, codes: CodeLists) -> list[Count]:
    """Counts with the figure in brackets, by plain string search: this reads every line of every application."""
    counts, begin, at = [], 0, text.find("(")
    while at >= 0:
        end = text.find(")", at) + 1
        figure = text[at + 1 : end - 1] if at < end <= at + _LONGEST_FIGURE else ""
        if figure[:1].isdecimal() and (count := _count(figure, text[begin:at], end, text, codes)):
            counts.append(count)
            begin = end
        at = text.find("(", at + 1)
    return counts


def _count(figure: str, before: str, end: int, text: str, codes: CodeLists) -> Count | None:
    """The count of `figure` if the words after `end` name a package, else None."""
    digits = figure.replace(",", "")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
        return None
    kind = package_kind(text[end : end + _LONGEST_KIND].split(None, 3)[:3], codes)
    return Count(int(digits), kind, spelling(before[-_LONGEST_WORDS:], int(digits)), end) if kind else None


def package_kind(words: list[str], codes: CodeLists) -> str | None:
    """The Recommendation 21 code that the first of `words` name, the longest name first; None when they name none."""
    if not words:
        return None
    packages, first = codes.packages, words[0].rstrip(_PUNCTUATION)
    if first in _first_of_several(codes):
        for length in range(len(words), 1, -1):
            if code := packages.get(" ".join(words[:length]).rstrip(_PUNCTUATION)):
                return code
    code = packages.get(first)
    return package_kind(words[1:], codes) if code is None and first in _MATERIALS else code


@lru_cache(maxsize=8)
def _first_of_several(codes: CodeLists) -> frozenset[str]:
    """The words that begin a package name of several words."""
    return frozenset(name.split()[0] for name in codes.packages if " " in name)


@lru_cache(maxsize=4096)
def spelling(spelled: str, figure: int) -> Spelling:
    """Whether `spelled` ends in `figure` in English words; commas, hyphens and AND do not matter."""
    expected = number_words(figure)
    if tuple(spelled.replace("-", " ").replace(" AND ", " ").split()) == expected:
        return Spelling.RIGHT  # nearly always
    if _BREAKS.search(spelled):
        spelled = _BREAKS.split(spelled)[-1]
    words = ["ONE" if word == "A" else word for word in _WORD_GAPS.split(spelled) if word not in ("", "AND")]
    rest = len(words) - len(expected)
    if rest >= 0 and tuple(words[rest:]) == expected and (not rest or words[rest - 1] not in NUMBER_WORDS):
        return Spelling.RIGHT
    said = [word for word in words[-_MOST_WORDS:] if word not in _INTRODUCTIONS]
    looks_spoken = any(word in NUMBER_WORDS or get_close_matches(word, NUMBER_WORDS, 1, 0.8) for word in said)
    return Spelling.WRONG if looks_spoken else Spelling.MISSING


