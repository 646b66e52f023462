"""A broker inside this process: for the demo on a machine without RabbitMQ, for tests and for simulation.

**Nothing is durable.** What waits here is gone with the process: a confirm means "in memory". It keeps RabbitMQ's rules as
far as the pipeline leans on them: fanout and direct exchanges, exchange bindings, full queues that refuse, mandatory
messages, prefetch, redelivery in the old order, delivery limits and dead letters. It knows no users, no permissions,
no expiry and no connection that breaks. `tests/contract/test_transports.py` holds it and RabbitMQ to the same answers.
"""

import itertools
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.errors import BrokerGone, QueueGone, Refusal
from pipeline.local_queue import Held, LocalQueue, Message, Subscription
from pipeline.topology import Binding, Exchange, Queue, Topology
from pipeline.transport import Delivery, Outcome, Outgoing

_LONGEST_KEY = 255  # bytes of an AMQP short string
_KINDS = ("direct", "fanout")


class LocalBroker:
    """Exchanges, bindings and queues of one process. Any thread may call it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()  # guards everything here, and the lanes of all consumers
        self._exchanges: dict[str, Exchange] = {}
        self._queues: dict[str, LocalQueue] = {}
        self._bindings: set[Binding] = set()
        self._subscriptions: list[Subscription] = []
        self._epochs = itertools.count(1)

    def declare(self, topology: Topology) -> None:
        """Make what is missing. Raises Refusal when something exists with other properties, QueueGone for a binding
        to or from nothing."""
        with self.changed:
            for exchange in topology.exchanges:
                self._declare_exchange(exchange)
            for queue in topology.queues:
                self._declare_queue(queue)
            for binding in topology.bindings:
                self._bind(binding)
            self.changed.notify_all()

    def delete(self, topology: Topology) -> None:
        """Delete the queues, with what is in them, and the exchanges; those that are not there are passed over."""
        with self.changed:
            queues, exchanges = {each.name for each in topology.queues}, {each.name for each in topology.exchanges}
            for name in queues & self._queues.keys():
                for subscription in self._queues.pop(name).subscriptions:
                    subscription.detach()
            for name in exchanges & self._exchanges.keys():
                del self._exchanges[name]
            self._bindings = {
                each for each in self._bindings
                if each.source not in exchanges and each.destination not in (exchanges if each.to_exchange else queues)
            }  # fmt: skip
            self.changed.notify_all()

    def depths(self, names: Iterable[str]) -> dict[str, tuple[int, int]]:
        """queue -> (messages ready, consumers), without queues that do not exist."""
        with self.changed:
            found = [self._queues[name] for name in names if name in self._queues]
            return {each.name: (each.depth, sum(not s.paused for s in each.subscriptions)) for each in found}

    def drain(self, name: str, limit: int, timeout: float) -> list[Delivery]:
        """Take at most `limit` messages off a queue, until none came for `timeout` seconds, and acknowledge them.
        Raises QueueGone."""
        taken: list[Delivery] = []
        consumer = LocalConsumer(self, [name], prefetch=max(limit, 1))  # acknowledged at the end only
        try:
            while len(taken) < limit and (run := consumer.take(limit - len(taken), 1 << 62, timeout)):
                taken += run
            consumer.pause()  # before the acknowledgement: it would make room for more
            if taken:
                consumer.acknowledge(taken[-1])
        finally:
            consumer.close()
        return taken

    def publish(self, message: Outgoing) -> bool:
        """Put a message into every queue it is routed to; False when there is none, or one of them is full."""
        kept = Message(
            message.exchange, message.routing_key, message.body, message.message_id, message.content_type, message.headers)
        with self.changed:
            exchange = self._exchanges.get(message.exchange)
            if exchange is None or exchange.internal or len(message.routing_key.encode()) > _LONGEST_KEY:
                return False
            return self._put(kept)

    def subscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Deliver to these from now on, and whenever their queue is made again."""
        with self.changed:
            for subscription in subscriptions:
                self._subscriptions.append(subscription)
                if subscription.lane.queue in self._queues:
                    self._attach(subscription)

    def unsubscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Deliver to these no more; what they have in hand goes back."""
        with self.changed:
            for subscription in subscriptions:
                self._subscriptions.remove(subscription)
                queue = self._queues.get(subscription.lane.queue)
                if queue is not None:
                    queue.subscriptions.remove(subscription)
                    self._give_back(queue, subscription.detach())
            self.changed.notify_all()

    def withdraw(self, subscription: Subscription) -> None:
        """Take back what this consumer has not handed out."""
        with self.changed:
            if queue := self._queues.get(subscription.lane.queue):
                self._give_back(queue, subscription.withdraw())

    def serve(self, name: str) -> None:
        """A consumer of this queue has room again."""
        with self.changed:
            if queue := self._queues.get(name):
                queue.serve()
                self.changed.notify_all()

    def exists(self, name: str) -> bool:
        """Whether there is such a queue."""
        with self.changed:
            return name in self._queues

    def _declare_exchange(self, exchange: Exchange) -> None:
        if exchange.kind not in _KINDS:
            raise Refusal(f"exchange {exchange.name}: the in-process broker does not know the kind {exchange.kind}")
        if self._exchanges.setdefault(exchange.name, exchange) != exchange:
            raise Refusal(f"exchange {exchange.name} exists with other properties")

    def _declare_queue(self, queue: Queue) -> None:
        there = self._queues.get(queue.name)
        if there is None:
            self._queues[queue.name] = LocalQueue(queue.name, queue.arguments)
            for subscription in self._subscriptions:
                if subscription.lane.queue == queue.name:
                    self._attach(subscription)
        elif there.arguments != dict(queue.arguments):
            raise Refusal(f"queue {queue.name} exists with other properties")

    def _bind(self, binding: Binding) -> None:
        targets = self._exchanges if binding.to_exchange else self._queues
        if binding.source not in self._exchanges or binding.destination not in targets:
            raise QueueGone(f"no binding from {binding.source} to {binding.destination}: one of them does not exist")
        self._bindings.add(binding)

    def _attach(self, subscription: Subscription) -> None:
        queue = self._queues[subscription.lane.queue]
        subscription.attach(next(self._epochs))
        queue.subscriptions.append(subscription)
        queue.serve()
        self.changed.notify_all()

    def _put(self, message: Message) -> bool:
        queues = self._route(message.exchange, message.routing_key)
        taken = [queue.put(message) for queue in queues]  # a full queue does not keep the message from the others
        for queue in queues:
            queue.serve()
        self.changed.notify_all()
        return bool(taken) and all(taken)

    def _route(self, exchange: str, key: str) -> list[LocalQueue]:
        """The queues that a message reaches, each once, over any chain of exchanges."""
        names, seen, ahead = set(), {exchange}, [exchange]
        while ahead:
            source = ahead.pop()
            fanout = self._exchanges[source].kind == "fanout"
            for binding in self._bindings:
                if binding.source != source or not (fanout or binding.routing_key == key):
                    continue
                if not binding.to_exchange:
                    names.add(binding.destination)
                elif binding.destination not in seen:
                    seen.add(binding.destination)
                    ahead.append(binding.destination)
        return [self._queues[name] for name in sorted(names)]

    def _give_back(self, queue: LocalQueue, held: Iterable[Held]) -> None:
        for each in queue.give_back(held):
            self._bury(queue, each)
        queue.serve()
        self.changed.notify_all()

    def _bury(self, queue: LocalQueue, held: Held) -> None:
        """Dead-letter a message that came back too often: at least once, so it stays when no queue takes it."""
        exchange = str(queue.arguments.get("x-dead-letter-exchange", ""))
        if not exchange:
            return
        message = held.message
        death = {"reason": "delivery_limit", "queue": queue.name, "exchange": message.exchange, "count": 1}
        letter = replace(message, exchange=exchange, headers={**message.headers, "x-death": [death]})
        if exchange not in self._exchanges or not self._put(letter):
            queue.keep(held)


class LocalPublisher:
    """`pipeline.transport.Publisher` on a LocalBroker: each message is settled when `publish` returns."""

    def __init__(self, broker: LocalBroker) -> None:
        self._broker, self._closed = broker, False

    @property
    def connected(self) -> bool:
        """See the port."""
        return not self._closed

    def publish(self, messages: Sequence[Outgoing], deadline: float) -> Outcome:
        """See the port. Threads may call it at the same time; each call's messages keep their order."""
        if self._closed:
            return Outcome(unknown=[message.key for message in messages])
        settled = [(message.key, self._broker.publish(message)) for message in messages]
        return Outcome([key for key, taken in settled if taken], [key for key, taken in settled if not taken], [])

    def close(self) -> None:
        """Publish no more."""
        self._closed = True


