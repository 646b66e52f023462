"""One suite for every transport: the same scenarios, expectations written by hand, in this process and on RabbitMQ."""

import secrets
import time
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import BrokerGone, QueueGone, Refusal
from pipeline.topology import Binding, Exchange, Names, Queue, Topology, core, for_enterprise
from pipeline.transport import Consumer, Delivery, Outgoing
from tests.contract.transports import Transport, local, rabbitmq

ROOM = 1 << 20
QUORUM: dict[str, str | int] = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}


@pytest.fixture(params=["local", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def transport(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """A transport with names of its own."""
    made = (local if request.param == "local" else rabbitmq)(Names(f"t{secrets.token_hex(4)}."))
    yield made
    made.end()


@pytest.fixture
def queue(transport: Transport) -> str:
    """A work queue, behind the exchange of work orders with the key "a"."""
    return work_queues(transport, "a")[0]


def work_queues(transport: Transport, *keys: str, **arguments: str | int) -> list[str]:
    """Queues behind the exchange of work orders, by routing key."""
    names = transport.names
    queues = tuple(Queue(names.stage_queue(key), {**QUORUM, "x-delivery-limit": 50, **arguments}) for key in keys)
    bindings = tuple(Binding(names.work, each.name, key) for key, each in zip(keys, queues, strict=True))
    transport.declare(Topology((Exchange(names.work, "direct"),), queues, bindings))
    return [each.name for each in queues]


def message(transport: Transport, key: Hashable, **fields: Any) -> Outgoing:
    """A message whose body is its key, for the queue "a"."""
    given: dict[str, Any] = {"exchange": transport.names.work, "routing_key": "a", "body": str(key).encode(), **fields}
    return Outgoing(key=key, message_id=f"id-{key}", type="test", timestamp=datetime(2026, 3, 2, tzinfo=UTC), **given)


def send(transport: Transport, *keys: Hashable, **fields: Any) -> None:
    """Put messages with these keys where they go."""
    outcome = transport.publisher().publish([message(transport, key, **fields) for key in keys], 10)
    assert outcome.confirmed == list(keys)


def hold(consumer: Consumer, count: int) -> list[Delivery]:
    """The next `count` deliveries, unacknowledged; fewer when none comes for five seconds."""
    held: list[Delivery] = []
    while len(held) < count and (run := consumer.take(count - len(held), ROOM, 5)):
        held += run
    return held


def bodies(deliveries: list[Delivery]) -> list[str]:
    """What is in them."""
    return [delivery.body.decode() for delivery in deliveries]


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that the broker does in its own time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_published_is_confirmed_and_arrives_in_order(transport: Transport, queue: str) -> None:
    outcome = transport.publisher().publish([message(transport, n) for n in range(30)], 10)
    assert (outcome.confirmed, outcome.refused, outcome.unknown) == (list(range(30)), [], [])
    assert bodies(hold(transport.consumer(queue), 30)) == [str(n) for n in range(30)]


def test_a_message_arrives_with_its_properties(transport: Transport, queue: str) -> None:
    send(transport, 1, headers={"seq": 7, "state": "ISSUED", "repeat": True}, content_type="application/json")
    [delivery] = transport.consumer(queue).take(10, ROOM, 5)
    assert (delivery.queue, delivery.exchange, delivery.routing_key) == (queue, transport.names.work, "a")
    assert (delivery.message_id, delivery.content_type, delivery.user_id) == ("id-1", "application/json", None)
    assert delivery.headers == {"seq": 7, "state": "ISSUED", "repeat": True}
    assert delivery.redelivered is False


def test_what_no_queue_takes_is_refused_and_the_rest_goes_through(transport: Transport, queue: str) -> None:
    messages = [message(transport, 1), message(transport, 2, routing_key="nowhere"), message(transport, 3)]
    outcome = transport.publisher().publish(messages, 10)
    assert (outcome.confirmed, outcome.refused, outcome.unknown) == ([1, 3], [2], [])


def test_a_key_that_is_too_long_is_refused_alone(transport: Transport, queue: str) -> None:
    messages = [message(transport, 1), message(transport, 2, routing_key="x" * 300), message(transport, 3)]
    outcome = transport.publisher().publish(messages, 10)
    assert (outcome.confirmed, outcome.refused) == ([1, 3], [2])


@pytest.mark.parametrize("exchange", ["missing", "internal"])
def test_an_exchange_that_cannot_be_published_to_refuses(transport: Transport, queue: str, exchange: str) -> None:
    name = f"{transport.names.prefix}{exchange}"
    if exchange == "internal":
        inside = Exchange(name, "fanout", internal=True)
        transport.declare(Topology((inside,), (), (Binding(name, queue),)))
    publisher = transport.publisher()
    assert publisher.publish([message(transport, 1, exchange=name)], 10).refused == [1]
    assert publisher.publish([message(transport, 2)], 10).confirmed == [2]


def test_a_full_queue_refuses_and_another_does_not(transport: Transport) -> None:
    tight, wide = work_queues(transport, "a", **{"x-max-length": 5})[0], work_queues(transport, "b")[0]
    messages = [message(transport, (key, n), routing_key=key) for n in range(50) for key in ("a", "b")]
    outcome = transport.publisher().publish(messages, 10)
    assert {key[0] for key in outcome.refused} == {"a"}  # type: ignore[index] # keys are (queue, number)
    assert 30 <= len(outcome.refused) <= 45  # RabbitMQ's limit is soft by about one window of confirms
    assert len(transport.drain(tight, 100, 1)) == 50 - len(outcome.refused)
    assert len(transport.drain(wide, 100, 1)) == 50
    assert not outcome.unknown


def test_a_message_for_two_queues_is_refused_when_one_is_full_and_the_other_has_it(transport: Transport) -> None:
    tight, wide = work_queues(transport, "a", **{"x-max-length": 5})[0], work_queues(transport, "b")[0]
    both = f"{transport.names.prefix}both"
    transport.declare(Topology((Exchange(both, "fanout"),), (), (Binding(both, tight), Binding(both, wide))))
    outcome = transport.publisher().publish([message(transport, n, exchange=both) for n in range(50)], 10)
    assert 30 <= len(outcome.refused) <= 45
    assert bodies(transport.drain(wide, 100, 1)) == [str(n) for n in range(50)]


def test_a_full_queue_takes_again_once_it_was_emptied(transport: Transport) -> None:
    [queue] = work_queues(transport, "a", **{"x-max-length": 3})
    publisher = transport.publisher()
    publisher.publish([message(transport, n) for n in range(50)], 10)
    transport.drain(queue, 100, 0.5)
    until(lambda: publisher.publish([message(transport, "later")], 10).confirmed == ["later"])


def test_nothing_to_publish_is_done_at_once(transport: Transport) -> None:
    assert transport.publisher().publish([], 0).unsent == []


def test_a_closed_publisher_knows_nothing(transport: Transport, queue: str) -> None:
    publisher = transport.publisher()
    publisher.close()
    assert publisher.publish([message(transport, 1)], 0.2).unknown == [1]


def test_a_run_keeps_to_its_count_and_its_bytes(transport: Transport, queue: str) -> None:
    send(transport, *(f"{n}" * 10 for n in range(6)))
    consumer = transport.consumer(queue)
    first = hold(consumer, 1)
    until(lambda: transport.depths([queue])[queue][0] == 0)
    time.sleep(0.2)
    assert [delivery.tag for delivery in consumer.take(2, ROOM, 5)] == [first[0].tag + 1, first[0].tag + 2]
    assert len(consumer.take(10, 25, 5)) == 2
    assert len(consumer.take(10, 1, 5)) == 1  # larger than asked for, and yet one is handed out


def test_a_run_comes_from_one_queue_and_queues_take_turns(transport: Transport) -> None:
    a, b = work_queues(transport, "a", "b")
    send(transport, *range(4))
    send(transport, *range(4), routing_key="b")
    consumer = transport.consumer(a, b)
    time.sleep(0.5)
    runs = [consumer.take(2, ROOM, 5) for _ in range(4)]
    assert [{delivery.queue for delivery in run} for run in runs] in ([{a}, {b}] * 2, [{b}, {a}] * 2)


def test_an_empty_queue_gives_nothing_after_the_timeout(transport: Transport, queue: str) -> None:
    started = time.monotonic()
    assert transport.consumer(queue).take(10, ROOM, 0.3) == []
    assert 0.25 < time.monotonic() - started < 3


def test_a_waiting_consumer_is_woken_by_a_message(transport: Transport, queue: str) -> None:
    consumer = transport.consumer(queue)
    assert consumer.take(1, ROOM, 0.1) == []
    send(transport, "late")
    assert bodies(consumer.take(1, ROOM, 10)) == ["late"]


def test_no_more_than_the_prefetch_is_kept_from_others(transport: Transport, queue: str) -> None:
    first = transport.consumer(queue, prefetch=3)
    until(lambda: transport.depths([queue])[queue][1] == 1)
    send(transport, *range(3))
    assert bodies(hold(first, 3)) == ["0", "1", "2"]
    second = transport.consumer(queue)
    send(transport, *range(3, 10))
    assert bodies(hold(second, 7)) == [str(n) for n in range(3, 10)]
    assert first.take(1, ROOM, 0.2) == []


def test_acknowledging_makes_room_for_more(transport: Transport, queue: str) -> None:
    send(transport, *range(5))
    consumer = transport.consumer(queue, prefetch=2)
    held = hold(consumer, 2)
    assert consumer.take(1, ROOM, 0.2) == []
    consumer.acknowledge(held[-1])
    assert bodies(hold(consumer, 2)) == ["2", "3"]


def test_what_was_acknowledged_is_gone_and_the_rest_comes_back_in_order(transport: Transport, queue: str) -> None:
    send(transport, *range(8))
    consumer = transport.consumer(queue, prefetch=5)
    held = hold(consumer, 5)
    consumer.acknowledge(held[1])
    consumer.acknowledge(held[1])  # twice is once
    time.sleep(0.3)
    consumer.close()
    left = transport.drain(queue, 100, 1)
    assert bodies(left) == ["2", "3", "4", "5", "6", "7"]
    assert [delivery.redelivered for delivery in left][:3] == [True, True, True]


def test_a_redelivered_message_is_alone_and_no_acknowledgement_covers_it(transport: Transport, queue: str) -> None:
    dies = transport.consumer(queue, prefetch=2)
    send(transport, 1, 2)
    assert bodies(hold(dies, 2)) == ["1", "2"]
    survivor = transport.consumer(queue)
    send(transport, 3, 4, 5, 6)
    time.sleep(0.5)  # 3 to 6 are on the survivor's channel
    dies.close()
    time.sleep(0.5)  # 1 and 2 are there too, behind them
    send(transport, 7, 8)
    time.sleep(0.5)
    run = survivor.take(100, ROOM, 5)
    assert bodies(run) == ["3", "4", "5", "6"]
    survivor.acknowledge(run[-1])
    alone = survivor.take(100, ROOM, 5)
    assert (bodies(alone), alone[0].redelivered) == (["1"], True)
    assert bodies(survivor.take(100, ROOM, 5)) == ["2"]
    assert bodies(survivor.take(100, ROOM, 5)) == ["7", "8"]
    survivor.close()
    assert sorted(bodies(transport.drain(queue, 100, 1))) == ["1", "2", "7", "8"]


def test_a_paused_consumer_gives_back_what_it_did_not_hand_out(transport: Transport, queue: str) -> None:
    send(transport, *range(6))
    consumer = transport.consumer(queue)
    until(lambda: transport.depths([queue])[queue][0] == 0)
    in_hand = hold(consumer, 2)
    consumer.pause()
    time.sleep(0.3)
    other = transport.consumer(queue)
    assert bodies(hold(other, 4)) == ["2", "3", "4", "5"]
    consumer.acknowledge(in_hand[-1])  # what was handed out can still be acknowledged
    send(transport, "while paused")
    assert bodies(hold(other, 1)) == ["while paused"]
    other.close()
    consumer.resume()
    assert bodies(hold(consumer, 5)) == ["2", "3", "4", "5", "while paused"]
    consumer.pause()
    consumer.close()  # each goes back once
    assert bodies(transport.drain(queue, 100, 1)) == ["2", "3", "4", "5", "while paused"]


def test_a_deleted_queue_is_gone_until_it_is_made_again(transport: Transport, queue: str) -> None:
    consumer = transport.consumer(queue)
    assert consumer.take(1, ROOM, 0.1) == []
    transport.delete(Topology(queues=(Queue(queue, {}),)))
    with pytest.raises(QueueGone, match=f"queue {queue} does not exist; make it with: coedi topology apply"):
        assert consumer.take(1, ROOM, 15) == []
    transport.declare(transport.declared)
    send(transport, "again")

    def back() -> bool:
        try:
            return bodies(consumer.take(1, ROOM, 0.2)) == ["again"]
        except QueueGone:
            return False

    until(back)


def test_an_acknowledgement_from_before_the_queue_was_made_again_is_dropped(transport: Transport, queue: str) -> None:
    send(transport, "old")
    consumer = transport.consumer(queue)
    [old] = hold(consumer, 1)
    transport.delete(Topology(queues=(Queue(queue, {}),)))
    time.sleep(1)  # RabbitMQ 3.10 may not tell a consumer about a queue that is made again within milliseconds
    transport.declare(transport.declared)
    send(transport, "new")
    [new] = hold(consumer, 1)
    consumer.acknowledge(old)
    time.sleep(0.2)
    assert (new.body, new.tag) == (b"new", old.tag)
    consumer.close()
    assert bodies(transport.drain(queue, 10, 1)) == ["new"]


def test_a_closed_consumer_hands_out_nothing(transport: Transport, queue: str) -> None:
    consumer = transport.consumer(queue)
    consumer.close()
    consumer.close()  # twice is once
    with pytest.raises(BrokerGone):
        consumer.take(1, ROOM, 1)


def test_the_first_exchange_of_a_chain_says_who_sent(transport: Transport) -> None:
    names = transport.names
    transport.declare(core(names, ()))
    for enterprise in ("ENT0001", "ENT0002"):
        transport.declare(for_enterprise(names, enterprise, names.new_receipt_queue(enterprise)))
        send(transport, enterprise, exchange=names.enterprise_exchange(enterprise), routing_key="forged")
    found = hold(transport.consumer(names.inbox), 2)
    assert [names.enterprise_of(delivery.exchange) for delivery in found] == ["ENT0001", "ENT0002"]
    assert {delivery.routing_key for delivery in found} == {"forged"}


def test_a_message_that_came_back_too_often_is_a_dead_letter(transport: Transport) -> None:
    dead = transport.names.dead
    transport.declare(Topology((Exchange(dead, "fanout"),), (Queue(dead, QUORUM),), (Binding(dead, dead),)))
    limits: dict[str, str | int] = {
        "x-delivery-limit": 2, "x-dead-letter-exchange": dead, "x-dead-letter-strategy": "at-least-once"}
    [queue] = work_queues(transport, "a", **limits)
    send(transport, "poison")
    for _ in range(3):
        consumer = transport.consumer(queue, prefetch=1)
        assert bodies(hold(consumer, 1)) == ["poison"]
        consumer.close()
    [letter] = hold(transport.consumer(dead), 1)
    assert (letter.body, letter.routing_key, letter.redelivered) == (b"poison", "a", False)
    assert letter.headers["x-death"][0]["reason"] == "delivery_limit"  # type: ignore[index] # a list of tables
    assert transport.drain(queue, 10, 0.5) == []


def test_draining_takes_no_more_than_its_limit(transport: Transport, queue: str) -> None:
    send(transport, *range(10))
    assert bodies(transport.drain(queue, 4, 0.5)) == ["0", "1", "2", "3"]
    rest = transport.drain(queue, 100, 0.5)
    assert bodies(rest) == ["4", "5", "6", "7", "8", "9"]
    assert not any(delivery.redelivered for delivery in rest)
    with pytest.raises(QueueGone):
        transport.drain(f"{queue}.missing", 1, 0.1)


def test_depths_count_what_waits_and_who_consumes(transport: Transport, queue: str) -> None:
    send(transport, *range(3))
    until(lambda: transport.depths([queue, f"{queue}.missing"]) == {queue: (3, 0)})
    transport.consumer(queue, prefetch=2)
    until(lambda: transport.depths([queue]) == {queue: (1, 1)})


def test_declaring_twice_changes_nothing_and_otherwise_is_refused(transport: Transport, queue: str) -> None:
    send(transport, 1)
    transport.declare(transport.declared)
    with pytest.raises(Refusal):
        transport.declare_on(Topology(queues=(Queue(queue, {**QUORUM, "x-delivery-limit": 49}),)))
    with pytest.raises(Refusal):
        transport.declare_on(Topology((Exchange(transport.names.work, "fanout"),)))
    with pytest.raises(QueueGone):
        transport.declare_on(Topology(bindings=(Binding(transport.names.work, f"{queue}.missing", "x"),)))
    transport.delete(Topology((Exchange(f"{queue}.missing", "direct"),), (Queue(f"{queue}.missing", {}),)))
    assert bodies(transport.drain(queue, 10, 0.5)) == ["1"]
