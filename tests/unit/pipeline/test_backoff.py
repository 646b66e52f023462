"""Waiting times between attempts."""

from pipeline.backoff import Backoff


def test_waits_double_up_to_the_longest_and_start_again_after_a_success() -> None:
    backoff = Backoff(0.5, 3.0, random=lambda: 0.0)
    assert [backoff.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.next() == 0.5


def test_jitter_shortens_a_wait_by_up_to_a_half() -> None:
    assert Backoff(1.0, 8.0, random=lambda: 0.999).next() == 1 - 0.999 / 2
    waits = {Backoff(1.0).next() for _ in range(50)}
    assert len(waits) > 1
    assert all(0.5 < wait <= 1.0 for wait in waits)
