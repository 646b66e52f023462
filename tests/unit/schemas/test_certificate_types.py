"""The definition files of certificate types."""

import re
from dataclasses import fields
from datetime import date
from itertools import combinations, pairwise

import pytest

from domain.application import Application
from print_worker.typeface import BOLD, width_of
from print_worker.wrapping import wrap
from schemas.certificate_types import FIELDS, Box, CertificateType, Mark, all_types, certificate_type, certificate_type_from
from schemas.codelists import code_lists

ENABLED = [kind for kind in all_types() if kind.enabled]
DISABLED = [kind for kind in all_types() if not kind.enabled]
PREFERENTIAL = [kind for kind in ENABLED if kind.preferential]
CAPTION, STATEMENT = 6.8, 7.6  # points, as printed
SIDE = 1.6  # mm between the side of a box and its text


def of_each(kinds: list[CertificateType]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.code)


def test_the_general_certificate_has_its_twelve_boxes_in_order() -> None:
    boxes = certificate_type("CO").boxes
    assert [box.number for box in boxes] == [str(number) for number in range(1, 13)]
    assert [box.caption for box in boxes] == [
        "Exporter", "Consignee", "Means of transport and route", "Country / region of destination",
        "For certifying authority use only", "Marks and numbers", "Number and kind of packages; description of goods",
        "H.S. Code", "Quantity", "Number and date of invoices", "Declaration by the exporter", "Certification",
    ]  # fmt: skip


def test_the_types_that_can_be_applied_for_and_those_that_cannot() -> None:
    assert {kind.code for kind in ENABLED} == {
        "CO", "APTA", "NZ", "SG", "FORME", "FORME2", "CR", "IS", "AU", "KR", "CH", "PE", "PK", "CL", "RCEP"}
    assert {kind.code for kind in DISABLED} == {"CEPA", "GE", "MU", "KH", "NI", "EC", "HN", "RS", "MV", "ECFA", "GSP"}
    assert [kind.code for kind in all_types() if not kind.preferential] == ["CO"]


@of_each(DISABLED)
def test_a_type_that_is_not_enabled_says_why_in_both_languages(kind: CertificateType) -> None:
    assert re.search("[一-鿿]", kind.reason_zh)
    assert kind.reason_en.isascii()
    assert kind.reason_en
    assert not kind.boxes


@of_each(ENABLED)
def test_an_enabled_type_has_what_its_users_ask_for(kind: CertificateType) -> None:
    assert kind.letter
    assert kind.source
    assert not kind.reason_en
    assert kind.form
    if kind.preferential:
        assert kind.agreement
        assert kind.members
        assert kind.criteria
        assert kind.end_mark
        assert kind.validity_months


def test_every_type_has_names_and_a_code_of_its_own() -> None:
    assert all(kind.zh and kind.en for kind in all_types())
    assert len({kind.code for kind in all_types()}) == len(all_types())
    assert len({kind.zh for kind in all_types()}) == len({kind.en for kind in all_types()}) == len(all_types())


def test_no_two_types_of_the_same_day_count_under_one_letter() -> None:
    """Else their counters would give equal numbers: the type stands in the number by its letter alone."""
    for one, other in combinations(ENABLED, 2):
        if one.letter == other.letter:
            assert (one.valid_to or date.max) < (other.valid_from or date.min) or (
                other.valid_to or date.max) < (one.valid_from or date.min), (one.code, other.code)


def test_the_old_form_e_ended_the_day_before_the_new_one_began() -> None:
    old, new = certificate_type("FORME"), certificate_type("FORME2")
    days = (date(2019, 8, 19), date(2019, 8, 20))
    assert [kind.available_on(day) for day in days for kind in (old, new)] == [True, False, False, True]


