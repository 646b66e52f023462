"""Package counts in words: rule E10 checks them and the import of foreign documents writes them, by the same library."""

import importlib
import re
from collections.abc import Callable
from functools import cache, lru_cache

from schemas.codelists import CodeLists

_GAPS = re.compile(r"[\s,-]+")


@lru_cache(maxsize=4096)
def number_words(figure: int) -> tuple[str, ...]:
    """`figure` as English words in upper case, without AND: 101 -> ONE, HUNDRED, ONE."""
    words = _GAPS.split(_num2words()(figure).upper())
    return tuple(word for word in words if word != "AND")


def package_phrase(figure: int, kind: str, codes: CodeLists) -> str:
    """A package count as certificates print it: 100 of "CT" -> "ONE HUNDRED (100) CARTONS"; an unknown kind as it stands."""
    code = codes.packages.get(kind.upper())
    printed = [word for word, meant in codes.packages.items() if code and meant == code and word != code]
    word = kind if not printed else printed[0] if figure == 1 else printed[min(1, len(printed) - 1)]
    return f"{' '.join(number_words(figure))} ({figure}) {word}".rstrip()


@cache
def _num2words() -> Callable[[int], str]:
    # 17 ms and every language: only when a figure is met; it carries no annotations
    spell: Callable[[int], str] = importlib.import_module("num2words").num2words
    return spell
