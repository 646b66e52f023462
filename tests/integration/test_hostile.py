"""Hostile deliveries through the real intake: archived, answered with the documented code, nothing raised."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from messages.receipts import read
from store.work import OutboxRow
from tests.desk import Desk, make_desk
from tests.samples.evil.corpus import Row, body_of, expected
from tests.services import World

pytestmark = pytest.mark.database
# samples are dated; the database's today is not theirs
DAYS = (("2026-11-16", 0), ("2026-11-12", -4), ("2026-11-21", 5))


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.session.database.close()
    made.owner.close()


def todays(desk: Desk, row: Row) -> bytes:
    ((today,),) = desk.query("select (now() at time zone 'Asia/Shanghai')::date")
    assert isinstance(today, date)
    body = body_of(row)
    for written, days in DAYS:
        body = body.replace(written.encode(), (today + timedelta(days=days)).isoformat().encode())
    return body


def told(rows: list[OutboxRow]) -> set[str]:
    """Codes of the receipts to the enterprise and of the findings in them."""
    receipts = [read(row.body) for row in rows if row.destination == "enterprise"]
    codes = {row.code or "" for row in rows if row.destination == "enterprise"}
    return codes | {finding.code for receipt in receipts for finding in receipt.findings}


def test_every_hostile_delivery_is_archived_and_answered(desk: Desk) -> None:
    exchange = desk.world.names.enterprise_exchange("1100A0017")
    wrong = {}
    for number, row in enumerate(expected(), 1):
        body = todays(desk, row)
        codes = told(desk.deliver(body, exchange=exchange))
        wanted = "ISSUED" if row.code == "ACCEPTED" else row.code
        if wanted not in codes or "PARKED" in codes:
            wrong[row.name] = (wanted, sorted(codes))
        assert desk.query("select count(*) from interchange") == [(number,)], row.name
        assert desk.query("select count(*) from interchange where body = %s", body) == [(1,)], row.name
    assert wrong == {}
    assert desk.query("select count(*) from parked") == [(0,)]
