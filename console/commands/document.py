"""`coedi document`: finished certificates as files."""

import sys
from pathlib import Path

import click

from console import settings as configuration
from console import wiring
from domain.errors import UnknownThing


@click.group()
def document() -> None:
    """Finished certificates as files."""


@document.command("get")
@click.argument("name", metavar="CERTIFICATE")
@click.option("--medium", default="pdf", show_default=True, type=click.Choice(["pdf"]))
@click.option("-o", "--output", help="File to write, - for standard output; default: one named by the number.")
def get(name: str, medium: str, output: str | None) -> None:
    """Fetch CERTIFICATE (number, id or invoice number), its hash checked against the one on record.

    One that is superseded or void is fetched, too; standard error says so.
    """
    from print_worker.folder import Folder
    from store.lookup import certificate, no_longer_in_force

    settings = configuration.load()
    database = wiring.database(settings, name="coedi document")
    found = certificate(database, name)
    rows = database.query("newest_document", id=found.id, medium=medium)
    standing = no_longer_in_force(database, found)
    database.close()
    if not rows:
        raise UnknownThing(f"certificate {found.id} ({found.invoice}) has no {medium} document; it is {found.state}")
    kept, sha256, revision, size, pages = rows[0]
    body = Folder(settings.documents).read(kept, sha256)
    if standing:
        click.echo(standing, err=True)
    if output == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    path = Path(output or f"{(found.number or str(found.id)).replace('/', '-')}.{medium}")
    try:
        with path.open("wb" if output else "xb") as file:
            file.write(body)
    except FileExistsError as error:
        raise click.UsageError(f"{path} is there already; name the file to write with -o") from error
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"{path}: {size} bytes, {pages} page(s), revision {revision}, SHA-256 {sha256}")


COMMANDS: dict[str, click.Command] = {"document": document}
