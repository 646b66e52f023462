"""`coedi parked`: tickets are listed, grouped, shown with their bytes, and closed once, on record."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.orders import order_body
from tests.desk import Orders, clean, make_desk
from tests.integration.operators.command import coedi
from tests.integration.operators.test_trace import one, traced
from tests.services import World

pytestmark = pytest.mark.database

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: \x1b[31mbad'


@pytest.fixture
def world(lived: World) -> World:
    """Three deliveries failed in the same way, and the order of the certificate that waits for print."""
    desk = make_desk(lived)
    for number in (50, 51, 56):
        delivery = desk.delivery(clean(number).body, desk.exchange(number))
        desk.intake.park(delivery, ValueError(f"bad {number}"), TRACE, 3)
    certificate, version = desk.query("select certificate, version from work_order")[0]
    order = desk.delivery(order_body(certificate, version, "print"), "")
    Orders(desk.session).park(order, KeyError("font"), TRACE, 3)
    desk.session.database.close()
    desk.owner.close()
    return lived


def listed(world: World, *options: str) -> list[Any]:
    """The tickets."""
    rows: list[Any] = coedi(world, "parked", "list", "--json", *options).data["parked"]
    return rows


def test_groups_count_what_failed_in_the_same_way_the_largest_first(world: World) -> None:
    groups = coedi(world, "parked", "groups", "--json").data["groups"]
    assert [group["count"] for group in groups] == [3, 1, 1]
    assert groups[0]["error"].startswith("ValueError: bad 5")
    assert len(listed(world, "--fingerprint", groups[0]["fingerprint"])) == 3
    assert groups[0]["fingerprint"] in coedi(world, "parked", "groups").out


def test_show_prints_the_traceback_without_control_characters_and_saves_the_bytes(world: World, tmp_path: Path) -> None:
    ticket = next(row for row in listed(world) if row["error"] == "ValueError: bad 51")
    said = coedi(world, "parked", "show", ticket["id"], "--body", tmp_path / "body.xml")
    assert said.exit_code == 0
    assert 'File "a.py", line 3, in f' in said.out
    assert "\x1b" not in said.out
    assert (tmp_path / "body.xml").read_bytes() == clean(51).body
    data = coedi(world, "parked", "show", ticket["id"], "--json").data["parked"]
    assert (data["tries"], data["size"]) == (3, len(clean(51).body))
    assert data["key"] == f"delivery:{data['exchange']}:{data['sha256']}"


def test_a_discarded_ticket_leaves_the_list_and_stands_in_the_audit(world: World) -> None:
    ticket = next(row for row in listed(world) if row["source"] == "delivery")
    said = coedi(world, "parked", "discard", ticket["id"], "--reason", "a test of theirs", "--json")
    assert (said.exit_code, said.data["disposition"]) == (0, "discarded")
    assert ticket["id"] not in [row["id"] for row in listed(world)]
    (closed,) = [row for row in listed(world, "--all") if row["id"] == ticket["id"]]
    assert closed["disposed_by"] == said.data["by"]
    assert one(world, f"select detail ->> 'reason' from audit where subject = '{ticket['id']}'") == "a test of theirs"


def test_a_ticket_is_closed_once(world: World) -> None:
    ticket = listed(world)[0]["id"]
    assert coedi(world, "parked", "archive", ticket, "--reason", "by telephone").exit_code == 0
    said = coedi(world, "parked", "discard", ticket, "--reason", "again")
    assert said.exit_code == 4
    assert "archived by operator:" in said.why
    assert one(world, f"select count(*) from audit where subject = '{ticket}'") == 1


def test_a_discarded_order_stays_with_its_certificate_and_the_operator_is_told(world: World) -> None:
    ticket = next(row for row in listed(world) if row["source"] == "order")
    assert traced(world, clean(12).invoice)["certificate"]["waits_for"]["set_aside"] is True
    assert coedi(world, "parked", "show", ticket["id"], "--body", "nowhere").exit_code == 4
    said = coedi(world, "parked", "discard", ticket["id"], "--reason", "font will come")
    assert f"certificate {ticket['certificate']} stays in APPROVED at version 4" in said.out
    assert traced(world, clean(12).invoice)["certificate"]["state"] == "APPROVED"
    assert coedi(world, "doctor").exit_code == 0


def test_unknown_and_ambiguous_ids_are_refused_and_a_reason_is_required(world: World) -> None:
    assert coedi(world, "parked", "show", "ffffffff").exit_code == 4
    assert coedi(world, "parked", "show", "%").exit_code == 4
    assert "several" in coedi(world, "parked", "show", "0").why
    assert coedi(world, "parked", "discard", listed(world)[0]["id"]).exit_code == 2
    assert coedi(world, "parked", "discard", listed(world)[0]["id"], "--reason", " ").exit_code == 2


def test_an_empty_list_says_so(lived: World) -> None:
    for ticket in listed(lived):
        coedi(lived, "parked", "archive", ticket["id"], "--reason", "seen")
    assert coedi(lived, "parked", "list").out == "nothing is parked\n"
    assert coedi(lived, "parked", "groups").out == "nothing is parked\n"