@of_each(ENABLED)
def test_the_boxes_fill_the_frame_without_overlapping(kind: CertificateType) -> None:
    assert kind.form is not None
    areas = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in kind.boxes]
    title, frame = kind.form.title, kind.form.frame
    areas.append((title.x, title.y, title.x + title.width, title.y + title.height))
    for (left, top, right, bottom), (other_left, other_top, other_right, other_bottom) in combinations(areas, 2):
        assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top
    for left, top, right, bottom in areas:
        assert frame.x <= left < right <= frame.x + frame.width
        assert frame.y <= top < bottom <= frame.y + frame.height
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in areas)
    assert covered == pytest.approx(frame.width * frame.height)
    assert frame.x + frame.width <= 210
    assert frame.y + frame.height <= 297


@of_each(ENABLED)
def test_the_columns_of_the_goods_stand_side_by_side(kind: CertificateType) -> None:
    columns = [box for box in kind.boxes if box.column]
    assert columns[0].x == 20
    assert all(left.x + left.width == pytest.approx(right.x) for left, right in pairwise(columns))
    assert {(box.y, box.height, box.top, box.size) for box in columns} == {
        (columns[0].y, columns[0].height, columns[0].top, columns[0].size)}
    assert {"description", "hs_code", "quantity", "invoices"} <= {shown for box in columns for shown in (box.field, *box.also)}


@of_each(ENABLED)
def test_the_boxes_are_numbered_from_one_on_and_show_known_fields(kind: CertificateType) -> None:
    numbered = [box for box in kind.boxes if box.number]
    assert [box.number for box in numbered] == [str(number) for number in range(1, len(numbered) + 1)]
    assert len(kind.boxes) - len(numbered) <= 1
    assert all(shown in FIELDS for box in kind.boxes for shown in (box.field, *box.also))
    shown = [box.field for box in kind.boxes]
    assert len(shown) == len(set(shown))


@of_each(ENABLED)
def test_captions_and_statements_fit_their_boxes(kind: CertificateType) -> None:
    for box in kind.boxes:
        caption = f"{box.number}. {box.caption}" if box.number else box.caption
        lines = wrap(caption, _inner(box), CAPTION, BOLD)
        assert caption.split() == [word for line in lines for word in line.split()], box.number  # no word is broken
        height = len(lines) * CAPTION * 1.2
        assert height <= _points(box.top - 1.5) if box.column else len(lines) <= 1, box.number
        statement = len(wrap(box.text.strip(), _inner(box), STATEMENT)) * STATEMENT * 1.2
        assert not box.text or _points(5.4) + statement <= _points(box.top + 1.5), box.number


@of_each(PREFERENTIAL)
def test_the_parties_of_an_agreement_are_known_countries_other_than_china(kind: CertificateType) -> None:
    countries = code_lists().countries
    assert all(code in countries for code in (*kind.members, *kind.landlocked))
    assert all(code in countries or code == "*" for code in kind.consignees)
    assert "CN" not in kind.members
    assert len(set(kind.members)) == len(kind.members)
    assert set(kind.landlocked) <= set(kind.members)


def test_rcep_has_fourteen_other_parties_and_the_asean_form_ten() -> None:
    asean = set(certificate_type("FORME2").members)
    assert asean == {"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"}
    assert set(certificate_type("RCEP").members) == asean | {"AU", "JP", "KR", "NZ"}


@of_each(PREFERENTIAL)
def test_what_the_criteria_say_of_the_value_is_consistent(kind: CertificateType) -> None:
    codes = [one.code for one in kind.criteria]
    assert len(codes) == len(set(codes))
    assert not set(kind.additions) & set(codes)
    for one in kind.criteria:
        assert one.percent in {"", "required", "optional"}
        assert one.content in {"regional", "foreign", "cumulative"}
        limits = [limit for limit in (one.minimum, one.maximum) if limit is not None]
        assert len(limits) <= 1
        assert all(0 < limit < 100 for limit in limits)
        assert not limits or one.percent == "required"
        assert one.percent or not one.short
        assert set(one.basis) <= {"RVC", "CTC", "PROCESS"}
        assert one.zh
        assert one.en
    assert kind.value in {"", "required", "never", "with-percent"}
    assert kind.value != "with-percent" or any(one.percent for one in kind.criteria)
    assert kind.value in {"", "never"} or kind.box_number("value")
    assert kind.to_order in {"allowed", "manual"}
    assert kind.hs_digits in {4, 6}
    assert not kind.hs_in_description or kind.box_number("hs_code") == kind.box_number("description")


