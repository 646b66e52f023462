"""Commands shown in the documentation exist, have the options shown, and do what the page says."""

import re
import subprocess
import sys

import click
import pytest

from tests.unit.docs.shown_commands import ROOT, Shown, find, mentioned_commands, options, shown_commands

COEDI = shown_commands("coedi")
RUN = [shown for shown in COEDI if shown.exit_code is not None]


@pytest.mark.parametrize("shown", COEDI, ids=str)
def test_a_coedi_command_that_is_shown_can_be_given(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, arguments = find(shown.words[1:])
    try:
        command.make_context(" ".join(shown.words[:2]), arguments)
    except click.exceptions.Exit:
        assert {"-h", "--help", "--version"} & set(arguments)


@pytest.mark.parametrize("shown", mentioned_commands("coedi"), ids=str)
def test_a_coedi_command_that_is_mentioned_exists_with_the_options_mentioned(shown: Shown) -> None:
    command, rest = find(shown.words[1:])
    assert {word for word in rest if re.match(r"--?[a-z]", word)} <= options(command) | {"--help"}


@pytest.mark.parametrize("shown", shown_commands("make") + mentioned_commands("make"), ids=str)
def test_a_make_target_that_is_shown_exists(shown: Shown) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    asked = {word for word in shown.words[1:] if "=" not in word}
    assert asked <= targets


@pytest.mark.parametrize("shown", RUN, ids=str)
def test_a_command_marked_to_be_run_gives_the_output_shown(shown: Shown) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", *shown.words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == shown.exit_code, done.stderr
    lines = iter(done.stdout.splitlines())
    missing = [line for line in shown.output if line.strip() != "..." and line not in lines]
    assert not missing, done.stdout


def test_some_commands_are_shown_and_some_are_run() -> None:
    assert len(COEDI) > 15
    assert {shown.words[1] for shown in RUN} >= {"check", "rules", "types", "lifecycle"}
