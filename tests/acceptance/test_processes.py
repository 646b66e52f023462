"""Processes: stages split over several, services that are missing, services that go away and come back, orderly stops."""

import json
import os
from pathlib import Path

import psutil
import pytest

from tests.desk import clean
from tests.load import alive, coedi, publish, receipts_of, register_sampler, start, states, wait_for
from tests.services import World

pytestmark = [pytest.mark.broker, pytest.mark.database]


def test_stages_split_over_processes_do_the_same(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    hosted = (["intake"], ["schema-check", "rule-check"], ["auto-review"], ["print"])
    processes = [start(world, tmp_path, "work", *stages) for stages in hosted]
    try:
        publish(world, [clean(n) for n in range(30)] + [clean(31, fault="consignee-missing")])
        assert wait_for(lambda: states(world) == {"ISSUED": 30, "RETURNED": 1}, 40), (
            states(world), [p.output()[-1500:] for p in processes])
        database = world.database()
        assert wait_for(lambda: database.run("select count(*) from outbox")[0][0] == 0)
        assert database.run("select count(*) from interchange where open > 0") == [(0,)]
        database.close()
    finally:
        assert [process.stop() for process in processes] == [0] * 4
    codes = [receipt.code for receipts in receipts_of(world, 0.3).values() for receipt in receipts]
    assert codes.count("INTERCHANGE_ANSWERED") == 31 and codes.count("ISSUED") == 30


@pytest.mark.parametrize(("setting", "value", "named"), [
    ("COEDI_AMQP_URL", "amqp://guest:hidden@127.0.0.1:1/%2F", "COEDI_AMQP_URL"),
    ("COEDI_DATABASE_URL", "postgresql://postgres:hidden@127.0.0.1:1/x", "COEDI_DATABASE_URL"),
])
@pytest.mark.parametrize("verb", [["up"], ["work", "intake"], ["relay"]])
def test_a_missing_service_ends_in_one_clear_line(world: World, setting: str, value: str, named: str, verb: list[str]) -> None:
    done = coedi(world, *verb, **{setting: value})
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == 3, done.stderr
    assert said and all(named in line for line in said) and "Traceback" not in done.stderr
    assert "hidden" not in done.stderr + done.stdout


def test_a_database_without_the_schema_names_the_command_to_run(world: World) -> None:
    done = coedi(world, "work", "intake", COEDI_DATABASE_URL=world.settings.database_url.rsplit("/", 1)[0] + "/postgres")
    assert done.returncode == 2 and "coedi migrate" in done.stderr and "Traceback" not in done.stderr


def test_children_die_with_their_supervisor_and_sigterm_ends_all_in_order(world: World, tmp_path: Path) -> None:
    up = start(world, tmp_path, "up", "--workers", "2")
    assert wait_for(lambda: len(psutil.Process(up.popen.pid).children()) == 3)
    children = [child.pid for child in psutil.Process(up.popen.pid).children()]
    up.kill()
    assert wait_for(lambda: not any(alive(pid) for pid in children), 10)
    second = start(world, tmp_path, "up", "--workers", "1")
    assert wait_for(lambda: len(psutil.Process(second.popen.pid).children()) == 2)
    assert wait_for(lambda: psutil.Process(second.popen.pid).children()[0].num_threads() > 1)
    children = [child.pid for child in psutil.Process(second.popen.pid).children()]
    assert second.stop() == 0
    assert not any(alive(pid) for pid in children)


def test_a_worker_that_dies_is_restarted(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    up = start(world, tmp_path, "up", "--workers", "1")
    try:
        assert wait_for(lambda: len(psutil.Process(up.popen.pid).children()) == 2)
        for child in psutil.Process(up.popen.pid).children():
            child.kill()
        publish(world, [clean(1)])
        assert wait_for(lambda: states(world) == {"ISSUED": 1}), up.output()
    finally:
        up.stop()


def test_database_sessions_that_are_cut_are_opened_again_by_themselves(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    up = start(world, tmp_path, "up", "--workers", "2")
    database = world.database()
    try:
        for round_ in range(5):
            publish(world, [clean(round_ * 20 + n) for n in range(20)])
            database.run("select pg_terminate_backend(pid) from pg_stat_activity"
                         " where datname = current_database() and pid <> pg_backend_pid()")
        assert wait_for(lambda: states(world) == {"ISSUED": 100}, 40), (states(world), up.output()[-2000:])
        assert wait_for(lambda: database.run("select count(*) from outbox")[0][0] == 0, 40)
        assert database.run("select count(*) from parked") == [(0,)]
    finally:
        up.stop()
        database.close()


def test_logs_in_a_pipe_are_json_lines_without_bodies_or_secrets(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    up = start(world, tmp_path, "up", "--workers", "1")
    try:
        publish(world, [clean(1)])
        assert wait_for(lambda: states(world) == {"ISSUED": 1})
    finally:
        up.stop()
    lines = [json.loads(line) for line in up.output().splitlines()]
    (message,) = [line for line in lines if line["event"] == "message"]
    assert (message["outcome"], message["state"], message["findings"]) == ("accepted", "APPROVED", [])
    assert message["message_id"] == clean(1).message_id and message["certificate"]
    assert "CertificateApplication" not in up.output() and "guest:guest" not in up.output()
    assert os.environ.get("COEDI_FAILPOINTS") is None
