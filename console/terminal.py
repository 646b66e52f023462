"""What commands show: tables, progress bars, JSON and times. On a terminal with rich, in a pipe as plain text."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHANGHAI = ZoneInfo("Asia/Shanghai")  # business time, whatever the machine's zone

# a cell that is exactly one of these words is coloured: verdicts, severities, states of certificates and of services
COLOURS: dict[str, str] = {
    **dict.fromkeys(("accepted", "ISSUED", "yes", "ok", "active"), "green"),
    **dict.fromkeys(("manual", "referred", "PENDING_REVIEW", "AWAIT_PRINT", "PARKED", "NO_PROGRESS"), "yellow"),
    **dict.fromkeys(("reject", "refused", "REFUSED", "RETURNED", "VOID", "no", "failed", "off", "missing"), "red"),
    **dict.fromkeys(("warn", "RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "APPROVED"), "cyan"),
}


class Bar(Protocol):
    """A progress bar, or nothing at all when nobody watches."""

    def advance(self, count: int = 1) -> None:
        """`count` more are done."""

    def note(self, text: str) -> None:
        """What happens now, behind the label."""


def on_terminal() -> bool:
    """Whether a person watches: standard output is a terminal."""
    return sys.stdout.isatty()


def when(at: datetime | None) -> str:
    """An aware time as Shanghai's, "2026-03-02 09:15:07"; "-" for none."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else "-"


def echo_json(data: Any) -> None:
    """One JSON document on standard output; datetimes as ISO 8601 of Shanghai, other values (UUID, Path) as text."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_as_json))


def echo_json_line(data: Any) -> None:
    """One JSON object on a line of its own, sent at once: for output that goes on and on."""
    click.echo(json.dumps(data, ensure_ascii=False, default=_as_json))


def one_line(text: object) -> str:
    """A value from outside as one visible line: control characters are written out, so they cannot drive a terminal."""
    visible = str(text).replace("\r\n", "\n").replace("\n", " / ")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in visible)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; None is shown as "-". Line feeds in a cell are kept on a terminal and become " / " in a pipe."""
    texts = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    if on_terminal():
        _rich_table(title, columns, texts)
    else:
        _plain_table(title, columns, texts)


@contextmanager
def progress(total: int | None, label: str, shown: bool = True) -> Iterator[Bar]:
    """A bar on standard error while the block runs; nothing unless both outputs are a terminal. total None: unknown."""
    if not (shown and on_terminal() and sys.stderr.isatty()):
        yield _Silence()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn(), TextColumn("{task.fields[note]}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _RichBar(bar, bar.add_task(label, total=total, note=""))


@dataclass(frozen=True, slots=True)
class _Silence:
    def advance(self, count: int = 1) -> None:
        """Nobody watches."""

    def note(self, text: str) -> None:
        """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _RichBar:
    bar: "Progress"
    task: "TaskID"

    def advance(self, count: int = 1) -> None:
        """See Bar."""
        self.bar.advance(self.task, count)

    def note(self, text: str) -> None:
        """See Bar."""
        self.bar.update(self.task, note=one_line(text))


def _as_json(value: object) -> str:
    return value.astimezone(SHANGHAI).isoformat() if isinstance(value, datetime) else str(value)


def _rich_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("\n".join(map(one_line, cell.splitlines())), style=COLOURS.get(cell, "")) for cell in row))
    Console().print(drawn)


def _plain_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [list(columns), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    if title:
        click.echo(title)
    for line in lines:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _width(text: str) -> int:
    """Columns that a terminal needs: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
