"""Watchdogs: queues can be rebuilt from the database, and no sender is left without a word."""

from collections.abc import Iterator

import pytest

from pipeline.orders import Orders, order_body
from pipeline.transport import Delivery
from pipeline.watchdog import announce_again, report_overdue
from store.postgres import PostgresStore
from tests.desk import Desk, clean, make_desk
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    """A desk that only receives."""
    made = make_desk(stored, hosted=())
    made.deliver(clean())
    yield made
    made.session.database.close()
    made.owner.close()


def overdue(desk: Desk) -> None:
    """Let the clock run: what is due tomorrow is due now."""
    desk.query("update work_order set due_at = due_at - interval '1 day', overdue_at = overdue_at - interval '1 day'")


def test_a_lost_work_order_is_announced_again_with_a_doubling_interval(desk: Desk) -> None:
    database = desk.session.database
    desk.query("delete from outbox")  # it was sent and the broker lost it
    assert announce_again(database) == 0
    overdue(desk)
    assert announce_again(database) == 1
    ((resent, minutes),) = desk.query(
        "select resent, round(extract(epoch from due_at - clock_timestamp()) / 60) from work_order")
    assert (resent, minutes) == (1, 2)
    assert desk.query("select kind, stage, owner from outbox") == [("order", "schema-check", None)]


def test_an_order_that_is_still_unsent_is_not_announced_again(desk: Desk) -> None:
    overdue(desk)
    assert announce_again(desk.session.database) == 0


def test_a_parked_order_is_left_alone(desk: Desk) -> None:
    desk.query("delete from outbox")
    desk.query("update work_order set parked = true")
    overdue(desk)
    assert announce_again(desk.session.database) == 0


def test_a_certificate_that_waits_too_long_is_reported_once(desk: Desk) -> None:
    store = PostgresStore(desk.session.database)
    assert report_overdue(store) == 0
    overdue(desk)
    assert report_overdue(store) == 1 and report_overdue(store) == 0
    ((code, stream, sequence, state),) = desk.query(
        "select code, stream, sequence, state from receipt where code = 'NO_PROGRESS'")
    ((message,),) = desk.query("select id from message")
    assert (code, stream, sequence, state) == ("NO_PROGRESS", f"message:{message}", 1, None)
    assert desk.query("select version from certificate") == [(1,)]


def order(desk: Desk) -> Delivery:
    """The work order of the one certificate, as delivered."""
    ((certificate, version, stage),) = desk.query("select certificate, version, stage from work_order")
    desk.tags += 1
    return Delivery("work", desk.tags, 1, "co.work", stage, order_body(certificate, version, stage), False)


def test_an_order_that_is_repeated_or_overtaken_is_dropped(desk: Desk) -> None:
    full = make_desk(desk.world)
    orders = Orders(full.session)
    delivered = order(desk)
    assert orders.commit(orders.open([delivered, delivered], False)).certificates == 1
    again = orders.commit(orders.open([delivered], False))
    assert (again.certificates, again.rows, again.waiting) == (0, [], [])
    assert desk.query("select count(*) from transition") == [(4,)]
    full.session.database.close()
    full.owner.close()


def test_an_order_that_cannot_be_handled_is_parked_and_its_sender_told(desk: Desk) -> None:
    orders, delivered = Orders(desk.session), order(desk)
    rows = orders.park(delivered, RuntimeError("broken stage"), "Traceback ...", 3).rows
    assert [row.code for row in rows] == ["PARKED"]
    assert desk.query("select source, stage, error, tries from parked") == [
        ("order", "schema-check", "RuntimeError: broken stage", 3)]
    assert desk.query("select parked from work_order") == [(True,)]
    assert desk.query("select state from certificate") == [("RECEIVED",)]
