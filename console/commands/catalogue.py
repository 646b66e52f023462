"""`coedi rules`, `coedi lifecycle`, `coedi types`: what the system knows, as text, JSON or Markdown."""

import json
from typing import TYPE_CHECKING, Any

import click

from domain.certificate_lifecycle import CERTIFICATE
from domain.lifecycle import Lifecycle

if TYPE_CHECKING:
    from schemas.certificate_types import CertificateType

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_MARKDOWN = click.option("--markdown", "as_markdown", is_flag=True, help="The page of the documentation.")


@click.command("rules")
@_JSON
@_MARKDOWN
def rules(as_json: bool, as_markdown: bool) -> None:
    """The validation rules: code, severity, box, what they find."""
    from validators.catalogue import markdown, rows
    from validators.pack import VERSION

    if as_json:
        _print_json({"pack": VERSION, "rules": rows()})
    elif as_markdown:
        click.echo(markdown(), nl=False)
    else:
        for row in rows():
            click.echo(f"{row['code']}  {row['severity']:<6}  box {row['box'] or '-':<2}  {row['zh']} / {row['en']}")


@click.command("lifecycle")
@_JSON
@_MARKDOWN
def lifecycle(as_json: bool, as_markdown: bool) -> None:
    """The states of a certificate and the moves between them."""
    if as_json:
        _print_json(lifecycle_data(CERTIFICATE))
    elif as_markdown:
        click.echo(lifecycle_markdown(CERTIFICATE), nl=False)
    else:
        for state in CERTIFICATE.states:
            click.echo(f"{state.code:<15} {state.zh}  {state.en}: {state.meaning}")
            for event in CERTIFICATE.events_from(state.code):
                click.echo(f"    {event} -> {CERTIFICATE.move(state.code, event).target}")


@click.command("types")
@_JSON
def types(as_json: bool) -> None:
    """The certificate types, enabled or not, and the boxes of their forms."""
    from schemas.certificate_types import all_types

    if as_json:
        _print_json({"types": [_type_data(kind) for kind in all_types()]})
        return
    for kind in all_types():
        click.echo(f"{kind.code:<7} {kind.letter:<2}  {kind.zh} / {kind.en}{_disabled(kind)}")
        for box in kind.boxes:
            click.echo(f"    {box.number:<3} {box.caption}")


COMMANDS: dict[str, click.Command] = {"rules": rules, "lifecycle": lifecycle, "types": types}


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
        "Made by `coedi lifecycle --markdown` from `domain/certificate_lifecycle.py`.", "",
        "```mermaid", "stateDiagram-v2", *drawing, *endings, "```", "",
        "| state | 中文 | English | meaning | moved on by | waits for | after a crash |",
        "|---|---|---|---|---|---|---|",
        *states, "",
        "| from | event | to | answers the message |", "|---|---|---|---|",
        *moves, "",
    ])  # fmt: skip


def _type_data(kind: "CertificateType") -> dict[str, Any]:
    reason = " / ".join(filter(None, (kind.reason_zh, kind.reason_en)))
    return {
        "code": kind.code, "zh": kind.zh, "en": kind.en, "letter": kind.letter, "enabled": kind.enabled,
        "reason_disabled": reason or None,
        "boxes": [{"number": box.number, "caption": box.caption, "field": box.field} for box in kind.boxes],
    }  # fmt: skip


def _disabled(kind: "CertificateType") -> str:
    return "" if kind.enabled else f"  (disabled: {kind.reason_zh} / {kind.reason_en})"


def _print_json(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
