"""`coedi doctor`: every promise, checked on the live system; exit 1 when one is broken."""

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.terminal import echo_json, table

if TYPE_CHECKING:
    from store.database import Database
    from store.invariants import Result


@click.command("doctor")
@click.option("--documents/--no-documents", default=True, show_default=True, help="Read every document's file.")
@click.option("--wait", default=0.0, metavar="SECONDS", help="Look again until all is well, at most this long.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def doctor(documents: bool, wait: float, as_json: bool) -> None:
    """Check every promise: history, receipts, numbers, archive, outbox, work orders, documents.

    Reads only, in one snapshot; workers need not stop. --wait is for an outbox that is still draining.
    """
    from console import examination

    settings = configuration.load()
    database = wiring.database(settings, name="coedi doctor")
    until = time.monotonic() + wait
    while True:
        started = time.monotonic()
        results, notes = _look(database, settings, documents)
        if time.monotonic() >= until or not any(result.count for result in results):
            break
        time.sleep(min(1.0, max(0.0, until - time.monotonic())))
    database.close()
    clean = not any(result.count for result in results)
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        echo_json({"clean": clean, "checks": examination.as_data(results), "notes": notes, "seconds": seconds})
    else:
        examination.show(f"doctor: {'all promises hold' if clean else 'promises are broken'}, {seconds} s", results)
        table("notes", ("count", "what"), [(each["count"], f"{each['zh']}\n{each['en']}") for each in notes])
    sys.exit(0 if clean else 1)


COMMANDS: dict[str, click.Command] = {"doctor": doctor}


def _look(
    database: "Database", settings: configuration.Settings, documents: bool
) -> "tuple[list[Result], list[dict[str, Any]]]":
    """(results, notes) of one look."""
    from console import examination
    from store.invariants import NOTES, note
    from store.snapshot import snapshot

    with snapshot(database):
        results = [*examination.promises(database), *examination.history(database, settings)]
        if documents:
            results.append(examination.files(database, settings))
        notes = [{"name": name, "zh": zh, "en": en, "count": note(database, name)} for name, zh, en in NOTES]
    return sorted(results, key=lambda result: int(result.check.id[1:])), notes
