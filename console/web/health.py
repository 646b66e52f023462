"""The state of what coedi needs, in words: what is well is said in one line, trouble says what, since when, and what helps.

The broker is asked on a thread of its own, at most every few seconds whoever looks: a page never waits longer than two
seconds for it, and works when it is gone.
"""

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from console.settings import Settings
from console.web.asking import House
from domain.errors import CoediError
from pipeline.rabbit import depths
from pipeline.topology import Names

KEPT_SECONDS = 5.0
PATIENCE = 2.0
RELAY_SILENT = timedelta(minutes=3)  # a sample a minute
CHECKPOINT_OLD = timedelta(hours=3)  # one an hour, while there is anything new
DISK_LOW = 0.1
WORK = "coedi work intake schema-check rule-check auto-review print"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Word:
    """One thing. name: broker, database, disk, relay or checkpoint; since: when its trouble began; command: that helps."""

    name: str
    zh: str
    en: str
    good: bool = True
    since: datetime | None = None
    command: str = ""


class BrokerWatch:
    """What the broker said last. queues: name -> (messages, consumers), None when it does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._names = settings, Names(settings.prefix)
        self._asking = threading.Lock()
        self._answered = threading.Event()
        self._at = float("-inf")
        self.queues: dict[str, tuple[int, int]] | None = None

    def look(self) -> "dict[str, tuple[int, int]] | None":
        """The queues as they were a few seconds ago at most."""
        if time.monotonic() - self._at > KEPT_SECONDS:
            if self._asking.acquire(blocking=False):
                self._answered.clear()
                threading.Thread(target=self._ask, name="broker-watch", daemon=True).start()
            if not self._answered.wait(PATIENCE):
                self._keep(None)  # whoever looks next does not wait for the same silence
        return self.queues

    @property
    def inbox(self) -> int | None:
        """Messages that wait for a worker, as last seen."""
        return self.queues.get(self._names.inbox, (0, 0))[0] if self.queues is not None else None

    def _ask(self) -> None:
        wanted = [self._names.inbox, self._names.dead]
        try:
            self._keep(depths(self._settings.amqp_url, wanted))
        except CoediError:
            self._keep(None)
        finally:
            self._answered.set()
            self._asking.release()

    def _keep(self, found: dict[str, tuple[int, int]] | None) -> None:
        self.queues, self._at = found, time.monotonic()


def watch(house: House) -> BrokerWatch:
    """The one watch of this process."""
    found: BrokerWatch = house.remembered.setdefault("broker-watch", BrokerWatch(house.settings))
    return found


def remembered(house: House, key: object, seconds: float, read: Callable[[], T]) -> T:
    """What `read` gave within so many seconds, else what it gives now."""
    name = f"remembered {key}"
    kept = house.remembered.get(name)
    if kept is None or time.monotonic() - kept[0] > seconds:
        kept = house.remembered[name] = time.monotonic(), read()
    value: T = kept[1]
    return value


def noted(house: House, word: Word) -> Word:
    """The word, with the moment at which this process saw its trouble first if it does not say since when."""
    key = f"trouble {word.name}"
    if word.good:
        house.remembered.pop(key, None)
        return word
    since = word.since or house.remembered.setdefault(key, datetime.now(UTC))
    return Word(word.name, word.zh, word.en, False, since, word.command)


def broker(house: House) -> Word:
    """RabbitMQ, its inbox and who consumes it, and what it gave up delivering."""
    seen, names = watch(house).look(), Names(house.settings.prefix)
    if seen is None:
        return _trouble("broker", "RabbitMQ：无法连接；报文与回执暂停收发", "RabbitMQ: not reachable; nothing is taken in or sent",
                        "rabbitmqctl status")
    if names.inbox not in seen:
        return _trouble("broker", f"RabbitMQ：缺少收件队列 {names.inbox}", f"RabbitMQ: the inbox {names.inbox} does not exist",
                        "coedi topology apply")
    (waiting, consumers), dead = seen[names.inbox], seen.get(names.dead, (0, 0))
    if not consumers:
        return _trouble("broker", f"RabbitMQ：收件队列{waiting}条，无人处理",
                        f"RabbitMQ: inbox {waiting}, nobody consumes it", WORK)
    if dead[0]:
        return _trouble("broker", f"RabbitMQ：死信{dead[0]}条", f"RabbitMQ: {dead[0]} dead letters", "coedi parked groups")
    return Word("broker", f"RabbitMQ：正常，收件队列{waiting}条，{consumers}个消费者",
                f"RabbitMQ: reachable, inbox {waiting}, {consumers} consumers")


def database(version: str, used: int, most: int) -> Word:
    """PostgreSQL and how many of its connections are taken."""
    zh, en = f"PostgreSQL {version}：连接{used}/{most}", f"PostgreSQL {version}: {used} of {most} connections"
    if used < 0.9 * most:
        return Word("database", zh, en)
    return _trouble("database", f"{zh}，将用尽", f"{en}, almost all", "select * from pg_stat_activity")


def disk(folder: Path) -> Word:
    """The disk that holds the finished documents."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    free, total = _gigabytes(usage.free), _gigabytes(usage.total)
    zh, en = f"证书文件磁盘：剩余{free} / {total} GB", f"Disk of the documents: {free} of {total} GB free"
    if usage.free > DISK_LOW * usage.total:
        return Word("disk", zh, en)
    return _trouble("disk", f"{zh}，空间不足", f"{en}, short", f"df -h {there}")


def relay(last: datetime | None, now: datetime, relays: int, workers: Sequence[int]) -> Word:
    """The relay, by the samples it writes, and the workers it saw in the newest two: who started a moment ago is not missing."""
    if last is None or now - last > RELAY_SILENT:
        return _trouble("relay", "中继进程：未运行；回执补发、催办均已停止",
                        "Relay: not running; nothing watches over lost messages", "coedi relay", last)
    if any(workers):
        seen = workers[-1] or max(workers)
        return Word("relay", f"中继进程{relays}个，处理进程{seen}个", f"{_count(relays, 'relay')}, {_count(seen, 'worker')}")
    if len(workers) > 1:
        return _trouble("relay", f"中继进程{relays}个；处理进程：无", f"{_count(relays, 'relay')}, no worker", WORK)
    return Word("relay", f"中继进程{relays}个；处理进程每分钟清点一次",
                f"{_count(relays, 'relay')}; workers are counted once a minute")


def checkpoint(newest: tuple[datetime, int] | None, now: datetime, active: bool) -> Word | None:
    """The signed checkpoints outside the database; None where there is nothing to say. active: something moved lately, so that an
    old one is trouble."""
    if newest is None:
        return None
    at, line = newest
    if now - at <= CHECKPOINT_OLD or not active:
        return Word("checkpoint", f"审计检查点：第{line}行", f"Checkpoint: line {line}")
    return _trouble("checkpoint", f"审计检查点：最近为第{line}行", f"Checkpoint: the newest is line {line}",
                    "coedi audit checkpoint", at)


def _trouble(name: str, zh: str, en: str, command: str, since: datetime | None = None) -> Word:
    return Word(name, zh, en, False, since, command)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f}" if size < 100e9 else f"{size / 1e9:.0f}"
