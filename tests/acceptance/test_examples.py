"""The clients that docs/how-to/connect.md shows, run as an enterprise runs them: with its own broker user, on a live system."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.broker_accounts import broker_user
from messages.receipts import read
from pipeline.rabbit import RabbitPublisher, declare, delete, drain
from pipeline.topology import Topology, core
from pipeline.transport import Outgoing
from tests import services
from tests.acceptance.command_line import can_administer, coedi, remove_partners, working
from tests.load import wait_for
from tests.services import SAMPLES, World

pytestmark = pytest.mark.broker
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PUMPS, NO = SAMPLES / "application/good/one-line-pumps-to-germany.xml", "1100A0017"
USUAL = ["BYTES_RECEIVED", "RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "APPROVED", "ISSUED", "INTERCHANGE_ANSWERED"]
_serial = itertools.count(1)


@pytest.fixture(scope="module", params=["python", "javascript"])
def command(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of one example; JavaScript with amqplib installed from the registry."""
    if request.param == "python":
        return [sys.executable, str(EXAMPLES / "python" / "client.py")]
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copytree(EXAMPLES / "javascript", folder, dirs_exist_ok=True)
    done = subprocess.run([npm, "install", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"amqplib cannot be installed: {done.stderr[-300:]}")
    return [node, str(folder / "client.mjs")]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[World]:
    """One world for this file, with `coedi up` at work in it."""
    _need_accounts()
    for world in services.make_world(tmp_path_factory.mktemp("busy"), template, with_broker=True):
        with working(world):
            yield world
        remove_partners(world)


@pytest.fixture
def idle(world: World) -> Iterator[World]:
    """A world in which nothing works: what is sent stays in the inbox."""
    _need_accounts()
    yield world
    remove_partners(world)


def _need_accounts() -> None:
    if not can_administer():
        pytest.skip("nobody here may make broker accounts: no rabbitmqctl for this broker")


@pytest.fixture
def application(tmp_path: Path) -> Callable[[], Path]:
    """Makes the pump application under a message id and an invoice number of its own."""
    def make() -> Path:
        mark = f"{next(_serial)}{time.monotonic_ns()}"
        text = PUMPS.read_text(encoding="utf-8").replace("HL-CO-20261116-001", f"HL-{mark}").replace("HL2026-1187", f"HL{mark}")
        file = tmp_path / f"{mark}.xml"
        file.write_text(text, encoding="utf-8")
        return file
    return make


@contextmanager
def client(command: list[str], world: World, folder: Path, *files: Path, idle: int = 0) -> Iterator["Client"]:
    """The example at work in `folder`, with new credentials from the command line."""
    login = folder / "credentials.json"
    if not login.exists():
        done = coedi(world, "enterprise", "credentials", NO, "--json", "--rotate")
        assert done.returncode == 0, done.stderr
        login.write_text(done.stdout, encoding="utf-8")
    log = folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, str(login), *map(str, files)], cwd=folder, stdout=output, stderr=subprocess.STDOUT,
                                   env=os.environ | {"IDLE_SECONDS": str(idle)})
    try:
        yield Client(process, log)
    finally:
        process.kill()
        process.wait(10)


