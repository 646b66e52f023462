"""`coedi check`: validate files without any service; all findings, exit 1 when a file is refused."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from domain.errors import BadSetting

if TYPE_CHECKING:
    from validators.check import FactsFor

_COLOURS = {
    "accepted": "green", "referred": "yellow", "refused": "red",
    "warn": "cyan", "manual": "yellow", "reject": "red",
}  # fmt: skip
_VERDICTS_ZH = {"accepted": "通过", "referred": "转人工审核", "refused": "退回"}


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--registry", type=click.Path(path_type=Path), help="Branches and enterprises, a TOML or JSON file.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Business date, default: today in Shanghai.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(files: tuple[Path, ...], registry: Path | None, today: datetime | None, as_json: bool) -> None:
    """Check interchange FILES: schema and rules, all findings at once.

    Without --registry the rules that need CCPIT's register are listed under not_checked. Whether a message id or an
    invoice number was used before (A03, A04, A16 to A18) only the running system knows.
    """
    from validators.check import check_bytes
    from validators.pack import current_pack

    bodies = [(file, _read(file)) for file in files]
    facts = _facts(registry, today.date() if today else datetime.now(ZoneInfo("Asia/Shanghai")).date())
    reports = [check_bytes(str(file), body, facts, current_pack()) for file, body in bodies]
    if as_json:
        click.echo(json.dumps({"files": reports}, ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        _print_coloured(reports)
    else:
        click.echo("\n\n".join(_plain(report) for report in reports))
    if any(report["verdict"] == "refused" for report in reports):
        sys.exit(1)


COMMANDS: dict[str, click.Command] = {"check": check}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from error


def _facts(registry: Path | None, today: date) -> "FactsFor":
    """Facts by registration number, from the register file when there is one."""
    from schemas.certificate_types import all_types
    from schemas.codelists import code_lists
    from validators.facts import Facts
    from validators.registry_file import load

    codes = code_lists()
    types = frozenset(kind.code for kind in all_types() if kind.available_on(today))
    if registry is None:
        return lambda no: Facts(today, codes, types=types)
    try:
        known = load(registry)
    except BadSetting as error:
        raise click.UsageError(str(error)) from error
    branches = frozenset(known.branches)
    return lambda no: Facts(today, codes, known.enterprises.get(no), branches, types, registry_known=True)


def _plain(report: dict[str, Any]) -> str:
    lines = [f"{report['file']}: {report['verdict']} {_VERDICTS_ZH[report['verdict']]}"]
    for finding in report["findings"]:
        lines.append(f"  {finding['code']} {finding['severity']}{_place(finding)}")
        lines += [f"    {finding['zh']}", f"    {finding['en']}"]
        if finding["found"]:
            lines.append(f"    found: {_one_line(finding['found'])}")
        lines.append(f"    {finding['remedy']}")
    if report["not_checked"]:
        lines.append(f"  not checked, no register: {' '.join(report['not_checked'])}")
    return "\n".join(lines)


def _place(finding: dict[str, Any]) -> str:
    box = f" box {finding['box']}" if finding["box"] else ""
    line = f" line {finding['line']}" if finding["line"] else ""
    return f"{box}{line} {finding['path'] or ''}".rstrip()


def _one_line(text: str) -> str:
    """Found values may hold line feeds and control characters: show them as one visible line."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text.replace("\n", " / "))


def _print_coloured(reports: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for report in reports:
        verdict = report["verdict"]
        console.print(Text(f"{report['file']}: "), Text(f"{verdict} {_VERDICTS_ZH[verdict]}", style=_COLOURS[verdict]))
        if report["findings"]:
            table = Table(show_lines=True)
            for heading in ("rule", "where", "what", "remedy"):
                table.add_column(heading, overflow="fold")
            for finding in report["findings"]:
                code = Text(f"{finding['code']}\n{finding['severity']}", style=_COLOURS[finding["severity"]])
                found = f"\n{_one_line(finding['found'])}" if finding["found"] else ""
                what = Text(f"{finding['zh']}\n{finding['en']}{found}")
                remedy = Text(finding["remedy"].replace(" / ", "\n", 1))
                table.add_row(code, Text(_place(finding).strip()), what, remedy)
            console.print(table)
        if report["not_checked"]:
            console.print(Text(f"not checked, no register: {' '.join(report['not_checked'])}", style="dim"))
