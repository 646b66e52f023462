"""Branches send: over the real broker, with an account of their own, as themselves only; and their answers come back."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from console.broker_accounts import of_branch
from console.provisioning import adopt_branches
from console.wiring import STAGES
from domain.errors import BrokerGone, NeedsAdministrator, NotAllowed
from gateway.intake import Intake
from messages.receipts import Receipt, read
from pipeline.accounts import branch_account
from pipeline.amqp_url import virtual_host, with_credentials
from pipeline.broker_admin import Admin, admin_for
from pipeline.rabbit import RabbitPublisher, drain
from pipeline.relay import outgoing
from pipeline.transport import Outgoing
from tests.desk import Desk, make_desk
from tests.filing_messages import BRANCH, FIRM, OTHER_BRANCH, decision, registration
from tests.services import World, unavailable

pytestmark = pytest.mark.broker


@dataclass
class Tenant:
    """A branch with its account on the broker, and a worker's insides."""

    desk: Desk
    url: str
    user: str
    admin: Admin

    def publish(self, body: bytes, exchange: str) -> bool:
        """As the branch; whether the broker took it."""
        publisher = RabbitPublisher(self.url)
        try:
            sent = publisher.publish([Outgoing(1, exchange, "", body, "m-1", "Registration", datetime.now(UTC))], 10)
            return sent.confirmed == [1]
        finally:
            publisher.close()

    def handle(self) -> list[str]:
        """What arrived is handled and its receipts are published; the exchanges it came by."""
        names, session = self.desk.world.names, self.desk.session
        arrived = drain(self.desk.world.settings.amqp_url, names.inbox, 10, 1)
        ahead = Intake(session).open(arrived, silent=False)
        publisher = RabbitPublisher(self.desk.world.settings.amqp_url)
        while ahead:
            done = Intake(session).commit(ahead)
            publisher.publish([outgoing(names, row) for row in done.rows], 10)
            ahead = done.rest
        publisher.close()
        return [delivery.exchange for delivery in arrived]

    def receipts(self, queue: str) -> list[Receipt]:
        """What waits in a queue, read with the branch's own account."""
        return [read(delivery.body) for delivery in drain(self.url, queue, 20, 1)]


@pytest.fixture
def branch(world: World) -> Iterator[Tenant]:
    settings, user, password = world.settings, f"t{secrets.token_hex(6)}", secrets.token_urlsafe(18)
    admin = admin_for(settings.admin_url, settings.amqp_url)
    try:
        admin.provision([branch_account(world.names, virtual_host(settings.amqp_url), BRANCH, user, password)])
    except (NeedsAdministrator, BrokerGone) as error:
        unavailable(f"no administrator of the broker: {error}")
    desk = make_desk(world, tuple(STAGES))
    yield Tenant(desk, with_credentials(settings.amqp_url, user, password), user, admin)
    admin.delete_user(user)
    desk.owner.close()
    desk.session.database.close()


def test_a_branch_publishes_to_its_exchange_and_reads_its_answers(branch: Tenant) -> None:
    names = branch.desk.world.names
    assert branch.publish(registration("R-1", sender=BRANCH), names.branch_exchange(BRANCH))
    assert branch.handle() == [names.branch_exchange(BRANCH)]
    told = branch.receipts(names.branch_queue(BRANCH))
    assert [one.code for one in told if one.enterprise == BRANCH] == ["BYTES_RECEIVED", "FILING_TAKEN", "INTERCHANGE_ANSWERED"]
    assert [one.feed_no for one in told if one.enterprise == BRANCH] == [1, 2, 3]
    copies = [one for one in told if one.enterprise == FIRM]
    assert [one.code for one in copies] == ["REGISTRATION_RECEIVED", "REGISTRATION_PENDING_REVIEW"]
    branch.publish(
        decision("D-1", copies[-1].filing, copies[-1].version, kind="RegistrationDecision"), names.branch_exchange(BRANCH))
    branch.handle()
    assert "REGISTRATION_REGISTERED" in {one.code for one in branch.receipts(names.branch_queue(BRANCH))}


def test_a_branch_speaks_and_reads_as_itself_only(branch: Tenant) -> None:
    names = branch.desk.world.names
    for exchange in (names.enterprise_exchange(FIRM), names.branch_exchange(OTHER_BRANCH), names.work, names.receipts, ""):
        assert not branch.publish(registration("R-1"), exchange)
    assert branch.handle() == []
    for queue in (names.inbox, names.branch_queue(OTHER_BRANCH)):
        with pytest.raises((NotAllowed, BrokerGone)):
            branch.receipts(queue)
    assert branch.publish(registration("R-1", sender=FIRM), names.branch_exchange(BRANCH))  # a header that names somebody else
    branch.handle()
    [told] = branch.receipts(names.branch_queue(BRANCH))
    assert (told.code, told.enterprise) == ("IDENTITY_MISMATCH", BRANCH)
    assert branch.desk.query("select count(*) from filing") == [(0,)]


def test_a_branch_from_before_gets_its_exchange_and_may_write_to_it(world: World) -> None:
    settings, database = world.settings, world.database()
    database.run("update branch set exchange = null where code = %s", (BRANCH,))
    try:
        assert adopt_branches(settings, database) == [BRANCH]
        held = of_branch(settings, BRANCH).file.read()
        assert held
        publisher = RabbitPublisher(with_credentials(settings.amqp_url, held.user, held.password))
        exchange = world.names.branch_exchange(BRANCH)
        sent = publisher.publish([Outgoing(1, exchange, "", b"<x/>", "m-1", "Registration", datetime.now(UTC))], 10)
        publisher.close()
        assert sent.confirmed == [1]
        assert database.run("select exchange from branch where code = %s", (BRANCH,)) == [(exchange,)]
        assert adopt_branches(settings, database) == []
    except NeedsAdministrator as error:
        unavailable(f"no administrator of the broker: {error}")
    finally:
        of_branch(settings, BRANCH).delete()
        database.close()
