"""Certificate numbers never wrap: a counter that goes on from a replaced system ends with a clear answer."""

import pytest

from domain.errors import CounterExhausted
from review_worker.manual_review import approve
from store.registry import set_first_number
from tests.desk import Desk, clean, make_desk
from tests.services import World

LAST = 99_999  # five digits in the template of the general certificate


def at_the_end(stored: World, left: int) -> Desk:
    """A desk whose first firm has so many numbers of the general certificate left."""
    desk = make_desk(stored)
    set_first_number(desk.owner, clean().firm.record.no, "C", None, LAST - left + 1)
    return desk


def test_the_first_number_continues_from_a_replaced_system(stored: World) -> None:
    desk = at_the_end(stored, 2)
    desk.deliver(clean())
    assert desk.certificates()[0][4].endswith("/99998")


def test_after_the_last_number_the_application_waits_with_the_reason_and_nothing_wraps(stored: World) -> None:
    desk = at_the_end(stored, 1)
    desk.deliver(clean(), clean(12))
    assert sorted(row[1] for row in desk.certificates()) == ["ISSUED", "PENDING_REVIEW"]
    [(identity, version, reasons)] = desk.query("select certificate, version, reasons from review_task")
    assert any(reason.startswith("NUMBERS_EXHAUSTED") and "99999" in reason for reason in reasons)
    with pytest.raises(CounterExhausted, match="numbers never wrap"):
        approve(desk.session.store, identity, "wang", version)
    assert desk.query("select n from number_ledger") == [(LAST,)]
    assert desk.query("select last from number_counter where letter = 'C' and last > 0") == [(LAST,)]
