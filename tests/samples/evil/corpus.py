"""The drawer of hostile deliveries as values: kept files, those made when asked for, and what EXPECTED.toml says of them."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
GOOD = FOLDER.parent / "application" / "good" / "one-line-pumps-to-germany.xml"
_GOODS = "CENTRIFUGAL PUMPS FOR CLEAN WATER, MODEL HL80-160"


@dataclass(frozen=True)
class Row:
    """One row of EXPECTED.toml. kind: file, application or generated; findings: of the offline check, for an application."""

    kind: str
    name: str
    code: str
    why: str
    findings: tuple[str, ...] = ()
    asked: str = ""
    value_in: tuple[str, ...] = ()


@cache
def expected() -> tuple[Row, ...]:
    """Every row, in the order of the page."""
    data = tomllib.loads((FOLDER / "EXPECTED.toml").read_text(encoding="utf-8"))
    return tuple(
        Row(kind, row["name"], row["code"], row["why"], tuple(row.get("findings", ())), row.get("asked", ""),
            tuple(row.get("value_in", ())))
        for kind in ("file", "application", "generated") for row in data[kind])


def body_of(row: Row) -> bytes:
    """The delivery of a row."""
    return MAKERS[row.name]() if row.kind == "generated" else (FOLDER / row.name).read_bytes()


def _application(number: int, *changes: tuple[str, str]) -> bytes:
    """The good application under numbers of its own, with these replacements."""
    text = GOOD.read_text(encoding="utf-8")
    ids = (("HL-ICE-20261116-01", f"MADE-{number}"), ("HL-CO-20261116-001", f"MADE-{number}-1"))
    for old, new in (*ids, ("HL2026-1187", f"MD26-{number}"), *changes):
        if old not in text:
            raise ValueError(f"{old!r} is not in {GOOD.name}")
        text = text.replace(old, new, 1)
    return text.encode()


def _lines(number: int, description: Callable[[int], str], count: int = 240, hs_code: str = "84137099") -> bytes:
    """The good application with `count` more lines before its own."""
    more = "".join(
        f"<Line><Description>{description(at)}</Description><HSCode>{hs_code}</HSCode><Quantity>1</Quantity><Unit>PCS</Unit></Line>"
        for at in range(count))
    return _application(number, ("<Goods>", f"<Goods>{more}"))


def _root(*attributes: str) -> bytes:
    return f"<CO {' '.join(attributes)}/>".encode()


def _attributes(count: int, prefixed: bool = False) -> str:
    return " ".join(f"{f'n{at}:' if prefixed else ''}a{at}='1'" for at in range(count))


def _namespaces(count: int) -> str:
    return " ".join(f"xmlns:n{at}='urn:n{at}'" for at in range(count))


def _garbled(at: int) -> str:
    """8,000 characters of words that are nearly number words, different in every line, and a figure."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    words = " ".join(f"SEVENT{letters[n % 26]}{letters[at % 26]}{letters[at // 26]}EEN" for n in range(660))
    return f"{words[:7_980]} (5) CARTONS"


MAKERS: Mapping[str, Callable[[], bytes]] = {
    "depth-10000": lambda: b"<a>" * 10_000 + b"</a>" * 10_000,
    "attrs-50000": lambda: _root(_attributes(50_000)),
    "ns-5000": lambda: _root(_namespaces(5_000)),
    "ns-hash-attrs": lambda: _root(_namespaces(2_000), _attributes(2_000, prefixed=True)),
    "long-name": lambda: b"<" + b"n" * 60_000 + b"/>",
    "children-500k": lambda: b"<CO>" + b"<a/>" * 500_000 + b"</CO>",
    "attr-value-1900k": lambda: b'<CO a="' + b"x" * 1_900_000 + b'"/>',
    "text-1900k": lambda: b"<CO>" + b"x" * 1_900_000 + b"</CO>",
    "text-11M": lambda: b"<CO>" + b"x" * 11_000_000 + b"</CO>",
    "comment-1900k": lambda: b"<CO><!--" + b"x" * 1_900_000 + b"--></CO>",
    "cdata-1900k": lambda: b"<CO>" + b"<![CDATA[x]]>" * 140_000 + b"</CO>",
    "charrefs": lambda: b"<CO>" + b"&#65;" * 380_000 + b"</CO>",
    "tag-unclosed-1M": lambda: b"<CO>" + b"<a" * 600_000,
    "application-attrs-50000": lambda: _application(1, ("<Marks>", f"<Marks {_attributes(50_000)}>")),
    "application-ns-5000": lambda: _application(2, ("<Marks>", f"<Marks {_namespaces(5_000)}>")),
    "application-attr-value-1900k": lambda: _application(3, ("<Marks>", f"<Marks a='{'x' * 1_900_000}'>")),
    "application-text-1900k": lambda: _application(4, (_GOODS, "X" * 1_900_000)),
    "application-comment-1900k": lambda: _application(5, ("<Marks>", f"<!--{'x' * 1_900_000}--><Marks>")),
    "application-cdata-1900k": lambda: _application(6, (_GOODS, "<![CDATA[X]]>" * 140_000)),
    "application-charrefs": lambda: _application(7, (_GOODS, "&#65;" * 380_000)),
    "application-lines-of-brackets": lambda: _lines(8, lambda at: f"{at}" + "(1" * 3_990 + ")"),
    "application-lines-of-blanks": lambda: _lines(9, lambda at: f"FOB{' ' * 7_980}X{at}"),
    "application-lines-of-words": lambda: _lines(10, _garbled),
    "application-lines-of-marks": lambda: _lines(11, lambda at: f"{at} {'*' * 4_000}{'-' * 3_980}"),
    "application-2000-faults": lambda: _lines(12, lambda at: f"{at} Ａ\u0085", 499, "x"),
}
