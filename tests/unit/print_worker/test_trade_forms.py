"""The forms of all certificate types: every value in its box, nothing outside a box or over other text."""

from dataclasses import replace
from io import BytesIO

import pytest
from printing_samples import BRANCH
from pypdf import PdfReader
from test_print_layout import assert_tidy, extent, words
from trade_samples import CODES, TRADE, full, little, replacing

from domain.application import GoodsLine, Invoice, Party
from domain.errors import MissingGlyph
from print_worker.compose import no_glyph
from print_worker.drawing import Run, Space, name_of, points, text_space
from print_worker.fixed_drawing import caption_and_statement, drawing
from print_worker.form import FIRST, GOODS, Tick, form, ticks_of
from print_worker.layout import lay_out
from print_worker.render import render
from print_worker.sheet import Sheet
from print_worker.typeface import width_of
from schemas.certificate_types import certificate_type

every_type = pytest.mark.parametrize("code", CODES)
every_trade_type = pytest.mark.parametrize("code", TRADE)
TICKING = [code for code in CODES if any(box.ticks for box in certificate_type(code).boxes)]
FLAGS = ("retrospective", "exhibition", "movement_certificate", "non_party_invoice", "back_to_back")


def plain(text: str) -> str:
    """Without blanks and line ends: where lines are broken is no matter here."""
    return "".join(text.split())


def read_back(sheet: Sheet) -> str:
    return plain("".join(page.extract_text() for page in PdfReader(BytesIO(render(sheet).body), strict=True).pages))


def shown(sheet: Sheet, field: str) -> str:
    """What the box of this field says on all pages."""
    box = next(box for box in sheet.kind.boxes if field in (box.field, *box.also))
    return words(lay_out(sheet), name_of(box))


def has(code: str, field: str) -> bool:
    return certificate_type(code).box_number(field) is not None


def crossed(sheet: Sheet) -> set[str]:
    """The flags whose squares have a cross on the first page."""
    page = lay_out(sheet)[0]
    return {tick.flag for tick in form(sheet.kind.code).ticks if any(stands_in(run, tick) for run in page.runs)}


def stands_in(run: Run, tick: Tick) -> bool:
    middle = Space(run.x, run.y + 0.7 * run.size, run.x + run.width, run.y)
    square = tick.square
    return run.text == "X" and square.left <= middle.left and middle.right <= square.right and (
        square.bottom <= middle.bottom and middle.top <= square.top)


@every_type
@pytest.mark.parametrize("make", [little, full, lambda code: full(code, 60)], ids=["little", "full", "sixty lines"])
def test_every_run_lies_in_its_box_and_touches_no_other(code, make):
    for page in lay_out(make(code)):
        assert_tidy(page, code)


@every_type
@pytest.mark.parametrize("how", ["AMEND", "REISSUE", "AMEND_REISSUE"])
def test_certificates_that_replace_others_are_as_tidy(code, how):
    for page in lay_out(replacing(code, how)):
        assert_tidy(page, code)


@every_type
def test_every_value_can_be_read_back_from_the_file(code):
    sheet = full(code)
    application, text = sheet.application, read_back(sheet)
    route = application.transport
    wanted = [
        sheet.number, application.exporter.name, application.exporter.address, application.consignee.name,
        application.consignee.address, route.origin, route.destination, route.vehicle, "SEP. 10, 2026",
        *application.marks.splitlines()[: len(application.marks) * has(code, "marks")], "HY20261101", "NOV. 12, 2026",
        application.goods_total, application.goods_note, application.form_remarks, application.operator.name,
        "9 RAFFLES PLACE, SINGAPORE", "NINGBO, CHINA, NOV. 20, 2026", BRANCH.name_en, BRANCH.contact, "NOV. 22, 2026",
        *certificate_type(code).form.heading, "ORIGINAL",
    ]  # fmt: skip
    wanted += [text for line in application.goods for text in (
        line.description, line.hs_code, f"{line.quantity} SETS", f"G.W. {line.gross_weight} KGS", f"N.W. {line.net_weight} KGS")]
    wanted += [caption for box in sheet.kind.boxes for caption in (box.caption, box.text, box.sign)]
    assert [value for value in wanted if plain(value) not in text] == []


