"""Confirms, nacks, returns and closed channels, matched to what was published."""

from datetime import UTC, datetime

from pipeline.transport import Outgoing
from pipeline.window import Batch, Window


def message(key: str, exchange: str = "co.receipts", routing_key: str = "ENT1", body: bytes = b"<r/>") -> Outgoing:
    return Outgoing(key, exchange, routing_key, body, f"id-{key}", "receipt", datetime(2026, 3, 2, tzinfo=UTC))


def write(window: Window, *messages: Outgoing) -> Batch:
    batch = Batch(messages)
    for index in range(len(messages)):
        window.written(batch, index)
    return batch


def test_a_multiple_ack_confirms_everything_up_to_it_and_nothing_after() -> None:
    window = Window(10)
    batch = write(window, message("a"), message("b"), message("c"))
    window.answered(2, multiple=True, confirmed=True)
    assert batch.outcome().confirmed == ["a", "b"]
    assert batch.outcome().unknown == ["c"]
    assert not batch.settled.is_set()


def test_a_single_answer_touches_its_own_message_only() -> None:
    window = Window(10)
    batch = write(window, message("a"), message("b"), message("c"))
    window.answered(3, multiple=False, confirmed=False)
    window.answered(1, multiple=False, confirmed=True)
    outcome = batch.outcome()
    assert (outcome.confirmed, outcome.refused, outcome.unknown) == (["a"], ["c"], ["b"])
    window.answered(2, multiple=False, confirmed=True)
    assert batch.settled.is_set()


def test_a_returned_message_stays_refused_although_the_broker_confirms_it_next() -> None:
    window = Window(10)
    batch = write(window, message("a"), message("b"))
    window.returned("co.receipts", "ENT1", "id-b")
    window.answered(2, multiple=True, confirmed=True)
    assert (batch.outcome().confirmed, batch.outcome().refused) == (["a"], ["b"])


def test_two_returns_of_equal_messages_are_two_refusals() -> None:
    window = Window(10)
    batch = write(window, message("a"), message("a"))
    window.returned("co.receipts", "ENT1", "id-a")
    window.returned("co.receipts", "ENT1", "id-a")
    assert batch.outcome().refused == ["a", "a"]


def test_the_window_is_full_until_the_broker_answers_even_if_the_caller_gave_up() -> None:
    window = Window(2)
    batch = write(window, message("a"), message("b"))
    batch.give_up()
    assert window.full
    window.answered(1, multiple=False, confirmed=True)
    assert not window.full


def test_a_closed_channel_leaves_messages_unknown_and_starts_counting_again() -> None:
    window = Window(10)
    lost = write(window, message("a"))
    window.closed("connection reset")
    assert lost.settled.is_set()
    assert lost.outcome().unknown == ["a"]
    again = write(window, message("b"))
    window.answered(1, multiple=False, confirmed=True)
    assert again.outcome().confirmed == ["b"]
    assert lost.outcome().unknown == ["a"]


def test_the_message_that_made_the_broker_close_the_channel_is_refused() -> None:
    window = Window(10)
    batch = write(window, message("good"), message("bad", exchange="in.ENT9"))
    window.closed("(404, \"NOT_FOUND - no exchange 'in.ENT9' in vhost 'co'\")")
    assert (batch.outcome().refused, batch.outcome().unknown) == (["bad"], ["good"])
    window = Window(10)
    batch = write(window, message("good"), message("big", body=b"x" * 300))
    window.closed("PRECONDITION_FAILED - message size 300 is larger than configured max size 200")
    assert (batch.outcome().refused, batch.outcome().unknown) == (["big"], ["good"])
