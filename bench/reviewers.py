"""Reviewers who click as fast as they can, while the pipeline works beside them: claim, look, approve, next.

python bench/reviewers.py [--reviewers 50] [--certificates 2500] [--rate 50] [--seconds 20]

Broker, database, pipeline, console and this driver share one machine. Figures of one run are comparable with each other only; the
last line compares with the same clicks of one reviewer alone.
"""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.pipeline import place
from console.sampler import sample
from console.web.security import SESSION_COOKIE, csrf_token
from pipeline.rabbit import RabbitPublisher
from store.people import start_session
from tests.load import Process, publish, start, states, wait_for
from tests.services import World
from tests.web import add_user

HIDDEN = re.compile(r'name="(version|token)" value="(\d+)"')  # what the page's own form would send
BRANCHES = ("1100B0", "3302A0")


@dataclass
class Clicks:
    """What reviewers did: milliseconds by kind of request, as seen by the browser and as the server says; who decided what."""

    seen: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    served: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    decided: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


class Reviewer(threading.Thread):
    """One browser: claims the next, opens its page, approves it, which claims the one after."""

    def __init__(self, port: int, token: str, clicks: Clicks, ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.clicks, self.ending = clicks, ending
        self.headers = {"Cookie": f"{SESSION_COOKIE}={token}; __Host-coedi-language=zh", "X-CSRF-Token": csrf_token(token),
                        "Content-Type": "application/json"}

    def run(self) -> None:
        following: str | None = None
        while not self.ending.is_set():
            following = following or self._send("claim", "POST", "/api/v1/desk/next", {})["certificate"]
            if following is None:
                return
            page = self._send("desk page", "GET", f"/desk/{following}")
            seen = {name: int(value) for name, value in HIDDEN.findall(page)}
            answer = self._send("approve and claim", "POST", f"/api/v1/desk/{following}/approve", seen | {"next": True})
            if "agreed" in answer:
                self.clicks.decided.append(following)
            else:
                self.clicks.refused[str(answer.get("code"))] += 1
            following = answer.get("next")

    def _send(self, name: str, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        body = None if data is None else json.dumps(data)
        begin = time.perf_counter()
        self.connection.request(method, path, body, self.headers)
        response = self.connection.getresponse()
        text = response.read()
        self.clicks.seen[name].append((time.perf_counter() - begin) * 1000)
        self.clicks.served[name].append(float(response.headers["Server-Timing"].partition("dur=")[2]))
        assert response.status < 500, text[:300]
        return json.loads(text) if path.startswith("/api/") else text.decode()


def measure(world: World, folder: Path, arguments: argparse.Namespace) -> None:
    """Fill the queue, then let the reviewers go; the tables."""
    up = start(world, folder, "up", "--workers", "2")
    assert len(publish(world, [sample(n, date.today(), fault="intermediary") for n in range(arguments.certificates)]))
    assert wait_for(lambda: states(world).get("PENDING_REVIEW", 0) >= arguments.certificates, 600), states(world)
    with _console(world, folder) as port:
        tokens = _sessions(world, arguments.reviewers)
        alone = _clicking(port, tokens[:1], 4)
        ending = threading.Event()
        feeding = threading.Thread(target=_feed, args=(world, arguments, ending), daemon=True)
        feeding.start()
        together = _clicking(port, tokens, arguments.seconds)
        ending.set()
        feeding.join()
    up.stop()
    _show("one reviewer alone, nothing else running", alone)
    _show(f"{arguments.reviewers} reviewers, pipeline at {arguments.rate}/s", together)
    decided = together.decided + alone.decided
    assert len(decided) == len(set(decided)), "a certificate was decided twice"
    print(f"{len(together.decided) / arguments.seconds:.0f} decisions/s; every claim distinct; refused: {dict(together.refused)}")


def _clicking(port: int, tokens: list[str], seconds: float) -> Clicks:
    clicks, ending = Clicks(), threading.Event()
    reviewers = [Reviewer(port, token, clicks, ending) for token in tokens]
    for reviewer in reviewers:
        reviewer.start()
    time.sleep(seconds)
    ending.set()
    for reviewer in reviewers:
        reviewer.join(60)
    return clicks


def _sessions(world: World, count: int) -> list[str]:
    owner = world.database()
    tokens = []
    for number in range(count):
        branch, name = BRANCHES[number % len(BRANCHES)], f"reviewer{number}"
        add_user(owner, branch, name, ("reviewer",))
        tokens.append(start_session(owner, branch, name, "127.0.0.1", "bench"))
    owner.close()
    return tokens


def _feed(world: World, arguments: argparse.Namespace, ending: threading.Event) -> None:
    """Clean applications at a steady rate."""
    publisher, number = RabbitPublisher(world.settings.amqp_url), 1_000_000
    while not ending.is_set():
        begin = time.monotonic()
        publish(world, [sample(number + n, date.today()) for n in range(arguments.rate)], publisher)
        number += arguments.rate
        ending.wait(max(0.0, 1 - (time.monotonic() - begin)))
    publisher.close()


@contextmanager
def _console(world: World, folder: Path) -> Iterator[int]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    process: Process = start(world, folder, "console", "--port", str(port), "--processes", str(min(2, os.cpu_count() or 1)))
    assert wait_for(lambda: _answers(port), 30), process.output()
    try:
        yield port
    finally:
        process.stop()


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _show(title: str, clicks: Clicks) -> None:
    print(f"\n{title}\n{'request':20}{'count':>8}{'median ms':>11}{'p99 ms':>9}{'server median':>15}{'server p99':>12}")
    for name, times in clicks.seen.items():
        served = clicks.served[name]
        print(f"{name:20}{len(times):>8}{statistics.median(times):>11.1f}{_p99(times):>9.1f}{statistics.median(served):>15.1f}"
              f"{_p99(served):>12.1f}")


def _p99(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * 99 // 100)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviewers", type=int, default=50)
    parser.add_argument("--certificates", type=int, default=2500)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    with place() as (world, folder):
        measure(world, folder, arguments)


if __name__ == "__main__":
    main()
