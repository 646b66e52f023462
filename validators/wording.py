"""Word lists that rules look up: what may not stand below the end mark, and which chapters a name of goods belongs to.

They stand in `schemas/codes/rule-parameters.toml` with the other parameters, each with its source noted over it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Wording:
    """The lists, ready to be asked.

    counted: finds a figure with a unit or a package after it ("200 CARTONS") in text with single blanks; note_phrases:
    finds wording that does not belong into references; chapters: last word of a goods name -> the HS chapters in which
    goods so called may lie.
    """

    counted: re.Pattern[str]
    note_phrases: re.Pattern[str]
    chapters: Mapping[str, frozenset[str]]


@cache
def wording() -> Wording:
    """The lists, read once per process."""
    data = tomllib.loads((files("schemas") / "codes" / "rule-parameters.toml").read_text(encoding="utf-8"))
    return Wording(
        counted=re.compile(rf"(?<![\d,.])\d[\d,.]*+\)? ?(?:{_any_of(data['note_quantity_words'])})\b"),
        note_phrases=re.compile(rf"\b(?:{_any_of(data['note_phrases'])})\b"),
        chapters=MappingProxyType({
            word: frozenset(row["chapters"]) for row in data["goods_chapters"] for word in row["words"]
        }),
    )


def _any_of(words: list[str]) -> str:
    """An alternation of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
