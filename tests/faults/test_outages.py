"""Broker and database that go away for a while: work resumes by itself and nothing is lost. Dead letters are kept."""

import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest

from pipeline.amqp_url import host_and_port
from tests.desk import clean
from tests.integration.broker.proxy import Proxy
from tests.load import coedi, publish, register_sampler, start, states, wait_for
from tests.services import World

pytestmark = [pytest.mark.broker, pytest.mark.database]


def through(proxy: Proxy, url: str) -> str:
    """The same URL by way of the proxy."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}"))


def outbox(world: World) -> int:
    """Rows still to be sent."""
    database = world.database()
    ((count,),) = database.run("select count(*) from outbox")
    database.close()
    return int(count)


@pytest.mark.parametrize("fault", ["reset", "refuse", "blackhole", "half_close"])
def test_a_broker_that_goes_away_and_comes_back(world: World, tmp_path: Path, fault: str) -> None:
    world = register_sampler(world)
    with Proxy(host_and_port(world.settings.amqp_url)) as proxy:
        up = start(world, tmp_path, "up", "--workers", "2", COEDI_AMQP_URL=through(proxy, world.settings.amqp_url))
        try:
            publish(world, [clean(n) for n in range(30)])
            assert wait_for(lambda: sum(states(world).values()) > 0)
            getattr(proxy, fault)()
            publish(world, [clean(n) for n in range(30, 60)])
            time.sleep(2)
            proxy.heal()
            assert wait_for(lambda: states(world) == {"ISSUED": 60}, 60), (states(world), up.output()[-2000:])
            assert wait_for(lambda: outbox(world) == 0, 60), up.output()[-2000:]
        finally:
            up.stop()
    verdict = coedi(world, "doctor", "--json")
    assert verdict.returncode == 0, verdict.stdout


def test_a_database_that_goes_away_and_comes_back(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    parts = urlsplit(world.settings.database_url)
    with Proxy((parts.hostname or "127.0.0.1", parts.port or 5432)) as proxy:
        url = urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{proxy.port}"))
        up = start(world, tmp_path, "up", "--workers", "2", COEDI_DATABASE_URL=url)
        try:
            publish(world, [clean(n) for n in range(30)])
            assert wait_for(lambda: sum(states(world).values()) > 0)
            proxy.refuse()
            publish(world, [clean(n) for n in range(30, 60)])
            time.sleep(2)
            proxy.heal()
            assert wait_for(lambda: states(world) == {"ISSUED": 60}, 40), (states(world), up.output()[-2000:])
            assert wait_for(lambda: outbox(world) == 0, 60), up.output()[-2000:]
            assert "Traceback" not in up.output()
        finally:
            up.stop()
    database = world.database()
    assert database.run("select count(*) from parked") == [(0,)]
    database.close()


def test_a_deleted_work_queue_ends_the_worker_with_a_clear_line(world: World, tmp_path: Path) -> None:
    from pipeline.rabbit import delete
    from pipeline.topology import Queue, Topology

    worker = start(world, tmp_path, "work", "intake", "print")
    assert wait_for(lambda: "console" in str(worker.popen.args) and world.database().run("select 1") == [(1,)])
    time.sleep(1.5)
    delete(world.settings.amqp_url, Topology(queues=(Queue(world.names.stage_queue("print"), {}),)))
    assert wait_for(lambda: worker.popen.poll() is not None, 20), worker.output()
    said = [line for line in worker.output().splitlines() if not line.startswith("{")]
    assert worker.popen.returncode == 3 and len(said) == 1 and "topology apply" in said[0]


def test_a_dead_letter_becomes_an_operators_ticket_with_its_bytes(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    connection = pika.BlockingConnection(pika.URLParameters(world.settings.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    body, exchange = clean().body, world.names.enterprise_exchange(clean().firm.record.no)
    channel.basic_publish(exchange, "", body, pika.BasicProperties(
        expiration="1", message_id="x", timestamp=int(datetime.now(UTC).timestamp()), headers={"x-death": "forged"}))
    connection.close()
    time.sleep(0.5)
    up = start(world, tmp_path, "up", "--workers", "1")
    database = world.database()
    try:
        assert wait_for(lambda: database.run("select count(*) from parked") == [(1,)]), up.output()
    finally:
        up.stop()
    ((source, error, kept, enterprise),) = database.run("select source, error, body, enterprise from parked")
    assert (source, error, bytes(kept), enterprise) == ("dead-letter", "dead letter: expired", body, None)
    assert database.run("select count(*) from receipt") == [(0,)]
    database.close()


