"""The whole way under load: preloaded submissions, `coedi up` with two workers, broker, database and this driver on one machine.

python bench/pipeline.py [--count 4000] [--memory 20000]

Needs PostgreSQL and RabbitMQ on the standard local ports (or COEDI_TEST_DATABASE_URL, COEDI_TEST_AMQP_URL).
Figures of one run are comparable with each other only: the ratio line divides by what a bare loop of the same documents
costs in the same run.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.documents import clean_way
from console.sampler import FIRMS, sample
from messages.application import extract
from messages.interchange import read
from messages.parsing import parse
from pipeline.rabbit import RabbitConsumer
from print_worker.render import render
from print_worker.sheet import BranchImprint, Sheet
from store import registry
from tests.load import Process, publish, register_sampler, start
from tests.services import World, make_world, template_database


class Collector(threading.Thread):
    """Consumes every enterprise's receipts and notes when each issued one arrived."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        database = world.database()
        queues = [p.receipt_queue for p in registry.partners(database) if p.no in {f.record.no for f in FIRMS}]
        database.close()
        self.consumer = RabbitConsumer(world.settings.amqp_url, queues, prefetch=500)
        self.issued: list[float] = []
        self.receipts = 0
        self.ending = False

    def run(self) -> None:
        while not self.ending:
            run = self.consumer.take(500, 1 << 26, 0.2)
            now = time.perf_counter()
            for delivery in run:
                self.receipts += 1
                if delivery.headers.get("state") == "ISSUED":
                    self.issued.append(now)
            if run:
                self.consumer.acknowledge(run[-1])
        self.consumer.close()


def measure(count: int, memory_checks: bool) -> dict[str, object]:
    """One run: certificates a second between 10 % and 95 % of the issued receipts, and what they cost."""
    with place() as (world, folder):
        samples = [sample(n, date.today(), lines=(n % 3) + 1) for n in range(count)]
        assert len(publish(world, samples)) == count
        collector = Collector(world)
        collector.start()
        up = start(world, folder, "up", "--workers", "2")
        peaks = _watch(up, collector, count)
        up.stop()
        collector.ending = True
        collector.join()
        bare = _bare_loop([s.body for s in samples[:300]])
        rate = _slope(collector.issued)
        return {
            "certificates": len(collector.issued), "receipts": collector.receipts,
            "certificates_per_second": round(rate, 1),
            "bare_loop_per_second_on_one_core": round(bare, 1),
            "ratio_of_the_two": round(rate / bare, 2),
            "round_trips_per_certificate": _round_trips(up, count),
            "worker_memory_mb": peaks if memory_checks else max(m for row in peaks for m in row),
        }


def _bare_loop(bodies: list[bytes]) -> float:
    """Documents a second of one core that only parses, checks and composes: no broker, no database, no receipts."""
    branch, day = BranchImprint("1100B0", "CCPIT BEIJING", "BEIJING, CHINA"), date.today()
    start_at = time.process_time()
    for body in bodies:
        clean_way(body)
        element = read(parse(body)).messages[0].element  # type: ignore[union-attr,arg-type] # samples are readable
        render(Sheet(extract(element), "26C1100A2001/00001", 1, day, branch))
    return len(bodies) / (time.process_time() - start_at)


def _watch(up: Process, collector: Collector, count: int) -> list[list[int]]:
    """Wait until all are issued; the workers' resident memory in MB, at each fifth of the way."""
    marks, seen = [], 0
    while len(collector.issued) < count and up.popen.poll() is None:
        time.sleep(0.05)
        if len(collector.issued) * 5 // count > seen:
            seen = len(collector.issued) * 5 // count
            workers = [p for p in psutil.Process(up.popen.pid).children() if "work" in p.cmdline()]
            marks.append([p.memory_info().rss // 1_000_000 for p in workers])
    return marks


def _slope(times: list[float]) -> float:
    low, high = len(times) // 10, len(times) * 95 // 100
    return (high - low) / (times[high] - times[low])


def _round_trips(up: Process, count: int) -> float:
    lines = [json.loads(line) for line in up.output().splitlines() if line.startswith("{")]
    return round(sum(line["round_trips"] for line in lines if line.get("event") == "stopped") / count, 3)


@contextmanager
def place() -> Iterator[tuple[World, Path]]:
    """A database and broker names of our own, removed afterwards."""
    with tempfile.TemporaryDirectory() as name:
        for template in template_database():
            for world in make_world(Path(name), template, with_broker=True):
                yield register_sampler(world), Path(name)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--memory", type=int, default=0, help="a longer run that watches the workers' memory")
    arguments = parser.parse_args()
    result = measure(arguments.memory or arguments.count, bool(arguments.memory))
    for name, value in result.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