class Client:
    """A running example."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process, self._log = process, log

    @property
    def said(self) -> str:
        """Everything it printed."""
        return self._log.read_text(encoding="utf-8")

    @property
    def receipts(self) -> list[list[str]]:
        """Its lines about receipts: feed number, stream, sequence, code, message id, note."""
        return [line.split("\t") for line in self.said.splitlines() if "\t" in line]

    def until(self, text: str, times: int = 1, seconds: float = 40) -> None:
        """Wait until it has printed `text` so often."""
        assert wait_for(lambda: self.said.count(text) >= times or self.process.poll() is not None, seconds), self.said
        assert self.said.count(text) >= times, self.said

    def end(self) -> None:
        """Wait for an orderly end."""
        assert self.process.wait(90) == 0, self.said


def test_a_file_is_sent_and_all_its_receipts_are_kept_in_order(
    command: list[str], busy: World, tmp_path: Path, application: Callable[[], Path]
) -> None:
    with client(command, busy, tmp_path, application(), application(), idle=5) as it:
        it.end()
    assert it.said.count(" confirmed") == 2
    streams: dict[str, list[int]] = {}
    for _, stream, sequence, code, _, note in it.receipts:
        assert note == "", it.said
        streams.setdefault(stream, []).append(int(sequence))
        kept = read((tmp_path / "receipts" / stream.replace(":", "-") / f"{sequence}.xml").read_bytes())
        assert (kept.stream, kept.sequence, kept.code) == (stream, int(sequence), code)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in streams.values())
    assert sorted(line[3] for line in it.receipts) == sorted(USUAL * 2)


def test_the_same_bytes_again_are_answered_by_the_newest_receipt(
    command: list[str], busy: World, tmp_path: Path, application: Callable[[], Path]
) -> None:
    file = application()
    with client(command, busy, tmp_path, file) as it:
        it.until("\tISSUED\t")
        it.until("\tINTERCHANGE_ANSWERED\t")
    with client(command, busy, tmp_path, file, idle=4) as it:
        it.end()
    again = [line for line in it.receipts if line[3] == "ISSUED"]
    assert [line[5] for line in again] == ["again"], it.said
    assert not any(line[3] in ("RECEIVED", "APPROVED") for line in it.receipts)


def fabricated(world: World, stream: str, sequence: int) -> Outgoing:
    """What the broker could deliver: a receipt with these headers."""
    headers: dict[str, str | int | bool] = {"stream": stream, "seq": sequence, "feed_no": 1000 + sequence, "state": ""}
    return Outgoing((stream, sequence), world.names.receipts, NO, b"<Receipt/>", f"id-{sequence}", "SOME", datetime.now(UTC),
                    correlation_id="m", headers=headers)


def test_receipts_are_put_in_order_and_repeated_deliveries_dropped(command: list[str], idle: World, tmp_path: Path) -> None:
    publisher = RabbitPublisher(idle.settings.amqp_url)
    assert len(publisher.publish([fabricated(idle, "message:x", each) for each in (2, 1, 3, 1, 4, 7)], 10).confirmed) == 6
    with client(command, idle, tmp_path) as it:
        it.until("\tmessage:x\t4\t")
        assert len(it.receipts) == 4, "7 was passed on at once"
        it.until("\tmessage:x\t7\t", seconds=15)
        # an acknowledged one that the broker delivers again
        assert publisher.publish([fabricated(idle, "message:x", each) for each in (3, 8)], 10).confirmed
        it.until("\tmessage:x\t8\t", seconds=15)
    publisher.close()
    assert [int(line[2]) for line in it.receipts] == [1, 2, 3, 4, 7, 8]
    assert [line[5] for line in it.receipts] == ["", "", "", "", "one before it is missing", ""]
    [partner] = [queue.name for queue in idle.topology.queues if f"receipts.{NO}." in queue.name]
    assert drain(idle.settings.amqp_url, partner, 10, 0.5) == []


def test_what_the_broker_does_not_take_is_sent_again_later(
    command: list[str], idle: World, tmp_path: Path, application: Callable[[], Path]
) -> None:
    inbox = next(queue for queue in idle.topology.queues if queue.name == idle.names.inbox)
    full = replace(inbox, arguments={**inbox.arguments, "x-max-length": 1})
    bindings = [each for each in core(idle.names, []).bindings if each.destination == inbox.name]
    delete(idle.settings.amqp_url, Topology(queues=(inbox,)))
    declare(idle.settings.amqp_url, Topology(queues=(full,), bindings=tuple(bindings)))
    files = [application() for _ in range(5)]
    with client(command, idle, tmp_path, *files) as it:
        it.until("not accepted, retry later")
        arrived: list[bytes] = []

        def all_there() -> bool:
            arrived.extend(each.body for each in drain(idle.settings.amqp_url, inbox.name, 10, 0.5))
            return it.said.count(" confirmed") == len(files)

        assert wait_for(all_there, 60), it.said
        arrived.extend(each.body for each in drain(idle.settings.amqp_url, inbox.name, 10, 0.5))
    assert set(arrived) == {file.read_bytes() for file in files}


def test_a_message_without_a_queue_counts_as_not_accepted(
    command: list[str], idle: World, tmp_path: Path, application: Callable[[], Path]
) -> None:
    delete(idle.settings.amqp_url, Topology(queues=tuple(q for q in idle.topology.queues if q.name == idle.names.inbox)))
    with client(command, idle, tmp_path, application()) as it:
        it.until("not accepted, retry later")
    assert "confirmed" not in it.said


def test_a_lost_connection_comes_back_and_nothing_is_missed(
    command: list[str], busy: World, tmp_path: Path, application: Callable[[], Path]
) -> None:
    file = application()
    with client(command, busy, tmp_path) as it:
        user = broker_user(busy.settings.prefix, NO)
        assert wait_for(lambda: user in _connected(), 20), it.said
        subprocess.run(["rabbitmqctl", "-q", "close_all_user_connections", user, "test"], check=True)
        it.until("again in 1 s")
        assert coedi(busy, "send", file, "--as", NO, "--wait", 60).returncode == 0
        it.until("\tISSUED\t")
    assert [line[3] for line in it.receipts if re.match("certificate:", line[1])] == USUAL[1:6]


def _connected() -> str:
    """Who is connected."""
    return subprocess.run(["rabbitmqctl", "-q", "list_connections", "user"], capture_output=True, text=True, check=True).stdout
