"""`coedi receipts`: what an enterprise was told, read from the database where receipts are kept for ever."""

import signal
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from console import settings as configuration
from console import terminal

if TYPE_CHECKING:
    from console.receipt_feed import Kept
    from store.database import Database

POLL_SECONDS = 0.5


@click.command("receipts")
@click.argument("enterprise")
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="FEED_NO", help="Only those after this number.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N receipts.")
@click.option("--follow", is_flag=True, help="Go on with new receipts until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document; with --follow one JSON object a line.")
def receipts(enterprise: str, since: int, limit: int | None, follow: bool, as_json: bool) -> None:
    """The receipts of ENTERPRISE in the order of its feed numbers 1, 2, 3 ..., which have no gaps."""
    from console.receipt_feed import after
    from console.wiring import database
    from store.registry import partner

    opened = database(configuration.load(), name="coedi receipts")
    try:
        no = partner(opened, enterprise).no
        if follow:
            _follow(opened, no, since, limit, as_json)
            return
        found = after(opened, no, since, limit)
        if as_json:
            terminal.echo_json({"enterprise": no, "receipts": [kept.data for kept in found]})
        else:
            _table(f"Receipts 回执 {no}", found)
    finally:
        opened.close()


COMMANDS: dict[str, click.Command] = {"receipts": receipts}


def _table(title: str, found: "Iterable[Kept]") -> None:
    from console.receipt_feed import COLUMNS, cells

    terminal.table(title, COLUMNS, [cells(kept.receipt) for kept in found])


def _follow(opened: "Database", no: str, since: int, limit: int | None, as_json: bool) -> None:
    """Print what there is and what comes, until `limit` were printed or somebody stops us: that is a good end."""
    from console.receipt_feed import after

    # a shell starts background jobs with SIGINT ignored: they are stopped like those in front
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        while limit is None or limit > 0:
            for kept in after(opened, no, since, limit):
                _print_line(kept, as_json)
                since = kept.receipt.feed_no
                limit = None if limit is None else limit - 1
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return


def _print_line(kept: "Kept", as_json: bool) -> None:
    from console.receipt_feed import cells

    if as_json:
        terminal.echo_json_line(kept.data)
    else:
        click.echo("  ".join("-" if cell is None else terminal.one_line(cell) for cell in cells(kept.receipt)))