def test_the_limits_of_the_value_criteria() -> None:
    limits = {
        (kind.code, one.code): (one.minimum, one.maximum, one.content)
        for kind in PREFERENTIAL for one in kind.criteria if one.minimum or one.maximum}
    assert limits == {
        ("APTA", "B"): (None, 55, "foreign"), ("APTA", "C"): (60, None, "cumulative"), ("SG", "RVC"): (40, None, "regional"),
        ("FORME", "RVC"): (40, None, "regional"), ("FORME", "CUM"): (40, None, "cumulative"),
        ("FORME2", "RVC"): (40, None, "regional"), ("RCEP", "RVC"): (40, None, "regional"),
        ("PK", "RVC"): (40, None, "regional"), ("PK", "CUM"): (40, None, "cumulative"),
    }  # fmt: skip


@of_each(ENABLED)
def test_every_endorsement_has_a_box_and_every_tick_a_flag_of_the_application(kind: CertificateType) -> None:
    shown = {name for box in kind.boxes for name in (box.field, *box.also)}
    marks = [mark for mark in (kind.retrospective.mark, kind.reissue, kind.replacement) if mark]
    places = [(mark.field, mark.tick) for mark in marks]
    if kind.non_party:
        places.append((kind.non_party.field, kind.non_party.tick))
    for field, tick in places:
        assert field in shown
        assert not tick or "ticks" in shown
    flags = {flag for box in kind.boxes for flag, _ in box.ticks}
    assert flags <= {one.name for one in fields(Application) if one.type in {bool, "bool"}}
    assert any(mark.tick for mark in marks) == ("retrospective" in flags)
    assert bool(kind.non_party and kind.non_party.tick) == ("non_party_invoice" in flags)
    assert all(re.fullmatch(r"[^{}]*(\{number\}[^{}]*\{date\}[^{}]*)?", mark.words) for mark in marks)


def test_the_words_and_days_of_grace_for_issue_after_shipment() -> None:
    late = {kind.code: kind.retrospective for kind in PREFERENTIAL}
    assert {code for code, rule in late.items() if rule.mark is None} == {"APTA"}
    assert late["APTA"].latest_days == 3
    assert {code: rule.grace_days for code, rule in late.items() if rule.grace_days} == {
        "FORME": 3, "FORME2": 3, "SG": 3, "KR": 7, "PK": 15}
    assert [code for code, rule in late.items() if rule.working] == ["KR"]
    assert late["NZ"].since == date(2022, 4, 7)
    retroactively = {code for code, rule in late.items() if rule.mark and "RETROACTIVELY" in rule.mark.words.upper()}
    assert retroactively == {"FORME", "FORME2", "KR", "RCEP", "CL", "PK"}
    assert certificate_type("KR").retrospective.mark == Mark("ISSUED RETROACTIVELY", "remarks")


@of_each(ENABLED)
def test_a_type_with_a_box_for_the_producer_says_what_may_stand_in_it(kind: CertificateType) -> None:
    assert bool(kind.producer) == (kind.box_number("producer") is not None)


def test_the_phrases_for_a_confidential_producer() -> None:
    phrases = {kind.code: kind.producer.confidential for kind in PREFERENTIAL if kind.producer}
    assert phrases == {
        "RCEP": "CONFIDENTIAL", "NZ": "AVAILABLE TO THE AUTHORIZED BODY UPON REQUEST",
        "PE": "AVAILABLE TO THE AUTHORIZED BODY UPON REQUEST", "KR": "AVAILABLE UPON REQUEST", "CL": "AVAILABLE UPON REQUEST",
        "AU": "AVAILABLE TO THE COMPETENT AUTHORITY OR AUTHORISED BODY UPON REQUEST", "CR": "",
        "PK": "AVAILABLE TO CUSTOMS UPON REQUEST",
    }  # fmt: skip
    several = certificate_type("RCEP").producer
    assert several
    assert several.several == "SEE BOX 8"
    assert certificate_type("RCEP").box("8").field == "description"


