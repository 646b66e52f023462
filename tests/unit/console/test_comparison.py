"""What changed between two contents: by box, by goods line, beside the form, and word by word."""

from dataclasses import replace
from datetime import date
from typing import Any

from console.web.comparison import Change, Piece, compare, facts, pieces_of, said
from domain.application import Applicant, Application, GoodsLine, Invoice, Party
from print_worker.sheet import BranchImprint, Sheet

BRANCH = BranchImprint("3302A0", "CCPIT NINGBO", "NINGBO, CHINA")
LINES = tuple(GoodsLine(f"TEN (10) CARTONS OF ARTICLE A{at}", "6109.10", "100", "PCS") for at in range(4))
FIRST = Application(
    "m", "CO", exporter=Party("NINGBO TEXTILES", "NO. 1", "CN"), consignee=Party("KOWHAI", "QUAY", "NZ"), marks="N/M", goods=LINES,
    invoices=(Invoice("I-1", "2026-11-01", "10.00", "USD"),))


def changes(before: Application = FIRST, **changed: Any) -> tuple[Change, ...]:
    return compare(on_form(before), on_form(replace(before, **changed)))


def on_form(application: Application, approved: date = date(2026, 11, 22)) -> Any:
    return said(Sheet(application, "", 1, approved, BRANCH))


def new(change: Change) -> str:
    return "".join(piece.text for piece in change.pieces if piece.kind == "new")


def gone(change: Change) -> str:
    return "".join(piece.text for piece in change.pieces if piece.kind == "gone")


def test_equal_contents_have_no_changes_whenever_they_would_be_approved() -> None:
    assert changes() == ()
    assert compare(on_form(FIRST), on_form(FIRST, date(2027, 1, 1))) == ()


def test_a_box_is_compared_word_by_word() -> None:
    [change] = changes(consignee=Party("KOWHAI HOME", "QUAY", "NZ"))
    assert (change.box, change.what, change.line, new(change), gone(change)) == ("2", "changed", 0, " HOME", "")


def test_a_changed_cell_names_its_line() -> None:
    goods = (*LINES[:2], replace(LINES[2], hs_code="6110.20"), LINES[3])
    [change] = changes(goods=goods)
    assert (change.box, change.line, gone(change), new(change)) == ("8", 3, "610910", "611020")


def test_a_line_that_is_gone_moves_no_other() -> None:
    [change] = changes(goods=(LINES[0], *LINES[2:]))
    assert (change.what, change.line) == ("removed", 2)
    assert "ARTICLE A1" in gone(change)


def test_a_line_that_is_new_is_told_once() -> None:
    added = replace(LINES[0], description="ONE (1) CASE OF SAMPLES")
    [change] = changes(goods=(*LINES[:1], added, *LINES[1:]))
    assert (change.what, change.line) == ("added", 2)
    assert "ONE (1) CASE OF SAMPLES" in new(change)


def test_what_paper_does_not_show_is_compared_too() -> None:
    found = changes(remarks="please hurry", applicant=Applicant(signatory_code="02"), local_print=True)
    assert {(change.box, change.en, new(change)) for change in found} == {
        ("", "remarks for the reviewer", "please hurry"), ("", "signatory", "02"), ("", "asks for local printing", "✓")}


def test_a_tick_is_told_at_its_box() -> None:
    found = changes(replace(FIRST, certificate_type="FORME2"), exhibition=True)
    assert [(change.box, change.what, new(change)) for change in found] == [("13", "added", "Exhibition")]


def test_contents_of_two_types_are_compared_by_what_their_boxes_show() -> None:
    found = changes(certificate_type="RCEP")
    assert not [change for change in found if change.box == "2"]  # the consignee is the same, though its box has another caption


def test_facts_beside_the_form_leave_out_what_is_empty_or_on_it() -> None:
    told = facts(on_form(replace(FIRST, remarks="please hurry", producer=Party("MILL", "", "CN"))))
    assert [(fact.en, fact.text) for fact in told] == [("remarks for the reviewer", "please hurry"), ("producer", "MILL, CN")]
    assert "producer" not in [fact.en for fact in facts(on_form(replace(FIRST, certificate_type="RCEP", producer=Party("MILL"))))]


def test_pieces_make_up_both_texts() -> None:
    for before, now in (("", "new"), ("old", ""), ("a b c", "a x c"), ("one\ntwo", "one\n\ntwo three")):
        pieces = pieces_of(before, now)
        assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
        assert "".join(piece.text for piece in pieces if piece.kind != "gone") == now


def test_texts_that_are_too_long_to_compare_stand_one_after_the_other() -> None:
    before, now = "a " * 4000, "b " * 4000
    assert pieces_of(before, now) == (Piece("gone", before), Piece("new", now))