@every_type
def test_every_form_repeats_its_captions_and_numbers_on_sixty_goods_lines(code):
    sheet = full(code, 60)
    pages = lay_out(sheet)
    goods = [page for page in pages if page.kind == GOODS]
    assert len(goods) >= 2
    head = [(run.box, run.text) for run in drawing(code, GOODS).runs]
    columns = [name_of(box) for box in sheet.kind.boxes if box.column]
    assert list(dict.fromkeys(box for box, _ in head if box != "head")) == columns
    described = words(pages, name_of(next(box for box in sheet.kind.boxes if box.field == "description")))
    assert [described.count(f"STYLEB{at:03d}X") for at in range(60)] == [1] * 60
    assert [run.text for page in pages for run in page.runs if run.text.startswith("Page ")] == [
        f"Page {at} of {len(pages)}" for at in range(1, len(pages) + 1)]
    assert all(any(run.text == sheet.number for run in page.runs) for page in pages)
    if has(code, "item_no"):
        assert shown(sheet, "item_no") == "".join(map(str, range(1, 61)))


@every_type
def test_a_type_gives_the_same_bytes_again(code):
    first = render(full(code)).body
    render(little(code))
    assert render(full(code)).body == first


@every_type
def test_statements_end_above_the_space_for_text(code):
    spaces = {name: space for _, name, space in form(code).plain}
    signs = {box.sign for box in certificate_type(code).boxes}
    words_of_ticks = {tick.words for tick in form(code).ticks}
    for run in drawing(code, FIRST).runs:
        if run.box in spaces and run.text not in signs | words_of_ticks:
            assert extent(run).bottom >= spaces[run.box].top - 0.01, run


@every_type
def test_every_box_has_room_for_two_lines_of_text_but_that_of_ticks_and_of_the_mark_below_the_title(code):
    ready = form(code)
    spaces = [space for box, _, space in ready.plain if not box.ticks and box.caption]
    spaces += [space for column in ready.columns for space in (column.first, column.later)]
    assert all(space.holds(6) >= 2 and space.width > 25 for space in spaces)


@every_type
def test_captions_are_large_enough_to_be_read(code):
    assert min(run.size for kind in (FIRST, GOODS) for run in drawing(code, kind).runs) >= 5


@every_trade_type
def test_the_route_stands_in_labelled_lines(code):
    sheet = full(code)
    ends = sheet.application.transport
    assert shown(sheet, "transport") == plain(
        f"DEPARTURE DATE: SEP. 10, 2026 VESSEL / FLIGHT / VEHICLE NO.: BY SEA, {ends.vehicle}"
        f" PORT OF LOADING: {ends.origin} PORT OF DISCHARGE: {ends.destination}")


@every_trade_type
def test_each_goods_line_shows_its_number_its_criterion_and_its_percentage(code):
    sheet = full(code, 6)
    expected = []
    for line in sheet.application.goods:
        own = sheet.kind.criterion(line.criterion)
        percentage = f"{line.value_content}%" if own.percent else ""
        expected.append(percentage if own.short else f"{own.code}{percentage}")
    assert shown(sheet, "criterion") == "".join(expected)
    if has(code, "item_no"):
        assert shown(sheet, "item_no") == "123456"


@every_trade_type
def test_item_numbers_and_criteria_that_were_sent_are_printed_as_sent(code):
    line = replace(full(code).application.goods[0], item_no="17", criterion="XX ACU")
    sheet = full(code, goods=(line,))
    assert shown(sheet, "criterion") == "XXACU"
    assert not has(code, "item_no") or shown(sheet, "item_no") == "17"


@pytest.mark.parametrize("code", [code for code in TRADE if has(code, "producer")])
def test_the_producer_stands_in_its_box_and_a_phrase_stands_alone(code):
    assert shown(full(code), "producer") == plain("SHAOXING BAIHE WEAVING MILL NO. 6 KEQIAO AVENUE, SHAOXING CHINA")
    terms = certificate_type(code).producer
    for phrase in filter(None, (terms.same, terms.confidential, terms.unknown, terms.several)):
        assert shown(full(code, producer=Party(phrase, country="CN")), "producer") == plain(phrase)


@pytest.mark.parametrize("code", [code for code in CODES if certificate_type(code).retrospective.mark])
def test_the_words_for_issue_after_shipment_stand_in_the_box_of_the_type(code):
    mark = certificate_type(code).retrospective.mark
    if mark.tick:
        assert "retrospective" in crossed(full(code))
        assert "retrospective" not in crossed(full(code, retrospective=False))
    else:
        assert plain(mark.words) in shown(full(code), mark.field)
        assert plain(mark.words) not in read_back(full(code, retrospective=False))


@pytest.mark.parametrize("code", [code for code in CODES if certificate_type(code).reissue])
def test_a_reissued_certificate_names_number_and_date_of_its_original(code):
    sheet = replacing(code, "REISSUE")
    text = shown(sheet, sheet.kind.reissue.field)
    assert plain(sheet.kind.reissue.words.partition("{")[0]) in text
    assert f"26{sheet.kind.letter}3302A4419/00007" in text
    assert plain("OCT. 05, 2026") in text
    assert f"26{sheet.kind.letter}3302A4419/00007" not in read_back(little(code))


@pytest.mark.parametrize("code", [code for code in CODES if certificate_type(code).replacement])
@pytest.mark.parametrize("how", ["AMEND", "AMEND_REISSUE"])
def test_an_amended_certificate_says_which_one_it_replaces(code, how):
    sheet = replacing(code, how)
    words = sheet.kind.replacement.words.format(number=sheet.amendment.original_no, date="OCT. 05, 2026")
    assert plain(words) in shown(sheet, sheet.kind.replacement.field)


@pytest.mark.parametrize("code", TICKING)
def test_each_flag_crosses_its_own_square_and_no_other(code):
    offered = [tick.flag for tick in form(code).ticks]
    assert offered
    nothing = dict.fromkeys(FLAGS, False)
    assert crossed(full(code, **nothing)) == set()
    for flag in offered:
        assert crossed(full(code, **(nothing | {flag: True}))) == {flag}


@pytest.mark.parametrize("code", TICKING)
def test_every_square_is_drawn_with_its_words_beside_it(code):
    fixed = drawing(code, FIRST)
    for tick in form(code).ticks:
        assert tick.words in {run.text for run in fixed.runs if run.box == tick.box and run.x > tick.square.right}
        sides = [rule for rule in fixed.rules if min(rule.x1, rule.x2) == round(tick.square.left, 2)
                 and round(tick.square.bottom, 2) <= min(rule.y1, rule.y2) <= max(rule.y1, rule.y2) <= round(tick.square.top, 2)]
        assert len(sides) == 3, "top, bottom and left side begin at its left edge"


@every_trade_type
def test_a_value_is_printed_where_the_type_wants_it(code):
    kind = certificate_type(code)
    text = read_back(full(code, 12))
    line = full(code, 12).application.goods
    beside_quantity = any(box.field == "quantity" and "value" in box.also for box in kind.boxes)
    counts = [bool(kind.criterion(one.criterion).percent) for one in line]
    wanted = [beside_quantity and (kind.value == "required" or (kind.value == "with-percent" and counts[at]))
              for at in range(len(line))]
    assert [f"FOBUSD{one.fob_value}" in text for one in line] == wanted
    invoiced = any("value" in (box.field, *box.also) and box.field != "quantity" for box in kind.boxes)
    assert ("USD48000.00" in text) == (invoiced and kind.value != "never")


@every_trade_type
def test_the_destination_stands_where_the_form_asks_for_it(code):
    if has(code, "destination"):
        assert shown(full(code), "destination").startswith(plain("IMPORTING COUNTRY:"))


@pytest.mark.parametrize("code", [code for code in TRADE if has(code, "remarks")])
def test_the_remarks_box_has_order_numbers_and_references_and_the_goods_have_not(code):
    sheet = full(code)
    assert plain("CUSTOMER ORDER NO. PO-77120") in shown(sheet, "remarks")
    assert plain("L/C NO. LC2026-11-0042") in shown(sheet, "remarks")
    assert plain("L/C NO.") not in shown(sheet, "description")


@pytest.mark.parametrize("code", [code for code in CODES if not has(code, "remarks")])
def test_a_form_without_a_remarks_box_has_them_below_the_end_mark(code):
    sheet = full(code)
    text, mark = shown(sheet, "description"), sheet.kind.end_mark
    for below in ("L/C NO. LC2026-11-0042", "CUSTOMER ORDER NO. PO-77120", "NON-PARTY OPERATOR: PACIFIC BRIDGE"):
        assert text.index(mark) < text.index(plain(below))


def test_remarks_too_many_for_a_low_box_run_on_before_they_go_to_another_page():
    remarks = "\n".join(f"CUSTOMER ORDER NO. PO-{number}" for number in range(6))
    pages = lay_out(full("RCEP", form_remarks=remarks, operator=Party(), retrospective=False))
    assert [page.kind for page in pages] == [FIRST]
    assert plain(remarks.replace("\n", "; ")) in words(pages, "14")


@pytest.mark.parametrize("code", ["CH", "NZ", "KR", "CL"])
def test_a_mark_stays_on_the_first_page_however_long_the_remarks_are(code):
    first, *later = lay_out(full(code, form_remarks="ORDER " * 600))
    assert later
    kind = certificate_type(code)
    assert words((first,), kind.box_number("remarks")).startswith(plain(kind.retrospective.mark.words))


def test_marks_without_a_column_of_their_own_stand_above_the_goods():
    pages = lay_out(full("PK"))
    box = [run.text for run in pages[0].runs if run.box == "7"]
    assert box[:4] == ["KOWHAI", "PO-77120", "C/NO. 1-600", "MADE IN CHINA"]
    first = next(run.y for run in pages[0].runs if run.box == "7" and run.text.startswith("TWO HUNDRED"))
    assert first == next(run.y for run in pages[0].runs if run.box == "6")


@pytest.mark.parametrize("described", ["H.S. CODE: 6302.31", "HS 630231"])
def test_an_hs_code_that_the_description_states_is_not_printed_below_it_again(described):
    line = GoodsLine(f"TEN (10) CARTONS OF BED LINEN, {described}", "6302.31", "10", "SET", criterion="WO")
    assert shown(full("FORME2", goods=(line,)), "description").count("HSCODE:6302.31") == 0
    bare = replace(line, description="TEN (10) CARTONS OF BED LINEN")
    assert shown(full("FORME2", goods=(bare,)), "description").count("HSCODE:6302.31") == 1


@pytest.mark.parametrize(
    ("basis", "content", "criterion", "valued"),
    [("CTC", "", "PSR", False), ("RVC", "", "PSR", True), ("RVC", "47.5", "PSRRVC47.5%", True), ("", "47.5", "PSR47.5%", True)],
)  # fmt: skip
def test_a_product_specific_rule_shows_a_value_only_where_it_counts_value(basis, content, criterion, valued):
    line = replace(full("FORME2").application.goods[0], criterion="PSR", psr_basis=basis, value_content=content)
    sheet = full("FORME2", goods=(line,))
    assert shown(sheet, "criterion") == criterion
    assert ("FOBUSD15000.00" in shown(sheet, "quantity")) is valued


