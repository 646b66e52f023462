"""Consuming some queues, one channel each, with manual acknowledgement."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from domain.errors import BrokerGone, NotAllowed, QueueGone
from pipeline.lane import Lane
from pipeline.rabbit.link import ANSWER_WITHIN, Link
from pipeline.transport import Delivery

_REOPEN_AFTER = 0.5  # seconds until a channel that the broker closed is opened again
_MISSES = 3  # times in a row that a queue is not found before it counts as gone: it may be being made again
_LONGEST_PATIENCE = 600.0  # seconds between two checks of a queue that stays empty

_log = logging.getLogger(__name__)


class RabbitConsumer:
    """`pipeline.transport.Consumer` on RabbitMQ. `prefetch` unacknowledged messages per queue at most."""

    def __init__(self, urls: str, queues: Sequence[str], *, prefetch: int = 100, stall_after: float = 30.0) -> None:
        """Connects and begins to consume; raises BrokerGone when the connection fails.

        stall_after: seconds without a delivery, while nothing waits here and nothing is in hand, after which a queue's
        channel is opened again. A broker that counts lost deliveries as unacknowledged looks like an empty queue.
        """
        self._arrived = threading.Condition()  # guards the lanes
        self._lanes = [Lane(queue) for queue in queues]
        self._turn = 0  # the lane to look at first
        epochs = itertools.count(1)
        self._feeds = {
            lane.queue: _Feed(lane, self._arrived, epochs, prefetch=prefetch, stall_after=stall_after)
            for lane in self._lanes
        }
        self._link = Link(urls, "consumer", self._up, self._down)
        for feed in self._feeds.values():
            feed.abort = self._link.abort

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._link.connected

    def take(self, count: int, size: int, timeout: float) -> list[Delivery]:
        """See the port. Raises NotAllowed when the user may not read a queue, BrokerGone after `close`."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                run = self._next_run(count, size)
                remaining = deadline - time.monotonic()
                if run or remaining <= 0:
                    return run
                if self._link.ended:
                    raise BrokerGone("the consumer is closed")
                self._arrived.wait(remaining)

    def acknowledge(self, last: Delivery) -> None:
        """See the port."""
        feed = self._feeds[last.queue]
        with self._arrived:
            fresh = feed.lane.acknowledge(last)
        if fresh:
            self._link.call(partial(feed.acknowledge, last.epoch, last.tag))

    def pause(self) -> None:
        """Stop consuming; what was not handed out goes back, and counts as one delivery attempt with the broker."""
        for feed in self._feeds.values():
            with self._arrived:
                feed.paused = True
                epoch, tags = feed.lane.epoch, feed.lane.withdraw()
            self._link.call(partial(feed.stop, epoch, tags))

    def resume(self) -> None:
        """Consume again."""
        for feed in self._feeds.values():
            feed.paused = False
            self._link.call(feed.start)

    def close(self) -> None:
        """See the port; acknowledgements given before are sent first."""
        self._link.close()
        with self._arrived:
            self._arrived.notify_all()

    def _next_run(self, count: int, size: int) -> list[Delivery]:
        for lane in self._lanes:
            if lane.failure:
                raise lane.failure
        for step in range(len(self._lanes)):
            lane = self._lanes[(self._turn + step) % len(self._lanes)]
            if not lane.empty:
                self._turn = (self._turn + step + 1) % len(self._lanes)
                return lane.run(count, size)
        return []

    def _up(self, connection: SelectConnection) -> None:
        for feed in self._feeds.values():
            feed.connected(connection)

    def _down(self) -> None:
        for feed in self._feeds.values():
            feed.disconnected()


