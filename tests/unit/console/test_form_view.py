"""The form on the screen: every type has all its boxes where the paper has them, and nothing is left out of a text."""

import re
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from console.web.form_view import form_view, formed, numbers, stylesheet
from domain.application import Application, GoodsLine, Invoice, Party
from domain.errors import UnknownThing
from print_worker.box_texts import content_of
from print_worker.drawing import name_of
from print_worker.sheet import BranchImprint, Sheet
from schemas.certificate_types import all_types, certificate_type

ENABLED = [kind.code for kind in all_types() if kind.enabled]
BRANCH = BranchImprint("3302A0", "CCPIT NINGBO", "NINGBO, CHINA")


@cache
def sheet(code: str, lines: int = 2) -> Sheet:
    """A certificate of this type with so many goods lines."""
    kind = certificate_type(code)
    goods = tuple(
        GoodsLine(f"TEN (10) CARTONS OF ARTICLE A{at:03d}", "6109.10", "100", "PCS", fob_value="10.00", origin_country="CN",
                  criterion=kind.criteria[0].code if kind.criteria else "") for at in range(lines))
    application = Application(
        "m", code, exporter=Party("NINGBO TEXTILES", "NO. 1", "CN"), consignee=Party("KOWHAI", "QUAY", "NZ"), marks="N/M",
        goods=goods, goods_total="TOTAL: TWENTY (20) CARTONS", invoices=(Invoice("I-1", "2026-11-01", "10.00", "USD"),))
    return Sheet(application, "", 1, date(2026, 11, 22), BRANCH)


@pytest.mark.parametrize("code", ENABLED)
def test_every_box_of_a_type_is_on_its_form_and_in_its_stylesheet(code: str) -> None:
    view, css = form_view(sheet(code)), stylesheet(code)
    assert sorted(view.names) == sorted(map(name_of, certificate_type(code).boxes))
    for box in view.boxes:
        assert css.count(f".at-{box.name} {{") == 1
    for column in view.columns:
        assert css.count(f".col-{column.name} {{") == 1
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", css)]
    assert sum(widths) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("code", ENABLED)
def test_no_two_boxes_share_a_place_and_none_is_left_over(code: str) -> None:
    taken: dict[tuple[int, int], str] = {}
    areas = re.findall(r"\.at-(\S+) \{ grid-area: (\d+) / (\d+) / (\d+) / (\d+);", stylesheet(code))
    for name, *edges in areas:
        top, left, bottom, right = map(int, edges)
        for place in ((row, column) for row in range(top, bottom) for column in range(left, right)):
            assert place not in taken, f"{name} lies over {taken[place]}"
            taken[place] = name
    rows, columns = max(row for row, _ in taken), max(column for _, column in taken)
    assert len(taken) == rows * columns


@pytest.mark.parametrize("code", ENABLED)
def test_the_screen_says_what_the_paper_says(code: str) -> None:
    view, paper = form_view(sheet(code)), content_of(sheet(code))
    shown = {one.name: one.text for one in (*view.boxes, *view.columns) if one.text}
    assert shown == {name: text for name, text in paper.texts.items() if text}
    assert [row.cells for row in view.rows] == list(paper.rows)
    assert [row.line for row in view.rows if row.kind == "line"] == [1, 2]
    for column in view.columns:
        if column.at is not None:
            assert paper.columns[column.at] == column.name


def test_characters_without_a_glyph_are_named_and_stay_in_the_text() -> None:
    odd = replace(sheet("CO"), application=replace(sheet("CO").application, marks="N/M \U0001f600\u05e9"))
    [marks] = [column for column in form_view(odd).columns if column.field == "marks"]
    assert [one.code for one in marks.missing] == ["U+05E9", "U+1F600"]
    assert "\U0001f600" in marks.text


def test_a_type_without_a_form_is_shown_on_the_general_one() -> None:
    odd = replace(sheet("CO"), application=replace(sheet("CO").application, certificate_type="NOPE"))
    view = form_view(odd)
    assert (view.type, view.substituted) == ("CO", True)
    assert formed(sheet("CO")) is sheet("CO")
    assert not form_view(sheet("CO")).substituted


def test_ticks_carry_their_cross() -> None:
    asked = replace(sheet("FORME2"), application=replace(sheet("FORME2").application, exhibition=True))
    [box] = [box for box in form_view(asked).boxes if box.ticks]
    assert [tick.words for tick in box.ticks if tick.crossed] == ["Exhibition"]


def test_there_is_no_stylesheet_of_an_unknown_type() -> None:
    with pytest.raises(UnknownThing):
        stylesheet("NOPE")


def test_numbers_are_those_of_all_forms_in_order() -> None:
    assert numbers()[:3] == ("1", "2", "3")
    assert "17" in numbers()
    assert "" not in numbers()
