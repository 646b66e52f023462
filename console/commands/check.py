"""`coedi check`: validate files without any service; all findings, exit 1 when a file is refused."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from domain.errors import BadSetting

if TYPE_CHECKING:
    from console.check_report import Totals
    from console.checking import Report
    from console.terminal import Bar

MANY = 20  # files; of more than these only those with findings are shown


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--registry", type=click.Path(path_type=Path), help="Branches and enterprises, a TOML or JSON file.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Business date, default: today in Shanghai.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes, default: one for each processor.")
@click.option("--all", "show_all", is_flag=True, help="Of many files show also those without findings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(
    files: tuple[Path, ...], registry: Path | None, today: datetime | None, jobs: int | None, show_all: bool, as_json: bool
) -> None:
    """Check interchange FILES, or all .xml files below folders: schema and rules, all findings at once.

    Without --registry the rules that need CCPIT's register are listed under not_checked. Whether a message id or an
    invoice number was used before (A03, A04, A16 to A18) only the running system knows.
    """
    from console.check_report import Totals
    from console.checking import Question, checked, facts_of, files_below, processors
    from console.terminal import progress

    day = today.date() if today else datetime.now(ZoneInfo("Asia/Shanghai")).date()
    question, named, totals = Question(registry, day), files_below(files), Totals()
    try:
        facts_of(question)
    except BadSetting as error:
        raise click.UsageError(str(error)) from error
    watched = len(named) > MANY and not as_json
    with checked(named, question, jobs or processors()) as reports, progress(len(named), "checking", shown=watched) as bar:
        _print(_advancing(totals.counted(reports), bar), totals, len(named), show_all, as_json)
    _end(totals)


COMMANDS: dict[str, click.Command] = {"check": check}


def _advancing(reports: "Iterable[Report]", bar: "Bar") -> "Iterator[Report]":
    for report in reports:
        bar.advance()
        yield report


def _print(reports: "Iterator[Report]", totals: "Totals", count: int, show_all: bool, as_json: bool) -> None:
    from console.check_report import print_coloured, print_json, print_plain, print_totals

    if as_json:
        print_json(reports, totals)
        return
    shown = reports if show_all or count <= MANY else (report for report in reports if report["findings"])
    (print_coloured if sys.stdout.isatty() else print_plain)(shown)
    if count > MANY:
        print_totals(totals)


def _end(totals: "Totals") -> None:
    """0 when all is well, 1 when a file is refused, 5 when some could not be read, 2 when none could."""
    if totals.verdicts["unreadable"]:
        if not totals.readable:
            raise click.UsageError("no file could be read")
        sys.exit(5)
    if totals.verdicts["refused"]:
        sys.exit(1)
