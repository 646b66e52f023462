"""What an enterprise's broker account can do: the delivery's exchange names the sender, whatever is tried."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.exceptions import AMQPError, ChannelClosedByBroker

from domain.errors import BrokerGone, NotAllowed
from pipeline.accounts import enterprise_account
from pipeline.amqp_url import with_credentials
from pipeline.broker_admin import Admin
from pipeline.rabbit import RabbitConsumer, RabbitPublisher, declare, drain
from pipeline.topology import Names, core, for_enterprise
from tests.integration.broker.conftest import STAGES, work_order

pytestmark = pytest.mark.broker
A, B = "ENTA0001", "ENTB0001"


class Tenants:
    """Two enterprises with an account each."""

    def __init__(self, admin: Admin, vhost: str, url: str, names: Names) -> None:
        self.names, self.queues, self.urls, self.users = names, {}, {}, []
        accounts = []
        for enterprise in (A, B):
            queue = self.queues[enterprise] = names.new_receipt_queue(enterprise)
            declare(url, for_enterprise(names, enterprise, queue))
            user, password = f"t{secrets.token_hex(6)}", secrets.token_urlsafe(18)
            accounts.append(enterprise_account(names, vhost, enterprise, queue, password, user=user))
            self.urls[enterprise] = with_credentials(url, user, password)
            self.users.append(user)
        admin.provision(accounts)


@pytest.fixture(scope="module")
def tenants(admin: Admin, vhost: str, url: str) -> Iterator[Tenants]:
    """Two enterprises that all tests here share; their accounts are deleted at the end."""
    names = Names(f"t{secrets.token_hex(3)}.")
    declare(url, core(names, STAGES))
    found = Tenants(admin, vhost, url, names)
    yield found
    for user in found.users:
        admin.delete_user(user)


def test_the_exchange_of_a_delivery_names_its_sender(tenants: Tenants, url: str) -> None:
    names = tenants.names
    for enterprise in (A, B):
        publisher = RabbitPublisher(tenants.urls[enterprise])
        order = work_order(names, 1, exchange=names.enterprise_exchange(enterprise), routing_key=f"pretend.{B}")
        assert publisher.publish([order], 10).confirmed == [1]
        publisher.close()
    arrived = drain(url, names.inbox, 10, 1)
    assert [names.enterprise_of(delivery.exchange) for delivery in arrived] == [A, B]


def test_copies_asked_for_in_headers_are_not_made(tenants: Tenants, url: str) -> None:
    names = tenants.names
    targets = [names.enterprise_exchange(B), names.inbox, names.stage_queue("print"), "print", B, tenants.queues[B]]
    with pika.BlockingConnection(pika.URLParameters(tenants.urls[A])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        copies: Any = {"CC": targets, "BCC": targets}
        properties = pika.BasicProperties(headers=copies)
        channel.basic_publish(names.enterprise_exchange(A), names.inbox, b"<x/>", properties, mandatory=True)
    arrived = drain(url, names.inbox, 10, 1)
    assert [names.enterprise_of(delivery.exchange) for delivery in arrived] == [A]
    for queue in (names.stage_queue("print"), tenants.queues[A], tenants.queues[B]):
        assert drain(url, queue, 10, 0.3) == []


@pytest.mark.parametrize(
    "exchange",
    [
        lambda names: names.enterprise_exchange(B),
        lambda names: names.incoming,
        lambda names: names.work,
        lambda names: names.receipts,
        lambda names: names.branch_receipts,
        lambda names: names.dead,
        lambda names: "amq.topic",
        lambda names: "",
    ],
)
def test_no_other_exchange_can_be_published_to(tenants: Tenants, exchange: Callable[[Names], str]) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        _as(tenants.urls[A], lambda channel: _publish(channel, exchange(tenants.names), tenants.names.inbox))


def test_our_publisher_reports_a_forbidden_exchange_as_refused(tenants: Tenants) -> None:
    publisher = RabbitPublisher(tenants.urls[A])
    order = work_order(tenants.names, 1, exchange=tenants.names.enterprise_exchange(B))
    assert publisher.publish([order], 10).refused == [1]
    publisher.close()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda channel, tenants: channel.basic_get(tenants.queues[B]),
        lambda channel, tenants: channel.basic_get(tenants.names.inbox),
        lambda channel, tenants: channel.queue_purge(tenants.queues[B]),
        lambda channel, tenants: channel.queue_delete(tenants.queues[A]),
        lambda channel, tenants: channel.queue_declare("mine", durable=True),
        lambda channel, tenants: channel.exchange_declare("mine", "fanout"),
        lambda channel, tenants: channel.exchange_delete(tenants.names.enterprise_exchange(A)),
        lambda channel, tenants: channel.queue_bind(tenants.queues[A], tenants.names.receipts, B),
        lambda channel, tenants: channel.exchange_bind(tenants.names.work, tenants.names.enterprise_exchange(A)),
        lambda channel, tenants: channel.exchange_bind(
            tenants.names.enterprise_exchange(A), tenants.names.enterprise_exchange(B)
        ),
    ],
)
def test_nothing_can_be_read_made_bound_or_deleted_elsewhere(
    tenants: Tenants, attempt: Callable[[object, Tenants], object]
) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        _as(tenants.urls[A], lambda channel: attempt(channel, tenants))


def test_an_enterprise_reads_its_own_receipts_and_no_others(tenants: Tenants, publisher: RabbitPublisher) -> None:
    names = tenants.names
    receipt = work_order(names, "receipt", exchange=names.receipts, routing_key=A)
    assert publisher.publish([receipt], 10).confirmed == ["receipt"]
    assert [each.body for each in drain(tenants.urls[A], tenants.queues[A], 10, 1)] == [b"receipt"]
    consumer = RabbitConsumer(tenants.urls[A], [tenants.queues[B]])
    with pytest.raises(NotAllowed):
        consumer.take(1, 1000, 10)
    consumer.close()


def test_one_enterprise_cannot_hold_more_than_four_connections(tenants: Tenants) -> None:
    opened = [RabbitPublisher(tenants.urls[A]) for _ in range(4)]
    with pytest.raises(BrokerGone, match="limit"):
        RabbitPublisher(tenants.urls[A])
    for publisher in opened:
        publisher.close()


def test_a_new_password_replaces_the_old_one_and_a_revoked_account_cannot_log_in(
    tenants: Tenants, admin: Admin, url: str
) -> None:
    user, wrong = tenants.users[1], "user or password"
    admin.ensure_user(user, "another-Pass-word-1")
    with pytest.raises(BrokerGone, match=wrong):
        RabbitPublisher(tenants.urls[B])
    tenants.urls[B] = with_credentials(url, user, "another-Pass-word-1")
    RabbitPublisher(tenants.urls[B]).close()
    admin.delete_user(user)
    with pytest.raises(BrokerGone, match=wrong):
        RabbitPublisher(tenants.urls[B])


def test_the_broker_s_administrator_is_never_changed(admin: Admin, vhost: str) -> None:
    with pytest.raises(NotAllowed):
        admin.ensure_user("guest", "x-y-z-1-2-3")


def _as(url: str, act: Callable[[object], object]) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        act(channel)
    finally:
        with contextlib.suppress(AMQPError):  # closed with its channel
            connection.close()


def _publish(channel: object, exchange: str, key: str) -> None:
    channel.basic_publish(exchange, key, b"<x/>", mandatory=True)  # type: ignore[attr-defined]
