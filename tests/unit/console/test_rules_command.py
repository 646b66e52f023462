"""`coedi rules` without any service: lists, shipped packs, and what sets two packs apart."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.commands.rules import COMMANDS
from validators.pack import current_pack, pack
from validators.pack_file import BadPack

CANDIDATE = """version = "2030.1"
types = ["CO"]
rules = ["C07", "E01", "G05"]
[severities]
G05 = "warn"
[parameters]
general_words = ["THING"]
[texts.C07]
en = "Name the consignee"
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(COMMANDS["rules"], arguments)


def output(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def candidate(tmp_path: Path) -> str:
    file = tmp_path / "candidate.toml"
    file.write_text(CANDIDATE, encoding="utf-8")
    return str(file)


def test_rules_lists_every_rule_in_every_form() -> None:
    codes = [rule.id for rule in current_pack().rules]
    data = json.loads(output("--json"))
    assert (data["pack"], data["branch"]) == (current_pack().version, None)
    assert [row["code"] for row in data["rules"]] == codes
    assert {row["original"] for row in data["rules"]} == {None}
    page = output("--markdown")
    assert all(f"\n| {code} |" in page for code in codes)
    assert [line.split()[0] for line in output().splitlines()] == codes
    assert output("list") == output()


def test_a_rule_decided_by_the_gateway_is_marked_so() -> None:
    rows = {row["code"]: row for row in json.loads(output("--json"))["rules"]}
    assert (rows["A16"]["asked"], rows["A07"]["asked"], rows["C07"]["asked"]) == ("gateway", "register", "always")


def test_the_rules_of_an_older_pack_and_of_a_candidate_can_be_listed(candidate: str) -> None:
    assert [line.split()[0] for line in output("--pack", "2026.1").splitlines()] == [rule.id for rule in pack("2026.1").rules]
    rows = json.loads(output("--pack", candidate, "--json"))["rules"]
    assert [(row["code"], row["severity"]) for row in rows] == [("C07", "reject"), ("E01", "reject"), ("G05", "warn")]
    assert rows[0]["en"] == "Name the consignee"


def test_the_shipped_packs_are_shown_with_the_document_dates_they_decide() -> None:
    data = json.loads(output("packs", "--shipped", "--json"))
    assert data["schedule"][0] == {"valid_from": "2012-01-01", "valid_to": "2026-10-31", "version": "2026.1"}
    assert data["schedule"][-1]["valid_to"] is None
    first = data["packs"][0]
    assert (first["version"], first["source"], first["types"], first["rules"]) == ("2026.1", "shipped", ["CO"], 77)
    assert "2026-11-01" in output("packs", "--shipped")


def test_a_difference_is_told_line_by_line(candidate: str) -> None:
    lines = output("diff", "2026.1", candidate).splitlines()
    assert lines[0] == "removed  A01"
    assert "severity G05  manual -> warn" in lines
    assert "text     C07.en  Consignee must not be empty -> Name the consignee" in lines
    [changed] = [line for line in lines if line.startswith("param")]
    assert changed.startswith("param    general_words  ['ACCESSORIES'") and changed.endswith("... -> ['THING']")
    assert output("diff", "2026.1", "2026.1") == "2026.1 and 2026.1 decide alike\n"
    data = json.loads(output("diff", candidate, "2026.2", "--json"))
    assert data["types"] == {"from": ["CO"], "to": None}
    assert "A05" in data["added"]


def test_a_candidate_with_faults_is_refused_with_each_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(CANDIDATE.replace("G05", "Z99"), encoding="utf-8")
    result = run("diff", "2026.1", str(file))
    assert isinstance(result.exception, BadPack)
    assert [(fault.code, fault.line) for fault in result.exception.faults] == [("PACK_RULE_UNKNOWN", 3), ("PACK_RULE_UNKNOWN", 5)]


def test_a_word_that_is_no_command_is_a_usage_error() -> None:
    assert run("shine").exit_code == 2
