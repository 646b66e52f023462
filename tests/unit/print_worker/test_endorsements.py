"""Words and ticks of special certificates: when they are due, and that nothing is said twice."""

from datetime import date

import pytest
from trade_samples import full, little, replacing

from domain.application import Amendment, Party, Transport
from print_worker import endorsements
from print_worker.endorsements import extras, is_retrospective, is_ticked, last_day_of_grace
from print_worker.sheet_texts import certification
from schemas.certificate_types import Retrospective, certificate_type


def departed(code, day, **changes):
    """Certified on 2026-11-22, a Sunday."""
    return full(code, transport=Transport(departure_date=day), **changes)


@pytest.mark.parametrize(
    ("code", "day", "late"),
    [("RCEP", "2026-11-22", False), ("RCEP", "2026-11-21", True), ("FORME2", "2026-11-19", False),
     ("FORME2", "2026-11-18", True), ("KR", "2026-11-12", False), ("KR", "2026-11-11", True), ("NZ", "", True)],
)  # fmt: skip
def test_the_mark_is_due_once_the_days_of_grace_are_over(code, day, late):
    assert is_retrospective(departed(code, day)) is late
    assert is_ticked(departed(code, day), "retrospective") is late


def test_nothing_is_retrospective_that_did_not_ask_for_it():
    assert not is_retrospective(departed("RCEP", "2026-01-05", retrospective=False))


def test_a_type_that_allows_no_issue_after_shipment_has_no_mark():
    assert certificate_type("APTA").retrospective.mark is None
    assert not any("ISSUED" in text for _, text in extras(full("APTA")))


@pytest.mark.parametrize(("departure", "last"), [(13, 24), (14, 24), (16, 25)])
def test_working_days_leave_out_saturday_and_sunday(departure, last):
    """2026-11-13 is a Friday."""
    assert last_day_of_grace(date(2026, 11, departure), Retrospective(grace_days=7, working=True)) == date(2026, 11, last)


def test_an_ordinary_certificate_has_nothing_beside_its_own_text():
    assert extras(little("RCEP")) == ()
    assert extras(little("CO")) == ()


def test_words_that_the_sender_wrote_are_not_said_twice():
    sheet = full("KR", endorsement="Issued retroactively.")
    assert [text for _, text in extras(sheet) if "RETROACTIVELY" in text.upper()] == ["Issued retroactively."]
    in_remarks = full("KR", form_remarks="PO-1\nISSUED RETROACTIVELY")
    assert sum("RETROACTIVELY" in text for _, text in extras(in_remarks)) == 1


def test_an_endorsement_goes_into_the_box_of_the_mark_that_is_due_else_among_the_remarks():
    assert ("official_use", "ISSUED RETROSPECTIVELY") in extras(full("AU", endorsement="ISSUED RETROSPECTIVELY"))
    assert ("remarks", "AS AGREED") in extras(full("AU", retrospective=False, endorsement="AS AGREED"))


def test_an_endorsement_that_repeats_a_tick_is_the_tick():
    assert not any("RETROACTIVELY" in text for _, text in extras(full("RCEP", endorsement="ISSUED RETROACTIVELY")))


def test_the_original_is_named_though_the_sender_wrote_the_words_without_its_number():
    plain = full("KR", retrospective=False, endorsement="CERTIFIED TRUE COPY", amendment=replacing("KR", "REISSUE").amendment)
    assert any("26K3302A4419/00007 dated OCT. 05, 2026" in text for _, text in extras(plain))


def test_words_that_name_no_original_are_followed_by_it():
    marks = endorsements.due_marks(replacing("NZ", "REISSUE"))
    assert [endorsements.words_of(mark, replacing("NZ", "REISSUE")) for mark in marks] == [
        "CERTIFIED TRUE COPY OF THE ORIGINAL CERTIFICATE OF ORIGIN NUMBER 26N3302A4419/00007 DATED OCT. 05, 2026"]


def test_an_operator_whom_the_remarks_name_is_not_named_again():
    operator = Party("PACIFIC BRIDGE TRADING PTE. LTD.", "9 RAFFLES PLACE", "SG")
    named = full("KR", form_remarks="INVOICE BY PACIFIC BRIDGE TRADING PTE. LTD., SINGAPORE", operator=operator)
    assert sum("PACIFIC BRIDGE" in text for _, text in extras(named)) == 1
    assert ("remarks", "NON-PARTY OPERATOR: PACIFIC BRIDGE TRADING PTE. LTD., 9 RAFFLES PLACE, SINGAPORE") in extras(full("KR"))


@pytest.mark.parametrize(("code", "named"), [("CR", True), ("PE", True), ("KR", False)])
def test_a_type_that_wants_the_producer_beside_a_non_party_invoice_gets_it(code, named):
    words = "PRODUCER: SHAOXING BAIHE WEAVING MILL, NO. 6 KEQIAO AVENUE, SHAOXING, CHINA"
    assert (("remarks", words) in extras(full(code))) is named
    assert ("remarks", words) not in extras(full(code, non_party_invoice=False))


def test_an_amended_certificate_keeps_the_date_of_its_original_and_a_reissued_one_has_its_own():
    assert certification(replacing("CO", "AMEND")).endswith("OCT. 05, 2026")
    assert certification(replacing("CO", "REISSUE")).endswith("NOV. 22, 2026")
    unreadable = full("CO", amendment=Amendment("AMEND", "26C3302A4419/00007", "last year"))
    assert certification(unreadable).endswith("NOV. 22, 2026")
