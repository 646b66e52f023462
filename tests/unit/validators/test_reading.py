"""Printed numbers, package counts and names are read as a clerk reads them."""

import pytest

from schemas.codelists import code_lists
from validators.reading import Spelling, comparable, difference, number_words, package_counts, spelling
from validators.rules.identity import credit_code_is_valid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ONE HUNDRED (100) CARTONS OF PUMPS", [(100, "CT")]),
        ("PUMPS, PACKED IN TEN (10) WOODEN CASES", [(10, "7B")]),
        ("THREE (3) PLASTIC PALLETS AND TWO (2) CARTONS", [(3, "PX"), (2, "CT")]),
        ("4,664 CARTONS OF SHIRTS", [(4664, "CT")]),
        ("1,000 (ONE THOUSAND) BAGS OF UREA", [(1000, "BG")]),
        ("100 PCT COTTON SHIRTS", []),
        ("STEEL BOLTS (8) MM", []),
        ("TOTAL: 20 PALLETS AND 5 CASES", [(20, "PX"), (5, "CS")]),
        ("", []),
    ],
)
def test_package_counts_are_found_with_their_kind(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(count.figure, count.kind) for count in package_counts(text, code_lists())] == expected


@pytest.mark.parametrize(
    ("spelled", "figure", "expected"),
    [
        ("FOUR THOUSAND, SIX HUNDRED AND SIXTY-FOUR", 4664, Spelling.RIGHT),
        ("FOUR THOUSAND SIX HUNDRED SIXTY FOUR", 4664, Spelling.RIGHT),
        ("SAY TOTAL TWELVE", 12, Spelling.RIGHT),
        ("A HUNDRED", 100, Spelling.RIGHT),
        ("TWO HUNDRED", 100, Spelling.WRONG),
        ("FOURTY", 40, Spelling.WRONG),
        ("", 40, Spelling.MISSING),
        ("PACKED IN", 40, Spelling.MISSING),
    ],
)
def test_words_are_compared_with_the_figure(spelled: str, figure: int, expected: Spelling) -> None:
    assert spelling(spelled, figure) is expected


def test_number_words_have_no_and() -> None:
    assert number_words(1_000_101) == ("ONE", "MILLION", "ONE", "HUNDRED", "ONE")


def test_names_are_compared_without_blanks_punctuation_and_width() -> None:
    assert comparable("Ａ.B  Co., Ltd.") == comparable("AB CO LTD")
    assert comparable("北京（华岭）公司") == comparable("北京(华岭)公司")


def test_a_difference_at_the_end_says_that_nothing_is_there() -> None:
    zh, en = difference("ABC LTD", "ABC")
    assert "filed is 'L', sent is '(nothing)'" in en
    assert "（无）" in zh


@pytest.mark.parametrize(
    ("code", "valid"),
    [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("91350100I000100Y43", False), ("1100A0017", False)],
)
def test_a_credit_code_is_right_only_with_its_check_character(code: str, valid: bool) -> None:
    assert credit_code_is_valid(code) is valid
