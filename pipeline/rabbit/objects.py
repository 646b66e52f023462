"""Exchanges, queues and bindings: make, delete, measure, empty. Each call opens a connection of its own."""

import queue
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Self

from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from domain.errors import BrokerGone, CoediError, NotAllowed, QueueGone, Refusal
from pipeline.rabbit.consumer import RabbitConsumer
from pipeline.rabbit.link import ANSWER_WITHIN, Link
from pipeline.topology import Topology
from pipeline.transport import Delivery

_DRAIN_PREFETCH = 1000


def declare(urls: str, topology: Topology) -> None:
    """Make what is missing. Raises Refusal when something exists with other properties, NotAllowed, BrokerGone."""
    with _Session(urls) as session:
        for exchange in topology.exchanges:
            session.call(
                "exchange_declare",
                exchange=exchange.name,
                exchange_type=exchange.kind,
                durable=True,
                internal=exchange.internal,
            )
        for each in topology.queues:
            session.call("queue_declare", queue=each.name, durable=True, arguments=dict(each.arguments))
        for binding in topology.bindings:
            source, key = binding.source, binding.routing_key
            if binding.to_exchange:
                session.call("exchange_bind", destination=binding.destination, source=source, routing_key=key)
            else:
                session.call("queue_bind", queue=binding.destination, exchange=source, routing_key=key)


def delete(urls: str, topology: Topology) -> None:
    """Delete the queues, with what is in them, and the exchanges; those that are not there are passed over."""
    with _Session(urls) as session:
        for each in topology.queues:
            session.call("queue_delete", queue=each.name)
        for exchange in topology.exchanges:
            session.call("exchange_delete", exchange=exchange.name)


def depths(urls: str, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """queue -> (messages ready, consumers), without queues that do not exist. The broker's figures lag a little."""
    found = {}
    with _Session(urls) as session:
        for name in names:
            try:
                answer = session.call("queue_declare", queue=name, passive=True)
            except QueueGone:
                continue
            found[name] = (answer.message_count, answer.consumer_count)
    return found


def drain(urls: str, name: str, limit: int, timeout: float) -> list[Delivery]:
    """Take at most `limit` messages off a queue, until none came for `timeout` seconds, and acknowledge them.

    The broker is never given room for more than `limit`, so none beyond it is touched. Raises QueueGone, NotAllowed.
    """
    if name not in depths(urls, [name]):
        raise QueueGone(f"queue {name} does not exist")
    taken: list[Delivery] = []
    prefetch = max(1, min(limit, _DRAIN_PREFETCH))
    consumer = RabbitConsumer(urls, [name], prefetch=prefetch)
    try:
        while len(taken) < limit and (run := consumer.take(limit - len(taken), 1 << 62, timeout)):
            taken += run
            if len(taken) <= limit - prefetch:
                consumer.acknowledge(run[-1])
        consumer.pause()  # before the last acknowledgement: it would make room for more
        if taken:
            consumer.acknowledge(taken[-1])
    finally:
        consumer.close()
    return taken


class _Session:
    """A connection with one channel, for calls that the broker answers within ANSWER_WITHIN seconds."""

    def __init__(self, urls: str) -> None:
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._channel: Channel | None = None
        self._connection: SelectConnection | None = None
        self._link = Link(urls, "administration", self._up, self._down)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._link.close()

    def call(self, method: str, **arguments: Any) -> Any:
        """Call a method of the channel and return what the broker answers; its refusals are raised as our errors."""
        named = (arguments.get(key) for key in ("queue", "exchange", "source"))
        what = f"{method.replace('_', '.')} of {next(filter(None, named), '')}"
        self._link.call(partial(self._request, partial(_ask, method, self._answers.put, arguments)))
        try:
            answer = self._answers.get(timeout=ANSWER_WITHIN)
        except queue.Empty:
            raise BrokerGone(f"RabbitMQ did not answer {what} within {ANSWER_WITHIN:.0f} s") from None
        if isinstance(answer, BaseException):
            raise _translated(answer, what) from answer
        return answer.method

    def _up(self, connection: SelectConnection) -> None:
        self._connection = connection

    def _down(self) -> None:
        self._connection = self._channel = None
        self._answers.put(BrokerGone("the connection to RabbitMQ was lost"))

    def _request(self, ask: Callable[[Channel], None]) -> None:
        """On the connection's thread: a refusal closes a channel, so the next call may need another."""
        if self._channel and self._channel.is_open:
            ask(self._channel)
        elif self._connection:
            self._connection.channel(on_open_callback=partial(self._opened, ask))

    def _opened(self, ask: Callable[[Channel], None], channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _, error: self._answers.put(error))
        ask(channel)


def _ask(method: str, answer: Callable[[Any], None], arguments: dict[str, Any], channel: Channel) -> None:
    getattr(channel, method)(callback=answer, **arguments)


def _translated(error: BaseException, what: str) -> CoediError:
    if isinstance(error, ChannelClosedByBroker):
        kinds: dict[int, type[CoediError]] = {403: NotAllowed, 404: QueueGone}
        return kinds.get(error.reply_code, Refusal)(f"RabbitMQ refuses {what}: {error.reply_text}")
    return BrokerGone(f"{what}: {error}")
