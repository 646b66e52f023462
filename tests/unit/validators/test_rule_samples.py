"""Sample files through the offline check: what each is expected to give stands beside it in NAME.expected."""

import re
from datetime import date
from pathlib import Path

import pytest

from domain.application import Application
from schemas.certificate_types import all_types
from schemas.codelists import code_lists
from validators.check import FactsFor, check_bytes
from validators.facts import Facts
from validators.pack import current_pack
from validators.registry_file import load

SAMPLES = Path(__file__).parents[2] / "samples"
INDEX = SAMPLES / "application" / "README.md"
BAD = sorted((SAMPLES / "application" / "bad").glob("*.xml"))
GOOD = sorted((SAMPLES / "application" / "good").glob("*.xml"))


def facts_of_the_samples() -> FactsFor:
    register = load(SAMPLES / "registry.toml")
    branches = frozenset(register.branches)
    today = date(2026, 11, 17)
    types = frozenset(kind.code for kind in all_types() if kind.available_on(today))

    def facts(sent: Application) -> Facts:
        no = sent.applicant.registration_no
        filings = register.filings_of(no, sent.certificate_type)
        return Facts(today, code_lists(), register.enterprises.get(no), branches, types, True, filings)

    return facts


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_sample_gives_exactly_its_expected_findings(file: Path) -> None:
    report = check_bytes(file.name, file.read_bytes(), facts_of_the_samples(), current_pack())
    found = [f"{one['code']} {one['box'] or '-'} {one['path'] or '-'}" for one in report["findings"]]
    assert found == file.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    assert report["verdict"] == "refused"
    assert all(one["zh"] and one["en"] and one["remedy"] and one["line"] for one in report["findings"])


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_sample_gives_nothing_above_a_warning(file: Path) -> None:
    report = check_bytes(file.name, file.read_bytes(), facts_of_the_samples(), current_pack())
    assert [one for one in report["findings"] if one["severity"] != "warn"] == []
    assert report["verdict"] == "accepted"


def test_the_index_names_every_sample_with_every_finding() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", INDEX.read_text(encoding="utf-8"), re.M)
    given = {}
    for file in GOOD + BAD:
        report = check_bytes(file.name, file.read_bytes(), facts_of_the_samples(), current_pack())
        codes = " ".join(finding["code"] for finding in report["findings"])
        given[f"{file.parent.name}/{file.name}"] = codes or "none"
    assert {name: findings for name, _, findings in rows} == given
    assert all(shows.strip() for _, shows, _ in rows)
    assert len(rows) == len(given)


def test_every_type_that_can_be_applied_for_has_a_good_and_a_bad_sample() -> None:
    for files in (GOOD, BAD):
        found = {code for file in files for code in re.findall(r"<CertificateType>(\w+)<", file.read_text(encoding="utf-8"))}
        assert {kind.code for kind in all_types() if kind.available_on(date(2026, 11, 17))} <= found


def test_there_are_samples() -> None:
    assert len(GOOD) >= 15
    assert len(BAD) >= 30
