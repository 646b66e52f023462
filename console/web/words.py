"""Words, times and numbers as people read them, in Chinese and English."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.certificate_lifecycle import CERTIFICATE
from domain.filing_lifecycle import LIVES
from domain.lifecycle import State

SHANGHAI = ZoneInfo("Asia/Shanghai")
# directions that a sender may hide in a text to make it read otherwise; they are shown, never obeyed
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PARTED, _WORD = re.compile(" / "), re.compile("[A-Z]?[a-z]|[AI] ")
_UNITS = ((60, "秒", "s"), (3600, "分钟", "min"), (86400, "小时", "h"), (1 << 40, "天", "d"))

# shapes beside the word, so that no state is told by colour alone: (symbol id in symbols.svg, class)
SHAPES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("APPROVED", "ISSUED", "REGISTERED"), ("done", "good")),
    **dict.fromkeys(("PENDING_REVIEW", "AWAIT_PRINT"), ("wait", "wait")),
    **dict.fromkeys(("RETURNED",), ("back", "bad")),
    **dict.fromkeys(("VOID", "WITHDRAWN"), ("void", "bad")),
    **dict.fromkeys(("SUPERSEDED", "REPLACED"), ("replaced", "calm")),
}


def both(text: str) -> tuple[str, str]:
    """"中文 / English" in its parts, both the whole text where it has one.

    What was found may have the sign, too, "…：US / US / Destination differs: US / US": English begins with a word.
    """
    parted = [found.start() for found in _PARTED.finditer(text)]
    if not parted:
        return text, text
    at = next((at for at in parted if _WORD.match(text, at + 3)), parted[0])
    return text[:at], text[at + 3:]


def reason_words(reason: str, language: str) -> str:
    """A stored reason, "CODE: 中文 / English", in one language; what is not of that shape stays as it is."""
    _, colon, rest = reason.partition(": ")
    return both(rest)[language != "zh"] if colon and rest else reason


def visible(text: object) -> str:
    """A text from outside with what would steer the reader's eye written out: U+202E."""
    return _HIDDEN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", str(text))


def when(at: datetime | date | None) -> str:
    """A moment in Shanghai to the second, a date as it is, "" for none."""
    if at is None:
        return ""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if isinstance(at, datetime) else at.isoformat()


def span(seconds: float, language: str) -> str:
    """A length of time in its largest whole unit: "3 min", "3分钟"."""
    size, unit = 1, _UNITS[0]
    for unit in _UNITS:
        if abs(seconds) < unit[0]:
            break
        size = unit[0]
    count = int(abs(seconds) // size)
    return f"{count}{unit[1]}" if language == "zh" else f"{count} {unit[2]}"


def ago(at: datetime | None, language: str) -> str:
    """How long ago, or how far ahead: "3 min ago", "还有2小时"."""
    if at is None:
        return ""
    seconds = (datetime.now(UTC) - at).total_seconds()
    if language == "zh":
        return f"{span(seconds, language)}前" if seconds >= 0 else f"还有{span(seconds, language)}"
    return f"{span(seconds, language)} ago" if seconds >= 0 else f"in {span(seconds, language)}"


def number(value: Decimal | float | None) -> str:
    """With thousands parted by commas, as both languages write it."""
    return "" if value is None else f"{value:,}"


def state_of(code: str | None, kind: str = "certificate") -> State | None:
    """The state's row in its life-cycle table, None for an unknown one."""
    life = LIVES.get(kind, CERTIFICATE)
    return next((state for state in life.states if state.code == code), None)


def words_for(language: str) -> dict[str, Callable[..., Any]]:
    """The functions that templates use, bound to a language."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    def state(code: str | None, kind: str = "certificate") -> str:
        found = state_of(code, kind)
        return say(found.zh, found.en) if found else str(code or "")

    return {
        "say": say, "state": state, "when": when, "visible": visible, "number": number,
        "ago": lambda at: ago(at, language), "span": lambda seconds: span(seconds, language),
        "reason": lambda text: reason_words(text, language), "shape": lambda code: SHAPES.get(code or "", ("way", "calm")),
    }
