"""The code lists answer with codes, whatever way a clerk prints the thing."""

import csv
from pathlib import Path

import pytest

from schemas.codelists import code_lists

CODES = Path(__file__).parents[3] / "schemas" / "codes"


def column_of(file: Path, column: str) -> set[str]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        return {row[column] for row in csv.DictReader(rows)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"), ("GERMANY", "DE"), ("germany", "DE"), ("U.S.A.", "US"), ("UNITED STATES OF AMERICA", "US"),
        ("U.K.", "GB"), ("VIET NAM", "VN"), ("SOUTH KOREA", "KR"), ("TAIWAN", "TW"), ("TAIWAN, CHINA", "TW"),
        ("HONG KONG, CHINA", "HK"), ("P.R. CHINA", "CN"), ("ZZ", None), ("", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_and_by_its_printed_names(text: str, code: str | None) -> None:
    assert code_lists().country_of(text) == code


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("HAMBURG, GERMANY", "DE"), ("HAMBURG", "DE"), ("LOS ANGELES, CA", "US"), ("LOS ANGELES, U.S.A.", "US"),
        ("TAIPEI, TAIWAN, CHINA", "TW"), ("12 MAIN STREET SEOUL REPUBLIC OF KOREA", "KR"), ("NOWHERE", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_country_of_a_printed_place_is_found(place: str, code: str | None) -> None:
    assert code_lists().country_in_place(place) == code


def test_units_and_packages_are_known_by_code_and_by_printed_words() -> None:
    codes = code_lists()
    assert codes.units["PCS"] == codes.units["H87"] == "H87"
    assert codes.packages["CTNS"] == codes.packages["CT"] == "CT"
    assert "KGM" in codes.weight_units and "MTR" not in codes.weight_units


def test_currencies_hold_money_only() -> None:
    assert {"USD", "EUR", "CNY", "JPY"} <= code_lists().currencies
    assert not {"XXX", "XTS", "XAU"} & code_lists().currencies


def test_the_harmonized_system_is_complete_to_six_digits() -> None:
    hs = code_lists().hs
    assert {"0101", "8413", "841370", "9706"} <= hs
    assert not {code for code in hs if code[:2] in ("00", "77", "98", "99")}
    assert {code[:4] for code in hs if len(code) == 6} == {code for code in hs if len(code) == 4}


def test_one_printed_word_names_one_unit_one_package_one_country() -> None:
    for name, column in (("units", "printed"), ("packages", "printed"), ("country-names", "printed")):
        with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        words = [word for row in rows for word in row[column].split("|") if word]
        assert len(words) == len(set(words)), name


def test_own_codes_stand_in_the_published_lists() -> None:
    published = Path(__file__).parents[4] / "shared" / "codes"
    if not published.is_dir():
        pytest.skip("the published code lists are not on this machine")
    for ours, theirs, column in (
        ("units", "units-of-measure", "CommonCode"), ("packages", "package-codes", "Code"),
    ):  # fmt: skip
        known = column_of(published / f"{theirs}.csv", column)
        assert column_of(CODES / f"{ours}.csv", "code") <= known


def test_the_snapshot_is_read_once() -> None:
    assert code_lists() is code_lists()