def test_the_most_goods_lines_of_a_certificate_depend_on_the_day_it_is_signed() -> None:
    today = date(2026, 11, 17)
    assert {kind.code: kind.most_lines(today) for kind in ENABLED if kind.most_lines(today)} == {
        "NZ": 20, "CR": 20, "IS": 20, "AU": 20, "KR": 20, "PE": 20, "FORME": 20, "CL": 50, "CH": 50}
    assert [certificate_type("CH").most_lines(day) for day in (date(2021, 8, 31), date(2021, 9, 1))] == [20, 50]


@of_each(list(all_types()))
def test_what_is_unverified_is_named_by_fields_that_a_type_has(kind: CertificateType) -> None:
    assert set(kind.unverified) <= {one.name for one in fields(CertificateType)}
    assert len(set(kind.unverified)) == len(kind.unverified)
    assert any(not one.verified for one in kind.criteria) <= ("criteria" in kind.unverified)
    assert all(" / " in note for note in kind.notes)


def test_a_box_without_a_number_is_not_named_in_a_finding() -> None:
    assert certificate_type("AU").box_number("official_use") is None
    assert certificate_type("NZ").box_number("official_use") == "5"
    assert certificate_type("FORME2").box_number("hs_code") == "7"
    assert certificate_type("FORME2").box_number("destination") == "11"


def test_the_page_keeps_the_measures_of_the_standard() -> None:
    form = certificate_type("CO").form
    assert form is not None
    assert (form.frame.x, form.frame.y, form.frame.width, form.frame.height) == (20, 10, 183, 280)


def test_a_number_is_year_letter_registration_and_five_digits() -> None:
    assert certificate_type("CO").number("1100A4419", 2026, 1) == "26C1100A4419/00001"
    assert certificate_type("RCEP").number("1100A4419", 2026, 12) == "26RC1100A4419/00012"
    assert certificate_type("CO").number("91110000802100433B", 2105, 123456) == "05C91110000802100433B/123456"


def test_a_type_is_available_from_its_first_to_its_last_day() -> None:
    names = {"code": "X", "zh": "一", "en": "X", "letter": "X"}
    definition = {**names, "enabled": True, "number_template": "", "paper": "eco"}
    kind = certificate_type_from({**definition, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 31)})
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))
    assert [kind.available_on(day) for day in days] == [False, True, True, False]
    assert not certificate_type_from({**definition, "enabled": False}).available_on(date(2026, 1, 1))


def test_an_unknown_type_is_not_found() -> None:
    with pytest.raises(KeyError, match="NOPE"):
        certificate_type("NOPE")


def test_a_key_that_no_type_has_is_an_error_and_not_ignored() -> None:
    with pytest.raises(TypeError, match="colour"):
        certificate_type_from({"code": "X", "colour": "red"})


def test_a_box_is_found_by_its_printed_number() -> None:
    assert certificate_type("CO").box("7").field == "description"
    with pytest.raises(KeyError):
        certificate_type("CO").box("13")


def _points(millimetres: float) -> float:
    return millimetres * 72 / 25.4


def _inner(box: Box) -> float:
    """Width for text, in points."""
    return _points(box.width - 2 * SIDE)


def test_the_heading_fits_beside_the_first_boxes() -> None:
    for kind in ENABLED:
        assert kind.form is not None
        assert len(kind.form.heading) == 3
        for line, size in zip(kind.form.heading, (15.5, 9.0, 12.0), strict=True):
            assert width_of(line, size, BOLD) <= _points(kind.form.title.width - 2), (kind.code, line)