class _Feed:
    """One queue's channel. Everything but `paused` is touched on the connection's thread only."""

    def __init__(
        self,
        lane: Lane,
        arrived: threading.Condition,
        epochs: "itertools.count[int]",
        *,
        prefetch: int,
        stall_after: float,
    ) -> None:
        self.lane, self.paused = lane, False
        self.abort: Callable[[str], None] = lambda reason: None  # drops the connection
        self._arrived, self._epochs, self._prefetch = arrived, epochs, prefetch
        self._stall_after = self._patience = stall_after
        self._connection: SelectConnection | None = None
        self._channel: Channel | None = None
        self._consumer_tag: str | None = None
        self._misses = 0
        self._heard = 0.0  # when the broker last sent something
        self._timer: Any = None  # the broker has to answer before it fires

    def connected(self, connection: SelectConnection) -> None:
        """A new connection."""
        self._connection = connection
        self._heard = time.monotonic()
        self._open()
        self._watch(connection)

    def disconnected(self) -> None:
        """The connection is gone; its channels were told before."""
        self._connection = self._channel = self._timer = None

    def acknowledge(self, epoch: int, tag: int) -> None:
        """Acknowledge up to `tag`, if the channel is still the same."""
        if self._channel and self._channel.is_open and epoch == self.lane.epoch:
            self._channel.basic_ack(tag, multiple=True)

    def start(self) -> None:
        """Consume, if the channel is open and does not yet."""
        if self._channel and self._channel.is_open and self._consumer_tag is None and not self.paused:
            self._expect_answer("basic.consume")
            self._consumer_tag = self._channel.basic_consume(
                self.lane.queue, partial(self._deliver, self.lane.epoch), callback=lambda _: self._consuming()
            )

    def stop(self, epoch: int, tags: Sequence[int]) -> None:
        """Stop consuming and give `tags` back. Those on their way are given back when they arrive."""
        channel, tag, self._consumer_tag = self._channel, self._consumer_tag, None
        if channel is None or not channel.is_open or epoch != self.lane.epoch:
            return
        if tag is not None:
            self._expect_answer("basic.cancel")
            channel.basic_cancel(tag, callback=lambda _: self._answered())
        for each in tags:
            channel.basic_nack(each, requeue=True)

    def _open(self) -> None:
        if self._connection is not None and self._connection.is_open and self._channel is None:
            self._expect_answer("channel.open")
            self._channel = self._connection.channel(on_open_callback=self._opened)
            self._channel.add_on_close_callback(self._closed)

    def _opened(self, channel: Channel) -> None:
        with self._arrived:
            self.lane.opened(next(self._epochs))
        channel.add_on_cancel_callback(self._cancelled)
        channel.basic_qos(prefetch_count=self._prefetch, callback=self._limited)

    def _limited(self, _: Any) -> None:
        self._answered()
        self.start()

    def _consuming(self) -> None:
        self._answered()
        self._misses, self.lane.failure = 0, None

    def _deliver(self, epoch: int, channel: Channel, method: Any, properties: Any, body: bytes) -> None:
        self._heard, self._patience = time.monotonic(), self._stall_after
        delivery = Delivery(
            queue=self.lane.queue,
            tag=method.delivery_tag,
            epoch=epoch,
            exchange=method.exchange,
            routing_key=method.routing_key,
            body=body,
            redelivered=method.redelivered,
            message_id=properties.message_id,
            user_id=properties.user_id,
            content_type=properties.content_type,
            content_encoding=properties.content_encoding,
            headers=properties.headers or {},
        )
        with self._arrived:
            if not self.paused:
                self.lane.put(delivery)
                self._arrived.notify()
                return
        channel.basic_nack(delivery.tag, requeue=True)

    def _cancelled(self, _: Any) -> None:
        """The broker ended our consumer: the queue was deleted, or its node is going away."""
        _log.warning("broker cancelled the consumer of %s", self.lane.queue)
        self._reopen()

    def _reopen(self) -> None:
        with self._arrived:
            self.lane.closed()
        if self._channel and self._channel.is_open:
            self._expect_answer("channel.close")
            self._channel.close()

    def _closed(self, _: Channel, error: BaseException) -> None:
        self._answered()
        self._channel = self._consumer_tag = None
        with self._arrived:
            self.lane.closed()
        if self._connection is None or not self._connection.is_open:
            return
        if isinstance(error, ChannelClosedByBroker):
            _log.warning("broker closed the channel of %s: %s", self.lane.queue, error.reply_text)
            self._judge(error.reply_code)
            self._connection.ioloop.call_later(_REOPEN_AFTER, self._open)
        else:
            self._open()

    def _judge(self, code: int) -> None:
        """Tell the worker when opening the channel again is not going to help; it is tried all the same."""
        queue = self.lane.queue
        self._misses += code == 404
        with self._arrived:
            if code == 403:
                self.lane.failure = NotAllowed(f"the broker user may not read queue {queue}")
            elif self._misses >= _MISSES:
                self.lane.failure = QueueGone(f"queue {queue} does not exist; make it with: coedi topology apply")
            self._arrived.notify_all()

    def _watch(self, connection: SelectConnection) -> None:
        """Every now and then: has this queue been silent for too long?"""
        if connection is not self._connection or not connection.is_open:
            return
        with self._arrived:
            idle = self.lane.idle and self._consumer_tag is not None and self._timer is None
        if idle and time.monotonic() - self._heard > self._patience:
            self._heard, self._patience = time.monotonic(), min(self._patience * 2, _LONGEST_PATIENCE)
            self._reopen()
        connection.ioloop.call_later(min(self._stall_after / 4, 5.0), partial(self._watch, connection))

    def _expect_answer(self, what: str) -> None:
        self._answered()
        if self._connection is not None:
            reason = f"no answer to {what} for {self.lane.queue} within {ANSWER_WITHIN:.0f} s"
            self._timer = self._connection.ioloop.call_later(ANSWER_WITHIN, lambda: self.abort(reason))

    def _answered(self) -> None:
        if self._timer is not None and self._connection is not None:
            self._connection.ioloop.remove_timeout(self._timer)
        self._timer = None
