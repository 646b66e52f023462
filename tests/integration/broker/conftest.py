"""A virtual host of our own on a real broker; nothing outside it is touched."""

import os
import secrets
import socket
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import NeedsAdministrator
from pipeline.amqp_url import addresses, host_and_port
from pipeline.broker_admin import Admin, admin_for
from pipeline.rabbit import RabbitConsumer, RabbitPublisher, declare
from pipeline.topology import Names, core
from pipeline.transport import Delivery, Outgoing

BROKER = os.environ.get("COEDI_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
ADMIN = os.environ.get("COEDI_TEST_BROKER_ADMIN_URL", "")
STAGES = ("rule-check", "print")


def _unavailable(reason: str) -> None:
    """A missing broker skips on a laptop and fails in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def admin() -> Admin:
    """Whoever administers the broker under test."""
    try:
        socket.create_connection(host_and_port(BROKER), timeout=2).close()
    except OSError as error:
        _unavailable(f"no broker at {host_and_port(BROKER)}: {error}")
    return admin_for(ADMIN, BROKER)


@pytest.fixture(scope="session")
def vhost(admin: Admin) -> Iterator[str]:
    """A virtual host for this session, deleted at its end."""
    name = f"coedi-test-{secrets.token_hex(4)}"
    try:
        admin.ensure_vhost(name)
        admin.set_permissions("guest", name, ".*", ".*", ".*")
    except NeedsAdministrator as error:
        _unavailable(f"no way to make a virtual host: {error}")
    yield name
    admin.delete_vhost(name)


@pytest.fixture(scope="session")
def url(vhost: str) -> str:
    """The broker's address, in our virtual host, as its administrator."""
    return at(vhost)


@pytest.fixture
def names(url: str) -> Names:
    """Fresh names for one test, with the core topology behind them."""
    found = Names(f"t{secrets.token_hex(3)}.")
    declare(url, core(found, STAGES))
    return found


@pytest.fixture
def publisher(url: str) -> Iterator[RabbitPublisher]:
    """A publisher with a small window, so that every test fills it."""
    found = RabbitPublisher(url, window=10)
    yield found
    found.close()


@pytest.fixture
def consume(url: str) -> Iterator[Callable[..., RabbitConsumer]]:
    """Opens consumers that are closed after the test."""
    opened: list[RabbitConsumer] = []

    def opener(*queues: str, urls: str = url, **options: float) -> RabbitConsumer:
        opened.append(RabbitConsumer(urls, queues, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for consumer in opened:
        consumer.close()


def at(vhost: str, port: int | None = None) -> str:
    """The broker's address in a virtual host, perhaps through a proxy's port."""
    scheme, rest = addresses(BROKER)[0].split("://", 1)
    authority = rest.split("/", 1)[0]
    if port is not None:
        authority = f"{authority.rpartition('@')[0]}@127.0.0.1:{port}"
    return f"{scheme}://{authority}/{vhost}"


def work_order(names: Names, key: Hashable, stage: str = "print", **fields: Any) -> Outgoing:
    """A message for a stage's queue whose body is its key."""
    given: dict[str, Any] = {"exchange": names.work, "routing_key": stage, "body": str(key).encode(), **fields}
    return Outgoing(
        key=key, message_id=f"id-{key}", type="work-order", timestamp=datetime(2026, 3, 2, tzinfo=UTC), **given
    )


def take_all(consumer: RabbitConsumer, count: int) -> list[Delivery]:
    """The next `count` deliveries, each run acknowledged; fewer when none comes for five seconds."""
    taken: list[Delivery] = []
    while len(taken) < count and (run := consumer.take(count - len(taken), 1 << 20, 5)):
        consumer.acknowledge(run[-1])
        taken += run
    return taken


def bodies(deliveries: list[Delivery]) -> list[str]:
    """What is in them."""
    return [delivery.body.decode() for delivery in deliveries]
