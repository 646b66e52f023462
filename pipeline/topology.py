"""Every exchange and queue: what it is called, what it is for and how it is made.

```
in.<enterprise> (fanout) ─▶ co.in (fanout, internal) ─▶ co.inbox        from outside; the exchange names the sender
in.branch.<code> (fanout) ─▶ co.in                                      the same from branches
co.work (direct, key = stage) ─▶ work.<stage>                           work orders
co.receipts (direct, key = enterprise) ─▶ receipts.<enterprise>.<22 random characters>
co.branch-receipts (direct, key = branch code) ─▶ branch.<code>
co.dead (fanout) ─▶ co.dead                                             what the broker gave up delivering
```
Everything is durable; every queue is a quorum queue (RabbitMQ 3.10 to 4.x).
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.errors import BadSetting, NotAllowed

INBOX_LENGTH = 1_000_000  # messages; beyond it senders get a nack: nothing accepted, nothing owed
RECEIPTS_LENGTH = 100_000  # messages; beyond it an enterprise's receipts wait in the outbox
BRANCH_LENGTH = 1_000_000
DELIVERY_LIMIT = 50  # a backstop: a crash counts for every prefetched message, so attempts are counted in the database

# Receipts must never be dropped because a partner's program keeps crashing. 4.x limits deliveries to 20 unless told;
# and with a limit a requeued message goes back to the head of the queue, without one to its tail.
_RECEIPT_DELIVERY_LIMIT = 1_000_000

_PREFIX = re.compile(r"[0-9A-Za-z._-]{0,64}")
_NUMBER = re.compile(r"[0-9A-Za-z]{4,20}")
_BRANCH = re.compile(r"[0-9A-Za-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange. An internal one takes messages from other exchanges only."""

    name: str
    kind: str
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue and its x- arguments."""

    name: str
    arguments: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Binding:
    """From an exchange to a queue, or to another exchange."""

    source: str
    destination: str
    routing_key: str = ""
    to_exchange: bool = False


@dataclass(frozen=True, slots=True)
class Topology:
    """Broker objects that are made, or deleted, together."""

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()
    bindings: tuple[Binding, ...] = ()

    def __add__(self, other: "Topology") -> "Topology":
        return Topology(self.exchanges + other.exchanges, self.queues + other.queues, self.bindings + other.bindings)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of all broker objects, each behind `prefix` (two installations can share a virtual host).

    Raises BadSetting for a prefix with characters other than letters, digits, '.', '_' and '-'.
    """

    prefix: str = ""
    incoming: str = field(init=False)
    inbox: str = field(init=False)
    work: str = field(init=False)
    receipts: str = field(init=False)
    branch_receipts: str = field(init=False)
    dead: str = field(init=False)  # exchange and queue

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise BadSetting(f"COEDI_PREFIX {self.prefix!r}: only letters, digits, '.', '_' and '-', at most 64")
        fixed = {"incoming": "in", "inbox": "inbox", "work": "work", "receipts": "receipts"}
        for attribute, name in {**fixed, "branch_receipts": "branch-receipts", "dead": "dead"}.items():
            object.__setattr__(self, attribute, f"{self.prefix}co.{name}")

    def enterprise_exchange(self, enterprise: str) -> str:
        """The only exchange this enterprise may publish to; raises NotAllowed for a number that cannot be a name."""
        return f"{self.prefix}in.{_name(_NUMBER, enterprise, 'enterprise number', '4 to 20')}"

    def branch_exchange(self, branch: str) -> str:
        """The only exchange this branch may publish to; raises NotAllowed for a code that cannot be a name."""
        return f"{self.prefix}in.branch.{_name(_BRANCH, branch, 'branch code', '1 to 20')}"

    def enterprise_of(self, exchange: str) -> str | None:
        """Whose exchange this is: the sender of a delivery. None when it is no enterprise's exchange."""
        start = f"{self.prefix}in."
        number = exchange.removeprefix(start)
        return number if exchange.startswith(start) and _NUMBER.fullmatch(number) else None

    def stage_queue(self, stage: str) -> str:
        """Work orders for one stage."""
        return f"{self.prefix}work.{stage}"

    def new_receipt_queue(self, enterprise: str) -> str:
        """A receipt queue's name that nobody can guess: whoever knows it can see its length (3.10 to 4.2)."""
        number = _name(_NUMBER, enterprise, "enterprise number", "4 to 20")
        return f"{self.prefix}receipts.{number}.{secrets.token_urlsafe(16)}"

    def branch_queue(self, branch: str) -> str:
        """All receipts of one branch; raises NotAllowed for a code that cannot be a name."""
        return f"{self.prefix}branch.{_name(_BRANCH, branch, 'branch code', '1 to 20')}"


def core(names: Names, stages: Iterable[str]) -> Topology:
    """What every installation has: inbox, work queues, receipt exchanges, dead letters."""
    stages = list(stages)
    dead = Queue(names.dead, {"x-queue-type": "quorum", "x-delivery-limit": _RECEIPT_DELIVERY_LIMIT})
    work = [Queue(names.stage_queue(stage), _worker_queue(names)) for stage in stages]
    to_stages = [Binding(names.work, names.stage_queue(stage), stage) for stage in stages]
    return Topology(
        exchanges=(
            Exchange(names.dead, "fanout"),
            Exchange(names.incoming, "fanout", internal=True),
            Exchange(names.work, "direct"),
            Exchange(names.receipts, "direct"),
            Exchange(names.branch_receipts, "direct"),
        ),
        queues=(dead, _inbox(names), *work),
        bindings=(Binding(names.dead, names.dead), Binding(names.incoming, names.inbox), *to_stages),
    )


def for_enterprise(names: Names, enterprise: str, receipt_queue: str) -> Topology:
    """An enterprise's own exchange, and the queue that its receipts go to."""
    exchange = names.enterprise_exchange(enterprise)
    return Topology(
        exchanges=(Exchange(exchange, "fanout"),),
        queues=(Queue(receipt_queue, _receipt_queue(RECEIPTS_LENGTH)),),
        bindings=(
            Binding(exchange, names.incoming, to_exchange=True),
            Binding(names.receipts, receipt_queue, enterprise),
        ),
    )


def for_branch(names: Names, code: str) -> Topology:
    """A branch's own exchange, and its receipt queue."""
    exchange, queue = names.branch_exchange(code), names.branch_queue(code)
    return Topology(
        exchanges=(Exchange(exchange, "fanout"),),
        queues=(Queue(queue, _receipt_queue(BRANCH_LENGTH)),),
        bindings=(Binding(exchange, names.incoming, to_exchange=True), Binding(names.branch_receipts, queue, code)),
    )


def _inbox(names: Names) -> Queue:
    return Queue(names.inbox, {**_worker_queue(names), "x-max-length": INBOX_LENGTH})


def _worker_queue(names: Names) -> dict[str, str | int]:
    # at-least-once dead-lettering is only accepted together with reject-publish
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": names.dead,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-delivery-limit": DELIVERY_LIMIT,
    }


def _receipt_queue(length: int) -> dict[str, str | int]:
    return {
        "x-queue-type": "quorum",
        "x-max-length": length,
        "x-overflow": "reject-publish",
        "x-delivery-limit": _RECEIPT_DELIVERY_LIMIT,
    }


def _name(pattern: re.Pattern[str], text: str, what: str, length: str) -> str:
    if not pattern.fullmatch(text):
        raise NotAllowed(f"{what} {text!r} cannot be part of a broker name: {length} letters and digits")
    return text
