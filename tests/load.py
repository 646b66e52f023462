"""Load for tests: publish sample interchanges, run coedi's processes, drain receipts, and compare with the database."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.sampler import BRANCHES, FIRMS, Sample
from messages.receipts import Receipt, read
from pipeline.rabbit import RabbitPublisher, declare, drain
from pipeline.transport import Outgoing
from store import registry
from tests.services import World, register


def register_sampler(world: World) -> World:
    """Add the sampler's branches and firms to a world, with their broker objects."""
    database = world.database()
    topology = register(database, world.names, BRANCHES, (firm.record for firm in FIRMS))
    database.close()
    if world.settings.prefix:
        world.topology += topology
        declare(world.settings.amqp_url, topology)
    return world


def publish(world: World, samples: Iterable[Sample], publisher: RabbitPublisher | None = None) -> list[str]:
    """Publish each sample to its firm's exchange; SHA-256 of those that the broker confirmed."""
    own = publisher or RabbitPublisher(world.settings.amqp_url)
    messages = [
        Outgoing((index, hashlib.sha256(s.body).hexdigest()), world.names.enterprise_exchange(s.firm.record.no), "", s.body,
                 s.message_id, "interchange", datetime.now(UTC))
        for index, s in enumerate(samples)
    ]
    outcome = own.publish(messages, 60)
    if publisher is None:
        own.close()
    return [key[1] for key in outcome.confirmed]  # type: ignore[index] # keys are (index, digest)


@dataclass
class Process:
    """A coedi process of a test."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """SIGKILL to this process alone."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> int:
        """SIGTERM and wait; the exit code."""
        self.popen.terminate()
        return self.popen.wait(30)

    def output(self) -> str:
        """What it wrote."""
        return self.log.read_text(encoding="utf-8")


def start(world: World, folder: Path, *arguments: str, **environment: str) -> Process:
    """Start `coedi ARGUMENTS` in this world."""
    log = folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
    with log.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, "-m", "console", *arguments], env=world.environment | environment, stdout=file,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return Process(popen, log)


def coedi(world: World, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `coedi ARGUMENTS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments], env=world.environment | environment, capture_output=True, text=True,
        timeout=120, check=False, stdin=subprocess.DEVNULL)


def wait_for(condition: "object", seconds: float = 30, step: float = 0.1) -> bool:
    """Whether `condition()` became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator] # any callable
            return True
        time.sleep(step)
    return bool(condition())  # type: ignore[operator] # as above


def receipts_of(world: World, seconds: float = 0.4) -> dict[str, list[Receipt]]:
    """Everything waiting in the enterprises' receipt queues, as delivered, by enterprise."""
    database = world.database()
    found: dict[str, list[Receipt]] = {}
    for partner in registry.partners(database):
        found[partner.no] = _drained(world, partner.receipt_queue, seconds)
    database.close()
    return found


def _drained(world: World, queue: str, seconds: float) -> list[Receipt]:
    """Everything in a queue: a loaded broker pauses in the middle, so what gave something is asked again, more patiently."""
    found, patience = [], seconds
    while run := drain(world.settings.amqp_url, queue, 100_000, patience):
        found += [read(delivery.body) for delivery in run]
        patience = max(seconds, 1.0)
    return found


def states(world: World) -> dict[str, int]:
    """state -> number of certificates."""
    database = world.database()
    rows = database.run("select state, count(*) from certificate group by state")
    database.close()
    return dict(rows)  # type: ignore[arg-type] # rows of two


def alive(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
