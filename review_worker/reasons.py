"""Reason codes of what people decide: data, in both languages, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.errors import UnknownThing


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its texts. events: where it may be said (approve, return, void, steal, refer); kinds: certificate, goods,
    registration; remedy: what the enterprise has to do, "中文 / English"."""

    code: str
    zh: str
    en: str
    events: tuple[str, ...]
    kinds: tuple[str, ...]
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.zh} / {self.en}"


@cache
def reasons() -> Mapping[str, Reason]:
    """All codes in the order of the file."""
    data = tomllib.loads(files("review_worker").joinpath("reasons.toml").read_text("utf-8"))
    return {
        code: Reason(code, one["zh"], one["en"], tuple(one["events"]), tuple(one["kinds"]), one.get("remedy", ""))
        for code, one in data.items()}


def reasons_for(event: str, kind: str = "certificate") -> tuple[Reason, ...]:
    """The codes of an event for certificates or filings."""
    return tuple(one for one in reasons().values() if event in one.events and kind in one.kinds)


def reason(event: str, kind: str, code: str) -> Reason:
    """One of them; raises UnknownThing for a code that is not said there."""
    found = reasons().get(code)
    if found is None or event not in found.events or kind not in found.kinds:
        raise UnknownThing(f"there is no reason code {code} for {event} ({kind}); see: coedi review reasons",
                           zh=f"没有该原因代码：{code}")
    return found


def checked(event: str, kind: str, code: str) -> str:
    """The code itself, "" for none; raises UnknownThing as `reason` does."""
    return reason(event, kind, code).code if code else ""


def said(event: str, kind: str, code: str, own: str, text: str) -> tuple[str, ...]:
    """A decision's reasons as stored and sent: the code with its texts, if one was given, then our own word with the free text."""
    coded = (str(reason(event, kind, code)),) if code else ()
    free = f"{own}: {text.strip()}" if text.strip() else own
    return coded if coded and free == own else (*coded, free)
