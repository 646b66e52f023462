"""`coedi lifecycle`, `coedi types`: the catalogue as text, JSON and Markdown."""

import json

from click.testing import CliRunner

from console.commands.catalogue import COMMANDS
from domain.certificate_lifecycle import CERTIFICATE


def output(verb: str, *arguments: str) -> str:
    result = CliRunner().invoke(COMMANDS[verb], arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_lifecycle_draws_every_move_and_documents_every_state() -> None:
    page = output("lifecycle", "--markdown")
    assert "stateDiagram-v2" in page
    for move in CERTIFICATE.moves:
        assert f"{move.source or '[*]'} --> {move.target}: {move.event}" in page
    assert all(f"| `{state.code}` | {state.zh} |" in page for state in CERTIFICATE.states)
    data = json.loads(output("lifecycle", "--json"))
    assert len(data["states"]) == len(CERTIFICATE.states)
    assert {"from": None, "event": "receive", "to": "RECEIVED", "answers": None} in data["moves"]
    assert "RECEIVED" in output("lifecycle")


def test_types_show_boxes_and_why_a_type_is_disabled() -> None:
    types = {kind["code"]: kind for kind in json.loads(output("types", "--json"))["types"]}
    assert types["CO"]["enabled"] and types["CO"]["reason_disabled"] is None
    assert [box["number"] for box in types["CO"]["boxes"]] == [str(number) for number in range(1, 13)]
    assert all(kind["reason_disabled"] for kind in types.values() if not kind["enabled"])
    assert "CO " in output("types")
