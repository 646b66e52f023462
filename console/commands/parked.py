"""`coedi parked`: messages and work orders that could not be handled, and what is decided about them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.operator import actor, record
from console.terminal import echo_json, one_line, table, when

if TYPE_CHECKING:
    from store.database import Database
    from store.parked import Parked

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_REASON = click.option("--reason", required=True, help="Why; it stands in the audit.")


@click.group()
def parked() -> None:
    """Messages that could not be handled."""


@parked.command("list")
@click.option("--all", "everything", is_flag=True, help="Decided ones, too.")
@click.option("--fingerprint", help="Only those that failed in this way, from `parked groups`.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1))
@_JSON
def list_(everything: bool, fingerprint: str | None, limit: int, as_json: bool) -> None:
    """Open tickets, the newest first."""
    from store.parked import listed

    rows = listed(_database(), everything, fingerprint, limit)
    if as_json:
        echo_json({"parked": rows})
    elif rows:
        table("parked", ("id", "time", "source", "enterprise", "stage", "tries", "fingerprint", "error", "decided"), [
            (r["id"], when(r["at"]), r["source"], r["enterprise"], r["stage"], r["tries"], r["fingerprint"], r["error"],
             r["disposition"] or "open") for r in rows])
    else:
        click.echo("nothing is parked")


@parked.command("groups")
@_JSON
def groups_(as_json: bool) -> None:
    """Open tickets grouped by what they failed of."""
    from store.parked import groups

    found = groups(_database())
    if as_json:
        echo_json({"groups": found})
    elif found:
        columns = ("fingerprint", "count", "enterprises", "first", "last", "what", "newest error")
        table("parked, by fingerprint", columns, [
            (g["fingerprint"], g["count"], g["enterprises"], when(g["first"]), when(g["last"]), ", ".join(g["sources"]),
             g["error"]) for g in found])
    else:
        click.echo("nothing is parked")


@parked.command("show")
@click.argument("id_", metavar="ID")
@click.option("--body", "file", type=click.Path(path_type=Path), help="Save the bytes to this file.")
@_JSON
def show(id_: str, file: Path | None, as_json: bool) -> None:
    """One ticket with its error and traceback. ID: or the first digits of it."""
    from store.parked import body, one

    database = _database()
    ticket = one(database, id_)
    if file:
        _save(file, body(database, ticket))
    if as_json:
        echo_json({"parked": ticket.as_data(), "saved": file})
        return
    data = ticket.as_data()
    trace = data.pop("traceback")
    table("", ("parked", str(ticket.id)), [
        (name, when(value) if name in ("at", "disposed_at") else value) for name, value in data.items()])
    click.echo("\n".join(one_line(line) for line in trace.splitlines()) or "no traceback")
    if file:
        click.echo(f"{ticket.size} bytes saved to {file}")


@parked.command("discard")
@click.argument("id_", metavar="ID")
@_REASON
@_JSON
def discard(id_: str, reason: str, as_json: bool) -> None:
    """Close a ticket: it was nothing. The archive keeps the bytes."""
    _dispose(id_, "discarded", reason, as_json)


@parked.command("archive")
@click.argument("id_", metavar="ID")
@_REASON
@_JSON
def archive(id_: str, reason: str, as_json: bool) -> None:
    """Close a ticket: it was dealt with elsewhere."""
    _dispose(id_, "archived", reason, as_json)


COMMANDS: dict[str, click.Command] = {"parked": parked}


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi parked")


def _save(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from error


def _dispose(id_: str, disposition: str, reason: str, as_json: bool) -> None:
    from store.parked import dispose, one

    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    database = _database()
    ticket = one(database, id_)
    with database.transaction():
        dispose(database, ticket, disposition, actor())
        record(database, f"parked {disposition}", str(ticket.id), reason=reason, key=ticket.key)
    left = remaining(ticket)
    if as_json:
        echo_json({"id": ticket.id, "disposition": disposition, "by": actor(), "reason": reason, **left})
    else:
        click.echo(f"{ticket.id} {disposition} by {actor()}")
        click.echo(left["remains"])


def remaining(ticket: "Parked") -> dict[str, Any]:
    """What stays behind when a ticket is closed, in words and as data."""
    if ticket.source != "order":
        kept = "the delivery's bytes stay in the archive and with the ticket" if ticket.source == "delivery" \
            else "the dead letter's bytes stay with the ticket"
        return {"certificate": None, "state": None, "remains": kept}
    if ticket.still_waiting:
        words = (f"certificate {ticket.certificate} stays in {ticket.state} at version {ticket.version}: "
                 f"its work order for {ticket.stage} is set aside and is not announced again")
    else:
        words = f"certificate {ticket.certificate} has moved on: it is {ticket.state} at version {ticket.now_version}"
    return {"certificate": ticket.certificate, "state": ticket.state, "remains": words}
