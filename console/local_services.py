"""Which PostgreSQL and which RabbitMQ are used on this machine, and why; and the private ones, started and ended.

For each of the two, the first that applies: what the environment names; what answers on the standard local port; the private
one that `coedi dev up` keeps. The private ones live below <state_dir>/services; the private PostgreSQL of root below
/var/lib/coedi, for the account it runs as may not enter root's folders.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from console import local_postgres, local_rabbitmq
from console.local_postgres import LocalPostgres
from console.local_rabbitmq import LocalRabbitMQ
from console.settings import NAMES, Settings
from domain.errors import DatabaseGone, Failure
from store.database import Database

Origin = Literal["environment", "standard port", "private", "none"]
INSTALL = "apt-get install postgresql rabbitmq-server; for PostgreSQL alone also: pip install 'coedi[embedded-pg]'"
_ROOTS_FOLDER = Path("/var/lib/coedi")


class MissingPrograms(Failure):
    """A private service cannot be started: its programs are not installed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One service: its URL, where that comes from, and the reason in a sentence."""

    url: str
    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The database and the broker to use. admin_url: the broker's management API, "" to use rabbitmqctl."""

    database: Chosen
    broker: Chosen
    admin_url: str

    @property
    def database_url(self) -> str:
        """COEDI_DATABASE_URL."""
        return self.database.url

    @property
    def amqp_url(self) -> str:
        """COEDI_AMQP_URL."""
        return self.broker.url

    @property
    def reasons(self) -> dict[str, str]:
        """service -> why this one."""
        return {"PostgreSQL": self.database.reason, "RabbitMQ": self.broker.reason}


def choose(settings: Settings, environment: Mapping[str, str] | None = None, private: bool = False) -> Choice:
    """What is used now; nothing is started. `private`: the private ones, whatever else there is.

    Origin "none": nothing applies; the URL is then that of the settings.
    """
    named = os.environ if environment is None else environment
    postgres, rabbit = private_postgres(settings), private_rabbitmq(settings)
    database = _choose(
        "database_url", settings.database_url, named, private, _url_of(postgres), standard_database_answers)
    broker = _choose("amqp_url", settings.amqp_url, named, private, _url_of(rabbit), standard_broker_answers)
    admin_url = rabbit.admin_url if rabbit and broker.origin == "private" and rabbit.port else settings.admin_url
    return Choice(database, broker, admin_url)


def start(settings: Settings, choice: Choice, private: bool = False) -> Choice:
    """The same choice with a running private service wherever nothing else applies; raises MissingPrograms, ServiceFailed."""
    database, broker, admin_url = choice.database, choice.broker, choice.admin_url
    kept = private_postgres(settings), private_rabbitmq(settings)
    wanted = database.origin in ("private", "none") or private, broker.origin in ("private", "none") or private
    _complain_of_missing(wanted, kept)
    if wanted[0] and (postgres := kept[0]):
        programs = local_postgres.usable(postgres.programs, postgres.folder, postgres.account)
        began = replace(postgres, programs=programs).start()
        database = Chosen(postgres.url(), "private", _why(database, began, private))
    if wanted[1] and (rabbit := kept[1]):
        began = rabbit.start()
        broker, admin_url = Chosen(rabbit.url, "private", _why(broker, began, private)), rabbit.admin_url
    return Choice(database, broker, admin_url)


def stop(settings: Settings) -> dict[str, bool]:
    """service -> whether a private one ran and was ended; the broker first, its clients wait for it without harm."""
    rabbit, postgres = private_rabbitmq(settings), private_postgres(settings)
    return {
        "RabbitMQ": bool(rabbit and rabbit.stop()),
        "PostgreSQL": bool(postgres and postgres.folder.exists() and postgres.stop()),
    }


