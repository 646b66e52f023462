"""The drawer of hostile deliveries: each gets the answer its page says, touches nothing outside and costs little."""

import csv
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from domain.finding import Finding
from messages.interchange import Interchange, read
from messages.parsing import parse
from tests.samples.evil.corpus import FOLDER, Row, body_of, expected
from tests.samples.evil.probe import facts_of_the_samples
from validators.check import check_bytes
from validators.pack import current_pack

ROOT = Path(__file__).parents[3]
LIST = ROOT.parent / "shared" / "corpora" / "xml" / "MANIFEST.tsv"
GB = frozenset({"utf-8", "gb18030"})
WHOLE = [row for row in expected() if not row.name.startswith("application-")]
APPLICATIONS = [row for row in expected() if row.kind == "application"]
MOST_SECONDS, MOST_MEMORY = 5.0, 96 * 1024  # of wall clock; KiB beyond what the process had


def answer(body: bytes, encodings: frozenset[str] = frozenset({"utf-8"})) -> str:
    root = parse(body, encodings)
    result = root if isinstance(root, Finding) else read(root)
    return "READ" if isinstance(result, Interchange) else result.code


@pytest.mark.parametrize("row", WHOLE, ids=lambda row: row.name)
def test_each_delivery_gets_its_gate_code(row: Row) -> None:
    assert answer(body_of(row)) == row.code


@pytest.mark.parametrize("row", APPLICATIONS, ids=lambda row: row.name)
def test_a_hostile_value_in_a_good_application_gives_exactly_its_findings(row: Row) -> None:
    report = check_bytes(row.name, body_of(row), facts_of_the_samples(), current_pack())
    assert tuple(finding["code"] for finding in report["findings"]) == row.findings
    assert (row.code == "ACCEPTED") == (report["verdict"] == "accepted")


def test_nothing_is_raised_opened_or_wasted() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.samples.evil.probe"], cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert run.returncode == 0, run.stderr
    results = [json.loads(line) for line in run.stdout.splitlines()]
    assert [result["name"] for result in results] == [row.name for row in expected()]
    assert [result for result in results if result["error"] or result["events"]] == []
    assert [(one["name"], one["seconds"]) for one in results if one["seconds"] > MOST_SECONDS] == []
    assert [(one["name"], one["grown"]) for one in results if one["grown"] > MOST_MEMORY] == []
    codes = {result["name"]: result["codes"] for result in results}
    made = [row for row in expected() if row.kind == "generated" and row.code != "ACCEPTED"]
    assert [row.name for row in made if row.code not in codes[row.name]] == []


@pytest.mark.parametrize("place", ["xsi", "xinclude", "entity", "subset"])
def test_no_address_in_a_delivery_is_ever_called(place: str, tmp_path: Path) -> None:
    """Not even by libxml2 itself, which Python's audit events do not see."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET-CONTENT")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        good = (FOLDER.parent / "application" / "good" / "one-line-pumps-to-germany.xml").read_text()
        head, marks = good.split("<Interchange ", 1)[0], "<Marks>"
        changes = {
            "xsi": ("<CertificateApplication>", '<CertificateApplication xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                    f' xsi:schemaLocation="urn:coedi:message:1 {url}">'),
            "xinclude": (marks, f'{marks}<i:include xmlns:i="http://www.w3.org/2001/XInclude"'
                         f' href="{secret.as_uri()}" parse="text"/>'),
            "entity": (head, f'{head}<!DOCTYPE Interchange [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'),
            "subset": (head, f'{head}<!DOCTYPE Interchange SYSTEM "{url}">'),
        }
        body = good.replace(*changes[place], 1).encode()
        report = check_bytes("x", body, facts_of_the_samples(), current_pack())
        assert "SECRET-CONTENT" not in json.dumps(report)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("enc-gb18030.xml", "INTERCHANGE_UNKNOWN"), ("enc-gbk.xml", "INTERCHANGE_UNKNOWN"),
        ("enc-gb2312.xml", "INTERCHANGE_UNKNOWN"), ("gb18030-4byte-ext.xml", "INTERCHANGE_UNKNOWN"),
        ("utf8-declared-gb18030.xml", "XML_MALFORMED"), ("enc-big5.xml", "ENCODING_UNSUPPORTED"),
    ],
)
def test_a_partner_with_gb18030_gets_these_answers(file: str, code: str) -> None:
    assert answer((FOLDER / file).read_bytes(), GB) == code


def test_every_file_has_its_row_and_every_row_its_reason() -> None:
    names = [row.name for row in expected()]
    assert len(names) == len(set(names)) > 100
    kept = {path.name for path in FOLDER.iterdir() if path.suffix in {".xml", ".gz"}}
    assert {row.name for row in expected() if row.kind != "generated"} == kept
    assert all(row.why and row.code for row in expected())
    assert {name for row in expected() for name in row.value_in} <= kept


@pytest.mark.skipif(not LIST.is_file(), reason="the list is kept outside this repository")
def test_every_row_of_the_list_is_here() -> None:
    with LIST.open(encoding="utf-8") as table:
        listed = {row["file"]: row["expected"] for row in csv.DictReader(table, delimiter="\t")}
    ours = {row.name: row.asked for row in expected() if row.kind != "application"}
    missing = [name for name in listed if name not in ours and name.removesuffix(".xml") not in ours]
    assert missing == []
    assert all(ours[name] == asked for name, asked in listed.items() if name in ours)
