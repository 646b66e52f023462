"""`coedi review`: the reviewers' queue, from the shell: who looks at what."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from console import settings as configuration
from console import wiring
from console.commands import review_decisions
from console.commands.review_names import found, one_of, who
from console.terminal import echo_json, table, when
from domain.errors import Refusal

if TYPE_CHECKING:
    from review_worker.desk_queue import Waiting
    from store.database import Database
    from store.leases import Claim

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_REVIEWER = click.option("--as-reviewer", "reviewer", metavar="NAME", help="Who it is; default: the login name.")
_NAME = click.argument("name", metavar="CERTIFICATE")
_TOKEN = click.option("--token", type=int, help="Of the claim, from `review claim`; default: your newest.")
_MINUTES = click.option("--minutes", default=15, show_default=True, type=click.IntRange(1, 24 * 60), help="How long, from now.")
_SENIOR = click.option("--senior", is_flag=True, help="As a senior reviewer.")
_TYPES = click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this certificate type; may be repeated.")
_KINDS = ("certificate", "goods", "registration")


@click.group()
def review() -> None:
    """What waits for a person: certificates, goods filings, registrations."""


@review.command("list")
@click.option("--branch", help="Only this branch's.")
@click.option("--kind", type=click.Choice((*_KINDS, "all")), default="certificate", show_default=True, help="What waits.")
@_TYPES
@click.option("--enterprise", help="Only this enterprise's: registration number.")
@click.option("--mine", is_flag=True, help="Only what you have claimed.")
@click.option("--holder", metavar="NAME", help="Only what this person has claimed.")
@click.option("--unclaimed", is_flag=True, help="Only what nobody holds.")
@click.option("--overdue", is_flag=True, help="Only what is past its deadline.")
@click.option("--reason-code", metavar="CODE", help="Only what came here for this reason: C22, NEW_EXPORTER and so on.")
@click.option("--after", metavar="ID", help="The page after this one: certificate or filing, by id.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1))
@_REVIEWER
@_JSON
def list_(  # noqa: PLR0913 # an option each
    *, branch: str | None, kind: str, types: tuple[str, ...], enterprise: str | None, mine: bool, holder: str | None,
    unclaimed: bool, overdue: bool, reason_code: str | None, after: str | None, limit: int, reviewer: str | None, as_json: bool,
) -> None:
    """The queue, the nearest deadline first."""
    from review_worker.desk_queue import Only, waiting

    only = Only(branch, None if kind == "all" else kind, types, enterprise, who(reviewer) if mine else holder, unclaimed, overdue,
                reason_code)
    database = _database()
    rows = waiting(database, only, limit, _place(database, after) if after else None)
    if as_json:
        echo_json({"waiting": [_data(row) for row in rows]})
    elif rows:
        columns = ("certificate", "version", "enterprise", "branch", "invoice", "to", "deadline", "claimed", "why")
        table("waiting for review 待审", columns, [
            (row.subject, row.version, f"{row.enterprise} {row.name_zh}", row.branch, row.invoice or row.goods or row.kind,
             row.destination or None, when(row.deadline), _held(row), "\n".join((*row.reasons, *_notes(row)))) for row in rows])
    else:
        click.echo("nothing waits for review")


@review.command("claim")
@click.argument("name", metavar="CERTIFICATE", required=False)
@click.option("--branch", help="Only this branch's.")
@click.option("--kind", type=click.Choice(_KINDS), default="certificate", show_default=True, help="Of which queue.")
@_TYPES
@_SENIOR
@_MINUTES
@_REVIEWER
@_JSON
def claim_(  # noqa: PLR0913 # as above
    *, name: str | None, branch: str | None, kind: str, types: tuple[str, ...], senior: bool, minutes: int, reviewer: str | None,
    as_json: bool,
) -> None:
    """Take CERTIFICATE, or the next by deadline that nobody holds, for a while. A filing is named by its number or id."""
    from review_worker.claims import claim

    database = _database()
    subject = one_of(database, name, kind) if name else None
    made = claim(database, who(reviewer), minutes, subject, branch, kind=kind, skills=types, senior=senior)
    if made is None:
        raise Refusal("nothing is left to claim; see: coedi review list")
    _show_claim(made, "claimed", as_json)


@review.command("renew")
@_NAME
@_TOKEN
@_MINUTES
@_REVIEWER
@_JSON
def renew_(name: str, token: int | None, minutes: int, reviewer: str | None, as_json: bool) -> None:
    """Keep CERTIFICATE (or a filing) for longer."""
    from review_worker.claims import renew

    database = _database()
    _show_claim(renew(database, who(reviewer), found(database, name), minutes, token), "renewed", as_json)


@review.command("release")
@_NAME
@_TOKEN
@_REVIEWER
@_JSON
def release_(name: str, token: int | None, reviewer: str | None, as_json: bool) -> None:
    """Give CERTIFICATE (or a filing) back undecided."""
    from review_worker.claims import release

    database = _database()
    _show_claim(release(database, who(reviewer), found(database, name), token), "released", as_json)


@review.command("steal")
@_NAME
@click.option("--reason", required=True, help="Why; it stands in the audit.")
@click.option("--reason-code", default="", metavar="CODE", help="One of `review reasons --event steal`.")
@_SENIOR
@_MINUTES
@_REVIEWER
@_JSON
def steal_(
    name: str, reason: str, reason_code: str, senior: bool, minutes: int, reviewer: str | None, as_json: bool
) -> None:
    """Take CERTIFICATE (or a filing) over from whoever holds it."""
    from review_worker.claims import steal

    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    database = _database()
    made = steal(database, who(reviewer), found(database, name), reason, minutes, reason_code, senior)
    _show_claim(made, "claimed", as_json)


@review.command("refer")
@_NAME
@click.option("--to", metavar="NAME", help="To this person; default: to any senior reviewer.")
@click.option("--remark", required=True, help="A word to whoever looks at it next.")
@click.option("--reason-code", default="", metavar="CODE", help="One of `review reasons --event refer`.")
@_TOKEN
@_REVIEWER
@_JSON
def refer_(
    name: str, to: str | None, remark: str, reason_code: str, token: int | None, reviewer: str | None, as_json: bool
) -> None:
    """Hand CERTIFICATE (or a filing) that you hold on to a second reviewer."""
    from review_worker.claims import Referral, refer

    if not remark.strip():
        raise click.UsageError("--remark must not be empty")
    database = _database()
    made = refer(database, who(reviewer), found(database, name), Referral(remark, to, reason_code), token)
    _show_claim(made, f"referred to {to or 'a senior reviewer'}", as_json)


@review.command("reassign")
@_NAME
@click.option("--to", metavar="NAME", help="To this person; default: back to everybody.")
@click.option("--reason", default="", help="Why; it stands in the audit.")
@_REVIEWER
@_JSON
def reassign_(name: str, to: str | None, reason: str, reviewer: str | None, as_json: bool) -> None:
    """Give CERTIFICATE (or a filing) to a person, whoever holds it now."""
    from review_worker.claims import reassign

    database = _database()
    made = reassign(database, who(reviewer), found(database, name), to, reason)
    _show_claim(made, f"assigned to {to}" if to else "free for everybody", as_json)


for _command in review_decisions.COMMANDS:
    review.add_command(_command)
COMMANDS: dict[str, click.Command] = {"review": review}


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi review")


def _place(database: "Database", text: str) -> "tuple[datetime, UUID]":
    """Where a row stands in the queue; raises UnknownThing."""
    from store.leases import place_of

    return place_of(database, found(database, text))


def _data(row: "Waiting") -> dict[str, object]:
    from dataclasses import asdict

    return {"certificate": row.subject if row.kind == "certificate" else None, **asdict(row)}


def _held(row: "Waiting") -> str | None:
    if row.claimed_by:
        return f"{row.claimed_by} until {when(row.lease_until)}"
    return f"for {row.assigned_to}" if row.assigned_to else "for a senior reviewer" if row.senior else None


def _notes(row: "Waiting") -> list[str]:
    """What was said about it at the desk."""
    agreed = f"{', '.join(row.approved_by) or 'nobody'} approved, two persons have to" if row.eyes > 1 else ""
    return list(filter(None, (agreed, f"{row.referred_by}: {row.remark}" if row.referred_by else "")))


def _show_claim(made: "Claim", what: str, as_json: bool) -> None:
    if as_json:
        echo_json({"subject": made.subject, "certificate": made.subject, "version": made.version, "claimed_by": made.holder,
                   "lease_until": made.until, "token": made.token})
    elif made.holder:
        held = f"{what} by {made.holder} until {when(made.until)}, token {made.token}"
        click.echo(f"{made.subject} version {made.version}: {held}")
    else:
        click.echo(f"{made.subject} version {made.version}: {what}")
