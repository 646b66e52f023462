"""The keys of --json on a living system are those that docs/cli.md promises."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console.sampler import FAULTS, Sample, sample
from tests.load import coedi, publish, register_sampler, start, states, wait_for
from tests.services import World

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
ANYWHERE = {"code", "severity", "box", "path", "line", "found", "zh", "en", "remedy", "pack",  # a finding
            "medium", "sha256", "name", "size", "pages"}  # a document
pytestmark = [pytest.mark.broker, pytest.mark.database]


def keys(data: Any) -> Iterator[str]:
    """Every key of a JSON document, at any depth; a checkpoint's feeds have enterprises for keys."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from keys(value if key != "feeds" else None)
    elif isinstance(data, list):
        for item in data:
            yield from keys(item)


def promised(command: str) -> set[str]:
    """The keys that stand behind "JSON:" in the command's section; "the keys of X" takes over those of X."""
    section = re.search(rf"^#+ {command}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert section, command
    text = section[1].partition("JSON: ")[2]
    found = set(re.findall(r"`([a-z_0-9]+)`", text))
    for other in re.findall(r"the\s+keys\s+of\s+`(?:coedi )?([a-z ]+)`", text):
        found |= promised(other)
    return found | (promised("parked list") if command == "parked show" else set())


def send_and_drain(world: World, folder: Path, samples: list[Sample]) -> None:
    """Let the pipeline handle samples to their ends."""
    up = start(world, folder, "up", "--workers", "1")
    try:
        publish(world, samples)
        ends = ("ISSUED", "RETURNED", "PENDING_REVIEW")
        assert wait_for(lambda: sum(states(world).get(state, 0) for state in ends) == len(samples)), up.output()
    finally:
        up.stop()


def test_every_key_of_json_is_promised(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    today = date.today()
    samples = [sample(n, today, fault=fault) for n, fault in enumerate([None, "consignee-missing", *FAULTS])]
    send_and_drain(world, tmp_path, samples)
    file = tmp_path / "again.xml"
    file.write_bytes(samples[0].body)
    firm, invoice = samples[0].firm.record.no, samples[0].invoice
    [held] = [s.invoice for s in samples if s.fault == "intermediary"]
    asked = {
        "audit verify": [], "audit checkpoint": [], "branch list": [], "doctor": [], "enterprise list": [],
        "enterprise show": [firm], "parked list": ["--all"], "parked groups": [], "receipts": [firm], "review list": [],
        "review return": [held, "--reason", "the buyer's address is missing"], "send": [str(file), "--as", firm, "--wait", "0"],
        "topology show": [], "trace": [invoice],
    }
    for command, arguments in asked.items():
        done = coedi(world, *command.split(), *arguments, "--json")
        assert done.returncode in (0, 1, 5), (command, done.stderr)
        data = json.loads(done.stdout)
        assert set(keys(data)) <= promised(command) | ANYWHERE, command
        assert set(data) <= promised(command), command
