"""Names of broker objects, and how they are made."""

import pytest

from domain.errors import BadSetting, NotAllowed
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise

NAMES = Names()


def arguments(topology: Topology, name: str) -> dict[str, str | int]:
    return dict(next(queue.arguments for queue in topology.queues if queue.name == name))


def test_every_name_stands_behind_the_prefix() -> None:
    names = Names("demo.")
    queue = names.new_receipt_queue("1100A4419")
    everything = core(names, ["print"]) + for_enterprise(names, "1100A4419", queue) + for_branch(names, "1100")
    assert all(exchange.name.startswith("demo.") for exchange in everything.exchanges)
    assert all(queue.name.startswith("demo.") for queue in everything.queues)
    assert all(each.source.startswith("demo.") and each.destination.startswith("demo.") for each in everything.bindings)


def test_receipt_queues_cannot_be_guessed() -> None:
    first, second = NAMES.new_receipt_queue("ENT0001"), NAMES.new_receipt_queue("ENT0001")
    assert first != second
    assert first.startswith("receipts.ENT0001.")
    assert len(first.removeprefix("receipts.ENT0001.")) == 22


@pytest.mark.parametrize(
    ("exchange", "enterprise"), [("in.ENT0001", "ENT0001"), ("co.in", None), ("in.", None), ("", None)]
)
def test_a_delivery_is_traced_to_its_sender_by_the_exchange_only(exchange: str, enterprise: str | None) -> None:
    assert NAMES.enterprise_of(exchange) == enterprise
    assert Names("demo.").enterprise_of(exchange) is None


def test_a_branch_has_an_exchange_of_its_own_that_is_no_enterprises() -> None:
    branch = for_branch(NAMES, "1100B0")
    assert [exchange.name for exchange in branch.exchanges] == ["in.branch.1100B0"]
    assert {(b.source, b.destination, b.routing_key, b.to_exchange) for b in branch.bindings} == {
        ("in.branch.1100B0", "co.in", "", True),
        ("co.branch-receipts", "branch.1100B0", "1100B0", False),
    }
    assert NAMES.enterprise_of("in.branch.1100B0") is None


def test_the_exchange_of_an_enterprise_leads_back_to_it() -> None:
    names = Names("demo.")
    assert names.enterprise_of(names.enterprise_exchange("1100A4419")) == "1100A4419"


@pytest.mark.parametrize("number", ["", "abc", "a.b.c.d", "in*", "ENT 0001", "E" * 21, "ENT0001\n"])
def test_numbers_that_could_mean_something_else_in_a_pattern_are_refused(number: str) -> None:
    with pytest.raises(NotAllowed):
        NAMES.enterprise_exchange(number)


@pytest.mark.parametrize("prefix", ["a b", "a$", "ü", "x" * 65])
def test_odd_prefixes_are_bad_settings(prefix: str) -> None:
    with pytest.raises(BadSetting):
        Names(prefix)


def test_every_queue_is_a_quorum_queue_with_a_delivery_limit() -> None:
    everything = (
        core(NAMES, ["print"]) + for_enterprise(NAMES, "ENT0001", "receipts.ENT0001.x") + for_branch(NAMES, "1100")
    )
    assert len(everything.queues) == 5
    for queue in everything.queues:
        assert queue.arguments["x-queue-type"] == "quorum"
        assert "x-delivery-limit" in queue.arguments  # 4.x would otherwise drop after 20


def test_the_inbox_and_work_queues_dead_letter_at_least_once() -> None:
    topology = core(NAMES, ["print"])
    for name in ("co.inbox", "work.print"):
        found = arguments(topology, name)
        assert found["x-dead-letter-exchange"] == "co.dead"
        assert found["x-dead-letter-strategy"] == "at-least-once"
        assert found["x-overflow"] == "reject-publish"
        assert found["x-delivery-limit"] == 50
    assert arguments(topology, "co.inbox")["x-max-length"] == 1_000_000


def test_a_full_receipt_queue_refuses_and_never_drops() -> None:
    found = arguments(for_enterprise(NAMES, "ENT0001", "receipts.ENT0001.x"), "receipts.ENT0001.x")
    assert (found["x-max-length"], found["x-overflow"]) == (100_000, "reject-publish")


def test_work_orders_are_routed_by_stage_and_receipts_by_enterprise() -> None:
    bindings = {(b.source, b.destination): b.routing_key for b in core(NAMES, ["rule-check", "print"]).bindings}
    assert bindings["co.work", "work.rule-check"] == "rule-check"
    assert bindings["co.work", "work.print"] == "print"
    enterprise = for_enterprise(NAMES, "ENT0001", "receipts.ENT0001.x")
    assert {(b.source, b.destination, b.routing_key, b.to_exchange) for b in enterprise.bindings} == {
        ("in.ENT0001", "co.in", "", True),
        ("co.receipts", "receipts.ENT0001.x", "ENT0001", False),
    }


def test_the_exchange_behind_the_inbox_takes_no_messages_from_clients() -> None:
    internal = {exchange.name for exchange in core(NAMES, []).exchanges if exchange.internal}
    assert internal == {"co.in"}
