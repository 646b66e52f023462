"""What every outage has to leave behind: all that was confirmed is issued, receipts are complete, doctor is content."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from messages.receipts import read
from pipeline.rabbit import drain
from store import registry
from tests.desk import clean
from tests.load import Process, coedi, publish, register_sampler, start, states, wait_for
from tests.services import World

# RabbitMQ, one node: a quorum queue reaches the disk a moment after it was declared; one killed earlier is lost
_SETTLED = 2.5


@dataclass
class Outage:
    """A running pipeline, and how many submissions the broker has confirmed so far."""

    world: World
    folder: Path
    sent: int = 0
    up: Process | None = None
    _later: threading.Thread | None = None

    def prepare(self, settled: bool = False) -> None:
        """Partners with their queues, which have reached the disk when `settled`; nobody works yet."""
        self.world = register_sampler(self.world)
        if settled:
            time.sleep(_SETTLED)

    def launch(self) -> None:
        """Two workers and a relay begin."""
        self.up = start(self.world, self.folder, "up", "--workers", "2")

    def begin(self, settled: bool = False) -> None:
        """A first wave in the middle of its way."""
        self.prepare(settled)
        self.launch()
        self.send(1)
        assert wait_for(lambda: self.issued() == 1), self.log()
        self.send(300)
        assert wait_for(lambda: self.received() > 20, step=0.01), self.log()

    def end(self) -> None:
        """The pipeline ends, if it began."""
        if self.up:
            self.up.stop()

    def log(self) -> str:
        """The last of what the pipeline wrote."""
        return self.up.output()[-3000:] if self.up else ""

    def send(self, count: int) -> None:
        """`count` more submissions, all confirmed."""
        confirmed = publish(self.world, [clean(n) for n in range(self.sent, self.sent + count)])
        assert len(confirmed) == count
        self.sent += count

    def send_meanwhile(self, count: int) -> None:
        """The same on a thread, for a broker that takes nothing now."""
        self._later = threading.Thread(target=self.send, args=(count,))
        self._later.start()

    def received(self) -> int:
        """Certificates there are."""
        return sum(states(self.world).values())

    def issued(self) -> int:
        """Certificates that came to their end."""
        return states(self.world).get("ISSUED", 0)

    def outbox(self) -> int:
        """Rows still to be sent."""
        database = self.world.database()
        ((count,),) = database.run("select count(*) from outbox")
        database.close()
        return int(count)

    def goes_on_within(self, seconds: float, than: int) -> None:
        """More than `than` certificates are issued in time."""
        began = time.monotonic()
        assert wait_for(lambda: self.issued() > than, seconds, 0.05), (states(self.world), self.log())
        print(f"went on after {time.monotonic() - began:.2f} s")

    def leaves_nothing_behind(self) -> None:
        """Everything confirmed is issued and told, every receipt once or more and none missing; doctor finds nothing."""
        if self._later:
            self._later.join(60)
        assert wait_for(lambda: states(self.world) == {"ISSUED": self.sent}, 60), (
            states(self.world), self.sent, self.log())
        assert wait_for(lambda: self.outbox() == 0, 60), self.log()
        assert self.up and "Traceback" not in self.up.output()
        database = self.world.database()
        owed: dict[str, int] = dict(database.run("select enterprise, max(feed_no) from receipt group by enterprise"))
        assert database.run("select count(*) from parked") == [(0,)]
        database.close()
        assert self._told(set(owed)) == {no: set(range(1, last + 1)) for no, last in owed.items()} != {}
        verdict = coedi(self.world, "doctor", "--json")
        assert verdict.returncode == 0, verdict.stdout

    def _told(self, enterprises: set[str]) -> dict[str, set[int]]:
        """enterprise -> feed numbers of the receipts that wait in its queue."""
        database = self.world.database()
        queues = {partner.no: partner.receipt_queue for partner in registry.partners(database) if partner.no in enterprises}
        database.close()
        url = self.world.settings.amqp_url
        return {no: {read(d.body).feed_no for d in drain(url, queue, 100_000, 0.3)} for no, queue in queues.items()}
