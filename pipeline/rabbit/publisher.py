"""Publishing with confirms and a window."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from pipeline.rabbit.link import Link
from pipeline.transport import Outcome, Outgoing
from pipeline.window import Batch, Window

_log = logging.getLogger(__name__)


class RabbitPublisher:
    """`pipeline.transport.Publisher` on RabbitMQ: persistent, mandatory, confirmed, at most `window` unanswered."""

    def __init__(self, urls: str, *, window: int = 300) -> None:
        """Connects; raises BrokerGone when that fails."""
        self._window = Window(window)
        self._batches: deque[Batch] = deque()  # those with messages still to be written, oldest first
        self._lock = threading.Lock()  # guards _batches
        self._channel: Channel | None = None  # set while it may be published on
        self._blocked = False
        self._link = Link(urls, "publisher", self._up, self._lost)

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._link.connected

    def publish(self, messages: Sequence[Outgoing], deadline: float) -> Outcome:
        """See the port. Threads may call it at the same time; each call's messages keep their order."""
        batch = Batch(messages)
        if messages:
            with self._lock:
                self._batches.append(batch)
            self._link.call(self._pump)
            batch.settled.wait(deadline)
            batch.abandoned = True
            with self._lock:
                if batch in self._batches:
                    self._batches.remove(batch)
        return batch.outcome()

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def _up(self, connection: SelectConnection) -> None:
        self._blocked = False
        connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(False))
        self._open_channel(connection)

    def _set_blocked(self, blocked: bool) -> None:
        _log.warning("broker %s publishers (memory or disk alarm)", "blocks" if blocked else "unblocks")
        self._blocked = blocked
        self._pump()

    def _open_channel(self, connection: SelectConnection) -> None:
        connection.channel(on_open_callback=self._opened)

    def _opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._closed)
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._answered, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Channel) -> None:
        self._channel = channel
        self._pump()

    def _closed(self, channel: Channel, error: BaseException) -> None:
        self._lost(str(error))
        if isinstance(error, ChannelClosedByBroker):
            _log.warning("broker closed the publishing channel: %s", error)
            self._open_channel(channel.connection)  # type: ignore[arg-type] # it is a SelectConnection

    def _lost(self, reason: str = "") -> None:
        self._channel = None
        with self._lock:
            begun = [batch for batch in self._batches if batch.written]
        for batch in begun:
            batch.give_up()
        self._window.closed(reason)

    def _answered(self, frame: Any) -> None:
        answer = frame.method
        self._window.answered(answer.delivery_tag, answer.multiple, isinstance(answer, pika.spec.Basic.Ack))
        self._pump()

    def _returned(self, _: Channel, method: Any, properties: pika.BasicProperties, __: bytes) -> None:
        self._window.returned(method.exchange, method.routing_key, properties.message_id)

    def _pump(self) -> None:
        """Write what the window has room for."""
        while self._channel and self._channel.is_open and not self._blocked and not self._window.full:
            with self._lock:
                while self._batches and (
                    self._batches[0].abandoned or self._batches[0].written == len(self._batches[0].messages)
                ):
                    self._batches.popleft()
                if not self._batches:
                    return
                batch = self._batches[0]
            self._write(self._channel, batch)

    def _write(self, channel: Channel, batch: Batch) -> None:
        for index in range(batch.written, len(batch.messages)):
            if self._window.full or batch.abandoned:
                return
            message = batch.messages[index]
            batch.written = index + 1
            try:
                channel.basic_publish(
                    message.exchange, message.routing_key, message.body, _properties(message), mandatory=True
                )
            except (AMQPError, ValueError, TypeError) as error:  # a value that AMQP cannot carry: nothing was written
                _log.warning("message %s cannot be sent: %s", message.message_id, error)
                batch.mark(index, confirmed=False)
            else:
                self._window.written(batch, index)


def _properties(message: Outgoing) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type=message.content_type,
        headers=dict(message.headers) or None,
        delivery_mode=2,  # kept on disk
        correlation_id=message.correlation_id,
        message_id=message.message_id,
        timestamp=int(message.timestamp.timestamp()),
        type=message.type,
    )
