"""`coedi review`: the reviewers' queue, from the shell."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from console import settings as configuration
from console import wiring
from console.operator import actor
from console.terminal import echo_json, table, when
from domain.errors import IllegalTransition, Refusal, StaleVersion

if TYPE_CHECKING:
    from domain.certificate import Certificate
    from review_worker.claims import Claim
    from store.database import Database
    from store.postgres import PostgresStore

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_VERSION = click.option("--version", type=int, help="The version you looked at; default: the one in the queue now.")
_REVIEWER = click.option("--as-reviewer", "reviewer", metavar="NAME", help="Who decides; default: the login name.")
_CERTIFICATE = click.argument("name", metavar="CERTIFICATE")
_TOKEN = click.option("--token", type=int, help="Of the claim under which you looked at it, from `review claim`.")
_MINUTES = click.option("--minutes", default=15, show_default=True, type=click.IntRange(1, 24 * 60), help="How long, from now.")


@click.group()
def review() -> None:
    """Certificates that wait for a person."""


@review.command("list")
@click.option("--branch", help="Only this branch's.")
@click.option("--mine", is_flag=True, help="Only what you have claimed.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1))
@_REVIEWER
@_JSON
def list_(branch: str | None, mine: bool, limit: int, reviewer: str | None, as_json: bool) -> None:
    """The queue, the nearest deadline first."""
    from dataclasses import asdict

    from review_worker.manual_review import waiting

    rows = waiting(_database(), branch, limit, _who(reviewer) if mine else None)
    if as_json:
        echo_json({"waiting": [asdict(row) for row in rows]})
    elif rows:
        columns = ("certificate", "version", "enterprise", "branch", "invoice", "to", "deadline", "claimed", "why")
        table("waiting for review 待审", columns, [
            (row.certificate, row.version, f"{row.enterprise} {row.name_zh}", row.branch, row.invoice, row.destination,
             when(row.deadline), f"{row.claimed_by} until {when(row.lease_until)}" if row.claimed_by else None,
             "\n".join(row.reasons)) for row in rows])
    else:
        click.echo("nothing waits for review")


@review.command("claim")
@click.argument("name", metavar="CERTIFICATE", required=False)
@click.option("--branch", help="Only this branch's.")
@_MINUTES
@_REVIEWER
@_JSON
def claim_(name: str | None, branch: str | None, minutes: int, reviewer: str | None, as_json: bool) -> None:
    """Take CERTIFICATE, or the next by deadline that nobody holds, for a while."""
    from review_worker.claims import claim

    database = _database()
    made = claim(database, _who(reviewer), minutes, _found(database, name) if name else None, branch)
    if made is None:
        raise Refusal("nothing is left to claim; see: coedi review list")
    _show_claim(made, "claimed", as_json)


@review.command("renew")
@_CERTIFICATE
@_TOKEN
@_MINUTES
@_REVIEWER
@_JSON
def renew_(name: str, token: int | None, minutes: int, reviewer: str | None, as_json: bool) -> None:
    """Keep CERTIFICATE for longer."""
    from review_worker.claims import renew

    database = _database()
    _show_claim(renew(database, _who(reviewer), _found(database, name), minutes, token), "renewed", as_json)


@review.command("release")
@_CERTIFICATE
@_TOKEN
@_REVIEWER
@_JSON
def release_(name: str, token: int | None, reviewer: str | None, as_json: bool) -> None:
    """Give CERTIFICATE back undecided."""
    from review_worker.claims import release

    database = _database()
    _show_claim(release(database, _who(reviewer), _found(database, name), token), "released", as_json)


@review.command("steal")
@_CERTIFICATE
@click.option("--reason", required=True, help="Why; it stands in the audit.")
@_MINUTES
@_REVIEWER
@_JSON
def steal_(name: str, reason: str, minutes: int, reviewer: str | None, as_json: bool) -> None:
    """Take CERTIFICATE over from whoever holds it."""
    from review_worker.claims import steal

    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    database = _database()
    _show_claim(steal(database, _who(reviewer), _found(database, name), reason, minutes), "claimed", as_json)


@review.command("approve")
@_CERTIFICATE
@_VERSION
@_TOKEN
@click.option("--note", default="", help="A remark for the history.")
@_REVIEWER
@_JSON
def approve(
    name: str, version: int | None, token: int | None, note: str, reviewer: str | None, as_json: bool
) -> None:
    """Approve CERTIFICATE (id, number or invoice): it takes its number and is printed."""
    from review_worker import manual_review

    _decide(name, version, as_json, lambda store, certificate, seen: manual_review.approve(
        store, certificate, _who(reviewer), seen, note, **_under(token)))


@review.command("return")
@_CERTIFICATE
@click.option("--reason", required=True, help="What the exporter has to change.")
@_VERSION
@_TOKEN
@_REVIEWER
@_JSON
def return_(
    name: str, reason: str, version: int | None, token: int | None, reviewer: str | None, as_json: bool
) -> None:
    """Return CERTIFICATE (id, number or invoice) to the exporter."""
    from review_worker import manual_review

    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    _decide(name, version, as_json, lambda store, certificate, seen: manual_review.send_back(
        store, certificate, _who(reviewer), seen, reason, **_under(token)))


COMMANDS: dict[str, click.Command] = {"review": review}


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi review")


def _who(reviewer: str | None) -> str:
    """Who decides: a name given, or the login name."""
    return (reviewer or "").strip() or actor().removeprefix("operator:")


def _under(token: int | None) -> dict[str, int]:
    return {} if token is None else {"token": token}


def _found(database: "Database", name: str) -> UUID:
    from store.lookup import certificate

    return certificate(database, name).id


def _show_claim(made: "Claim", what: str, as_json: bool) -> None:
    if as_json:
        echo_json({"certificate": made.certificate, "version": made.version, "claimed_by": made.holder,
                   "lease_until": made.until, "token": made.token})
    elif made.holder:
        held = f"{what} by {made.holder} until {when(made.until)}, token {made.token}"
        click.echo(f"{made.certificate} version {made.version}: {held}")
    else:
        click.echo(f"{made.certificate} version {made.version}: {what}")


def _decide(
    name: str, version: int | None, as_json: bool, decision: "Callable[[PostgresStore, UUID, int], Certificate]"
) -> None:
    from store.lookup import certificate
    from store.postgres import PostgresStore

    database = _database()
    found = certificate(database, name)
    rows = database.query("review_row", id=found.id)
    seen = version if version is not None else rows[0][0] if rows else None
    if not rows or seen is None:
        raise Refusal(f"certificate {found.id} does not wait for review: {_newest(database, found.id)}")
    try:
        decided = decision(PostgresStore(database), found.id, seen)
    except (StaleVersion, IllegalTransition) as error:
        newest = _newest(database, found.id)
        raise Refusal(f"somebody else decided first; you looked at version {seen} of {found.id}: {newest}") from error
    _show(decided, seen, as_json)


def _newest(database: "Database", certificate: UUID) -> str:
    who, at, event, state, version = database.query("newest_move", id=certificate)[0]
    return f"{who} made it {state} ({event}) at {when(at)}, version {version}"


def _show(decided: "Certificate", seen: int, as_json: bool) -> None:
    data: dict[str, Any] = {
        "certificate": decided.id, "invoice": decided.invoice, "number": decided.number, "state": decided.state,
        "seen_version": seen, "version": decided.version,
    }
    if as_json:
        echo_json(data)
        return
    state = decided.lifecycle_state
    number = f", number {decided.number}" if decided.number else ""
    now = f"{state.code} {state.zh} / {state.en}"
    click.echo(f"{decided.id} invoice {decided.invoice}: version {seen} decided, now {now}{number}")
