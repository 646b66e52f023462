"""Runs of deliveries, and what may be acknowledged."""

from pipeline.lane import Lane
from pipeline.transport import Delivery


def delivery(tag: int, *, redelivered: bool = False, size: int = 10, epoch: int = 1) -> Delivery:
    return Delivery("work.print", tag, epoch, "co.work", "print", b"x" * size, redelivered)


def lane_with(*deliveries: Delivery) -> Lane:
    lane = Lane("work.print")
    lane.opened(1)
    for each in deliveries:
        lane.put(each)
    return lane


def tags(run: list[Delivery]) -> list[int]:
    return [each.tag for each in run]


def test_a_run_is_no_longer_than_asked_for() -> None:
    lane = lane_with(*(delivery(tag) for tag in range(1, 8)))
    assert [tags(lane.run(3, 1000)) for _ in range(4)] == [[1, 2, 3], [4, 5, 6], [7], []]


def test_a_run_stays_under_its_size_but_has_at_least_one_delivery() -> None:
    lane = lane_with(delivery(1, size=500), delivery(2, size=60), delivery(3, size=40), delivery(4, size=1))
    assert [tags(lane.run(10, 100)) for _ in range(3)] == [[1], [2, 3], [4]]


def test_a_redelivered_message_ends_the_run_before_it_and_is_alone() -> None:
    lane = lane_with(
        delivery(1), delivery(2), delivery(3, redelivered=True), delivery(4, redelivered=True), delivery(5)
    )
    assert [tags(lane.run(10, 1000)) for _ in range(4)] == [[1, 2], [3], [4], [5]]


def test_an_acknowledgement_is_passed_on_once_and_only_for_this_channel() -> None:
    lane = lane_with(delivery(1), delivery(2))
    run = lane.run(10, 1000)
    assert not lane.acknowledge(delivery(2, epoch=9))
    assert lane.acknowledge(run[-1])
    assert not lane.acknowledge(run[-1])
    assert not lane.acknowledge(run[0])


def test_what_was_never_handed_out_cannot_be_acknowledged() -> None:
    lane = lane_with(delivery(1), delivery(2))
    lane.run(1, 1000)
    assert not lane.acknowledge(delivery(2))


def test_a_closed_channel_forgets_its_deliveries_and_takes_none_of_it_any_more() -> None:
    lane = lane_with(delivery(1), delivery(2))
    handed = lane.run(1, 1000)
    lane.closed()
    lane.put(delivery(3))
    assert lane.empty
    assert not lane.acknowledge(handed[-1])
    lane.opened(2)
    lane.put(delivery(3))
    assert lane.empty


def test_a_lane_is_idle_only_when_nothing_waits_and_nothing_is_in_hand() -> None:
    lane = lane_with(delivery(1))
    assert not lane.idle
    run = lane.run(1, 1000)
    assert lane.empty
    assert not lane.idle
    lane.acknowledge(run[-1])
    assert lane.idle


def test_withdrawing_names_only_what_was_not_handed_out() -> None:
    lane = lane_with(delivery(1), delivery(2), delivery(3))
    lane.run(1, 1000)
    assert lane.withdraw() == [2, 3]
    assert lane.empty
