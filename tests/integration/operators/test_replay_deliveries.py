"""`coedi replay` of deliveries and work orders: what was set aside, or refused by a gate, is handled when its cause is gone."""

from typing import Any

import pytest

from gateway import replay as replaying
from pipeline.orders import order_body
from tests.desk import Desk, Orders, clean
from tests.integration.operators.command import coedi
from tests.integration.operators.replays import finish, healthy, plan, run, states
from tests.integration.operators.test_doctor import plant
from tests.integration.operators.test_trace import one, traced
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def parked(lived: World, desk: Desk) -> World:
    """Two deliveries and a work order that failed, though nothing is wrong with them."""
    for number in (50, 51):
        desk.intake.park(desk.delivery(clean(number).body, desk.exchange(number)), ValueError("bad day"), "", 3)
    certificate, version = desk.query("select certificate, version from work_order")[0]
    Orders(desk.session).park(desk.delivery(order_body(certificate, version, "print"), ""), KeyError("font"), "", 3)
    desk.query("delete from outbox")
    return lived


def test_parked_deliveries_go_through_intake_again(parked: World, desk: Desk) -> None:
    made = plan(parked, "--parked")
    assert [(item["kind"], item["old"], item["predicted"]) for item in made["items"] if item["state"] == "planned"] == [
        ("delivery", "PARKED", "APPROVED"), ("delivery", "PARKED", "APPROVED"), ("order", "APPROVED", "print again")]
    done = run(parked, made).data
    assert (done["done"], done["failed"]) == (3, 0)
    life = traced(parked, clean(50).invoice)["certificate"]
    assert life["state"] == "APPROVED"
    interchange = life["messages"][0]["interchange"]
    codes = [row[0] for row in desk.query("select code from receipt where stream = %s order by sequence", f"message:{interchange}")]
    assert codes == ["PARKED", "BYTES_RECEIVED", "INTERCHANGE_ANSWERED"]
    tickets = desk.query("select disposition, disposed_by from parked where source <> 'dead-letter' and error not like 'SENDER%%'")
    assert [row[0] for row in tickets] == ["replayed"] * 3
    finish(desk)
    assert set(states(parked, "APPROVED")) == set()
    assert healthy(parked)


def test_a_parked_work_order_is_announced_again_and_issued_once(parked: World, desk: Desk) -> None:
    made = plan(parked, "--parked")
    run(parked, made)
    assert desk.query("select w.parked, o.stage from work_order w join outbox o using (certificate, version)"
                      " join certificate c on c.id = w.certificate where c.invoice = %s", clean(12).invoice) == [(False, "print")]
    finish(desk)
    life = traced(parked, clean(12).invoice)["certificate"]
    assert (life["state"], len(life["documents"])) == ("ISSUED", 1)


def test_a_ticket_that_was_closed_meanwhile_is_skipped(parked: World) -> None:
    made = plan(parked, "--parked")
    subject = next(item["subject"] for item in made["items"] if item["kind"] == "delivery" and item["state"] == "planned")
    coedi(parked, "parked", "discard", subject, "--reason", "x")
    done = run(parked, made).data
    assert (done["done"], done["skipped"]) == (2, made["skipped"] + 1)


def test_a_delivery_interrupted_between_opening_and_intake_is_finished_by_resuming(
    parked: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(parked, "--parked")
    intake = replaying.Intake.commit

    def killed(*given: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(replaying.Intake, "commit", killed)
    assert run(parked, made).exit_code == 1
    assert one(parked, "select count(*) from interchange where open > 0") == 1
    monkeypatch.setattr(replaying.Intake, "commit", intake)
    assert coedi(parked, "replay", "resume", made["id"], "--json").data["done"] == 3
    assert healthy(parked)


def test_a_delivery_of_a_sender_nobody_knew_is_taken_once_the_enterprise_is_registered(lived: World, desk: Desk) -> None:
    late = clean(80)
    desk.deliver(late.body, exchange="in.late")
    desk.query("delete from outbox")
    (line,) = [item for item in plan(lived, "--parked", "--finding", "SENDER_UNKNOWN")["items"] if item["predicted"] != "x"][-1:]
    assert (line["state"], line["became"]) == ("skipped", "REFUSED SENDER_UNKNOWN")
    plant(lived, f"update enterprise set exchange = 'in.late' where no = '{late.firm.record.no}'")
    made = plan(lived, "--parked", "--finding", "SENDER_UNKNOWN")
    assert run(lived, made).data["done"] == 1
    assert traced(lived, late.invoice)["certificate"]["state"] == "APPROVED"
    assert healthy(lived)


def test_a_poison_is_predicted_to_fail_and_does_not_end_the_plan(parked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import prediction

    def poison(*given: Any) -> Any:
        raise ValueError("poison")

    monkeypatch.setattr(prediction, "look_up", poison)
    made = plan(parked, "--parked")
    assert {item["became"] for item in made["items"] if item["kind"] == "delivery" and item["old"] == "PARKED"} >= {
        "fails: ValueError: poison"}


def test_a_dead_letter_is_left_alone(lived: World) -> None:
    plant(lived, "update parked set source = 'dead-letter'")
    made = plan(lived, "--parked")
    assert {(item["state"], item["became"]) for item in made["items"]} == {
        ("skipped", "the sender of a dead letter is not known")}


def test_a_delivery_that_a_gate_refused_is_taken_once_the_cause_is_gone(lived: World, desk: Desk) -> None:
    late = clean(81)
    no = late.firm.record.no
    desk.query("update enterprise set active = false where no = %s", no)
    desk.deliver(late)
    (line,) = plan(lived, "--refused", "--finding", "ENTERPRISE_INACTIVE")["items"]
    assert (line["old"], line["state"], line["became"]) == (
        "REFUSED ENTERPRISE_INACTIVE", "skipped", "REFUSED ENTERPRISE_INACTIVE")
    desk.query("update enterprise set active = true where no = %s", no)
    plans = [plan(lived, "--refused", "--finding", "ENTERPRISE_INACTIVE") for _ in range(2)]
    assert [(made["items"][0]["predicted"], made["planned"]) for made in plans] == [("APPROVED", 1)] * 2
    assert run(lived, plans[0]).data["done"] == 1
    count = one(lived, "select count(*) from transition")
    assert run(lived, plans[1]).data["items"][0]["became"] == "it was answered since it was planned"
    assert one(lived, "select count(*) from transition") == count
    stream = one(lived, "select 'message:' || i.id from interchange i join message m on m.interchange = i.id join certificate c"
                        f" on c.message = m.id where c.invoice = '{late.invoice}'")
    codes = [row[0] for row in desk.query("select code from receipt where stream = %s order by sequence", stream)]
    assert codes == ["ENTERPRISE_INACTIVE", "BYTES_RECEIVED", "INTERCHANGE_ANSWERED"]
    assert healthy(lived)


def test_what_cannot_be_read_stays_refused(lived: World) -> None:
    assert coedi(lived, "replay", "plan", "--refused", "--parked").exit_code == 2
    assert {item["state"] for item in plan(lived, "--refused")["items"]} == {"skipped"}
