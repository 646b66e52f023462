"""`coedi check`: one JSON document or readable text, and exit codes that scripts can rely on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.commands.check import check

SAMPLES = Path(__file__).parents[2] / "samples"
GOOD = str(SAMPLES / "application" / "good" / "one-line-pumps-to-germany.xml")
BAD = str(SAMPLES / "application" / "bad" / "consignee-empty.xml")
REGISTER = ["--registry", str(SAMPLES / "registry.toml"), "--today", "2026-11-17"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(check, arguments)


def test_an_accepted_file_ends_with_zero() -> None:
    result = run(GOOD, *REGISTER)
    assert result.exit_code == 0, result.output
    assert "accepted 通过" in result.output


def test_a_refused_file_ends_with_one_and_says_why_in_both_languages() -> None:
    result = run(GOOD, BAD, *REGISTER)
    assert result.exit_code == 1
    assert "C07 reject box 2 line 27 /Interchange/CertificateApplication[1]/Consignee/Name" in result.output
    assert "收货人不得留空" in result.output
    assert "Consignee must not be empty" in result.output


def test_json_is_one_document_with_the_documented_keys() -> None:
    result = run(GOOD, BAD, "--json", *REGISTER)
    good, bad = json.loads(result.output)["files"]
    assert good == {"file": GOOD, "verdict": "accepted", "findings": [], "not_checked": []}
    [finding] = bad["findings"]
    assert list(finding) == ["code", "severity", "box", "path", "line", "found", "zh", "en", "remedy"]
    assert (bad["verdict"], finding["code"], finding["severity"]) == ("refused", "C07", "reject")


def test_without_a_register_the_rules_that_need_one_are_listed() -> None:
    result = run(GOOD, "--json", "--today", "2026-11-17")
    [report] = json.loads(result.output)["files"]
    assert report["verdict"] == "accepted"
    assert report["not_checked"] == ["A07", "A09", "A10", "A11", "A12", "A13", "A14", "C02"]


@pytest.mark.parametrize(
    "arguments",
    [["no-such-file.xml"], [GOOD, "--registry", "no-such-register.toml"], [GOOD, "--today", "17/11/2026"], []],
)
def test_what_cannot_be_read_is_a_usage_error(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error" in result.output


def test_bytes_that_are_no_xml_are_refused_not_an_error(tmp_path: Path) -> None:
    file = tmp_path / "noise.xml"
    file.write_bytes(b"\x00\x01 not xml")
    result = run(str(file), "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["files"][0]["verdict"] == "refused"


def test_control_characters_in_values_never_reach_the_terminal(tmp_path: Path) -> None:
    text = Path(GOOD).read_text(encoding="utf-8").replace("<Vehicle>COSCO", "<Vehicle>\u009b2JCOSCO")
    file = tmp_path / "escape.xml"
    file.write_text(text, encoding="utf-8")
    result = run(str(file), *REGISTER)
    assert "\u009b" not in result.output
    assert "\\x9b2JCOSCO" in result.output
