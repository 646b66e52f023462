"""What the in-process broker does that no other broker is asked for: many threads, and saying no to what it cannot do."""

import threading
from datetime import UTC, datetime

import pytest

from domain.errors import Refusal
from pipeline.local import LocalBroker, LocalConsumer, LocalPublisher
from pipeline.topology import Binding, Exchange, Names, Queue, Topology, core, for_enterprise
from pipeline.transport import Outgoing

WORK = Topology(
    (Exchange("work", "direct"),), (Queue("a", {"x-delivery-limit": 50}), Queue("b", {})),
    (Binding("work", "a", "a"), Binding("work", "b", "b")))


def message(key: object, routing_key: str = "a") -> Outgoing:
    """A message whose body is its key."""
    return Outgoing(str(key), "work", routing_key, str(key).encode(), f"id-{key}", "test", datetime(2026, 3, 2, tzinfo=UTC))


def test_many_publishers_and_consumers_handle_each_message_once() -> None:
    found: list[bytes] = []
    broker, lock = LocalBroker(), threading.Lock()
    broker.declare(WORK)

    def consume() -> None:
        consumer = LocalConsumer(broker, ["a"], prefetch=7)
        while run := consumer.take(5, 1 << 20, 1):
            with lock:
                found.extend(delivery.body for delivery in run)
            consumer.acknowledge(run[-1])
        consumer.close()

    def publish(start: int) -> None:
        publisher = LocalPublisher(broker)
        for first in range(start, start + 500, 50):
            assert not publisher.publish([message(n) for n in range(first, first + 50)], 1).unsent

    threads = [threading.Thread(target=consume) for _ in range(4)]
    threads += [threading.Thread(target=publish, args=(start,)) for start in range(0, 2000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == sorted(str(n).encode() for n in range(2000))
    assert broker.depths(["a"]) == {"a": (0, 0)}


def test_a_message_for_one_queue_does_not_reach_another() -> None:
    broker = LocalBroker()
    broker.declare(WORK)
    assert LocalPublisher(broker).publish([message(1), message(2, "b")], 1).confirmed == ["1", "2"]
    assert [d.body for d in broker.drain("b", 10, 0)] == [b"2"]


def test_every_object_of_an_installation_can_be_made_and_removed() -> None:
    broker, names = LocalBroker(), Names("x.")
    topology = core(names, ("rule-check", "print")) + for_enterprise(names, "ENT0001", "x.receipts.1")
    broker.declare(topology)
    assert set(broker.depths(queue.name for queue in topology.queues)) == {queue.name for queue in topology.queues}
    broker.delete(topology)
    assert broker.depths(queue.name for queue in topology.queues) == {}
    assert LocalPublisher(broker).publish([message(1)], 1).refused == ["1"]


@pytest.mark.parametrize(
    ("topology", "says"),
    [
        (Topology(queues=(Queue("q", {"x-message-ttl": 1000}),)), "x-message-ttl"),
        (Topology(queues=(Queue("q", {"x-overflow": "drop-head"}),)), "x-overflow"),
        (Topology((Exchange("e", "topic"),)), "topic"),
    ],
)
def test_what_it_cannot_do_is_refused_and_not_ignored(topology: Topology, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        LocalBroker().declare(topology)


def test_a_dead_letter_that_no_queue_takes_stays_where_it_is() -> None:
    broker = LocalBroker()
    broker.declare(Topology(
        (Exchange("work", "direct"), Exchange("dead", "fanout")),
        (Queue("a", {"x-delivery-limit": 0, "x-dead-letter-exchange": "dead"}),), (Binding("work", "a", "a"),)))
    LocalPublisher(broker).publish([message(1)], 1)
    for _ in range(3):
        consumer = LocalConsumer(broker, ["a"])
        assert [d.body for d in consumer.take(1, 1 << 20, 0)] == [b"1"]
        consumer.close()
    assert broker.depths(["a"]) == {"a": (1, 0)}
