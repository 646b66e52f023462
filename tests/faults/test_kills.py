"""Kill -9 of workers and relay at random moments and at every failpoint: nothing lost, nothing twice, no gap."""

import contextlib
import hashlib
import random
import time
from datetime import date
from pathlib import Path

import psutil
import pytest

from console.sampler import FAULTS, Sample, sample
from console.wiring import WORK
from pipeline.failpoints import NAMES
from pipeline.rabbit import RabbitPublisher
from tests.load import Process, coedi, publish, receipts_of, register_sampler, start, states, wait_for
from tests.services import World

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(600)]

FINAL = ("ISSUED", "RETURNED", "PENDING_REVIEW")


def load(count: int, chance: random.Random, tag: str = "K") -> tuple[list[Sample], list[Sample]]:
    """(distinct samples, the same with one in ten sent twice)."""
    today = date.today()
    distinct = [
        sample(n, today, tag=tag, fault=chance.choice(FAULTS) if chance.random() < 0.1 else None) for n in range(count)]
    doubled = [s for s in distinct for _ in range(2 if chance.random() < 0.1 else 1)]
    return distinct, doubled


def settled(world: World, count: int) -> bool:
    """All certificates decided, and nothing left to send."""
    database = world.database()
    left = database.run("select count(*) from outbox")[0][0]
    parked = database.run("select count(*) from parked")[0][0]
    database.close()
    return sum(states(world).get(state, 0) for state in FINAL) + parked >= count and left == 0


def check_nothing_lost(world: World, distinct: list[Sample], confirmed: list[str]) -> None:
    """What the harness knows against what the database and the receipt queues say."""
    database = world.database()
    archived = {row[0] for row in database.run("select encode(sha256, 'hex') from interchange")}
    assert {hashlib.sha256(s.body).hexdigest() for s in distinct} == set(confirmed) == archived
    assert database.run("select count(*), count(distinct (enterprise, invoice)) from certificate") == [
        (len(distinct), len(distinct))]
    assert database.run("select count(*) from parked") == [(0,)]
    numbers = database.run("select enterprise, letter, max(n), count(*), count(distinct n) from number_ledger group by 1, 2")
    assert all(row[2] == row[3] == row[4] for row in numbers)
    feeds = dict(database.run("select enterprise, last from feed_counter where last > 0"))  # type: ignore[arg-type]
    got = receipts_of(world)
    for enterprise, last in feeds.items():
        assert {receipt.feed_no for receipt in got[enterprise]} == set(range(1, last + 1)), enterprise
    bodies: dict[str, object] = {}
    for receipt in (r for receipts in got.values() for r in receipts):
        assert bodies.setdefault(receipt.id, receipt) == receipt  # sent twice, but never differently
    database.close()
    verdict = coedi(world, "doctor", "--json")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def children(up: Process) -> list[psutil.Process]:
    """The supervisor's worker and relay processes."""
    found = []
    for process in psutil.Process(up.popen.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie that its parent has not looked at yet
            if {"work", "relay"} & set(process.cmdline()):
                found.append(process)
    return found


def kill_one(up: Process, chance: random.Random) -> int:
    """SIGKILL to a worker or the relay, whichever chance picks; how many were there to kill."""
    victims = children(up)
    if not victims:
        return 0
    with contextlib.suppress(psutil.NoSuchProcess):
        chance.choice(victims).kill()
    return 1


def test_random_kills_during_five_thousand_submissions_lose_and_double_nothing(world: World, tmp_path: Path) -> None:
    world, chance = register_sampler(world), random.Random(20261122)
    distinct, doubled = load(5000, chance)
    up = start(world, tmp_path, "up", "--workers", "2")
    publisher, confirmed, kills = RabbitPublisher(world.settings.amqp_url), [], 0
    try:
        for chunk in range(0, len(doubled), 100):
            confirmed += publish(world, doubled[chunk:chunk + 100], publisher)
            time.sleep(chance.uniform(0.1, 0.5))
            kills += kill_one(up, chance)
        while kills < 50:
            time.sleep(chance.uniform(0.1, 0.5))
            kills += kill_one(up, chance)
        assert wait_for(lambda: settled(world, len(distinct)), 120, 0.5), (states(world), up.output()[-3000:])
    finally:
        publisher.close()
        up.stop()
    check_nothing_lost(world, distinct, confirmed)


@pytest.mark.parametrize("failpoint", NAMES)
def test_a_kill_at_each_failpoint_loses_and_doubles_nothing(world: World, tmp_path: Path, failpoint: str) -> None:
    """Three workers in turn die at the failpoint, each on another pass; the fourth finishes what they left."""
    world, chance = register_sampler(world), random.Random(failpoint)
    distinct, doubled = load(150, chance)
    confirmed = publish(world, doubled)
    for _ in range(3):
        doomed = start(world, tmp_path, "work", *WORK, COEDI_FAILPOINTS="on", FAILPOINT=f"{failpoint}:{chance.randint(1, 3)}:kill")
        assert doomed.popen.wait(60) == -9, doomed.output()
    up = start(world, tmp_path, "up", "--workers", "2")
    try:
        assert wait_for(lambda: settled(world, len(distinct)), 60, 0.3), (states(world), up.output()[-3000:])
    finally:
        up.stop()
    check_nothing_lost(world, distinct, confirmed)


@pytest.mark.parametrize("failpoint", ["before-commit", "between-t1-and-t2", "before-publish"])
def test_an_exception_at_a_failpoint_is_handled_one_by_one(world: World, tmp_path: Path, failpoint: str) -> None:
    world = register_sampler(world)
    distinct, doubled = load(60, random.Random(failpoint))
    confirmed = publish(world, doubled)
    worker = start(world, tmp_path, "work", *WORK, COEDI_FAILPOINTS="on", FAILPOINT=f"{failpoint}:1:raise")
    relay = start(world, tmp_path, "relay")
    try:
        assert wait_for(lambda: settled(world, len(distinct)), 60, 0.3), (states(world), worker.output()[-3000:])
        assert worker.popen.poll() is None, "it must survive"
    finally:
        worker.stop()
        relay.stop()
    check_nothing_lost(world, distinct, confirmed)
