"""`coedi check`: one JSON document or readable text, and exit codes that scripts can rely on."""

import json
import signal
import subprocess
import sys
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


def many(folder: Path, count: int) -> None:
    """So many good files, and one bad one in the middle, in two folders."""
    for at in range(count):
        (folder / str(at % 2)).mkdir(parents=True, exist_ok=True)
        body = Path(BAD if at == count // 2 else GOOD).read_bytes()
        (folder / str(at % 2) / f"{at:03}.xml").write_bytes(body)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_folder_is_checked_in_the_order_of_its_files_whatever_the_processes(tmp_path: Path, jobs: str) -> None:
    many(tmp_path, 80)
    (tmp_path / "notes.txt").write_text("no XML")
    result = run(str(tmp_path), "--json", "--jobs", jobs, *REGISTER)
    data = json.loads(result.output)
    assert [one["file"] for one in data["files"]] == [str(file) for file in sorted(tmp_path.rglob("*.xml"))]
    assert data["summary"] == {
        "files": 80, "accepted": 79, "referred": 0, "refused": 1, "unreadable": 0, "findings": [{"code": "C07", "count": 1}]}
    assert result.exit_code == 1


def test_of_many_files_those_with_findings_are_shown_and_what_they_come_to(tmp_path: Path) -> None:
    many(tmp_path, 60)
    result = run(str(tmp_path), *REGISTER)
    assert (result.output.count(".xml: accepted"), result.output.count(".xml: refused")) == (0, 1)
    assert "60 files: 59 accepted 通过, 1 refused 退回\nfindings: C07 1\n" in result.output
    assert run(str(tmp_path), "--all", *REGISTER).output.count(".xml: accepted") == 59


def test_an_unreadable_file_among_others_is_an_entry_and_ends_with_five(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(GOOD, "no-such-file.xml", str(tmp_path / "empty"), "--json", *REGISTER)
    assert result.exit_code == 5
    data = json.loads(result.output)
    assert [one["verdict"] for one in data["files"]] == ["accepted", "unreadable", "unreadable"]
    reasons = [one["findings"][0]["found"] for one in data["files"][1:]]
    assert reasons == ["No such file or directory", "no .xml file in this folder"]
    assert data["files"][1]["findings"][0]["code"] == "FILE_UNREADABLE"
    assert data["summary"]["unreadable"] == 2


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "large.xml"
    with file.open("wb") as sparse:
        sparse.truncate(5_000_000_000)
    [report] = json.loads(run(str(file), "--json").output)["files"]
    assert (report["findings"][0]["code"], report["findings"][0]["found"]) == ("TOO_LARGE", "5000000000 bytes")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_process(tmp_path: Path, number: int, code: int) -> None:
    many(tmp_path, 1_500)
    command = [sys.executable, "-c", "from console.main import main; main()", "check", str(tmp_path), "--jobs", "2", "--all"]
    with subprocess.Popen(command, cwd=SAMPLES.parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout and child.stderr
        child.stdout.readline()
        workers = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text(encoding="ascii").split()
        child.send_signal(number)
        _, errors = child.communicate(timeout=30)
    assert len(workers) == 2
    assert child.returncode == code
    assert b"Traceback" not in errors
    assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []
