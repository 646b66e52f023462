"""Applications like those that enterprises send, and with every text as long as the message schema allows, as drawn."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing_samples import sheet
from pypdf import PdfReader
from test_print_layout import assert_tidy, words
from trade_samples import TRADE

from domain.application import Amendment, GoodsLine, Invoice, Party, Transport
from print_worker.drawing import PAGE_HEIGHT, PAGE_WIDTH, name_of, points
from print_worker.fixed_drawing import drawing
from print_worker.form import FIRST, GOODS, HEAD
from print_worker.layout import lay_out
from print_worker.render import render
from schemas.certificate_types import certificate_type

# what a certificate shows: capitals, figures and the signs that the character rules allow, now and then Chinese
WORD = st.text(st.sampled_from("ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789-/.'&()"), min_size=1, max_size=14) | st.sampled_from(
    ["宁波市", "川口商事株式会社", "ÅNGSTRÖM", "ŁÓDŹ"])


def text(count: int) -> st.SearchStrategy[str]:
    """Up to so many words on a line."""
    return st.lists(WORD, min_size=1, max_size=count).map(" ".join)


def texts(count: int, words: int) -> st.SearchStrategy[str]:
    """Up to so many lines."""
    return st.lists(text(words), min_size=1, max_size=count).map("\n".join)


NUMBER = st.integers(1, 9_999_999).map(str)
PARTIES = st.builds(Party, text(20), texts(6, 10), st.sampled_from(["", "CN", "DE", "CL", "AE"]))
LINES = st.builds(
    GoodsLine, texts(4, 40), st.integers(10_000_000, 99_999_999).map(str), NUMBER, st.sampled_from(["C62", "SET", "KGM", "ROLLS"]),
    gross_weight=NUMBER | st.just(""), net_weight=NUMBER | st.just(""))
ROUTES = st.builds(Transport, text(4), text(4), text(4) | st.just(""), st.sampled_from(["SEA", "AIR", "RAIL"]), text(5),
                   st.dates(date(2026, 1, 1), date(2036, 12, 31)).map(str))
INVOICES = st.lists(st.builds(Invoice, text(1), st.just("2026-11-12"), NUMBER, st.just("USD")), min_size=1, max_size=12)
SHEETS = st.fixed_dictionaries({
    "exporter": PARTIES, "consignee": PARTIES, "transport": ROUTES, "destination": text(4), "marks": texts(60, 6),
    "goods": st.lists(LINES, min_size=1, max_size=25).map(tuple), "goods_total": text(12) | st.just(""),
    "goods_note": texts(3, 10) | st.just(""), "invoices": INVOICES.map(tuple), "application_place": text(4),
}).map(lambda changes: sheet(**changes))  # fmt: skip

FLAGS = {name: st.booleans() for name in
         ("retrospective", "non_party_invoice", "exhibition", "movement_certificate", "back_to_back")}
TRADE_LINES = st.builds(
    replace, LINES, item_no=st.sampled_from(["", "1", "20"]),
    criterion=st.sampled_from(["WO", "RVC", "PSR", "CTC ACU", "B", "A WORD"]),
    value_content=st.sampled_from(["", "40", "47.55"]), fob_value=NUMBER | st.just(""), producer=st.just("") | text(12),
    origin_country=st.sampled_from(["", "CN", "PH", "NEW CALEDONIA AND DEPENDENCIES"]))  # fmt: skip
TRADE_SHEETS = st.builds(
    lambda one, changes: replace(one, application=replace(one.application, **changes)), SHEETS,
    st.fixed_dictionaries({
        "certificate_type": st.sampled_from(TRADE), "producer": PARTIES, "operator": PARTIES, "form_remarks": texts(5, 12),
        "endorsement": st.just("") | text(10), "goods": st.lists(TRADE_LINES, min_size=1, max_size=25).map(tuple),
        "amendment": st.none() | st.builds(Amendment, st.sampled_from(["AMEND", "REISSUE", "AMEND_REISSUE"]), text(1),
                                           st.just("2026-10-05")),
        **FLAGS,
    }))  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(TRADE_SHEETS)
def test_a_random_preferential_application_is_tidy_whole_and_the_same_again(one):
    pages = lay_out(one)
    code = one.application.certificate_type
    for page in pages:
        assert_tidy(page, code)
    assert render(one) == render(one)
    kind = one.kind
    for field, wanted in (("exporter", one.application.exporter.name), ("consignee", one.application.consignee.name)):
        assert "".join(wanted.split()) in words(pages, name_of(kind.box(kind.box_number(field) or "")))


@settings(max_examples=60, deadline=None)
@given(SHEETS)
def test_a_random_application_renders_with_nothing_outside_its_box_and_the_same_bytes_again(one):
    pages = lay_out(one)
    for page in pages:
        assert_tidy(page)
    rendered = render(one)
    assert rendered.pages == len(pages) == len(PdfReader(BytesIO(rendered.body)).pages)
    assert render(one) == rendered


@settings(max_examples=40, deadline=None)
@given(SHEETS)
def test_every_page_names_the_certificate_and_every_goods_page_repeats_the_head_of_the_table(one):
    pages = lay_out(one)
    head = [(run.box, run.text, run.x) for run in drawing("CO", FIRST).runs if run.box in {"6", "7", "8", "9", "10"}]
    for at, page in enumerate(pages, start=1):
        outside = [run.text for run in page.runs if run.box == HEAD]
        assert outside == [one.number, *([f"Page {at} of {len(pages)}"] if len(pages) > 1 else [])]
        if page.kind == GOODS:
            assert head == [(run.box, run.text, run.x) for run in drawing("CO", GOODS).runs if run.box != HEAD]


@settings(max_examples=30, deadline=None)
@given(SHEETS)
def test_all_goods_stand_in_their_order_above_one_end_mark(one):
    pages = lay_out(one)
    codes = [run.text for page in pages for run in sorted(page.runs, key=lambda run: -run.y) if run.box == "8"]
    assert codes == [line.hs_code for line in one.application.goods]
    assert sum(run.text.startswith("*****") for page in pages for run in page.runs) == 1


def test_the_frame_is_where_the_standard_puts_it():
    """GB/T 15310.4: image area 183 x 280 mm, left margin 20 mm, top margin 10 mm, on A4."""
    head = certificate_type("CO").form
    assert head is not None
    for kind in (FIRST, GOODS, "texts"):
        rules = drawing("CO", kind).rules
        left, right = min(rule.x1 for rule in rules), max(rule.x2 for rule in rules)
        bottom, top = min(rule.y1 for rule in rules), max(rule.y2 for rule in rules)
        assert left == pytest.approx(points(20), abs=0.01) and right == pytest.approx(points(203), abs=0.01)
        assert top == pytest.approx(PAGE_HEIGHT - points(10), abs=0.01)
        assert bottom == pytest.approx(PAGE_HEIGHT - points(290), abs=0.01)
    page = PdfReader(BytesIO(render(sheet()).body)).pages[0]
    assert [float(value) for value in page.mediabox] == pytest.approx([0, 0, PAGE_WIDTH, PAGE_HEIGHT], abs=0.01)


@pytest.mark.parametrize("number", ["11", "12"])
def test_seal_and_signature_have_their_place(number):
    """Between the statement and the words above the line at least 20 mm stay free for two usual lines of place and date."""
    (page,) = lay_out(sheet())
    fixed = sorted((run.y for run in drawing("CO", FIRST).runs if run.box == number), reverse=True)
    written = max(run.y + run.size for run in page.runs if run.box == number)
    gaps = [above - below for above, below in pairwise([*fixed[:-1], written])]
    assert gaps[-1] >= points(20)
    assert written > fixed[-1], "the words about the signature stand below"