def test_a_long_caption_and_statement_shrink_until_they_end_above_the_text():
    box = replace(certificate_type("RCEP").box("15"), caption="DECLARATION " * 10, text="A LONG STATEMENT " * 30)
    runs = caption_and_statement(box, 60, points(box.width - 3.2), 700)
    assert {run.box for run in runs} == {"15"}
    assert min(extent(run).bottom for run in runs) >= 700 - points(box.top)
    assert plain("".join(run.text for run in runs)) == plain(f"15. {box.caption} {box.text}")


def test_ticks_that_find_no_room_in_a_row_stand_in_more_rows_inside_their_box():
    box = replace(certificate_type("FORME2").box("13"), width=60, height=22)
    ticks, space = ticks_of(box), text_space(box)
    assert len({tick.square.bottom for tick in ticks}) > 1
    for tick in ticks:
        assert tick.square.right + 0.5 * tick.size + width_of(tick.words, tick.size) <= space.right
        assert space.bottom <= tick.square.bottom < tick.square.top <= space.top
    assert len({(tick.square.left, tick.square.bottom) for tick in ticks}) == len(box.ticks)


def test_an_amended_and_reissued_certificate_has_the_mark_of_reissue_where_the_type_has_no_other():
    sheet = replacing("KR", "AMEND_REISSUE")
    assert "CERTIFIEDTRUECOPY" in shown(sheet, "remarks")
    assert "CERTIFIEDTRUECOPY" not in shown(replacing("KR", "AMEND"), "remarks")


def test_the_invoiced_value_stands_beside_its_invoice():
    invoices = (Invoice("HY1", "2026-11-12", "100.00", "USD"), Invoice("HY2", "2026-11-13", "1200000.00", "USD"))
    (page,) = lay_out(full("PE", invoices=invoices))
    heights = {run.text: run.y for run in page.runs}
    assert (heights["NOV. 12, 2026"], heights["NOV. 13, 2026"]) == (heights["100.00"], heights["1200000.00"])
    assert shown(full("NZ", invoices=invoices), "invoices") == plain(
        "HY1 NOV. 12, 2026 USD 100.00 HY2 NOV. 13, 2026 USD 1200000.00")


def test_a_line_names_its_own_producer_where_the_producer_box_points_to_the_goods():
    line = replace(full("RCEP").application.goods[0], producer="JIAXING DYE WORKS")
    pointing = full("RCEP", goods=(line,), producer=Party("SEE BOX 8"))
    assert plain("PRODUCER: JIAXING DYE WORKS") in shown(pointing, "description")
    assert plain("JIAXING DYE WORKS") not in read_back(full("RCEP", goods=(line,)))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"producer": Party("\U0001f600 MILL")}, "producer"), ({"form_remarks": "A\u202eB"}, "remarks"),
     ({"goods": (GoodsLine("TEA", "0902", criterion="\ue000"),)}, "criterion")],
)  # fmt: skip
def test_a_character_without_glyph_names_the_box_of_its_own_form(change, field):
    with pytest.raises(MissingGlyph) as refused:
        lay_out(full("RCEP", **change))
    assert refused.value.box == certificate_type("RCEP").box_number(field)


@pytest.mark.parametrize(
    ("code", "change", "box", "zh"),
    [("RCEP", {"producer": Party("\U0001f600")}, "3", "第3栏"), ("AU", {"official_use": "\U0001f600"}, None, "签证机构用栏")],
)
def test_a_finding_names_a_box_by_its_number_or_by_its_words(code, change, box, zh):
    with pytest.raises(MissingGlyph) as refused:
        lay_out(full(code, **change))
    finding = no_glyph(refused.value)
    assert (finding.box, finding.zh) == (box, f"合成失败：{zh}的字符无法打印")
    assert finding.found == "U+1F600 \U0001f600"


def test_a_long_country_keeps_its_letters_together_in_a_narrow_column():
    line = replace(full("RCEP").application.goods[0], origin_country="PH")
    (page, *_) = lay_out(full("RCEP", goods=(line,)))
    (run,) = [run for run in page.runs if run.box == "11"]
    assert run.text == "PHILIPPINES"
    assert_tidy(page, "RCEP")
