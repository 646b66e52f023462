"""Where the demo's pipeline runs: as processes over RabbitMQ, or as threads of the demo itself over a broker in memory."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

from console import wiring
from console.logs import set_up
from console.settings import NAMES, Settings
from gateway.intake import Intake
from pipeline import rabbit
from pipeline.dead_letters import DeadLetters
from pipeline.handler import Handler, Session
from pipeline.identity import new_id
from pipeline.local import LocalBroker, LocalConsumer, LocalPublisher
from pipeline.orders import Orders
from pipeline.relay import Relay
from pipeline.topology import Names, Topology
from pipeline.transport import Delivery, Publisher
from pipeline.watchdog import announce_again, every, quietly
from pipeline.worker import Limits, Worker
from store.postgres import PostgresStore

LOG = "up.log"  # below the demo's state folder
# megabytes; a thread cannot be started again with a clean memory, and the demo is over before that matters
_NO_LIMIT = 1 << 20

Ended = Callable[[], str | None]  # why the pipeline is over already, None while it runs


class DemoPipeline(Protocol):
    """A broker and the pipeline on it, as the demo needs them. name: what `transport` says in the demo's answer."""

    name: str

    def declare(self, topology: Topology) -> None:
        """Make broker objects."""

    def delete(self, topology: Topology) -> None:
        """Delete them."""

    def publisher(self) -> Publisher:
        """A publisher; the caller closes it."""

    def drain(self, queue: str, limit: int, timeout: float) -> list[Delivery]:
        """Take what waits in a queue."""

    def running(self, own: Settings) -> contextlib.AbstractContextManager[Ended]:
        """Intake, every stage and the relay, until the block ends, whatever ends it."""


class OnRabbitMQ:
    """The pipeline as it runs in production: `coedi up`, over RabbitMQ."""

    name = "rabbitmq"

    def __init__(self, amqp_url: str, environment: Mapping[str, str]) -> None:
        self._url, self._environment = amqp_url, dict(environment)

    def declare(self, topology: Topology) -> None:
        """See DemoPipeline."""
        rabbit.declare(self._url, topology)

    def delete(self, topology: Topology) -> None:
        """See DemoPipeline."""
        rabbit.delete(self._url, topology)

    def publisher(self) -> Publisher:
        """See DemoPipeline."""
        return rabbit.RabbitPublisher(self._url)

    def drain(self, queue: str, limit: int, timeout: float) -> list[Delivery]:
        """See DemoPipeline."""
        return rabbit.drain(self._url, queue, limit, timeout)

    @contextlib.contextmanager
    def running(self, own: Settings) -> Iterator[Ended]:
        """See DemoPipeline."""
        values = {NAMES[name][0]: str(getattr(own, name)) for name in NAMES} | {"COEDI_CONSOLE_PORT": "0"}
        with (own.state_dir / LOG).open("wb") as log:
            up = subprocess.Popen(
                [sys.executable, "-m", "console", "up"], env=self._environment | values, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True)
            try:
                yield lambda: None if up.poll() is None else f"code {up.returncode}"
            finally:
                up.terminate()
                up.wait()


class InThisProcess:
    """One worker that hosts every stage and one relay, each a thread of this process, over a broker in memory.

    One worker, because what composes certificates is written for a process of its own.
    """

    name = "local"

    def __init__(self) -> None:
        self._broker = LocalBroker()
        self.declare, self.delete, self.drain = self._broker.declare, self._broker.delete, self._broker.drain

    def publisher(self) -> Publisher:
        """See DemoPipeline."""
        return LocalPublisher(self._broker)

    @contextlib.contextmanager
    def running(self, own: Settings) -> Iterator[Ended]:
        """See DemoPipeline."""
        stop, failures = threading.Event(), list[str]()
        with (own.state_dir / LOG).open("w", encoding="utf-8") as log:
            with contextlib.redirect_stderr(log):
                set_up()  # what the threads say goes where the processes' words would go
            turns = (self._worker(own, stop.is_set).run, self._relay(own, stop.is_set))
            threads = [threading.Thread(target=_watched, args=(turn, failures), daemon=True) for turn in turns]
            try:
                for thread in threads:
                    thread.start()
                yield lambda: failures[0] if failures else None
            finally:
                stop.set()
                for thread in threads:
                    thread.join(30)

    def _worker(self, own: Settings, stopping: Callable[[], bool]) -> Worker:
        names, database = Names(own.prefix), wiring.database(own, "coedi_worker", "coedi demo")
        stages = {name: make(own) for name, make in wiring.STAGES.items()}
        session = Session(PostgresStore(database), stages, new_id)
        handlers: dict[str, Handler] = {names.inbox: Intake(session), names.dead: DeadLetters(session)}
        handlers |= {names.stage_queue(name): Orders(session) for name in stages}
        consumer, publisher = LocalConsumer(self._broker, list(handlers)), LocalPublisher(self._broker)
        return Worker(session, consumer, publisher, names, handlers, stopping, Limits(memory_mb=_NO_LIMIT))

    def _relay(self, own: Settings, stopping: Callable[[], bool]) -> Callable[[], None]:
        database = wiring.database(own, "coedi_worker", "coedi demo")
        relay = Relay(database, LocalPublisher(self._broker), Names(own.prefix))
        return partial(relay.run, stopping, [every(5.0, quietly(lambda: announce_again(database)))])


def _watched(turn: Callable[[], None], failures: list[str]) -> None:
    """Run a thread's turn; what ends it too early is told to the demo, which then ends too."""
    try:
        turn()
    except Exception as error:
        failures.append(f"{type(error).__name__}: {error}")
        raise
