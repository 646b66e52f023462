"""The definition files of certificate types."""

from datetime import date

import pytest

from schemas.certificate_types import all_types, certificate_type, certificate_type_from


def test_the_general_certificate_has_its_twelve_boxes_in_order():
    boxes = certificate_type("CO").boxes
    assert [box.number for box in boxes] == [str(number) for number in range(1, 13)]
    assert [box.caption for box in boxes] == [
        "Exporter", "Consignee", "Means of transport and route", "Country / region of destination",
        "For certifying authority use only", "Marks and numbers", "Number and kind of packages; description of goods",
        "H.S. Code", "Quantity", "Number and date of invoices", "Declaration by the exporter", "Certification",
    ]  # fmt: skip


def test_only_the_general_certificate_is_enabled_and_the_others_say_why_not():
    assert [kind.code for kind in all_types() if kind.enabled] == ["CO"]
    waiting = [kind for kind in all_types() if not kind.enabled]
    assert {"APTA", "FORME2", "RCEP"} <= {kind.code for kind in waiting}
    assert all(kind.reason_zh and kind.reason_en and not kind.boxes for kind in waiting)


def test_every_type_has_names_a_letter_and_a_code_of_its_own():
    assert all(kind.zh and kind.en and kind.letter for kind in all_types())
    assert len({kind.code for kind in all_types()}) == len(all_types())


def test_the_boxes_fill_the_frame_without_overlapping():
    kind = certificate_type("CO")
    assert kind.form is not None
    areas = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in kind.boxes]
    title = kind.form.title
    areas.append((title.x, title.y, title.x + title.width, title.y + title.height))
    for at, (left, top, right, bottom) in enumerate(areas):
        for other_left, other_top, other_right, other_bottom in areas[at + 1 :]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top
    frame = kind.form.frame
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in areas)
    assert covered == pytest.approx(frame.width * frame.height)


def test_the_page_keeps_the_measures_of_the_standard():
    form = certificate_type("CO").form
    assert form is not None
    assert (form.frame.x, form.frame.y, form.frame.width, form.frame.height) == (20, 10, 183, 280)


def test_a_number_is_year_letter_registration_and_five_digits():
    assert certificate_type("CO").number("1100A4419", 2026, 1) == "26C1100A4419/00001"
    assert certificate_type("CO").number("91110000802100433B", 2105, 123456) == "05C91110000802100433B/123456"


def test_a_type_is_available_from_its_first_to_its_last_day():
    names = {"code": "X", "zh": "一", "en": "X", "letter": "X"}
    definition = {**names, "enabled": True, "number_template": "", "paper": "eco"}
    kind = certificate_type_from({**definition, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 31)})
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))
    assert [kind.available_on(day) for day in days] == [False, True, True, False]
    assert not certificate_type_from({**definition, "enabled": False}).available_on(date(2026, 1, 1))


def test_an_unknown_type_is_not_found():
    with pytest.raises(KeyError, match="NOPE"):
        certificate_type("NOPE")


def test_a_key_that_no_type_has_is_an_error_and_not_ignored():
    with pytest.raises(TypeError, match="colour"):
        certificate_type_from({"code": "X", "colour": "red"})


def test_a_box_is_found_by_its_printed_number():
    assert certificate_type("CO").box("7").field == "description"
    with pytest.raises(KeyError):
        certificate_type("CO").box("13")
