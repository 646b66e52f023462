"""What has arrived from one queue and what the worker has in hand, by delivery tag.

Tags count the deliveries of one channel; each new channel is a new epoch. The caller holds a lock around every call.
"""

from collections import deque

from domain.errors import CoediError
from pipeline.transport import Delivery


class Lane:
    """One queue's arrivals. `failure` is why nothing can arrive (the queue is gone), None while all is well."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.epoch = 0
        self.failure: CoediError | None = None
        self._waiting: deque[Delivery] = deque()
        self._handed = 0  # highest tag handed out on this channel
        self._acknowledged = 0  # highest tag acknowledged on this channel

    @property
    def idle(self) -> bool:
        """Nothing waits here and everything handed out was acknowledged."""
        return not self._waiting and self._handed == self._acknowledged

    @property
    def empty(self) -> bool:
        """Nothing to hand out."""
        return not self._waiting

    def opened(self, epoch: int) -> None:
        """A new channel: what the old one brought goes back to the broker by itself."""
        self.epoch = epoch
        self._handed = self._acknowledged = 0
        self._waiting.clear()

    def closed(self) -> None:
        """The channel is gone: what was not handed out is forgotten, late acknowledgements are dropped."""
        self.opened(0)

    def put(self, delivery: Delivery) -> None:
        """A delivery arrived; one from an old channel is ignored."""
        if delivery.epoch == self.epoch:
            self._waiting.append(delivery)

    def run(self, count: int, size: int) -> list[Delivery]:
        """The next contiguous run: at most `count` deliveries and `size` bytes, at least one delivery.

        A redelivered message may be the one that killed a worker: it is handed out alone, and ends the run before it,
        because acknowledging a later tag would acknowledge it too.
        """
        taken: list[Delivery] = []
        while self._waiting and len(taken) < max(count, 1):
            delivery = self._waiting[0]
            size -= len(delivery.body)
            if taken and (delivery.redelivered or size < 0):
                break
            taken.append(self._waiting.popleft())
            if delivery.redelivered:
                break
        if taken:
            self._handed = taken[-1].tag
        return taken

    def acknowledge(self, last: Delivery) -> bool:
        """Whether the broker has to be told: not twice (it closes the channel for that), not for an old channel."""
        if last.epoch != self.epoch or not self._acknowledged < last.tag <= self._handed:
            return False
        self._acknowledged = last.tag
        return True

    def withdraw(self) -> list[int]:
        """Tags of what was not handed out, which is forgotten."""
        tags = [delivery.tag for delivery in self._waiting]
        self._waiting.clear()
        return tags
