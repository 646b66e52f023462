"""The demo: sample interchanges through the whole pipeline, in a database and under broker names of its own."""

import contextlib
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from console import local_services
from console.demo_pipeline import LOG, DemoPipeline, Ended, InThisProcess, OnRabbitMQ
from console.demo_samples import Submission
from console.sample_firms import ALL_FIRMS
from console.sampler import BRANCHES
from console.settings import Settings
from console.wiring import STAGES
from domain.errors import BrokerGone, Refusal
from messages.receipts import Receipt, read
from pipeline.rabbit import RabbitPublisher
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise
from pipeline.transport import Outgoing
from store import registry
from store.database import Database, masked
from store.migrate import migrate

DATABASE, PREFIX = "coedi_demo", "demo."  # behind COEDI_PREFIX: two installations can share a server and a broker
# receipt codes after which a submission needs nobody but, perhaps, a reviewer or its sender
ENDS = {"ISSUED": "issued", "RETURNED": "returned", "PENDING_REVIEW": "manual"}


@dataclass(frozen=True, slots=True)
class Place:
    """The services that a demo uses. database_url: a server; the demo makes a database of its own there. amqp_url: None
    for the broker in this process. reasons: service -> why this one. started: the private PostgreSQL runs for the demo only."""

    database_url: str
    amqp_url: str | None
    reasons: Mapping[str, str]
    started: bool = False


@dataclass(slots=True)
class Result:
    """What the demo found; the first twelve are the keys of `coedi demo --json`."""

    submitted: int = 0
    issued: int = 0
    returned: int = 0
    refused: int = 0
    manual: int = 0
    receipts: int = 0
    lost: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    transport: str = ""
    database: str = ""
    documents: str = ""
    resent: int = 0
    receipts_folder: str = ""
    refusals: list[dict[str, str]] = field(default_factory=list)


def place(settings: Settings) -> Place:
    """Where the demo can run: on the services that the settings name, that answer on the standard ports or that
    `coedi dev up` started; without RabbitMQ in this process; without PostgreSQL on a private one, started now.

    Raises DatabaseGone when the PostgreSQL that the environment names does not answer, MissingPrograms when there is none.
    """
    choice = local_services.choose(settings)
    if choice.database.origin != "none":
        _server(choice.database_url).close()
        amqp_url, why = _broker(choice)
        return Place(choice.database_url, amqp_url, {"PostgreSQL": choice.database.reason, "RabbitMQ": why})
    amqp_url, why = _broker(choice)
    url, reason = _private_database(settings, choice)
    return Place(url, amqp_url, {"PostgreSQL": reason, "RabbitMQ": why}, started=True)


def leave(settings: Settings, where: Place) -> None:
    """End what `place` started; its data stays, so the next demo starts faster and this one's can be looked at."""
    if where.started:
        _end_private(settings)


def _broker(choice: local_services.Choice) -> tuple[str | None, str]:
    try:
        RabbitPublisher(choice.amqp_url).close()
    except BrokerGone as error:
        return None, f"broker in this process, nothing durable: {str(error).partition(';')[0]}"
    return choice.amqp_url, choice.broker.reason


def _private_database(settings: Settings, choice: local_services.Choice) -> tuple[str, str]:
    """URL and reason of the private PostgreSQL, which is started; ended again when that is interrupted."""
    # a broker that is not ours to start: the demo has one of its own
    database_only = replace(choice, broker=replace(choice.broker, origin="environment"))
    try:
        with local_services.one_at_a_time(settings):
            started = local_services.start(settings, database_only)
    except BaseException:
        _end_private(settings)
        raise
    return started.database_url, started.database.reason


def _end_private(settings: Settings) -> None:
    service = local_services.private_postgres(settings)
    if service is not None and service.pid is not None:
        with local_services.one_at_a_time(settings):
            service.stop()


def pipeline_at(where: Place, environment: Mapping[str, str]) -> DemoPipeline:
    """The pipeline that can run there."""
    return InThisProcess() if where.amqp_url is None else OnRabbitMQ(where.amqp_url, environment)


def demo_settings(settings: Settings, where: Place) -> Settings:
    """The demo's own database, names and folders beside those of `settings`."""
    home = settings.state_dir / "demo"
    name = "_".join([DATABASE, *re.findall("[0-9a-z]+", settings.prefix.lower())])[:63]  # PostgreSQL cuts longer names
    return replace(
        settings, database_url=_at(where.database_url, name), amqp_url=where.amqp_url or settings.amqp_url,
        prefix=f"{settings.prefix}{PREFIX}", state_dir=home, documents=home / "documents", policy="")


@contextlib.contextmanager
def one_at_a_time(own: Settings) -> Iterator[Database]:
    """An administrative connection that only one demo of this name can hold; raises Refusal when another runs."""
    server = _server(own.database_url)
    try:
        if not server.run("select pg_try_advisory_lock(hashtext(%s))", (_name(own),))[0][0]:
            raise Refusal("another demo is running on this database server; wait for it to end")
        yield server
    finally:
        server.close()


def _server(url: str) -> Database:
    """The maintenance database of the server behind `url`; raises DatabaseGone."""
    server = Database(_at(url, "postgres"), name="coedi demo")
    server.connect()
    return server


def _name(own: Settings) -> str:
    return urlsplit(own.database_url).path.lstrip("/")


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def topology(names: Names) -> Topology:
    """Everything on the broker. Receipt queues can be told by name, so that each demo removes those of the one before."""
    found = core(names, STAGES)
    for branch in BRANCHES:
        found += for_branch(names, branch.code)
    for firm in ALL_FIRMS:
        found += for_enterprise(names, firm.record.no, _receipt_queue(names, firm.record.no))
    return found