def remove(settings: Settings) -> None:
    """Delete everything the private services kept; they must have ended."""
    for folder in (folder_of(settings), _postgres_folder(settings)):
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Two commands that start or stop private services wait for each other."""
    folder_of(settings).mkdir(parents=True, exist_ok=True)
    with (folder_of(settings).parent / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder_of(settings: Settings) -> Path:
    """Where private services keep what is theirs."""
    return settings.state_dir / "services"


def private_postgres(settings: Settings) -> LocalPostgres | None:
    """The private PostgreSQL of these settings, running or not; None without programs."""
    programs = local_postgres.find_programs()
    if programs is None:
        return None
    return LocalPostgres(_postgres_folder(settings), programs, local_postgres.account_for_root())


def private_rabbitmq(settings: Settings) -> LocalRabbitMQ | None:
    """The private RabbitMQ of these settings, running or not; None without programs."""
    programs = local_rabbitmq.find_programs()
    return LocalRabbitMQ(folder_of(settings) / "rabbitmq", programs) if programs else None


def standard_database_answers() -> bool:
    """Whether PostgreSQL's standard local port lets postgres in without a password."""
    return database_version(urlunsplit(urlsplit(Settings().database_url)._replace(path="/postgres"))) is not None


def standard_broker_answers() -> bool:
    """Whether RabbitMQ's standard local port lets guest in."""
    return local_rabbitmq.greeting("127.0.0.1", 5672) is not None and local_rabbitmq.lets_in(Settings().amqp_url)


def database_version(url: str) -> str | None:
    """The version of the server behind a URL, "15.18"; None when it does not let us in."""
    database = Database(url, name="coedi dev")
    try:
        return str(database.run("show server_version")[0][0]).split()[0]
    except DatabaseGone:
        return None
    finally:
        database.close()


def ensure_database(url: str) -> bool:
    """Create the database that a URL names unless it is there; whether it was created. Raises DatabaseGone."""
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    server = Database(urlunsplit(parts._replace(path="/postgres")), name="coedi dev")
    try:
        if server.run("select 1 from pg_database where datname = %s", (name,)):
            return False
        quoted = name.replace('"', '""')
        server.run(f'create database "{quoted}"')
        return True
    finally:
        server.close()


def _choose(  # the same six facts for both services
    setting: str, url: str, named: Mapping[str, str], private: bool, own: tuple[str, bool] | None,
    standard_answers: Callable[[], bool],
) -> Chosen:
    name, port = NAMES[setting][0], urlsplit(getattr(Settings(), setting)).port
    if own and url == own[0]:
        return Chosen(url, "private", f"{name} names the private one")
    if private and own:
        return Chosen(own[0], "private", "asked for with --private")
    besides = "; a private one runs as well" if own and own[1] else ""
    if not private and (named.get(name) or named.get(f"{name}_FILE")):
        return Chosen(url, "environment", f"{name} is set{besides}")
    if not private and standard_answers():
        return Chosen(url, "standard port", f"127.0.0.1:{port} answers{besides}")
    if own and own[1]:
        return Chosen(own[0], "private", f"nothing we may use answers on 127.0.0.1:{port}")
    return Chosen(url, "none", f"nothing we may use answers on 127.0.0.1:{port}; run: coedi dev up")


def _url_of(service: LocalPostgres | LocalRabbitMQ | None) -> tuple[str, bool] | None:
    """(URL, does it run) of a private service that was started once."""
    if service is None or service.port is None:
        return None
    return (service.url() if isinstance(service, LocalPostgres) else service.url), service.pid is not None


def _postgres_folder(settings: Settings) -> Path:
    if os.geteuid() != 0:
        return folder_of(settings) / "postgresql"
    return _ROOTS_FOLDER / f"services-{hashlib.sha256(str(settings.state_dir.resolve()).encode()).hexdigest()[:12]}"


def _complain_of_missing(
    wanted: tuple[bool, bool], found: tuple[LocalPostgres | None, LocalRabbitMQ | None]
) -> None:
    names = ("PostgreSQL", "RabbitMQ")
    missing = [name for name, want, have in zip(names, wanted, found, strict=True) if want and have is None]
    if missing:
        raise MissingPrograms(f"{' and '.join(missing)}: no programs found; install them: {INSTALL}")


def _why(chosen: Chosen, began: bool, private: bool) -> str:
    because = "asked for with --private" if private else chosen.reason.partition("; run:")[0]
    return f"{because}; {'started' if began else 'it was running'}"
