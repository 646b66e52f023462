"""Consuming from a real broker: runs, acknowledgements, redeliveries, cancelled consumers, lost connections."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from domain.errors import BrokerGone, QueueGone
from pipeline.amqp_url import host_and_port
from pipeline.rabbit import RabbitConsumer, RabbitPublisher, declare, delete, depths, drain
from pipeline.rabbit import consumer as consumer_module
from pipeline.topology import Names, Queue, Topology, core
from pipeline.transport import Delivery
from tests.integration.broker.conftest import BROKER, STAGES, at, bodies, take_all, work_order
from tests.integration.broker.proxy import Proxy

pytestmark = pytest.mark.broker
Consume = Callable[..., RabbitConsumer]
ROOM = 1 << 20


@pytest.fixture
def queue(names: Names) -> str:
    """The queue of the print stage."""
    return names.stage_queue("print")


@pytest.fixture
def send(publisher: RabbitPublisher, names: Names) -> Callable[..., None]:
    """Puts messages with these keys into a stage's queue."""

    def sender(*keys: object, stage: str = "print") -> None:
        assert not publisher.publish([work_order(names, key, stage) for key in keys], 10).unsent

    return sender


def test_what_was_acknowledged_is_gone_and_the_rest_comes_back(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(*range(10))
    consumer = consume(queue)
    assert len(take_all(consumer, 4)) == 4
    in_hand = consumer.take(3, ROOM, 5)
    consumer.close()
    left = drain(url, queue, 100, 1)
    assert bodies(left) == ["4", "5", "6", "7", "8", "9"]
    assert all(delivery.redelivered for delivery in left[: len(in_hand)])


def test_a_run_comes_from_one_queue_and_queues_take_turns(
    send: Callable[..., None], consume: Consume, names: Names, queue: str
) -> None:
    send(*range(6))
    send(*range(6), stage="rule-check")
    consumer = consume(queue, names.stage_queue("rule-check"))
    _until(lambda: all(not lane.empty for lane in consumer._lanes))
    runs = [consumer.take(2, ROOM, 5) for _ in range(6)]
    assert [run[0].queue for run in runs] == [run[-1].queue for run in runs]
    assert runs[0][0].queue != runs[1][0].queue
    assert len({delivery.queue for run in runs[:2] for delivery in run}) == 2


def test_an_empty_queue_gives_nothing_after_the_timeout(consume: Consume, queue: str) -> None:
    started = time.monotonic()
    assert consume(queue).take(10, ROOM, 0.3) == []
    assert 0.25 < time.monotonic() - started < 3


def test_no_more_than_the_prefetch_is_taken_from_others(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(*range(10))
    first, second = consume(queue, prefetch=3), consume(queue, prefetch=100)
    _until(lambda: not first._lanes[0].empty)
    taken = take_all(second, 7)
    assert len(taken) == 7
    assert len(take_all(first, 3)) == 3


def test_acknowledging_a_run_leaves_the_redelivered_message_after_it_alone(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(1, 2)
    dies = consume(queue, prefetch=2)
    assert bodies(_hold(dies, 2)) == ["1", "2"]
    survivor = consume(queue)
    send(3, 4, 5, 6)
    _until(lambda: len(survivor._lanes[0]._waiting) == 4)
    dies.close()  # 1 and 2 come back, behind 3 to 6 on the survivor's channel
    _until(lambda: len(survivor._lanes[0]._waiting) == 6)
    send(7, 8)
    _until(lambda: len(survivor._lanes[0]._waiting) == 8)

    run = survivor.take(100, ROOM, 5)
    assert bodies(run) == ["3", "4", "5", "6"]
    survivor.acknowledge(run[-1])
    alone = survivor.take(100, ROOM, 5)
    assert [delivery.redelivered for delivery in alone] == [True]
    assert bodies(survivor.take(100, ROOM, 5)) == ["2"]
    survivor.close()
    assert sorted(bodies(drain(url, queue, 100, 1))) == ["1", "2", "7", "8"]


def test_a_late_acknowledgement_for_a_lost_channel_is_dropped(
    send: Callable[..., None], consume: Consume, vhost: str, url: str, queue: str
) -> None:
    send(*range(5))
    with Proxy(host_and_port(BROKER)) as proxy:
        consumer = consume(queue, urls=at(vhost, proxy.port))
        old = _hold(consumer, 5)
        proxy.reset()
        again = consumer.take(1, ROOM, 10)
        assert again[0].redelivered
        assert again[0].epoch != old[0].epoch
        consumer.acknowledge(old[-1])
        consumer.close()
    assert len(drain(url, queue, 100, 1)) == 5


def test_a_cut_connection_comes_back_and_everything_unacknowledged_with_it(
    send: Callable[..., None], consume: Consume, vhost: str, queue: str
) -> None:
    send(*range(20))
    with Proxy(host_and_port(BROKER)) as proxy:
        consumer = consume(queue, urls=at(vhost, proxy.port))
        assert bodies(take_all(consumer, 5)) == ["0", "1", "2", "3", "4"]
        time.sleep(0.3)  # the acknowledgements are on their way
        proxy.refuse()
        _until(lambda: not consumer.connected)
        proxy.heal()
        assert bodies(take_all(consumer, 15)) == [str(key) for key in range(5, 20)]
        assert consumer.connected
        consumer.close()


def test_a_queue_made_again_is_consumed_again(
    send: Callable[..., None], consume: Consume, url: str, names: Names, queue: str
) -> None:
    send(*range(3))
    consumer = consume(queue)
    _until(lambda: not consumer._lanes[0].empty)
    _delete(url, queue)
    _until(lambda: consumer._lanes[0].empty)  # what was not started is forgotten
    declare(url, core(names, STAGES))
    send("new")
    assert bodies(take_all(consumer, 1)) == ["new"]


def test_a_deleted_queue_is_reported(consume: Consume, url: str, names: Names, queue: str) -> None:
    consumer = consume(queue, names.stage_queue("rule-check"))
    assert consumer.take(1, ROOM, 0.3) == []
    _delete(url, queue)
    with pytest.raises(QueueGone, match="coedi topology apply"):
        consumer.take(1, ROOM, 10)
    declare(url, core(names, STAGES))
    _until(lambda: consumer._lanes[0].failure is None)
    assert consumer.take(1, ROOM, 0.1) == []


def test_a_queue_that_never_was_is_reported(consume: Consume) -> None:
    with pytest.raises(QueueGone, match="no-such-queue"):
        consume("no-such-queue").take(1, ROOM, 10)


def test_a_paused_consumer_gives_back_what_it_has_not_started(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(*range(10))
    consumer = consume(queue, prefetch=5)
    in_hand = _hold(consumer, 2)
    consumer.pause()
    assert consumer.take(10, ROOM, 0.3) == []
    assert len(drain(url, queue, 100, 1)) == 8
    send("later")
    assert consumer.take(10, ROOM, 0.5) == []
    consumer.acknowledge(in_hand[-1])
    consumer.resume()
    assert bodies(take_all(consumer, 1)) == ["later"]
    consumer.close()
    assert drain(url, queue, 100, 0.5) == []


def test_a_consumer_that_was_paused_while_cut_off_stays_paused(
    send: Callable[..., None], consume: Consume, vhost: str, queue: str
) -> None:
    with Proxy(host_and_port(BROKER)) as proxy:
        consumer = consume(queue, urls=at(vhost, proxy.port))
        consumer.pause()
        proxy.reset()
        _until(lambda: proxy.accepted == 2 and consumer.connected)
        send(1)
        assert consumer.take(1, ROOM, 0.5) == []
        consumer.resume()
        assert bodies(take_all(consumer, 1)) == ["1"]
        consumer.close()


def test_a_broker_that_does_not_answer_a_call_is_left_and_tried_again(
    send: Callable[..., None], consume: Consume, vhost: str, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "ANSWER_WITHIN", 0.5)
    with Proxy(host_and_port(BROKER)) as proxy:
        consumer = consume(queue, urls=at(vhost, proxy.port))
        assert consumer.take(1, ROOM, 0.3) == []
        proxy.blackhole()
        consumer.pause()  # basic.cancel, which nobody answers
        _until(lambda: not consumer.connected)
        proxy.heal()
        send(1)
        consumer.resume()
        assert bodies(take_all(consumer, 1)) == ["1"]
        consumer.close()


def test_deliveries_that_got_lost_are_asked_for_again(
    send: Callable[..., None], consume: Consume, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[int] = []
    deliver = consumer_module._Feed._deliver

    def losing(feed: Any, epoch: int, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        if len(lost) < 5:
            lost.append(method.delivery_tag)
        else:
            deliver(feed, epoch, channel, method, properties, body)

    monkeypatch.setattr(consumer_module._Feed, "_deliver", losing)
    consumer = consume(queue, prefetch=5, stall_after=0.4)
    send(*range(5))
    assert bodies(take_all(consumer, 5)) == ["0", "1", "2", "3", "4"]
    assert lost == [1, 2, 3, 4, 5]


def test_the_watchdog_leaves_alone_what_a_worker_has_in_hand(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(1, 2)
    consumer = consume(queue, stall_after=0.2)
    in_hand = _hold(consumer, 2)
    time.sleep(1)
    consumer.acknowledge(in_hand[-1])
    consumer.close()
    assert drain(url, queue, 10, 0.5) == []


def test_a_closed_consumer_says_so(consume: Consume, queue: str) -> None:
    consumer = consume(queue)
    consumer.close()
    with pytest.raises(BrokerGone):
        consumer.take(1, ROOM, 1)


def test_draining_touches_no_more_than_asked_for(send: Callable[..., None], url: str, queue: str) -> None:
    send(*range(10))
    assert bodies(drain(url, queue, 4, 1)) == ["0", "1", "2", "3"]
    rest = drain(url, queue, 100, 1)
    assert bodies(rest) == ["4", "5", "6", "7", "8", "9"]
    assert not any(delivery.redelivered for delivery in rest)
    with pytest.raises(QueueGone):
        drain(url, "no-such-queue", 1, 1)


def test_depths_counts_messages_and_consumers(
    send: Callable[..., None], consume: Consume, url: str, queue: str
) -> None:
    send(*range(3))
    _until(lambda: depths(url, [queue, "no-such-queue"]) == {queue: (3, 0)})
    consumer = consume(queue, prefetch=2)
    _hold(consumer, 2)
    _until(lambda: depths(url, [queue]) == {queue: (1, 1)})


def _hold(consumer: RabbitConsumer, count: int) -> list[Delivery]:
    """Take without acknowledging."""
    taken: list[Delivery] = []
    while len(taken) < count and (run := consumer.take(count - len(taken), ROOM, 5)):
        taken += run
    return taken


def _delete(url: str, queue: str) -> None:
    delete(url, Topology(queues=(Queue(queue, {}),)))


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
