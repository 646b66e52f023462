"""Shell completion, as the shell asks for it."""

import os
import subprocess
import sys

import pytest

_AS_COEDI = "import sys; sys.argv = ['coedi']; from console.main import main; main()"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("coedi rece", {"receipts"}),
        ("coedi topology ", {"apply", "show"}),
        ("coedi enterprise re", {"revoke"}),
        ("coedi send --w", {"--wait"}),
    ],
)
def test_verbs_and_options_are_completed(line: str, offered: set[str]) -> None:
    words = line.split(" ")
    environment = os.environ | {
        "_COEDI_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", _AS_COEDI], env=environment, capture_output=True, text=True, check=True)
    assert {row.split(",")[1] for row in done.stdout.splitlines()} == offered


def test_the_script_for_the_shell_is_printed() -> None:
    environment = os.environ | {"_COEDI_COMPLETE": "zsh_source"}
    done = subprocess.run(
        [sys.executable, "-c", _AS_COEDI], env=environment, capture_output=True, text=True, check=True)
    assert "#compdef coedi" in done.stdout
