"""What `coedi check` prints: each file with its findings, on a terminal, as plain text or as JSON, and what they come to."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import click

from console.checking import Report
from console.terminal import COLOURS, one_line

_VERDICTS_ZH = {"accepted": "通过", "referred": "转人工审核", "refused": "退回", "unreadable": "无法读取"}
_SHOWN_CODES = 30


@dataclass(slots=True)
class Totals:
    """How many files had which verdict, how often each code was found, and which rules nobody could ask."""

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    not_checked: dict[str, None] = field(default_factory=dict)

    def counted(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The same reports, counted as they pass."""
        for report in reports:
            self.verdicts[report["verdict"]] += 1
            self.codes.update(finding["code"] for finding in report["findings"])
            if report["not_checked"]:
                self.not_checked |= dict.fromkeys(report["not_checked"])
            yield report

    @property
    def readable(self) -> int:
        """Files that could be checked."""
        return self.verdicts.total() - self.verdicts["unreadable"]

    def data(self) -> dict[str, Any]:
        """As JSON: the codes most frequent first."""
        return {"files": self.verdicts.total(), **{verdict: self.verdicts[verdict] for verdict in _VERDICTS_ZH},
                "findings": [{"code": code, "count": count} for code, count in self.codes.most_common()]}


def print_json(reports: Iterable[Report], totals: Totals) -> None:
    """One JSON document, written file by file."""
    click.echo('{\n  "files": [', nl=False)
    before = "\n"
    for report in reports:
        click.echo(before + textwrap.indent(json.dumps(report, ensure_ascii=False, indent=2), "    "), nl=False)
        before = ",\n"
    summary = textwrap.indent(json.dumps(totals.data(), ensure_ascii=False, indent=2), "  ").lstrip()
    click.echo(f'\n  ],\n  "summary": {summary}\n}}')


def print_plain(reports: Iterable[Report]) -> None:
    """Readable text without colours, an empty line between files."""
    between = ""
    for report in reports:
        click.echo(between + _plain(report))
        between = "\n"


def _plain(report: Report) -> str:
    lines = [f"{one_line(report['file'])}: {report['verdict']} {_VERDICTS_ZH[report['verdict']]}"]
    for finding in report["findings"]:
        lines.append(f"  {finding['code']} {finding['severity']}{_place(finding)}")
        lines += [f"    {finding['zh']}", f"    {finding['en']}"]
        if finding["found"]:
            lines.append(f"    found: {one_line(finding['found'])}")
        lines.append(f"    {finding['remedy']}")
    if report["not_checked"]:
        lines.append(f"  not checked, no register: {' '.join(report['not_checked'])}")
    return "\n".join(lines)


def _place(finding: dict[str, Any]) -> str:
    box = f" box {finding['box']}" if finding["box"] else ""
    line = f" line {finding['line']}" if finding["line"] else ""
    return f"{box}{line} {finding['path'] or ''}".rstrip()


def print_coloured(reports: Iterable[Report]) -> None:
    """For a terminal: a table of findings below each file."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for report in reports:
        verdict = report["verdict"]
        words = Text(f"{verdict} {_VERDICTS_ZH[verdict]}", style=COLOURS.get(verdict, "red"))
        console.print(Text(f"{one_line(report['file'])}: "), words)
        if report["findings"]:
            table = Table(show_lines=True)
            for heading in ("rule", "where", "what", "remedy"):
                table.add_column(heading, overflow="fold")
            for finding in report["findings"]:
                code = Text(f"{finding['code']}\n{finding['severity']}", style=COLOURS[finding["severity"]])
                found = f"\n{one_line(finding['found'])}" if finding["found"] else ""
                what = Text(f"{finding['zh']}\n{finding['en']}{found}")
                remedy = Text(finding["remedy"].replace(" / ", "\n", 1))
                table.add_row(code, Text(_place(finding).strip()), what, remedy)
            console.print(table)
        if report["not_checked"]:
            console.print(Text(f"not checked, no register: {' '.join(report['not_checked'])}", style="dim"))


def print_totals(totals: Totals) -> None:
    """The summary below many files."""
    counts = [f"{count} {verdict} {zh}" for verdict, zh in _VERDICTS_ZH.items() if (count := totals.verdicts[verdict])]
    click.echo(f"\n{totals.verdicts.total()} files: {', '.join(counts)}")
    if totals.codes:
        shown = totals.codes.most_common(_SHOWN_CODES)
        more = len(totals.codes) - len(shown)
        text = ", ".join(f"{code} {count}" for code, count in shown) + (f" and {more} other codes" if more > 0 else "")
        click.echo(textwrap.fill(f"findings: {text}", 120, subsequent_indent="  "))
    if totals.not_checked:
        click.echo(f"not checked, no register: {' '.join(sorted(totals.not_checked))}")
