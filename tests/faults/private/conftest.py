"""A PostgreSQL and a RabbitMQ of these tests alone, so that they may be killed; and a running pipeline on them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console import local_postgres, local_rabbitmq
from console.local_postgres import LocalPostgres
from console.local_rabbitmq import LocalRabbitMQ
from tests import services
from tests.faults.private.outage import Outage


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    """Where the services live: below the system's temporary folder, which PostgreSQL's account may enter."""
    made = Path(tempfile.mkdtemp(prefix="coedi-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="package")
def postgres(folder: Path) -> Iterator[LocalPostgres]:
    """A private PostgreSQL."""
    programs, account = local_postgres.find_programs(), local_postgres.account_for_root()
    if programs is None:
        services.unavailable("no PostgreSQL programs")
    assert programs
    server = LocalPostgres(folder / "postgresql", local_postgres.usable(programs, folder, account), account)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def broker(folder: Path) -> Iterator[LocalRabbitMQ]:
    """A private RabbitMQ, without the management API."""
    programs = local_rabbitmq.find_programs()
    if programs is None:
        services.unavailable("no RabbitMQ programs")
    assert programs
    node = LocalRabbitMQ(folder / "rabbitmq", programs, management=False)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="package")
def private_template(postgres: LocalPostgres) -> Iterator[str]:
    """Name of a migrated database to copy from."""
    yield from services.template_database(postgres.url("postgres"))


@pytest.fixture
def outage(tmp_path: Path, private_template: str, postgres: LocalPostgres, broker: LocalRabbitMQ) -> Iterator[Outage]:
    """A pipeline on the private services, not begun; whatever the test killed is started again for the next one."""
    made = services.make_world(tmp_path, private_template, True, broker.url, postgres.url("postgres"))
    running = Outage(next(made), tmp_path)
    try:
        yield running
    finally:
        running.end()
        postgres.start()
        broker.start()
        next(made, None)
