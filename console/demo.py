"""Where the demo runs: a database, broker names and folders of its own, on the services that are there."""

import contextlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from console import local_services
from console.demo_goods import STRANGER
from console.demo_mail import receipt_queue
from console.demo_pipeline import DemoPipeline, InThisProcess, OnRabbitMQ
from console.sample_firms import ALL_FIRMS
from console.sampler import BRANCHES
from console.settings import Settings
from console.wiring import STAGES
from domain.errors import BrokerGone, Refusal
from pipeline.rabbit import RabbitPublisher
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise
from store import checkpoint, registry
from store.database import Database
from store.migrate import migrate

DATABASE, PREFIX = "coedi_demo", "demo."  # behind COEDI_PREFIX: two installations can share a server and a broker


@dataclass(frozen=True, slots=True)
class Place:
    """The services that a demo uses. database_url: a server; the demo makes a database of its own there. amqp_url: None
    for the broker in this process. reasons: service -> why this one. started: the private PostgreSQL runs for the demo only."""

    database_url: str
    amqp_url: str | None
    reasons: Mapping[str, str]
    started: bool = False


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
    for number in (*(firm.record.no for firm in ALL_FIRMS), STRANGER):
        found += for_enterprise(names, number, receipt_queue(names, number))
    return found


def prepare(own: Settings, server: Database, on: DemoPipeline) -> None:
    """An empty database with the sample register, and empty queues; what an earlier demo left behind is removed."""
    names = Names(own.prefix)
    on.delete(topology(names))
    server.run(f'drop database if exists "{_name(own)}" with (force)')
    server.run(f'create database "{_name(own)}"')
    for folder in ("documents", "receipts"):
        shutil.rmtree(own.state_dir / folder, ignore_errors=True)
    own.state_dir.mkdir(parents=True, exist_ok=True)
    (own.state_dir / checkpoint.FILE).unlink(missing_ok=True)  # it vouches for the database that was just dropped
    database = Database(own.database_url)
    migrate(database)
    for branch in BRANCHES:
        registry.add_branch(database, branch, names.branch_exchange(branch.code))
    for firm in ALL_FIRMS:
        number = firm.record.no
        registry.add_enterprise(database, firm.record, names.enterprise_exchange(number), receipt_queue(names, number))
    database.close()
    on.declare(topology(names))
