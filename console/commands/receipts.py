"""`coedi receipts`: what a partner was told, read from the database where receipts are kept for ever, or sent again."""

import re
import signal
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import terminal

if TYPE_CHECKING:
    from console.receipt_feed import Kept
    from store.database import Database

POLL_SECONDS = 0.5


class Receipts(click.Group):
    """A group whose first word may be left out: `receipts ENTERPRISE` is `receipts list ENTERPRISE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word where it was left out; an enterprise is never called list or resend."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; any other word is an enterprise, whose receipts are listed."""
        return super().get_command(ctx, cmd_name) or _list_of(cmd_name)


@click.group(cls=Receipts)
def receipts() -> None:
    """The receipts of an enterprise, or those that answer a branch's own messages."""


@receipts.command("list")
@click.argument("enterprise")
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="FEED_NO", help="Only those after this number.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N receipts.")
@click.option("--follow", is_flag=True, help="Go on with new receipts until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document; with --follow one JSON object a line.")
def list_(enterprise: str, since: int, limit: int | None, follow: bool, as_json: bool) -> None:
    """The receipts of ENTERPRISE in the order of its feed numbers 1, 2, 3 ..., which have no gaps.

    For the code of a branch: the answers to its own messages, which have a feed of their own.
    """
    from console.receipt_feed import after
    from console.wiring import database
    from store.registry import whose_receipts

    opened = database(configuration.load(), name="coedi receipts")
    try:
        no = whose_receipts(opened, enterprise)
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


@receipts.command("resend")
@click.argument("enterprise")
@click.option("--feed", required=True, metavar="A..B", help="From this feed number to that one; or one number.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def resend_(enterprise: str, feed: str, as_json: bool) -> None:
    """Send old receipts of ENTERPRISE again, byte-equal, with the header `repeat`."""
    from console.operator import actor
    from console.wiring import database
    from pipeline.identity import new_id
    from pipeline.resend import resend
    from store.registry import whose_receipts

    first, last = _range(feed)
    opened = database(configuration.load(), name="coedi receipts")
    try:
        no = whose_receipts(opened, enterprise)
        with terminal.progress(max(0, last - first + 1), "receipts") as bar:
            count = resend(opened, new_id, actor(), no, first, last, bar.advance)
    finally:
        opened.close()
    if as_json:
        terminal.echo_json({"enterprise": no, "first": first, "last": last, "resent": count})
    else:
        click.echo(f"{count} receipts of {no} are sent again: {first} to {last}")


COMMANDS: dict[str, click.Command] = {"receipts": receipts}


def _list_of(enterprise: str) -> click.Command:
    """The list command with its enterprise named already."""

    def listed(**options: Any) -> None:
        assert list_.callback  # noqa: S101 # click's type allows a command without one
        list_.callback(enterprise=enterprise, **options)

    options = [param for param in list_.params if isinstance(param, click.Option)]
    return click.Command(enterprise, callback=listed, params=list(options), help=list_.help)


def _range(text: str) -> tuple[int, int]:
    """The feed numbers of "A..B" or "A"; raises UsageError."""
    found = re.fullmatch(r"(\d{1,15})(?:\.\.(\d{1,15}))?", text.strip())
    if not found or int(found[1]) > int(found[2] or found[1]):
        raise click.UsageError(f"--feed {text}: write A..B, from a lower feed number to a higher one")
    return int(found[1]), int(found[2] or found[1])


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
