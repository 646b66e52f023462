"""Each concrete failure that the core guards against: these tests fail when the guard is removed."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from domain.errors import CommitUnknown
from pipeline.failpoints import Injected
from pipeline.rabbit import declare, delete
from pipeline.relay import Relay, send
from pipeline.topology import Binding, Queue, Topology
from pipeline.transport import Outcome, Outgoing
from pipeline.worker import Worker
from store.database import TryAgain
from store.wanted import Wanted
from tests.desk import Desk, another_session, clean, make_desk
from tests.load import alive, publish, receipts_of, register_sampler, start, states, wait_for
from tests.services import World

pytestmark = [pytest.mark.database]


class FakeBroker:
    """Publisher and consumer in memory: hands out a list of runs, publishes as told."""

    def __init__(self, runs: Sequence[list[Any]], outcome: str = "confirmed") -> None:
        self.runs, self.outcome = list(runs), outcome
        self.acknowledged: list[Any] = []
        self.published: list[Outgoing] = []
        self.idle = False

    def take(self, count: int, size: int, timeout: float) -> list[Any]:
        self.idle = not self.runs
        return self.runs.pop(0) if self.runs else []

    def acknowledge(self, last: Any) -> None:
        self.acknowledged.append(last)

    def publish(self, messages: Sequence[Outgoing], deadline: float) -> Outcome:
        self.published += messages
        return Outcome(**{self.outcome: [message.key for message in messages]})

    def pause(self) -> None:
        """Nothing is consumed here."""

    resume = close = pause


def work_through(desk: Desk, broker: FakeBroker, handler: Any = None) -> None:
    """Run the worker loop until the runs are used up."""
    Worker(desk.session, broker, broker, desk.world.names, {desk.world.names.inbox: handler or desk.intake},
           stopping=lambda: broker.idle).run()


def test_opposite_orders_of_keys_never_deadlock(desk: Desk) -> None:
    """Two sessions lock the same invoices, message ids and counters, each in the other's reverse order."""
    from pipeline.identity import new_id
    from store.wanted import InvoiceClaim

    names = [f"INV{n}" for n in range(40)]
    enterprises = [row[0] for row in desk.query("select no from enterprise")]
    errors: list[BaseException] = []

    def claim(order: int) -> None:
        session = another_session(desk.world)
        for _ in range(60):
            wanted = Wanted(
                invoices=[InvoiceClaim("E", name, new_id()) for name in names[::order]], enterprises=enterprises[::order])
            try:
                with session.store.work(wanted):
                    raise Injected("roll back")
            except Injected:
                continue
            except TryAgain as error:
                errors.append(error)
        session.database.close()

    threads = [threading.Thread(target=claim, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors


def test_an_unknown_commit_outcome_is_looked_up_and_not_answered_as_a_duplicate(desk: Desk) -> None:
    database = desk.session.database
    real, lost = database._commit, []

    def commit() -> None:
        real()
        if not lost:
            lost.append(True)
            database.close()
            raise CommitUnknown("the connection was lost while committing")

    database._commit = commit  # type: ignore[method-assign]
    broker = FakeBroker([[desk.delivery(clean().body, desk.exchange())]])
    work_through(desk, broker)
    assert lost and len(broker.acknowledged) == 1
    assert not any(message.headers.get("repeat") for message in broker.published)
    assert desk.query("select count(*) from certificate") == [(1,)]
    # what the lost session had to send is still there, owned by a session that is gone: the relay's
    assert desk.query("select count(*) from outbox where kind = 'receipt'")[0][0] >= 9


def test_a_commit_that_did_not_happen_is_done_again(desk: Desk) -> None:
    database = desk.session.database
    real, lost = database._commit, []

    def commit() -> None:
        if not lost:
            lost.append(True)
            database.close()
            raise CommitUnknown("the connection was lost while committing")
        real()

    database._commit = commit  # type: ignore[method-assign]
    broker = FakeBroker([[desk.delivery(clean().body, desk.exchange())]])
    work_through(desk, broker)
    assert [state for _, state, *_ in desk.certificates()] == ["ISSUED"]


@pytest.mark.parametrize("outcome", ["refused", "unknown"])
def test_what_the_fast_path_could_not_send_is_the_relays(desk: Desk, outcome: str) -> None:
    work_through(desk, FakeBroker([[desk.delivery(clean().body, desk.exchange())]], outcome))
    assert desk.query("select count(*) from outbox where owner is not null and kind = 'receipt'") == [(0,)]
    desk.query("update outbox set retry_at = null")
    healthy = FakeBroker([])
    relay = Relay(another_session(desk.world).database, healthy, desk.world.names)
    assert relay.turn() > 0
    assert desk.query("select count(*) from outbox") == [(0,)]
    ids = [message.message_id for message in healthy.published if message.exchange == desk.world.names.receipts]
    assert len(ids) == len(set(ids)) == 7


def test_a_work_order_leaves_only_after_the_receipts_written_with_it(stored: World) -> None:
    desk = make_desk(stored, hosted=())
    broker = FakeBroker([])
    send(desk.session.database, broker, stored.names, desk.deliver(clean()), 1.0)
    kinds = ["order" if message.exchange == stored.names.work else "receipt" for message in broker.published]
    assert kinds == sorted(kinds, reverse=True) and kinds.count("order") == 1


def test_rows_of_a_living_owner_are_left_alone_until_they_are_stale(desk: Desk) -> None:
    desk.deliver(clean())
    relay = Relay(another_session(desk.world).database, FakeBroker([]), desk.world.names)
    assert relay.turn() == 0
    desk.query("update outbox set claimed_at = clock_timestamp() - interval '31 seconds'")
    assert relay.turn() > 0


def test_rows_of_a_dead_owner_are_sent_at_once(desk: Desk) -> None:
    desk.deliver(clean())
    desk.session.database.close()
    relay = Relay(another_session(desk.world).database, FakeBroker([]), desk.world.names)
    assert wait_for(lambda: relay.turn() > 0, 5)


def test_a_withheld_order_is_sent_when_its_owner_dies_between_t1_and_t2(desk: Desk) -> None:
    done = desk.intake.commit(desk.intake.open([desk.delivery(clean().body, desk.exchange())], False))
    assert [case.certificate.state for case in done.waiting] == ["APPROVED"]
    assert not [row for row in done.rows if row.kind == "order"]
    desk.session.database.close()
    broker = FakeBroker([])
    relay = Relay(another_session(desk.world).database, broker, desk.world.names)
    assert wait_for(lambda: relay.turn() > 0, 5)
    assert [message.routing_key for message in broker.published if message.exchange == desk.world.names.work] == ["print"]


def test_one_bad_message_is_parked_and_its_neighbours_are_issued(desk: Desk) -> None:
    bad, real = clean(1), desk.intake.open

    def open_or_fail(run: Sequence[Any], silent: bool) -> Any:
        if any(delivery.body == bad.body for delivery in run):
            raise ValueError("poison")
        return real(run, silent)

    desk.intake.open = open_or_fail  # type: ignore[method-assign]
    run = [desk.delivery(clean(n).body, desk.exchange(n)) for n in range(3)]
    broker = FakeBroker([run])
    work_through(desk, broker)
    assert desk.query("select state, count(*) from certificate group by 1") == [("ISSUED", 2)]
    ((error, trace, tries, body),) = desk.query("select error, traceback, tries, body from parked")
    assert error == "ValueError: poison" and "open_or_fail" in trace and tries == 3 and bytes(body) == bad.body
    assert "PARKED" in [message.type for message in broker.published]
    assert desk.query("select count(*) from attempt") == [(0,)]


def test_a_message_that_killed_its_worker_three_times_is_parked_without_a_fourth(desk: Desk) -> None:
    sample = clean()
    delivery = desk.delivery(sample.body, desk.exchange(), redelivered=True)
    desk.query("insert into attempt values (%s, 3, clock_timestamp())", desk.intake.key(delivery))
    work_through(desk, FakeBroker([[delivery]]))
    assert desk.query("select tries, exchange from parked") == [(3, desk.exchange())]
    assert desk.query("select count(*) from certificate") == [(0,)]


def test_a_lost_database_does_not_count_as_a_try(desk: Desk) -> None:
    delivery = desk.delivery(clean().body, desk.exchange(), redelivered=True)
    real, lost = desk.intake.commit, []

    def commit(todo: Any) -> Any:
        if len(lost) < 5:
            lost.append(True)
            desk.session.database.close()
            raise CommitUnknown("gone")
        return real(todo)

    desk.intake.commit = commit  # type: ignore[method-assign]
    work_through(desk, FakeBroker([[delivery]]))
    assert len(lost) == 5 and desk.query("select count(*) from parked") == [(0,)]
    assert [state for _, state, *_ in desk.certificates()] == ["ISSUED"]


@pytest.mark.broker
def test_a_stopped_owner_is_overtaken_and_does_no_harm_when_it_wakes(world: World, tmp_path: Path) -> None:
    """SIGSTOP a worker between T1 and T2; another process issues the certificate; the sleeper then changes nothing."""
    world = register_sampler(world)
    sleeper = start(world, tmp_path, "work", "intake", "schema-check", "rule-check", "auto-review", "print",
                    COEDI_FAILPOINTS="on", FAILPOINT="between-t1-and-t2:1:sleep")
    try:
        publish(world, [clean(n) for n in range(5)])
        assert wait_for(lambda: states(world).get("APPROVED", 0) > 0), sleeper.output()
        psutil.Process(sleeper.popen.pid).suspend()
        database = world.database()
        database.run("update outbox set claimed_at = clock_timestamp() - interval '31 seconds'")
        up = start(world, tmp_path, "up", "--workers", "1")
        try:
            issued = "select count(*) from certificate where state = 'ISSUED'"
            # the sleeper was handed work orders too: the broker takes them back when its heartbeats have stayed away
            assert wait_for(lambda: database.run(issued)[0][0] >= 1, 75), up.output()
            psutil.Process(sleeper.popen.pid).resume()
            assert wait_for(lambda: states(world) == {"ISSUED": 5}, 75), (states(world), sleeper.output())
            assert wait_for(lambda: database.run("select count(*) from outbox")[0][0] == 0, 45)
        finally:
            up.stop()
        assert alive(sleeper.popen.pid)
        assert database.run("select count(*), count(distinct number) from certificate") == [(5, 5)]
        assert database.run("select count(*) from transition where event = 'issue'") == [(5,)]
        database.close()
    finally:
        sleeper.popen.kill()
        sleeper.popen.wait()


@pytest.mark.broker
def test_a_full_receipt_queue_of_one_enterprise_holds_up_nobody_else(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    database = world.database()
    ((no, queue),) = database.run("select no, receipt_queue from enterprise where no = '1100A2001'")
    _narrow(world, no, queue)
    up = start(world, tmp_path, "up", "--workers", "1")
    try:
        publish(world, [clean(n) for n in range(12)])
        assert wait_for(lambda: states(world) == {"ISSUED": 12}), (states(world), up.output())
        others = "select count(*) from outbox where address <> '1100A2001' and not (address = '1100B0')"
        assert wait_for(lambda: database.run(others)[0][0] == 0), up.output()
        assert database.run("select count(*) from outbox where address = '1100A2001' and refusals > 0")[0][0] > 0
        got = receipts_of(world, 0.5)
        assert len({r.id for r in got["4403C2101"]}) == 14
        drained: set[str] = {r.id for r in got[no]}
        deadline = time.monotonic() + 60
        while len(drained) < 14 and time.monotonic() < deadline:
            drained |= {r.id for r in receipts_of(world, 0.3)[no]}
        assert len(drained) == 14
        assert wait_for(lambda: database.run("select count(*) from outbox")[0][0] == 0)
    finally:
        up.stop()
        database.close()


def _narrow(world: World, no: str, queue: str) -> None:
    """Make the enterprise's queue again, so small that it is full at once."""
    old = Queue(queue, {})
    delete(world.settings.amqp_url, Topology(queues=(old,)))
    small = Queue(queue, {"x-queue-type": "quorum", "x-max-length": 2, "x-overflow": "reject-publish"})
    declare(world.settings.amqp_url, Topology(queues=(small,), bindings=(Binding(world.names.receipts, queue, no),)))


