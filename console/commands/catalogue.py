"""`coedi lifecycle`, `coedi types`: what the system knows, as text, JSON or Markdown."""

import json
from typing import Any

import click

from console.commands.type_catalogue import types
from domain.certificate_lifecycle import CERTIFICATE
from domain.filing_lifecycle import GOODS_FILING, REGISTRATION
from domain.lifecycle import Lifecycle

# name of a table -> the file that holds it
SOURCES = {"certificate": "domain/certificate_lifecycle.py", "goods filing": "domain/filing_lifecycle.py",
           "registration": "domain/filing_lifecycle.py"}
# what the command calls them -> the tables of states and moves
TABLES: dict[str, Lifecycle] = {"certificate": CERTIFICATE, "goods-filing": GOODS_FILING, "registration": REGISTRATION}

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_MARKDOWN = click.option("--markdown", "as_markdown", is_flag=True, help="The page of the documentation.")


@click.command("lifecycle")
@click.argument("which", type=click.Choice(list(TABLES)), default="certificate")
@_JSON
@_MARKDOWN
def lifecycle(which: str, as_json: bool, as_markdown: bool) -> None:
    """The states of a certificate, a goods filing or a registration, and the moves between them."""
    table = TABLES[which]
    if as_json:
        _print_json(lifecycle_data(table))
    elif as_markdown:
        click.echo(lifecycle_markdown(table), nl=False)
    else:
        for state in table.states:
            click.echo(f"{state.code:<15} {state.zh}  {state.en}: {state.meaning}")
            for event in table.events_from(state.code):
                click.echo(f"    {event} -> {table.move(state.code, event).target}")


COMMANDS: dict[str, click.Command] = {"lifecycle": lifecycle, "types": types}


def lifecycle_data(table: Lifecycle) -> dict[str, Any]:
    """The table as JSON-ready data."""
    return {
        "name": table.name,
        "states": [
            {
                "code": state.code, "zh": state.zh, "en": state.en, "meaning": state.meaning,
                "moved_by": state.moved_by, "waits_for": state.waits_for, "after_crash": state.after_crash,
                "holds_invoice": state.holds_invoice,
                "numbered": state.numbered, "patience_minutes": state.patience_minutes,
            }
            for state in table.states
        ],
        "moves": [
            {"from": move.source, "event": move.event, "to": move.target, "answers": move.answers}
            for move in table.moves
        ],
    }  # fmt: skip


def lifecycle_markdown(table: Lifecycle) -> str:
    """The table as a page: the drawing (Mermaid), the states, the moves."""
    drawing = [f"    {move.source or '[*]'} --> {move.target}: {move.event}" for move in table.moves]
    endings = [f"    {state.code} --> [*]" for state in table.states if not list(table.events_from(state.code))]
    states = [
        f"| `{state.code}` | {state.zh} | {state.en} | {state.meaning} | {state.moved_by} | {state.waits_for or ''} |"
        f" {state.after_crash} |"
        for state in table.states
    ]
    moves = [
        f"| {f'`{move.source}`' if move.source else '(new)'} | {move.event} | `{move.target}` | {move.answers or ''} |"
        for move in table.moves
    ]
    return "\n".join([
        f"# Life cycle: {table.name}", "",
        f"Made by `make docs` from `{SOURCES[table.name]}`; `coedi lifecycle` shows it, too.", "",
        "```mermaid", "stateDiagram-v2", *drawing, *endings, "```", "",
        "| state | 中文 | English | meaning | moved on by | waits for | after a crash |",
        "|---|---|---|---|---|---|---|",
        *states, "",
        "| from | event | to | answers the message |", "|---|---|---|---|",
        *moves, "",
    ])  # fmt: skip


def _print_json(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
