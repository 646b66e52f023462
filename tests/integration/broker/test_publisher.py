"""Publishing to a real broker: confirms, refusals, order, lost connections."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import BrokerGone
from pipeline.amqp_url import host_and_port
from pipeline.rabbit import RabbitConsumer, RabbitPublisher, declare, drain
from pipeline.topology import Names, Topology, for_enterprise
from tests.integration.broker.conftest import BROKER, at, bodies, take_all, work_order
from tests.integration.broker.proxy import Proxy

pytestmark = pytest.mark.broker
Consume = Callable[..., RabbitConsumer]


def test_everything_is_confirmed_and_arrives_in_order_with_its_properties(
    publisher: RabbitPublisher, consume: Consume, names: Names
) -> None:
    orders = [work_order(names, key, headers={"seq": key, "last": key == 499}) for key in range(500)]
    outcome = publisher.publish(orders, 10)
    assert outcome.confirmed == list(range(500))
    assert outcome.unsent == []
    arrived = take_all(consume(names.stage_queue("print")), 500)
    assert bodies(arrived) == [str(key) for key in range(500)]
    last = arrived[-1]
    assert (last.exchange, last.routing_key, last.message_id) == (names.work, "print", "id-499")
    assert (last.content_type, dict(last.headers)) == ("application/xml", {"seq": 499, "last": True})


def test_threads_may_publish_at_once_and_each_keeps_its_order(
    publisher: RabbitPublisher, consume: Consume, names: Names
) -> None:
    confirmed: list[object] = []

    def publish(letter: str) -> None:
        orders = [work_order(names, f"{letter}{index:03}") for index in range(100)]
        confirmed.extend(publisher.publish(orders, 10).confirmed)

    threads = [threading.Thread(target=publish, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(confirmed) == 400
    arrived = bodies(take_all(consume(names.stage_queue("print")), 400))
    for letter in "abcd":
        assert [body for body in arrived if body[0] == letter] == [f"{letter}{index:03}" for index in range(100)]


def test_a_full_receipt_queue_refuses_its_own_enterprise_only(
    publisher: RabbitPublisher, url: str, names: Names
) -> None:
    declare(url, _tight(names, "ENT0001", 5) + _tight(names, "ENT0002", 1000))
    receipts = [
        work_order(names, (enterprise, index), exchange=names.receipts, routing_key=enterprise)
        for index in range(50)
        for enterprise in ("ENT0001", "ENT0002")
    ]
    outcome = publisher.publish(receipts, 10)
    assert {key[0] for key in outcome.refused} == {"ENT0001"}  # type: ignore[index]
    assert len(outcome.refused) >= 30  # the limit is soft by about one window
    assert sum(key[0] == "ENT0002" for key in outcome.confirmed) == 50  # type: ignore[index]
    assert not outcome.unknown


def test_what_no_queue_takes_is_refused_and_the_rest_goes_through(publisher: RabbitPublisher, names: Names) -> None:
    orders = [work_order(names, 1), work_order(names, 2, stage="no-such-stage"), work_order(names, 3)]
    outcome = publisher.publish(orders, 10)
    assert (outcome.confirmed, outcome.refused, outcome.unknown) == ([1, 3], [2], [])


def test_an_exchange_that_does_not_exist_is_refused_and_the_publisher_goes_on(
    publisher: RabbitPublisher, names: Names
) -> None:
    outcome = publisher.publish([work_order(names, 1, exchange="no-such-exchange")], 10)
    assert outcome.refused == [1]
    assert publisher.publish([work_order(names, 2)], 10).confirmed == [2]


def test_a_value_that_amqp_cannot_carry_is_refused_alone(publisher: RabbitPublisher, names: Names) -> None:
    orders = [work_order(names, 1), work_order(names, 2, routing_key="x" * 300), work_order(names, 3)]
    outcome = publisher.publish(orders, 10)
    assert (outcome.confirmed, outcome.refused) == ([1, 3], [2])


def test_nothing_to_publish_is_done_at_once(publisher: RabbitPublisher) -> None:
    assert publisher.publish([], 0).unsent == []


def test_a_silent_link_gives_unknown_by_the_deadline_and_heals_by_itself(vhost: str, url: str, names: Names) -> None:
    with Proxy(host_and_port(BROKER)) as proxy:
        publisher = RabbitPublisher(at(vhost, proxy.port), window=10)
        assert publisher.publish([work_order(names, "before")], 10).confirmed == ["before"]
        proxy.blackhole()
        started = time.monotonic()
        outcome = publisher.publish([work_order(names, key) for key in range(30)], 1.0)
        assert time.monotonic() - started < 2
        assert outcome.unknown == list(range(30))
        proxy.heal()
        assert publisher.publish([work_order(names, "after")], 10).confirmed == ["after"]
        publisher.close()
    arrived = bodies(drain(url, names.stage_queue("print"), 100, 1))
    assert arrived == ["before", *map(str, range(10)), "after"]  # nothing is written after its caller gave up


def test_a_cut_connection_gives_unknown_at_once_and_comes_back(vhost: str, names: Names) -> None:
    with Proxy(host_and_port(BROKER)) as proxy:
        publisher = RabbitPublisher(at(vhost, proxy.port), window=10)
        assert publisher.publish([work_order(names, "before")], 10).confirmed == ["before"]
        proxy.blackhole()
        threading.Timer(0.3, proxy.reset).start()
        started = time.monotonic()
        outcome = publisher.publish([work_order(names, key) for key in range(30)], 20)
        assert time.monotonic() - started < 5
        assert outcome.unknown == list(range(30))
        proxy.heal()
        assert publisher.publish([work_order(names, "after")], 10).confirmed == ["after"]
        assert proxy.accepted >= 2
        publisher.close()


def test_a_publisher_waits_for_its_connection_up_to_the_deadline(vhost: str, names: Names) -> None:
    with Proxy(host_and_port(BROKER)) as proxy:
        publisher = RabbitPublisher(at(vhost, proxy.port))
        proxy.refuse()
        _until(lambda: not publisher.connected)
        assert publisher.publish([work_order(names, 1)], 0.5).unknown == [1]
        threading.Timer(0.5, proxy.heal).start()
        assert publisher.publish([work_order(names, 2)], 20).confirmed == [2]
        publisher.close()


def test_an_error_that_escapes_pika_does_not_end_reconnecting(
    vhost: str, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pika raises ValueError out of its loop for a socket that is reset while it connects."""
    from pipeline.rabbit import link

    real, failures = link.SelectConnection, [ValueError("Expected connected socket")] * 2

    def connect(*arguments: object, **options: object) -> object:
        if failures:
            raise failures.pop()
        return real(*arguments, **options)

    with Proxy(host_and_port(BROKER)) as proxy:
        publisher = RabbitPublisher(at(vhost, proxy.port))
        monkeypatch.setattr(link, "SelectConnection", connect)
        proxy.reset()
        _until(lambda: not failures)
        assert publisher.publish([work_order(names, 1)], 20).confirmed == [1]
        publisher.close()


