"""Real services for tests: a fresh database for each test, names of its own on the broker, and a registry to work with."""

import os
import secrets
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from console.settings import Settings
from console.wiring import STAGES
from domain.branch import Branch
from domain.errors import Failure
from domain.registry import EnterpriseRecord, Signatory
from pipeline.rabbit import declare, delete
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise
from store import registry
from store.database import Database
from store.migrate import migrate
from tests.databases import Shelf

ADMIN_URL = os.environ.get("COEDI_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
AMQP_URL = os.environ.get("COEDI_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
SAMPLES = Path(__file__).parent / "samples"
SHELF = Shelf()  # databases of this process that wait for their next test


def unavailable(reason: str) -> None:
    """Skip on a laptop, fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def server(admin_url: str = ADMIN_URL) -> Iterator["psycopg2.extensions.connection"]:
    """An administrative connection to the database server."""
    try:
        connection = psycopg2.connect(admin_url, connect_timeout=3)
    except psycopg2.OperationalError as error:
        unavailable(f"no PostgreSQL at {admin_url}: {error}")
        raise
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def create_database(name: str, template: str = "template1", admin_url: str = ADMIN_URL) -> str:
    """A new database, copied from `template`; its URL."""
    return url_of(create(name, template, admin_url), admin_url)


def create(name: str, template: str, admin_url: str) -> str:
    """The same; its name."""
    with server(admin_url) as connection, connection.cursor() as cursor:
        cursor.execute(f'create database "{name}" template "{template}"')
    return name


def url_of(name: str, admin_url: str = ADMIN_URL) -> str:
    """The URL of a database of this server."""
    return admin_url.rsplit("/", 1)[0] + f"/{name}"


def drop_database(name: str, admin_url: str = ADMIN_URL) -> None:
    """Drop a database, whoever is connected."""
    with server(admin_url) as connection, connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')


def template_database(admin_url: str = ADMIN_URL) -> Iterator[str]:
    """A migrated database to copy from."""
    name = f"coedi_test_{os.getpid()}_template"
    drop_database(name, admin_url)
    database = Database(create_database(name, admin_url=admin_url))
    migrate(database)
    database.close()
    yield name
    for kept in SHELF.cleared() if admin_url == ADMIN_URL else []:
        drop_database(kept, admin_url)
    drop_database(name, admin_url)


@dataclass
class World:
    """A running place for one test: settings with names of its own, and the registry in the database.

    topology: every broker object made for the test, to be deleted with it. A leftover quorum queue keeps file handles, and
    a broker with the usual limit of 1024 open files stops answering at some 300 of them.
    """

    settings: Settings
    topology: Topology

    @property
    def names(self) -> Names:
        """Broker names of this test."""
        return Names(self.settings.prefix)

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a coedi process of this test."""
        return os.environ | {
            "COEDI_AMQP_URL": self.settings.amqp_url, "COEDI_DATABASE_URL": self.settings.database_url,
            "COEDI_STATE_DIR": str(self.settings.state_dir), "COEDI_DOCUMENTS": str(self.settings.documents),
            "COEDI_PREFIX": self.settings.prefix, "COEDI_CONSOLE_PORT": "0",
        }

    def database(self, role: str = "") -> Database:
        """A new database connection, as the owner unless a role is named."""
        return Database(self.settings.database_url, role)


@dataclass(frozen=True)
class SampleRegistry:
    """tests/samples/registry.toml as values."""

    branches: tuple[Branch, ...]
    enterprises: tuple[EnterpriseRecord, ...]


def sample_registry() -> SampleRegistry:
    """The branches and enterprises that the sample files name."""
    data = tomllib.loads((SAMPLES / "registry.toml").read_text(encoding="utf-8"))
    branches = tuple(Branch(code, name, name, f"{name}, CHINA") for code, name in data["branches"].items())
    enterprises = tuple(
        EnterpriseRecord(
            no=e["no"], branch=e["branch"], name_zh=e["name_zh"], name_en=e["name_en"],
            customs_code=e.get("customs_code", ""), print_seal_ready=e.get("print_seal_ready", False),
            local_print=e.get("local_print", False), active=e.get("active", True),
            signatories=tuple(Signatory(s["code"], s["name_zh"], s.get("active", True)) for s in e.get("signatories", [])))
        for e in data["enterprises"])
    return SampleRegistry(branches, enterprises)


def register(
    database: Database, names: Names, branches: Iterable[Branch], records: Iterable[EnterpriseRecord]
) -> Topology:
    """Write branches and enterprises to the register; the broker objects these partners need."""
    topology = Topology()
    for branch in branches:
        registry.add_branch(database, branch, names.branch_exchange(branch.code))
        topology += for_branch(names, branch.code)
    for record in records:
        queue = names.new_receipt_queue(record.no)
        registry.add_enterprise(database, record, names.enterprise_exchange(record.no), queue)
        topology += for_enterprise(names, record.no, queue)
    return topology


def fill_registry(database: Database, names: Names) -> Topology:
    """Write the sample registry; the broker objects it and the pipeline need."""
    sample = sample_registry()
    return core(names, STAGES) + register(database, names, sample.branches, sample.enterprises)


def make_world(
    folder: Path, template: str, with_broker: bool, amqp_url: str = AMQP_URL, admin_url: str = ADMIN_URL
) -> Iterator[World]:
    """A database, a state folder and, if asked for, broker objects; all removed afterwards."""
    tag = secrets.token_hex(4)
    ours = admin_url == ADMIN_URL
    name = (SHELF.take() if ours else None) or create(f"coedi_test_{os.getpid()}_{tag}", template, admin_url)
    settings = Settings(
        amqp_url=amqp_url, database_url=url_of(name, admin_url), state_dir=folder / "state",
        documents=folder / "documents", prefix=f"t{tag}." if with_broker else "")
    world = World(settings, Topology())
    try:
        database = Database(settings.database_url)
        world.topology = fill_registry(database, world.names)
        database.close()
        if with_broker:
            _declare(amqp_url, world.topology)
        yield world
    finally:
        if with_broker:
            delete(amqp_url, world.topology)
        if not (ours and SHELF.give_back(name, settings.database_url, url_of(template, admin_url))):
            drop_database(name, admin_url)


def _declare(amqp_url: str, topology: Topology) -> None:
    try:
        declare(amqp_url, topology)
    except Failure as error:
        unavailable(str(error))
