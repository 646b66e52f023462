"""`coedi send`: submit files as an enterprise or a branch, and follow them to their end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import terminal

if TYPE_CHECKING:
    from console.settings import Settings
    from console.submission import Submission

DEFAULT_WAIT = 120.0  # seconds that `--wait` waits when it is not told


class OptionalSeconds(click.Command):
    """`--wait` may stand alone: a number behind it is its value, a file name behind it is not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a lone `--wait` its value before click looks at the words."""
        words: list[str] = []
        for index, word in enumerate(args):
            follows = args[index + 1] if index + 1 < len(args) else ""
            words.append(f"--wait={DEFAULT_WAIT:g}" if word == "--wait" and not _is_number(follows) else word)
        return super().parse_args(ctx, words)


@click.command("send", cls=OptionalSeconds)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "sender", required=True, metavar="ENTERPRISE|BRANCH",
              help="Registration number or credit code; or the code of a branch.")
@click.option("--wait", type=click.FloatRange(min=0), metavar="[SECONDS]",
              help=f"Follow each message to its end, at most {DEFAULT_WAIT:g} seconds unless told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def send(files: tuple[Path, ...], sender: str, wait: float | None, as_json: bool) -> None:
    """Submit interchange FILES as ENTERPRISE or BRANCH, with its own broker account if its password is kept here.

    With --wait: 0 all issued or done, 1 something was refused or returned, 5 something still waits (for a person, or for time).
    Sending a file twice does no harm: what is known is answered with its newest receipt, and nothing is done twice.
    """
    from console.submission import submit

    settings, loaded = configuration.load(), [_load(file) for file in files]
    name, exchange = _address(settings, sender)
    sent = submit(settings, name, exchange, loaded)
    results = _results(settings, exchange, loaded, sent, wait)
    if as_json:
        terminal.echo_json({"files": results})
    else:
        _print(results)
    if code := _exit_code(results, wait is not None):
        sys.exit(code)


COMMANDS: dict[str, click.Command] = {"send": send}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _load(file: Path) -> "Submission":
    from console.submission import load

    try:
        return load(file)
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from error


def _address(settings: "Settings", sender: str) -> tuple[str, str]:
    """(number or code, exchange). A sender whose password is kept here needs no database to be sent for."""
    from console.submission import password_file
    from console.wiring import database
    from domain.branch import is_branch
    from pipeline.topology import Names
    from store.registry import exchange_of

    names = Names(settings.prefix)
    exchange = names.branch_exchange(sender) if is_branch(sender) else names.enterprise_exchange(sender)
    if password_file(settings, sender).read():
        return sender, exchange
    opened = database(settings, name="coedi send")
    try:
        return exchange_of(opened, sender)
    finally:
        opened.close()


def _results(
    settings: "Settings", exchange: str, loaded: "list[Submission]", sent: list[bool], wait: float | None
) -> list[dict[str, Any]]:
    """One JSON-ready answer a file: what the envelope says, and after a wait what the database knows."""
    from console.following import follow
    from console.submission_report import as_followed, as_sent
    from console.wiring import database

    if wait is None:
        return [as_sent(each, confirmed) for each, confirmed in zip(loaded, sent, strict=True)]
    opened = database(settings, name="coedi send")
    try:
        waited = [each.sha256 for each, confirmed in zip(loaded, sent, strict=True) if confirmed]
        with terminal.progress(sum(each.count for each in loaded), "following") as bar:
            found = follow(opened, exchange, waited, wait, bar)
        return [
            as_followed(opened, each, confirmed, found.get(each.sha256))
            for each, confirmed in zip(loaded, sent, strict=True)
        ]
    finally:
        opened.close()


def _exit_code(results: list[dict[str, Any]], waited: bool) -> int:
    """0 all issued (or, without waiting, all confirmed), 1 something is refused or returned, 5 something is open."""
    from console.following import BAD, GOOD

    states = {message["state"] for result in results for message in result["messages"]}
    if any(result["refusal"] not in (None, "PARKED") for result in results) or states & BAD:
        return 1
    complete = all(result["sent"] for result in results)
    if waited:
        complete = complete and all(result["messages"] for result in results) and states <= GOOD
    return 0 if complete else 5


def _print(results: list[dict[str, Any]]) -> None:
    rows = []
    for result in results:
        name, so_far = Path(result["file"]).name, "sent" if result["sent"] else "not confirmed"
        if not result["messages"]:
            rows.append((name, None, None, result["refusal"] or so_far, None, None))
        for message in result["messages"]:
            state = message["state"] or so_far
            document = message["document"]["name"] if message["document"] else None
            rows.append((name, message["message_id"], message["invoice"], state, message["certificate_no"], document))
    terminal.table("", ("file", "message", "invoice", "state", "certificate", "document"), rows)
    for result in results:
        _print_findings(result)


def _print_findings(result: dict[str, Any]) -> None:
    name = Path(result["file"]).name
    for message in result["messages"] or [{"message_id": "", "findings": result["findings"]}]:
        for finding in message["findings"]:
            where = f"box {finding['box']}" if finding["box"] else finding["path"] or ""
            click.echo(f"\n{message['message_id'] or name}: {finding['code']} {finding['severity']} {where}".rstrip())
            for text in (finding["zh"], finding["en"], finding["remedy"]):
                click.echo(f"  {terminal.one_line(text)}")
