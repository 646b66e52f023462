"""How printed text is read: numbers, package counts in words and figures, names for comparison.

The caches hold pure results keyed by the text itself: several rules ask the same question about the same line.
"""

import importlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache, lru_cache

from domain.application import decimal_of

number = lru_cache(maxsize=8192)(decimal_of)  # `domain.application.decimal_of`, remembered

_KIND = r"\s*([A-Z/-]+)?(?:\s+([A-Z]+))?(?:\s+([A-Z]+))?"
_BRACKETED = re.compile(r"\((\d[\d,]{0,14})\)" + _KIND)
_REVERSED = re.compile(r"(?<![\w.])(\d[\d,]{0,14})\s*\(([A-Z][A-Z ,-]+)\)" + _KIND)
_BARE = re.compile(r"(?:^|(?<=[:&])|(?<=TOTAL)|(?<=AND)|(?<=SAY)|(?<=IN))\s*(\d[\d,]{0,14})" + _KIND)
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


@dataclass(frozen=True, slots=True)
class Count:
    """A package count as printed: "ONE HUNDRED (100) CARTONS OF" is ONE HUNDRED, 100, words CARTONS and OF.

    spelled: what stands where the number's words belong; words: up to three words after the figure, of which the
    first ones name the package; start, end: where figure and first word lie in the text.
    """

    spelled: str
    figure: int
    words: tuple[str, ...]
    start: int
    end: int


class Spelling(Enum):
    """How the words before a figure agree with it."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"


@lru_cache(maxsize=4096)
def counts(text: str) -> tuple[Count, ...]:
    """Numbers with a word after them, in order: "(100) CARTONS", else "100 (ONE HUNDRED) CARTONS", else "100 CARTONS".

    Whether the word is a package is for `package_counts` to say.
    """
    text = text.upper()
    found, begin = [], 0
    for match in _BRACKETED.finditer(text):
        before = text[begin : match.start()]
        if _BREAKS.search(before):
            before = _BREAKS.split(before)[-1]
        found.append(_count(match.group(1), before, match, 2))
        begin = match.end(2) if match.group(2) else match.end(1)
    if found:
        return tuple(found)
    found = [_count(match.group(1), match.group(2), match, 3) for match in _REVERSED.finditer(text)]
    return tuple(found or [_count(match.group(1), "", match, 2) for match in _BARE.finditer(text)])


def _count(figure: str, spelled: str, match: re.Match[str], first: int) -> Count:
    words = tuple(word for word in match.group(first, first + 1, first + 2) if word)
    end = match.end(first) if match.group(first) else match.end(1)
    return Count(spelled.strip(), int(figure.replace(",", "")), words, match.start(1), end)


def package_counts(text: str, packages: Mapping[str, str]) -> list[tuple[Count, str]]:
    """The counts of packages in `text`, each with its Recommendation 21 code."""
    return [(count, kind) for count in counts(text) if (kind := package_kind(count.words, packages))]


def package_kind(words: tuple[str, ...], packages: Mapping[str, str]) -> str | None:
    """The Recommendation 21 code that the first of `words` name, the longest name first; None when they name none."""
    for length in range(len(words), 1, -1):
        if code := packages.get(" ".join(words[:length])):
            return code
    if not words:
        return None
    code = packages.get(words[0])
    if code is None and words[0] in _MATERIALS:
        return package_kind(words[1:], packages)
    return code


@lru_cache(maxsize=4096)
def spelling(spelled: str, figure: int) -> Spelling:
    """Whether `spelled` is `figure` in English words; commas, hyphens and AND do not matter (DOMAIN §8.4, E10)."""
    words = ["ONE" if word == "A" else word for word in _WORD_GAPS.split(spelled) if word not in ("", "AND")]
    expected = number_words(figure)
    rest = len(words) - len(expected)
    if rest >= 0 and tuple(words[rest:]) == expected and (not rest or words[rest - 1] not in NUMBER_WORDS):
        return Spelling.RIGHT
    said = [word for word in words if word not in _INTRODUCTIONS]
    looks_spoken = any(word in NUMBER_WORDS or get_close_matches(word, NUMBER_WORDS, 1, 0.8) for word in said)
    return Spelling.WRONG if looks_spoken else Spelling.MISSING


@lru_cache(maxsize=4096)
def number_words(figure: int) -> tuple[str, ...]:
    """`figure` as English words in upper case, without AND: 101 -> ONE, HUNDRED, ONE."""
    words = _WORD_GAPS.split(_num2words()(figure).upper())
    return tuple(word for word in words if word != "AND")


@cache
def _num2words() -> Callable[[int], str]:
    # 17 ms and every language: only when a figure is met; it carries no annotations
    spell: Callable[[int], str] = importlib.import_module("num2words").num2words
    return spell


def comparable(name: str) -> str:
    """A name without what the filing rule lets differ: blanks, punctuation, width and letter case (DOMAIN §8.2)."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).upper()))


def difference(filed: str, sent: str) -> tuple[str, str]:
    """Where two names first differ, in Chinese and English, for a reader: what is filed there and what was sent."""
    ours, theirs = comparable(filed), comparable(sent)
    pairs = enumerate(zip(ours, theirs, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(ours), len(theirs)))
    there, here = ours[same : same + 1], theirs[same : same + 1]
    around = theirs[max(same - 8, 0) : same]
    zh = f"“{around}”之后，备案为“{there or '（无）'}”，所填为“{here or '（无）'}”；备案名称：{filed}"
    en = f"after '{around}' filed is '{there or '(nothing)'}', sent is '{here or '(nothing)'}'; registered: {filed}"
    return zh, en
