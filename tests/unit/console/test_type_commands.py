"""`coedi types`: the list, one type in detail, and JSON."""

import json

import pytest
from click.testing import CliRunner

from console.commands.type_catalogue import types
from domain.errors import UnknownThing
from schemas.certificate_types import all_types


def output(*arguments: str) -> str:
    result = CliRunner().invoke(types, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_list_has_a_line_for_each_type() -> None:
    lines = output().splitlines()
    assert [line.split()[0] for line in lines] == [kind.code for kind in all_types()]
    assert all(("(disabled: " in line) != kind.enabled for line, kind in zip(lines, all_types(), strict=True))


def test_one_type_shows_its_boxes_and_criteria_and_what_is_unverified() -> None:
    text = output("forme2")
    assert "    13  Tick where it applies  [勾选项]" in text
    assert "    nn%      区域价值成分 / regional value content: 不低于40% / at least 40%\n" in text
    assert "    7   Number and type of packages;" in text and "[包装件数及种类；货物描述 + HS编码]" in text
    assert "证书号 / certificate number  (未经证实 unverified)" in text
    assert "    + ACU, DMI" in output("RCEP")
    assert "    -   For official use only" in output("AU")


def test_json_has_the_same_keys_for_every_type_and_one_alone_is_the_same_as_in_the_list() -> None:
    kinds = json.loads(output("--json"))["types"]
    assert len({tuple(kind) for kind in kinds}) == 1
    by_code = {kind["code"]: kind for kind in kinds}
    assert json.loads(output("RCEP", "--json"))["types"] == [by_code["RCEP"]]
    rcep = by_code["RCEP"]
    assert rcep["members"][:3] == ["AU", "BN", "ID"]
    assert rcep["additions"] == ["ACU", "DMI"]
    assert [box["number"] for box in rcep["boxes"]] == [str(number) for number in range(1, 18)]
    assert rcep["boxes"][16]["ticks"][0] == {"flag": "back_to_back", "words": "Back-to-back Certificate of Origin"}
    assert [(one["code"], one["minimum"]) for one in rcep["criteria"] if one["minimum"]] == [("RVC", "40")]
    assert rcep["producer"]["several"] == "SEE BOX 8"
    assert by_code["NZ"]["retrospective"]["since"] == "2022-04-07"
    assert by_code["NZ"]["retrospective"]["mark"]["verified"] is False
    assert by_code["FORME"]["valid_to"] == "2019-08-19"
    assert by_code["CEPA"]["reason_disabled"] and by_code["CO"]["reason_disabled"] is None


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownThing, match="'XX'"):
        CliRunner().invoke(types, ["XX"], catch_exceptions=False)
