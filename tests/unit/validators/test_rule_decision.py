"""The decision on the catalogue names every row once, and says of each rule of the pack where it is asked."""

import re
from pathlib import Path

from schemas.certificate_types import type_of
from validators.pack import current_pack

PAGE = Path(__file__).parents[3] / "docs" / "decisions" / "0012-rules-of-the-general-certificate.md"
# how many rows each letter of the catalogue has
ROWS = {"A": 32, "B": 16, "C": 20, "D": 13, "E": 30, "F": 21, "G": 22, "H": 7}


def places() -> dict[str, str]:
    rows = re.findall(r"^\| ([A-H]\d\d(?: [A-H]\d\d)*) \| (\w+) \|", PAGE.read_text(encoding="utf-8"), re.M)
    named = [(rule, place) for rules, place in rows for rule in rules.split()]
    assert len({rule for rule, _ in named}) == len(named), "a rule stands twice"
    return dict(named)


def test_no_row_of_the_catalogue_is_silently_missing() -> None:
    expected = {f"{letter}{number:02d}" for letter, last in ROWS.items() for number in range(1, last + 1)}
    assert places().keys() == expected
    assert set(places().values()) == {"asked", "gateway", "print", "no"}


def test_the_table_agrees_with_the_pack() -> None:
    pack = {rule.id: "asked" if rule.check else rule.decided_by for rule in current_pack().rules if rule.covers(type_of("CO"))}
    assert {rule: place for rule, place in places().items() if place != "no"} == pack
