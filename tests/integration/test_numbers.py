"""Certificate numbers: dense, and able to go on from a replaced system."""


import pytest

from domain.errors import Refusal
from store.registry import set_first_number
from tests.desk import Desk, clean

pytestmark = pytest.mark.database


def test_numbers_go_on_from_a_replaced_system(desk: Desk) -> None:
    year = set_first_number(desk.owner, "1100A2001", "C", None, 124)
    desk.deliver(clean(0), clean(6))
    assert [number[-5:] for *_, number in desk.certificates()] == ["00124", "00125"]
    assert desk.query("select year, first, last from number_counter") == [(year, 124, 125)]


def test_a_counter_that_was_used_cannot_be_set(desk: Desk) -> None:
    desk.deliver(clean(0))
    with pytest.raises(Refusal, match="never skipped"):
        set_first_number(desk.owner, "1100A2001", "C", None, 500)
    assert desk.query("select first, last from number_counter") == [(1, 1)]


def test_a_returned_application_takes_no_number(desk: Desk) -> None:
    desk.deliver(clean(0, fault="consignee-missing"), clean(6))
    assert [number and number[-5:] for *_, number in desk.certificates()] == [None, "00001"]
