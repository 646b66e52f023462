"""The two transports behind one face, for the suite that holds them to the same answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from domain.errors import Failure
from pipeline import rabbit
from pipeline.local import LocalBroker, LocalConsumer, LocalPublisher
from pipeline.topology import Names, Topology
from pipeline.transport import Consumer, Delivery, Publisher
from tests import services


@dataclass
class Transport:
    """A broker for one test: names of its own, administration, and whatever the test opened, to be closed after it."""

    names: Names
    declare_on: Callable[[Topology], None]
    delete: Callable[[Topology], None]
    depths: Callable[[Iterable[str]], dict[str, tuple[int, int]]]
    drain: Callable[[str, int, float], list[Delivery]]
    open_publisher: Callable[[], Publisher]
    open_consumer: Callable[[tuple[str, ...], int], Consumer]
    declared: Topology = field(default_factory=Topology)
    opened: list[Publisher | Consumer] = field(default_factory=list)

    def declare(self, topology: Topology) -> None:
        """Make broker objects; they are deleted after the test."""
        self.declared += topology
        self.declare_on(topology)

    def publisher(self) -> Publisher:
        """A publisher that is closed after the test."""
        self.opened.append(made := self.open_publisher())
        return made

    def consumer(self, *queues: str, prefetch: int = 100) -> Consumer:
        """A consumer that is closed after the test."""
        self.opened.append(made := self.open_consumer(queues, prefetch))
        return made

    def end(self) -> None:
        """Close and delete everything."""
        for each in self.opened:
            each.close()
        self.delete(self.declared)


def local(names: Names) -> Transport:
    """A broker in this process."""
    broker = LocalBroker()
    return Transport(
        names, broker.declare, broker.delete, broker.depths, broker.drain, lambda: LocalPublisher(broker),
        lambda queues, prefetch: LocalConsumer(broker, queues, prefetch=prefetch))


def rabbitmq(names: Names) -> Transport:
    """The RabbitMQ under test."""
    url = services.AMQP_URL
    try:
        rabbit.declare(url, Topology())
    except Failure as error:
        services.unavailable(str(error))
    return Transport(
        names, lambda topology: rabbit.declare(url, topology), lambda topology: rabbit.delete(url, topology),
        lambda queues: rabbit.depths(url, queues), lambda name, limit, timeout: rabbit.drain(url, name, limit, timeout),
        lambda: rabbit.RabbitPublisher(url, window=10),
        lambda queues, prefetch: rabbit.RabbitConsumer(url, queues, prefetch=prefetch))
