"""Where text is placed: looked at as values, without drawing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing_samples import BRANCH, goods, sheet

from domain.application import GoodsLine, Party
from domain.errors import MissingGlyph, UnknownThing
from print_worker.drawing import ASCENT, DESCENT, PAGE_HEIGHT, PAGE_WIDTH, Page, Run, Space, name_of, space_of
from print_worker.fixed_drawing import drawing
from print_worker.form import FIRST, GOODS, HEAD, TEXTS
from print_worker.layout import lay_out
from print_worker.typeface import advances, width_of
from schemas.certificate_types import CertificateType, all_types, certificate_type

CO = certificate_type("CO")
LONG = st.text(st.sampled_from(sorted(advances())) | st.sampled_from("AB \n"), max_size=1500)


def extent(run: Run) -> Space:
    """The rectangle a run covers."""
    return Space(run.x, run.y + ASCENT * run.size, run.x + run.width, run.y - DESCENT * run.size)


def room_for(run: Run, page: Page, kind: CertificateType) -> Space:
    """The rectangle a run has to stay in."""
    assert kind.form is not None
    if run.box == HEAD:
        return Space(0, PAGE_HEIGHT, PAGE_WIDTH, 0) if page.kind != FIRST else space_of(kind.form.title)
    body = space_of(kind.form.continued)
    if page.kind == TEXTS:
        return body
    box = space_of(next(box for box in kind.boxes if name_of(box) == run.box))
    return box if page.kind == FIRST else Space(box.left, body.top, box.right, body.bottom)


def overlapping(one: Space, other: Space) -> bool:
    return (
        one.left < other.right - 0.01 and other.left < one.right - 0.01
        and one.bottom < other.top - 0.01 and other.bottom < one.top - 0.01
    )  # fmt: skip


def assert_tidy(page: Page, code: str = "CO") -> None:
    """Every run is as wide as it says, inside its box, and touches no other, fixed text included."""
    everything = [*drawing(code, page.kind).runs, *page.runs]
    for run in everything:
        room, own = room_for(run, page, certificate_type(code)), extent(run)
        assert run.width == pytest.approx(width_of(run.text, run.size, run.font))
        assert room.left <= own.left, run
        assert own.right <= room.right + 0.01, run
        assert room.bottom - 0.01 <= own.bottom, run
        assert own.top <= room.top + 0.01, run
    by_height = sorted(everything, key=lambda run: -run.y)
    for at, run in enumerate(by_height):
        for other in by_height[at + 1 :]:
            if run.y - other.y > 20:
                break
            assert not overlapping(extent(run), extent(other)), (run, other)


def words(pages: tuple[Page, ...], box: str) -> str:
    """Everything a box shows, blanks and the words about the continuation left out."""
    runs = [run.text for page in pages for run in page.runs if run.box == box]
    shown = [text for text in runs if text != "SEE CONTINUATION" and not text.endswith("(continued)")]
    return "".join("".join(shown).split())


def test_a_usual_certificate_is_one_tidy_page_at_the_sizes_of_the_form():
    (page,) = lay_out(sheet())
    assert_tidy(page)
    assert {run.size for run in page.runs if run.box != HEAD} == {CO.box("1").size, CO.box("7").size}


def test_every_box_shows_its_own_text():
    pages = lay_out(sheet(official_use="ISSUED RETROSPECTIVELY"))
    begins = {
        "1": "NINGBOHAIYUE", "2": "NORDWIND", "3": "FROMNINGBO", "4": "GERMANY", "5": "ISSUEDRETRO", "6": "NORDWIND",
        "7": "TWOHUNDRED", "8": "6109.10", "9": "2400PCS", "10": "HY20261101", "11": "NINGBO,CHINA",
        "12": "CCPITNINGBO",
    }  # fmt: skip
    assert {box: words(pages, box)[: len(text)] for box, text in begins.items()} == begins


def test_total_end_mark_and_note_follow_the_goods_in_this_order():
    shown = words(lay_out(sheet()), "7")
    mark = CO.end_mark
    assert shown.index("TOTAL:") < shown.index(mark) < shown.index("L/CNO.")
    assert shown.count("*") == len(mark)


def test_cells_of_a_goods_line_start_at_the_same_height():
    lines = (replace(goods(1)[0], description="WORD " * 60), goods(2)[1])
    (page,) = lay_out(sheet(goods=lines))
    second = next(run.y for run in page.runs if "A001X" in run.text or run.text.startswith("TEN (10)"))
    assert second in [run.y for run in page.runs if run.box == "8"]
    assert second in [run.y for run in page.runs if run.box == "9"]


def test_a_text_a_little_too_long_is_printed_smaller():
    (page,) = lay_out(sheet(consignee=Party("BUYER", "LONG STREET NAME AND NUMBER, " * 15)))
    sizes = {run.size for run in page.runs if run.box == "2"}
    assert len(sizes) == 1
    assert 6 <= sizes.pop() < CO.box("2").size
    assert_tidy(page)


def test_a_text_far_too_long_goes_on_on_another_page():
    consignee = Party("BUYER", " ".join(f"STREET-{number}" for number in range(400)))
    pages = lay_out(sheet(consignee=consignee))
    assert [page.kind for page in pages] == [FIRST, TEXTS]
    assert [run.text for run in pages[0].runs if run.box == "2"][-1] == "SEE CONTINUATION"
    assert pages[1].runs[2].text == "2. Consignee (continued)"
    assert words(pages, "2") == "".join(f"{consignee.name} {consignee.address}".split())
    for page in pages:
        assert_tidy(page)


def test_what_goes_on_fills_the_lines_of_its_page_and_keeps_the_line_ends_that_were_sent():
    sent = [" ".join(f"WORD-{part}{number}" for number in range(30)) for part in "ABCDEFGHIJKLMNOP"]
    lines = [run.text for run in lay_out(sheet(official_use="\n".join(sent)))[1].runs if run.box == "5"][1:]
    assert all(line.startswith("WORD-") and f"WORD-{part}0" not in line[1:] for part in "LMNOP" for line in lines)
    ends = [at for at, line in enumerate(lines) if line.endswith("29")]
    assert len(ends) > 3
    assert all(width_of(f"{line} WORD-P29", 8.5) > 490 for at, line in enumerate(lines) if at not in ends)


def test_many_goods_go_on_under_a_repeated_head_with_nothing_lost():
    pages = lay_out(sheet(goods=goods(120)))
    assert len(pages) > 2
    assert {page.kind for page in pages[1:]} == {GOODS}
    shown = words(pages, "7")
    assert [shown.count(f"A{number:03d}X") for number in range(120)] == [1] * 120
    assert [run.text for page in pages for run in page.runs if run.text.startswith("Page ")] == [
        f"Page {number} of {len(pages)}" for number in range(1, len(pages) + 1)
    ]
    for page in pages:
        assert_tidy(page)
        assert any(run.text == "26C3302A4419/00001" for run in page.runs)


def test_a_page_that_is_not_the_last_says_that_there_is_more():
    pages = lay_out(sheet(goods=goods(120)))
    says_more = [any(run.text == "SEE CONTINUATION" for run in page.runs) for page in pages]
    assert says_more == [True] * (len(pages) - 1) + [False]


def test_a_goods_line_is_not_torn_when_a_page_can_hold_it():
    for page in lay_out(sheet(goods=tuple(GoodsLine("A\nB\nC", "6109", str(number)) for number in range(40)))):
        texts = [run.text for run in page.runs if run.box == "7"]
        assert texts.count("A") == texts.count("B") == texts.count("C")


def test_marks_longer_than_the_goods_go_on_by_themselves():
    marks = "\n".join(f"MARK-{number}" for number in range(150))
    pages = lay_out(sheet(marks=marks))
    assert words(pages, "6") == "".join(marks.split())
    assert len(pages) > 1


def test_only_the_column_that_goes_on_says_so_and_nothing_stands_below_an_end_mark():
    pages = lay_out(sheet(marks="\n".join(f"MARK-{number}" for number in range(150))))
    assert [run.box for page in pages for run in page.runs if run.text == "SEE CONTINUATION"] == ["6"] * (len(pages) - 1)
    (note,) = [run.y for run in pages[0].runs if run.text.startswith("L/C NO.")]
    assert min(run.y for run in pages[0].runs if run.box == "7") == note


def test_marks_are_broken_between_two_of_them_where_they_can():
    marks = "\n\n".join(f"BUYER\nHAMBURG\nORDER {number:03d}\nC/NO. {number}" for number in range(40))
    pages = lay_out(sheet(marks=marks))
    shown = [[run.text for run in page.runs if run.box == "6" and run.text != "SEE CONTINUATION"] for page in pages]
    assert len(shown) > 1
    assert all(texts[0] == "BUYER" and texts[-1].startswith("C/NO.") for texts in shown)
    assert words(pages, "6") == "".join(marks.split())


@pytest.mark.parametrize("total", ["TOTAL: MANY CARTONS ONLY", ""])
@pytest.mark.parametrize("count", range(20, 50))
def test_an_end_mark_is_on_the_page_of_what_it_closes(count, total):
    pages = lay_out(sheet(goods=goods(count), goods_total=total))
    closed = total or f"ARTICLE A{count - 1:03d}X"
    with_last = [at for at, page in enumerate(pages) if any(closed in run.text for run in page.runs)]
    with_mark = [at for at, page in enumerate(pages) if any(run.text.startswith("***") for run in page.runs)]
    assert with_mark == with_last and len(with_mark) == 1


def test_an_end_mark_without_a_total_stands_below_everything_of_the_last_line():
    (page,) = lay_out(sheet(goods_total=""))
    (mark,) = [run for run in page.runs if run.text.startswith("***")]
    assert mark.y < min(run.y for run in page.runs if run.box == "9")


def test_one_page_has_no_page_number():
    assert not any(run.text.startswith("Page ") for run in lay_out(sheet())[0].runs)


def test_a_very_long_number_still_fits_beside_its_label():
    (page,) = lay_out(sheet(number="26C91110000802100433B/1234567890"))
    assert_tidy(page)


@pytest.mark.parametrize(
    ("changes", "box"),
    [
        ({"consignee": Party("\U0001f600 LTD.")}, "2"),
        ({"marks": "A\u202eB"}, "6"),
        ({"goods": (GoodsLine("TEA \ue000"),)}, "7"),
        ({"goods": (GoodsLine("TEA", "0902\x1b"),)}, "8"),
        ({"goods_note": "\u200b"}, "7"),
    ],
)
def test_a_character_without_glyph_stops_the_certificate_naming_its_box(changes, box):
    with pytest.raises(MissingGlyph) as refused:
        lay_out(sheet(**changes))
    assert refused.value.box == box


def test_the_missing_character_itself_is_named():
    with pytest.raises(MissingGlyph, match=r"U\+1F600.*box 12") as refused:
        lay_out(sheet(branch=replace(BRANCH, contact="电话 \U0001f600")))
    assert refused.value.character == "\U0001f600"


def test_a_type_without_a_form_cannot_be_laid_out():
    without = next(kind.code for kind in all_types() if kind.form is None)
    with pytest.raises(ValueError, match=without):
        lay_out(sheet(certificate_type=without))
    with pytest.raises(UnknownThing):
        lay_out(sheet(certificate_type="NOPE"))


@settings(max_examples=40, deadline=None)
@given(
    party=LONG, marks=LONG, contact=LONG, official=LONG, note=LONG,
    lines=st.lists(st.tuples(LONG, st.integers(1, 30)), max_size=5),
)  # fmt: skip
def test_random_long_texts_are_placed_whole_and_tidily(party, marks, contact, official, note, lines):
    many = tuple(GoodsLine(text, "0902", "5", "PCS") for text, times in lines for _ in range(times))
    pages = lay_out(sheet(
        exporter=Party(party), marks=marks, official_use=official, goods=many, goods_note=note,
        branch=replace(BRANCH, contact=contact),
    ))  # fmt: skip
    for page in pages:
        assert_tidy(page)
    if "SEE CONTINUATION" not in marks + official + party:
        assert words(pages, "6") == "".join(marks.split())
        assert words(pages, "5") == "".join(official.split())
        assert words(pages, "1") == "".join(party.split())
