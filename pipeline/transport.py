"""The port to a message broker: what the pipeline asks of one, and the values that cross it.

`pipeline.rabbit` is the real one. A transport reconnects by itself; only a first connection that fails raises.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that the broker handed us.

    queue: the queue it came from; tag: delivery tag on that queue's channel; epoch: number of that channel, so that an
    acknowledgement for a channel that is gone is dropped; exchange: where the broker says it was published
    (the sender's identity for messages from outside); user_id: set only if the broker checked it.
    """

    queue: str
    tag: int
    epoch: int
    exchange: str
    routing_key: str
    body: bytes
    redelivered: bool
    message_id: str | None = None
    user_id: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    headers: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish, persistent and mandatory. `key` names it in the Outcome."""

    key: Hashable
    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str
    timestamp: datetime
    correlation_id: str | None = None
    content_type: str = "application/xml"
    headers: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of published messages, by key.

    confirmed: the broker has them; refused: nacked (a full queue) or returned (no such queue);
    unknown: no answer before the deadline or the connection was lost: they may or may not be there.
    """

    confirmed: Sequence[Hashable] = ()
    refused: Sequence[Hashable] = ()
    unknown: Sequence[Hashable] = ()

    @property
    def unsent(self) -> list[Hashable]:
        """Everything the broker did not confirm."""
        return [*self.refused, *self.unknown]


class Publisher(Protocol):
    """Publishes with confirms and a window."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection now; it comes back by itself."""

    def publish(self, messages: Sequence[Outgoing], deadline: float) -> Outcome:
        """Publish all in order; returns when each is settled or `deadline` seconds have passed.

        Never raises for the broker's sake.
        """

    def close(self) -> None:
        """Close the connection."""


class Consumer(Protocol):
    """Consumes some queues, one channel each, with manual acknowledgement."""

    def take(self, count: int, size: int, timeout: float) -> list[Delivery]:
        """What has already arrived on one queue: a contiguous run of delivery tags, at most `count` deliveries and
        `size` body bytes (at least one delivery). A redelivered message is handed out alone. Waits up to `timeout`
        seconds for the first; [] when there is none. Raises QueueGone when a queue no longer exists."""

    def acknowledge(self, last: Delivery) -> None:
        """Acknowledge `last` and everything before it on its channel; dropped when that channel is gone."""

    def pause(self) -> None:
        """Stop consuming; what the broker already delivered goes back to it."""

    def resume(self) -> None:
        """Consume again."""

    def close(self) -> None:
        """Stop consuming and close the connection; unacknowledged messages go back to their queues."""
