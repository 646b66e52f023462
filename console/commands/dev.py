"""`coedi dev`: private PostgreSQL and RabbitMQ for development, started, shown and ended."""

import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from console import settings as configuration
from console import terminal

if TYPE_CHECKING:
    from console.local_postgres import LocalPostgres
    from console.local_rabbitmq import LocalRabbitMQ
    from console.local_services import Choice, Chosen
    from console.settings import Settings


@click.group()
def dev() -> None:
    """Services for development on this machine: those that answer, else private ones, without an administrator."""


@dev.command()
@click.option("--private", is_flag=True, help="Private services, whatever else there is.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def up(private: bool, as_json: bool) -> None:
    """PostgreSQL and RabbitMQ running, the schema migrated, the queues made.

    Standard output is the settings to use them: eval "$(coedi dev up)". A second time starts what has died, and nothing else.
    """
    from console import local_services

    settings = configuration.load()
    with local_services.one_at_a_time(settings):
        choice = local_services.choose(settings, private=private)
        choice = local_services.start(settings, choice, private)
    used = replace(settings, database_url=choice.database_url, amqp_url=choice.amqp_url, admin_url=choice.admin_url)
    done = _prepare(used)
    exports = _exports(choice)
    if as_json:
        terminal.echo_json({"services": _services(settings, choice), "done": done, "export": exports})
        return
    for service, reason in choice.reasons.items():
        click.echo(f"{service}: {reason}", err=True)
    for line in done:
        click.echo(line, err=True)
    for name, value in exports.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@dev.command()
@click.option("--remove", is_flag=True, help="Delete their data as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def down(remove: bool, as_json: bool) -> None:
    """End the private services in order; their data stay. Others are left alone."""
    from console import local_services

    settings = configuration.load()
    with local_services.one_at_a_time(settings):
        ended = local_services.stop(settings)
        if remove:
            local_services.remove(settings)
    if as_json:
        terminal.echo_json({"ended": [name for name, ran in ended.items() if ran], "removed": remove})
        return
    for name, ran in ended.items():
        click.echo(f"{name}: {'ended' if ran else 'no private one was running'}{', its data deleted' if remove else ''}")


@dev.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def status(as_json: bool) -> None:
    """Which services are used, from where, and whether they answer. Exit code 1 when one does not."""
    from console import local_services

    settings = configuration.load()
    services = _services(settings, local_services.choose(settings))
    if as_json:
        terminal.echo_json({"services": services})
    else:
        columns = ("service", "from", "port", "pid", "state", "version")
        terminal.table("", columns, [[each[column] for column in columns] for each in services])
        for each in services:
            click.echo(f"{each['service']}: {each['reason']}")
    if any(each["state"] != "ok" for each in services):
        sys.exit(1)


COMMANDS: dict[str, click.Command] = {"dev": dev}


def _prepare(settings: "Settings") -> list[str]:
    """Database, schema and broker objects, made where they are missing; what was done, a line each."""
    from console.local_services import ensure_database
    from console.provisioning import everything
    from console.wiring import database
    from pipeline.rabbit import declare
    from store.database import Database, masked
    from store.migrate import migrate

    done = [f"created {masked(settings.database_url)}"] if ensure_database(settings.database_url) else []
    owner = Database(settings.database_url)
    done += [f"applied {name}" for name in migrate(owner)]
    owner.close()
    opened = database(settings)
    wanted = everything(settings, opened)
    opened.close()
    declare(settings.amqp_url, wanted)
    return [*done, f"{len(wanted.exchanges)} exchanges and {len(wanted.queues)} queues are there"]


def _exports(choice: "Choice") -> dict[str, str]:
    """The settings that lead to these services."""
    found = {"COEDI_DATABASE_URL": choice.database_url, "COEDI_AMQP_URL": choice.amqp_url}
    return found | ({"COEDI_BROKER_ADMIN_URL": choice.admin_url} if choice.admin_url else {})


def _services(settings: "Settings", choice: "Choice") -> list[dict[str, Any]]:
    """One row a service; pid is known of private ones only."""
    from console import local_services
    from console.local_rabbitmq import greeting, lets_in
    from pipeline.amqp_url import host_and_port

    server = urlsplit(choice.database_url)._replace(path="/postgres")
    host, port = host_and_port(choice.amqp_url)
    postgres, rabbit = local_services.private_postgres(settings), local_services.private_rabbitmq(settings)
    broker_version = greeting(host, port) if lets_in(choice.amqp_url) else None
    return [
        _service("PostgreSQL", choice.database, server.port or 5432, postgres, local_services.database_version(server.geturl())),
        _service("RabbitMQ", choice.broker, port, rabbit, broker_version),
    ]


def _service(
    name: str, chosen: "Chosen", port: int, private: "LocalPostgres | LocalRabbitMQ | None", version: str | None
) -> dict[str, Any]:
    return {
        "service": name, "from": chosen.origin, "port": port,
        "pid": private.pid if private and chosen.origin == "private" else None,
        "state": "ok" if version else "off", "version": version, "reason": chosen.reason,
    }
