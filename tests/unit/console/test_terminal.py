"""What commands print: into a pipe, and on a terminal."""

import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from uuid import UUID

import pytest

from console import terminal

DEMONSTRATION = """
from console import terminal
terminal.table("Title", ("state", "名称"), [("ISSUED", "北京\\x1b[31m")])
with terminal.progress(2, "working [here]") as bar:
    bar.advance(2)
    bar.note("note")
"""


def test_columns_line_up_under_chinese_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table("", ("名称", "code"), [("北京分会", "a"), ("x", None)])
    assert capsys.readouterr().out.splitlines() == ["名称      code", "北京分会  a", "x         -"]


def test_control_characters_and_line_feeds_are_written_out_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table("T", ("found",), [("a\nb\x1b[2Jc",)])
    assert capsys.readouterr().out.splitlines() == ["T", "found", "a / b\\x1b[2Jc"]


def test_times_are_shanghais_whatever_they_came_as() -> None:
    assert terminal.when(datetime(2026, 3, 1, 16, 30, 5, tzinfo=UTC)) == "2026-03-02 00:30:05"
    assert terminal.when(None) == "-"


def test_json_keeps_chinese_and_writes_times_and_identities_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.echo_json({"名": "北京", "at": datetime(2026, 3, 1, 16, tzinfo=UTC), "id": UUID(int=7)})
    text = capsys.readouterr().out
    assert "北京" in text
    assert json.loads(text) == {
        "名": "北京", "at": "2026-03-02T00:00:00+08:00", "id": "00000000-0000-0000-0000-000000000007"}


def test_a_json_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.echo_json_line({"zh": "第一行\n第二行"})
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_no_bar_is_drawn_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress(3, "working") as bar:
        bar.advance()
        bar.note("note")
    assert capsys.readouterr() == ("", "")


def test_rich_is_not_even_imported_in_a_pipe() -> None:
    code = f"{DEMONSTRATION}\nimport sys\nassert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_terminal_gets_colours_and_a_bar_and_no_foreign_control_sequences() -> None:
    shown = _on_a_terminal(DEMONSTRATION)
    assert "\x1b[32mISSUED" in shown
    assert "working [here]" in shown and "2/2" in shown
    assert "\\x1b[31m" in shown


def _on_a_terminal(code: str) -> str:
    """Run Python code with a terminal as its output; what the terminal received."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = io.BytesIO()
    while True:
        try:
            shown.write(os.read(ours, 4096))
        except OSError:  # the other end is closed
            break
    os.close(ours)
    assert process.wait(timeout=30) == 0
    return shown.getvalue().decode()
