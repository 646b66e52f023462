"""docs/cli.md is the contract of the command line: every verb, argument, option and exit code, and the keys of --json."""

import json
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from console.main import VERBS, cli
from domain import errors
from tests.unit.docs.shown_commands import ROOT, leaves, options

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
GOOD = str(ROOT / "tests" / "samples" / "application" / "good" / "one-line-pumps-to-germany.xml")
BAD = str(ROOT / "tests" / "samples" / "application" / "bad" / "consignee-empty.xml")
OFFLINE = {
    "check": [GOOD, BAD, "--json"], "rules list": ["--json"], "rules packs": ["--shipped", "--json"], "types": ["--json"],
    "lifecycle": ["--json"],
}
LEAVES = dict(leaves())
_OPTION = re.compile(r"`(--?[a-z][a-z-]*)")


def section(path: tuple[str, ...]) -> str:
    """What the page says below the heading of a command, up to the next heading."""
    found = re.search(rf"^#+ {' '.join(path)}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert found, f"docs/cli.md has no heading '{' '.join(path)}'"
    return found[1]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_a_command_is_documented_with_its_arguments_and_options_and_no_others(path: tuple[str, ...]) -> None:
    command, text = LEAVES[path], section(path)
    assert set(_OPTION.findall(text)) == options(command)
    for param in command.params:
        if isinstance(param, click.Argument):
            assert f"`{param.human_readable_name}`" in text


def test_no_command_is_documented_that_does_not_exist() -> None:
    headings = {tuple(heading.split()) for heading in re.findall(r"^##+ ([a-z][a-z -]*)$", PAGE, re.M)}
    assert headings <= {path[:length] for path in LEAVES for length in (1, 2, 3)}
    assert {path[0] for path in LEAVES} == set(VERBS)


def test_every_exit_code_is_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CoediError)]
    documented = set(map(int, re.findall(r"^\| (\d+) \|", PAGE.partition("\n## ")[0], re.M)))
    assert {kind.exit_code for kind in kinds} <= documented
    assert set(map(int, re.findall(r"\b\d\b", cli.help or ""))) <= documented


def keys(data: Any) -> Iterator[str]:
    """Every key of a JSON document, at any depth."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from keys(value)
    elif isinstance(data, list):
        for item in data:
            yield from keys(item)


@pytest.mark.parametrize("verb", OFFLINE)
def test_the_keys_of_json_are_those_documented(verb: str) -> None:
    result = CliRunner().invoke(LEAVES[tuple(verb.split())], OFFLINE[verb])
    [documented] = re.findall(r"^JSON: (.*?)\n\n", section(tuple(verb.split())) + "\n\n", re.M | re.S)
    assert set(keys(json.loads(result.output))) == set(re.findall(r"`([a-z_0-9]+)`", documented))