def _receipt_queue(names: Names, enterprise: str) -> str:
    return f"{names.prefix}receipts.{enterprise}.demo"


def prepare(own: Settings, server: Database, on: DemoPipeline) -> None:
    """An empty database with the sample register, and empty queues; what an earlier demo left behind is removed."""
    names = Names(own.prefix)
    on.delete(topology(names))
    server.run(f'drop database if exists "{_name(own)}" with (force)')
    server.run(f'create database "{_name(own)}"')
    for folder in ("documents", "receipts"):
        shutil.rmtree(own.state_dir / folder, ignore_errors=True)
    own.state_dir.mkdir(parents=True, exist_ok=True)
    database = Database(own.database_url)
    migrate(database)
    for branch in BRANCHES:
        registry.add_branch(database, branch)
    for firm in ALL_FIRMS:
        number = firm.record.no
        registry.add_enterprise(database, firm.record, names.enterprise_exchange(number), _receipt_queue(names, number))
    database.close()
    on.declare(topology(names))


def publish(on: DemoPipeline, names: Names, ahead: list[Submission]) -> None:
    """Send everything with confirms; raises Refusal when the broker did not take it."""
    publisher = on.publisher()
    try:
        outcome = publisher.publish(
            [Outgoing(number, names.enterprise_exchange(s.enterprise), "", s.body, f"demo-{number}", "interchange",
                      datetime.now(UTC)) for number, s in enumerate(ahead)], 60)
    finally:
        publisher.close()
    if outcome.unsent:
        raise Refusal(f"the broker did not confirm {len(outcome.unsent)} of {len(ahead)} submissions")


def watch(own: Settings, ahead: list[Submission], ended: Ended, told: Callable[[int], None], patience: float = 180) -> None:
    """Wait until every submission has its answer and every receipt has left, telling how many are done.

    Gives up when no further submission was answered for `patience` seconds: the rest is lost.
    """
    database, deadline, seen = Database(own.database_url), time.monotonic() + patience, 0
    wanted = {bytes.fromhex(s.sha256) for s in ahead if not s.again}
    while time.monotonic() < deadline and not ended():
        answered = database.query("demo_answered", sha256=list(wanted))[0][0]
        told(answered)
        if answered >= len(wanted) and database.query("demo_unsent")[0][0] == 0:
            break
        if answered > seen:
            seen, deadline = answered, time.monotonic() + patience
        time.sleep(0.1)
    if reason := ended():
        raise Refusal(f"the pipeline ended with {reason}; its log: {own.state_dir / LOG}")
    if any(s.again for s in ahead):
        time.sleep(0.5)  # the answers to second copies make no new state that could be waited for
    database.close()


def collect(own: Settings, on: DemoPipeline) -> list[Receipt]:
    """Take every enterprise's receipts from its queue and write them as files, one an enterprise and number."""
    names, found = Names(own.prefix), []
    for firm in ALL_FIRMS:
        number = firm.record.no
        folder = own.state_dir / "receipts" / number
        folder.mkdir(parents=True, exist_ok=True)
        for delivery in on.drain(_receipt_queue(names, number), 100_000, 0.2):
            receipt = read(delivery.body)
            (folder / f"{receipt.feed_no:06d}-{receipt.code}.xml").write_bytes(delivery.body)
            found.append(receipt)
    return found


def judge(ahead: list[Submission], receipts: list[Receipt], own: Settings, transport: str, seconds: float) -> Result:
    """What became of each submission, told by the receipts alone; the database is asked only for second certificates."""
    ends: dict[str, str] = {}
    refusals = []
    once = {receipt.id: receipt for receipt in receipts}  # second copies repeat a receipt
    for receipt in sorted(once.values(), key=lambda r: (r.enterprise, r.feed_no)):
        end = ENDS.get(receipt.code) or ("refused" if receipt.findings and receipt.certificate is None else None)
        if end and receipt.delivery_sha256:
            ends[receipt.delivery_sha256] = end
            if end in ("refused", "returned", "manual"):
                refusals.append(_refusal(receipt, end))
    distinct = [s for s in ahead if not s.again]
    counts = Counter(ends.get(s.sha256, "lost") for s in distinct)
    database = Database(own.database_url)
    duplicates = database.query("demo_duplicates")[0][0]
    database.close()
    return Result(
        submitted=len(distinct), issued=counts["issued"], returned=counts["returned"], refused=counts["refused"],
        manual=counts["manual"], receipts=len(receipts), lost=counts["lost"], duplicates=duplicates, seconds=round(seconds, 2),
        transport=transport, database=masked(own.database_url), documents=str(own.documents),
        resent=len(ahead) - len(distinct), receipts_folder=str(own.state_dir / "receipts"), refusals=refusals)


def _refusal(receipt: Receipt, end: str) -> dict[str, str]:
    """Why a submission was not issued: its findings, or the reasons for which a person has to decide."""
    reasons = [reason.partition(": ") for reason in receipt.reasons]
    codes = [finding.code for finding in receipt.findings] or [code for code, _, _ in reasons]
    texts = [f"{finding.zh} / {finding.en}" for finding in receipt.findings] or [text for _, _, text in reasons]
    return {
        "end": end, "enterprise": receipt.enterprise, "invoice": receipt.invoice or "-",
        "codes": " ".join(dict.fromkeys(codes)), "why": _first(texts) if texts else f"{receipt.zh} / {receipt.en}"}


def _first(texts: list[str]) -> str:
    return texts[0] + (f" (+{len(texts) - 1})" if len(texts) > 1 else "")


def as_json(result: Result) -> dict[str, Any]:
    """The document of `coedi demo --json`."""
    return asdict(result)
