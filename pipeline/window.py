"""Which published messages the broker has not answered yet, and what it said about the others.

Sequence numbers count the messages written on one channel, from 1: the broker confirms by them (RabbitMQ's publisher
confirms). One thread, the connection's, touches a Window; a Batch is read by the thread that waits for it.
"""

import re
import threading
from collections.abc import Sequence

from pipeline.transport import Outcome, Outgoing

_BODY_SIZE = re.compile(r"message size (\d+)")


class Batch:
    """The messages of one `publish` call and their verdicts (True confirmed, False refused, None no answer)."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.written = 0  # how many of them have been given to the channel
        self.abandoned = False  # nobody waits any more: write no more of it
        self.settled = threading.Event()
        self._verdicts: list[bool | None] = [None] * len(messages)
        self._open = len(messages)

    def mark(self, index: int, confirmed: bool) -> None:
        """The broker's answer for one message; the first answer counts: a returned message is confirmed after it."""
        if self._verdicts[index] is None:
            self._verdicts[index] = confirmed
            self._open -= 1
            if not self._open:
                self.settled.set()

    def give_up(self) -> None:
        """No further answer will come."""
        self.abandoned = True
        self.settled.set()

    def outcome(self) -> Outcome:
        """What is known now, in the order published."""
        verdicts = list(self._verdicts)  # a copy: the connection's thread may still write
        keys: dict[bool | None, list[object]] = {True: [], False: [], None: []}
        for message, verdict in zip(self.messages, verdicts, strict=True):
            keys[verdict].append(message.key)
        return Outcome(confirmed=keys[True], refused=keys[False], unknown=keys[None])


class Window:
    """At most `size` messages without an answer. One whose caller gave up still counts: the broker owes an answer."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._last = 0
        self._open: dict[int, tuple[Batch, int]] = {}  # in order of sequence number
        self._returned: set[int] = set()

    @property
    def full(self) -> bool:
        """Whether the next message has to wait."""
        return len(self._open) >= self._size

    def written(self, batch: Batch, index: int) -> None:
        """A message was given to the channel."""
        self._last += 1
        self._open[self._last] = (batch, index)

    def answered(self, sequence: int, multiple: bool, confirmed: bool) -> None:
        """An ack or a nack for one message, or for all up to it."""
        for each in self._upto(sequence) if multiple else [sequence]:
            entry = self._open.pop(each, None)
            self._returned.discard(each)
            if entry is not None:
                entry[0].mark(entry[1], confirmed)

    def returned(self, exchange: str, routing_key: str, message_id: str | None) -> None:
        """A message came back as unroutable: the oldest that looks like it.

        basic.return carries no sequence number, but returns arrive in the order of publishing and before the ack.
        """
        for sequence, (batch, index) in self._open.items():
            message = batch.messages[index]
            same = (message.exchange, message.routing_key, message.message_id) == (exchange, routing_key, message_id)
            if same and sequence not in self._returned:
                self._returned.add(sequence)
                batch.mark(index, confirmed=False)
                return

    def closed(self, reason: str) -> None:
        """The channel is gone. Messages that the broker's reason points at are refused, all others stay unknown.

        The broker closes a channel over one bad message and does not say which: its text names the exchange
        that does not exist or may not be written, or the size that is too large.
        """
        size = _BODY_SIZE.search(reason)
        entries = list(self._open.values())
        for batch, index in entries:
            message = batch.messages[index]
            if f"exchange '{message.exchange}' " in reason or (size and len(message.body) == int(size[1])):
                batch.mark(index, confirmed=False)
        self._open.clear()
        self._returned.clear()
        self._last = 0
        for batch, _ in entries:
            batch.give_up()

    def _upto(self, sequence: int) -> list[int]:
        found = []
        for each in self._open:
            if each > sequence:
                break
            found.append(each)
        return found
