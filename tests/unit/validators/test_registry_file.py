"""A register in a file is read whole or refused in one sentence."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import BadSetting
from validators.registry_file import load

SAMPLE = Path(__file__).parents[2] / "samples" / "registry.toml"
FILING = """
enterprises = []
branches = {}
[[filings]]
number = "GF1"
enterprise = "1100A0017"
certificate_type = "RCEP"
hs_code = "841370"
"""
ENTERPRISE = {"no": "1100A0017", "branch": "1100B0", "name_zh": "甲", "name_en": "A"}


def test_the_sample_register_has_its_branches_and_enterprises() -> None:
    register = load(SAMPLE)
    assert dict(register.branches) == {"1100B0": "BEIJING", "4403C1": "SHENZHEN", "3302A0": "NINGBO"}
    assert set(register.enterprises) == {"1100A0017", "1100A0025", "4403C0102", "3302A0311"}
    haitu = register.enterprises["4403C0102"]
    assert (haitu.branch, haitu.signatories[0].code, haitu.signatories[0].name_zh) == ("4403C1", "02", "陈志远")
    assert all(len(one.customs_code) == 10 for one in register.enterprises.values())


def test_json_is_read_as_well_and_branches_may_be_a_list(tmp_path: Path) -> None:
    file = tmp_path / "register.json"
    file.write_text(json.dumps({"branches": [{"code": "1100B0"}], "enterprises": [ENTERPRISE]}), encoding="utf-8")
    register = load(file)
    assert list(register.branches) == ["1100B0"]
    assert register.enterprises["1100A0017"].active


def test_goods_filings_are_found_by_enterprise_type_and_six_digits_the_last_first(tmp_path: Path) -> None:
    file = tmp_path / "register.toml"
    second = FILING.partition("[[filings]]")[2].replace("GF1", "GF2").replace("841370", "8413.70.99")
    more = 'criterion = "RVC"\nvalue_content = 45.5\nvalid_to = 2027-01-31\nstate = "WITHDRAWN"\n'
    file.write_text(f"{FILING}[[filings]]{second}{more}", encoding="utf-8")
    register = load(file)
    newest, oldest = register.filings_of("1100A0017", "RCEP")["841370"]
    assert (newest.number, newest.state, newest.criterion) == ("GF2", "WITHDRAWN", "RVC")
    assert (newest.value_content, newest.valid_to) == (Decimal("45.5"), date(2027, 1, 31))
    assert (oldest.number, oldest.state, oldest.valid_to, oldest.value_content) == ("GF1", "APPROVED", None, None)
    assert not register.filings_of("1100A0017", "FORME2") and not register.filings_of("1100A0025", "RCEP")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("branches = ", "cannot be understood"),
        ("[branches]\n", "lacks 'enterprises'"),
        ("enterprises = [{ no = 1 }]\n[branches]\n", "lacks 'branch'"),
        ('enterprises = [{no = "1", branch = "1", name_zh = "x", name_en = "y", active = "no"}]\n[branches]', "active"),
        ("enterprises = 5\n[branches]\n", "cannot be understood"),
        (FILING.replace("841370", "8413"), "six digits or more, not '8413'"),
        (FILING + 'state = "LOST"', "no state 'LOST'"),
        (FILING + 'valid_to = "next year"', "cannot be understood"),
        (FILING + 'value_content = "much"', "cannot be understood"),
        (FILING.replace('number = "GF1"', ""), "lacks 'number'"),
    ],
)
def test_a_register_of_another_shape_is_refused_in_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "register.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting, match=complaint):
        load(file)


def test_a_register_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot read the register"):
        load(tmp_path / "none.toml")
