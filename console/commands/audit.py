"""`coedi audit`: the history's hash chains and the signed checkpoints outside the database."""

import sys

import click

from console import settings as configuration
from console import wiring
from console.terminal import echo_json, table
from domain.errors import Refusal


@click.group()
def audit() -> None:
    """Verify the history chains, write signed checkpoints."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(as_json: bool) -> None:
    """Recompute every hash chain and compare the signed checkpoints; exit 1 when something was tampered with."""
    from console import examination
    from store.snapshot import snapshot

    settings = configuration.load()
    database = wiring.database(settings, name="coedi audit")
    with snapshot(database):
        results = examination.history(database, settings)
    database.close()
    verified = not any(result.count for result in results)
    if as_json:
        echo_json({"verified": verified, "checks": examination.as_data(results)})
    else:
        examination.show(f"audit: {'verified' if verified else 'not verified'}", results)
    sys.exit(0 if verified else 1)


@audit.command("checkpoint")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def checkpoint(as_json: bool) -> None:
    """Append one signed line for each branch with new receipts; the relay does it every hour."""
    from store.checkpoint import FILE, write_checkpoint

    settings = configuration.load()
    database = wiring.database(settings, name="coedi audit")
    lines = write_checkpoint(database, settings.state_dir)
    database.close()
    if lines is None:
        raise Refusal("another process is writing a checkpoint at this moment; try again")
    path = settings.state_dir / FILE
    if as_json:
        echo_json({"file": path, "lines": lines})
    elif lines:
        columns = ("line", "branch", "certificates", "transitions", "receipts", "head")
        table(f"checkpoint in {path}", columns, [[line[name] for name in columns] for line in lines])
    else:
        click.echo("nothing new since the last checkpoint")


COMMANDS: dict[str, click.Command] = {"audit": audit}