class LocalConsumer:
    """`pipeline.transport.Consumer` on a LocalBroker. `prefetch` unacknowledged messages per queue at most."""

    def __init__(self, broker: LocalBroker, queues: Sequence[str], *, prefetch: int = 100) -> None:
        self._broker, self._closed = broker, False
        self._subscriptions = {queue: Subscription(queue, prefetch) for queue in queues}
        self._order = list(self._subscriptions)  # whose turn it is comes first
        broker.subscribe(self._subscriptions.values())

    def take(self, count: int, size: int, timeout: float) -> list[Delivery]:
        """See the port. Raises BrokerGone after `close`."""
        deadline = time.monotonic() + timeout
        with self._broker.changed:
            while True:
                run = self._next_run(count, size)
                remaining = deadline - time.monotonic()
                if run or remaining <= 0:
                    return run
                if self._closed:
                    raise BrokerGone("the consumer is closed")
                self._broker.changed.wait(remaining)

    def acknowledge(self, last: Delivery) -> None:
        """See the port."""
        with self._broker.changed:
            if self._subscriptions[last.queue].settle(last):
                self._broker.serve(last.queue)

    def pause(self) -> None:
        """Stop consuming; what was not handed out goes back, and counts as one delivery attempt with the broker."""
        for subscription in self._subscriptions.values():
            subscription.paused = True
            self._broker.withdraw(subscription)

    def resume(self) -> None:
        """Consume again."""
        for queue, subscription in self._subscriptions.items():
            subscription.paused = False
            self._broker.serve(queue)

    def close(self) -> None:
        """See the port."""
        with self._broker.changed:
            if not self._closed:
                self._closed = True
                self._broker.unsubscribe(self._subscriptions.values())

    def _next_run(self, count: int, size: int) -> list[Delivery]:
        for queue in self._subscriptions:
            if not self._closed and not self._broker.exists(queue):
                raise QueueGone(f"queue {queue} does not exist; make it with: coedi topology apply")
        for queue in self._order:
            lane = self._subscriptions[queue].lane
            if not lane.empty:
                self._order.remove(queue)
                self._order.append(queue)
                return lane.run(count, size)
        return []