def test_closing_returns_although_the_broker_is_silent(vhost: str) -> None:
    with Proxy(host_and_port(BROKER)) as proxy:
        publisher = RabbitPublisher(at(vhost, proxy.port))
        proxy.blackhole()
        started = time.monotonic()
        publisher.close()
        assert time.monotonic() - started < 12


def test_hosts_are_tried_in_turn(vhost: str, names: Names) -> None:
    host, port = host_and_port(BROKER)
    urls = at(vhost).replace(f"{host}:{port}", f"127.0.0.1:1,{host}:{port}")
    publisher = RabbitPublisher(urls)
    assert publisher.publish([work_order(names, 1)], 10).confirmed == [1]
    publisher.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda url: url.replace("guest:guest", "guest:hush-hush"), "user or password"),
        (lambda url: f"{url}-missing", "virtual host"),
        (lambda url: "amqp://guest:hush-hush@127.0.0.1:1/co", "does not answer.*Connection refused.*coedi dev up"),
    ],
)
def test_a_first_connection_that_fails_says_what_to_look_at(url: str, change: Callable[[str], str], says: str) -> None:
    with pytest.raises(BrokerGone, match=says) as error:
        RabbitPublisher(change(url))
    assert "COEDI_AMQP_URL" in str(error.value)
    assert "hush" not in str(error.value)


def _tight(names: Names, enterprise: str, length: int) -> Topology:
    topology = for_enterprise(names, enterprise, names.new_receipt_queue(enterprise))
    queue = topology.queues[0]
    return replace(topology, queues=(replace(queue, arguments={**queue.arguments, "x-max-length": length}),))


def _until(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
