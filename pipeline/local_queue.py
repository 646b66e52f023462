"""A queue of the in-process broker: what waits in it, who consumes it and what each consumer has in hand.

Not safe by itself: `pipeline.local.LocalBroker` holds its lock around every call.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.errors import Refusal
from pipeline.lane import Lane
from pipeline.transport import Delivery

# what a queue may be declared with; anything else would be promised and not kept
_MODELLED = {
    "x-queue-type", "x-max-length", "x-overflow", "x-delivery-limit", "x-dead-letter-exchange", "x-dead-letter-strategy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """What is kept of a published message. exchange: the one it was published to, not the last of a chain."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str | None
    content_type: str | None
    headers: Mapping[str, object]


@dataclass(order=True, slots=True)
class Held:
    """A message in a queue, ordered by its place in it. returned: how often a consumer had it and gave it back."""

    place: int
    message: Message = field(compare=False)
    returned: int = field(default=0, compare=False)


class Subscription:
    """One consumer's share of one queue: a lane of arrivals, and by tag what the broker waits to hear about."""

    def __init__(self, queue: str, prefetch: int) -> None:
        self.lane = Lane(queue)
        self.paused = False
        self._prefetch = prefetch
        self._in_hand: dict[int, Held] = {}  # in order of tag
        self._last = 0

    @property
    def open(self) -> bool:
        """Whether the queue exists and this consumer is attached to it."""
        return self.lane.epoch > 0

    @property
    def has_room(self) -> bool:
        """Whether the broker may deliver one more."""
        return self.open and not self.paused and len(self._in_hand) < self._prefetch

    def attach(self, epoch: int) -> None:
        """The queue is there: deliveries count from 1 again."""
        self._last = 0
        self.lane.opened(epoch)

    def detach(self) -> list[Held]:
        """The end of this consumer, or of its queue: everything in hand."""
        held = list(self._in_hand.values())
        self._in_hand.clear()
        self.lane.closed()
        return held

    def deliver(self, held: Held) -> None:
        """Hand a message over; the consumer owes an acknowledgement."""
        self._last += 1
        self._in_hand[self._last] = held
        message = held.message
        self.lane.put(Delivery(
            queue=self.lane.queue, tag=self._last, epoch=self.lane.epoch, exchange=message.exchange,
            routing_key=message.routing_key, body=message.body, redelivered=held.returned > 0,
            message_id=message.message_id, content_type=message.content_type, headers=message.headers))  # fmt: skip

    def settle(self, last: Delivery) -> bool:
        """Forget `last` and everything before it; False when that is nothing, or belongs to an earlier attachment."""
        fresh = self.lane.acknowledge(last)
        if fresh:
            for tag in [tag for tag in self._in_hand if tag <= last.tag]:
                del self._in_hand[tag]
        return fresh

    def withdraw(self) -> list[Held]:
        """What was delivered and not handed out."""
        return [self._in_hand.pop(tag) for tag in self.lane.withdraw()]


class LocalQueue:
    """First in, first out; what comes back takes its old place."""

    def __init__(self, name: str, arguments: Mapping[str, str | int]) -> None:
        """Raises Refusal for arguments that this queue would not honour."""
        unknown = sorted(arguments.keys() - _MODELLED)
        if unknown or arguments.get("x-overflow", "reject-publish") != "reject-publish":
            raise Refusal(f"queue {name}: the in-process broker does not know {', '.join(unknown) or 'this x-overflow'}")
        self.name, self.arguments = name, dict(arguments)
        self.subscriptions: list[Subscription] = []
        self._ready: list[Held] = []
        self._places = 0
        self._turn = 0  # the subscription that is served next

    @property
    def depth(self) -> int:
        """Messages that wait for a consumer."""
        return len(self._ready)

    def put(self, message: Message) -> bool:
        """Take a message, unless the queue is full."""
        limit = self.arguments.get("x-max-length")
        if limit is not None and self.depth >= int(limit):
            return False
        self._places += 1
        heapq.heappush(self._ready, Held(self._places, message))
        return True

    def keep(self, held: Held) -> None:
        """Put one back in its place."""
        heapq.heappush(self._ready, held)

    def give_back(self, held: Iterable[Held]) -> list[Held]:
        """Consumers give messages back: they wait again; those that did so too often are the answer."""
        limit = self.arguments.get("x-delivery-limit")
        dead = []
        for each in held:
            each.returned += 1
            if limit is not None and each.returned > int(limit):
                dead.append(each)
            else:
                self.keep(each)
        return dead

    def serve(self) -> None:
        """Deliver what waits to consumers that have room, in turn."""
        idle = 0
        while self._ready and idle < len(self.subscriptions):
            self._turn = (self._turn + 1) % len(self.subscriptions)
            subscription = self.subscriptions[self._turn]
            if subscription.has_room:
                subscription.deliver(heapq.heappop(self._ready))
                idle = 0
            else:
                idle += 1
