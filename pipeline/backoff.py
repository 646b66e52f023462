"""How long to wait before trying again."""

from collections.abc import Callable
from random import SystemRandom


class Backoff:
    """Waiting times that double from `first` to `last` seconds, each shortened by up to a half.

    The jitter keeps many workers from knocking at a restarted broker in the same instant.
    """

    def __init__(self, first: float = 0.5, last: float = 30.0, random: Callable[[], float] | None = None) -> None:
        """`random` gives numbers in [0, 1)."""
        self._first, self._last = first, last
        self._random = random or SystemRandom().random
        self._next = first

    def next(self) -> float:
        """Seconds to wait now."""
        wait = self._next * (1 - self._random() / 2)
        self._next = min(self._next * 2, self._last)
        return wait

    def reset(self) -> None:
        """It worked: start again from `first`."""
        self._next = self._first
