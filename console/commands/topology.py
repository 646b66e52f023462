"""`coedi topology`: exchanges, queues and bindings on the broker, made and shown."""

import sys
from typing import Any

import click

from console import settings as configuration
from console import terminal


@click.group()
def topology() -> None:
    """Exchanges and queues of this installation: the core, and those of branches and enterprises."""


@topology.command("apply")
def apply() -> None:
    """Make every exchange, queue and binding that is missing; nothing that exists is changed."""
    from console.operator import record
    from console.provisioning import adopt_branches, everything
    from console.wiring import database
    from pipeline.rabbit import declare

    settings = configuration.load()
    opened = database(settings)
    try:
        wanted = everything(settings, opened)
        declare(settings.amqp_url, wanted)
        record(opened, "topology.apply", settings.prefix or "co", exchanges=len(wanted.exchanges),
               queues=len(wanted.queues), bindings=len(wanted.bindings))
        adopt_branches(settings, opened)
    finally:
        opened.close()
    _print(settings, _objects(settings.amqp_url, wanted))


@topology.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(as_json: bool) -> None:
    """What there is: messages waiting in each queue, and its consumers. Exit code 1 when a queue is missing."""
    from console.provisioning import everything
    from console.wiring import database

    settings = configuration.load()
    opened = database(settings)
    try:
        wanted = everything(settings, opened)
    finally:
        opened.close()
    found = _objects(settings.amqp_url, wanted)
    if as_json:
        terminal.echo_json(found)
    else:
        _print(settings, found)
    if not all(queue["exists"] for queue in found["queues"]):
        click.echo("queues are missing; run: coedi topology apply", err=True)
        sys.exit(1)


COMMANDS: dict[str, click.Command] = {"topology": topology}


def _objects(amqp_url: str, wanted: Any) -> dict[str, Any]:
    """The objects as JSON-ready data, with what the broker says about each queue."""
    from pipeline.rabbit import depths

    measured = depths(amqp_url, [queue.name for queue in wanted.queues])
    return {
        "exchanges": [{"name": e.name, "kind": e.kind, "internal": e.internal} for e in wanted.exchanges],
        "queues": [_queue(queue.name, measured.get(queue.name)) for queue in wanted.queues],
        "bindings": [
            {"source": b.source, "destination": b.destination, "routing_key": b.routing_key} for b in wanted.bindings],
    }


def _queue(name: str, measured: tuple[int, int] | None) -> dict[str, Any]:
    messages, consumers = measured or (None, None)
    return {"name": name, "exists": measured is not None, "messages": messages, "consumers": consumers}


def _print(settings: configuration.Settings, found: dict[str, Any]) -> None:
    from pipeline.amqp_url import virtual_host

    where = f"virtual host {virtual_host(settings.amqp_url)}"
    terminal.table(f"Exchanges, {where}", ("exchange", "kind"), [(e["name"], e["kind"]) for e in found["exchanges"]])
    click.echo()
    terminal.table(f"Queues, {where}", ("queue", "there", "messages", "consumers"), [
        (q["name"], "yes" if q["exists"] else "missing", q["messages"], q["consumers"]) for q in found["queues"]])
