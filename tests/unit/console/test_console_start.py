"""What the console says before it starts, and what it makes of the workers that the relay counted."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from console.commands.console import _refuse_taken_port
from console.web.health import relay
from domain.errors import Failure

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Failure) as refused:
            _refuse_taken_port("127.0.0.1", port)
        assert f"127.0.0.1, port {port}: Address already in use; name another with COEDI_CONSOLE_PORT" in str(refused.value)
        assert refused.value.exit_code == 3
    _refuse_taken_port("127.0.0.1", port)  # free again


def test_an_address_of_another_machine_is_told_too() -> None:
    with pytest.raises(Failure, match=r"192\.0\.2\.1, port 8480: Cannot assign requested address"):
        _refuse_taken_port("192.0.2.1", 8480)


@pytest.mark.parametrize(("seen", "good", "said"), [
    ((), True, "1 relay; workers are counted once a minute"),
    ((0,), True, "1 relay; workers are counted once a minute"),
    ((0, 0), False, "1 relay, no worker"),
    ((0, 3), True, "1 relay, 3 workers"),
    ((2, 0), True, "1 relay, 2 workers"),
])
def test_workers_are_missing_only_when_two_minutes_saw_none(seen: tuple[int, ...], good: bool, said: str) -> None:
    word = relay(NOW - timedelta(seconds=50), NOW, 1, seen)
    assert (word.good, word.en) == (good, said)
