"""`coedi review approve|return|void|batch-approve|reasons`: what people decide, from the shell."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from console import settings as configuration
from console import wiring
from console.commands.review_names import who
from console.terminal import echo_json, table, when
from domain.errors import IllegalTransition, Refusal, StaleVersion

if TYPE_CHECKING:
    from review_worker.batch import Result
    from review_worker.manual_review import Decided, Remark
    from review_worker.policy import Policy
    from store.database import Database
    from store.postgres import PostgresStore

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_VERSION = click.option("--version", type=int, help="The version you looked at; default: the one in the queue now.")
_REVIEWER = click.option("--as-reviewer", "reviewer", metavar="NAME", help="Who decides; default: the login name.")
_CERTIFICATE = click.argument("name", metavar="CERTIFICATE")
_TOKEN = click.option("--token", type=int, help="Of the claim under which you looked at it, from `review claim`.")
_CODE = click.option("--reason-code", default="", metavar="CODE", help="One of `coedi review reasons`.")
_EVENTS = ("approve", "return", "void", "steal", "refer")


@click.command("approve")
@_CERTIFICATE
@_VERSION
@_TOKEN
@_CODE
@click.option("--note", default="", help="A remark for the history.")
@_REVIEWER
@_JSON
def approve(
    name: str, version: int | None, token: int | None, reason_code: str, note: str, reviewer: str | None, as_json: bool
) -> None:
    """Approve CERTIFICATE (id, number or invoice): it takes its number and is printed."""
    from review_worker import manual_review

    more: dict[str, Any] = _given(token=token, code=reason_code or None)
    _decide(name, version, as_json, lambda store, certificate, seen: manual_review.approve(
        store, certificate, who(reviewer), seen, note, **more))


@click.command("return")
@_CERTIFICATE
@click.option("--reason", default="", help="What the exporter has to change; the enterprise reads it.")
@_CODE
@click.option("--remark", "remarks", multiple=True, metavar="BOX=TEXT", help="About one box of the form; may be repeated.")
@click.option("--without", multiple=True, type=click.IntRange(1), metavar="N",
              help="Leave out the N-th of the machine's findings; may be repeated.")
@_VERSION
@_TOKEN
@_REVIEWER
@_JSON
def return_(  # noqa: PLR0913 # as above
    *, name: str, reason: str, reason_code: str, remarks: tuple[str, ...], without: tuple[int, ...], version: int | None,
    token: int | None, reviewer: str | None, as_json: bool,
) -> None:
    """Return CERTIFICATE (id, number or invoice) to the exporter."""
    from review_worker import manual_review

    if not (reason.strip() or reason_code):
        raise click.UsageError("--reason or --reason-code is needed")
    left_out = {place - 1 for place in without}
    keep = [place for place in range(10_000) if place not in left_out] if without else None
    why = manual_review.Return(reason, reason_code, tuple(map(_remark, remarks)), keep)
    _decide(name, version, as_json, lambda store, certificate, seen: manual_review.send_back(
        store, certificate, who(reviewer), seen, why, **_given(token=token)))


@click.command("void")
@_CERTIFICATE
@click.option("--reason", default="", help="Why; the enterprise reads it.")
@_CODE
@click.option("--eyes", type=click.IntRange(1, 2), help="Persons that have to agree; default: what the review policy says.")
@click.option("--version", type=int, required=True, help="The version you looked at, from `coedi trace`.")
@_REVIEWER
@_JSON
def void(
    name: str, reason: str, reason_code: str, eyes: int | None, version: int, reviewer: str | None, as_json: bool
) -> None:
    """Make issued CERTIFICATE (id, number or invoice) void 作废, for good."""
    from review_worker import manual_review
    from store.lookup import certificate
    from store.postgres import PostgresStore

    if not (reason.strip() or reason_code):
        raise click.UsageError("--reason or --reason-code is needed")
    database = _database()
    found = certificate(database, name)
    needed = eyes or _policy(database, found.branch).void_eyes
    decided = manual_review.void(PostgresStore(database), found.id, who(reviewer), version, reason_code, reason, needed)
    _show(decided, version, as_json)


@click.command("batch-approve")
@click.argument("names", metavar="CERTIFICATES", nargs=-1, required=True)
@click.option("--allow", "codes", multiple=True, metavar="CODE",
              help="A certificate goes through when all reasons why it waits are among these; may be repeated. Default: those that "
                   "the review policy names.")
@_REVIEWER
@_JSON
def batch_approve(names: tuple[str, ...], codes: tuple[str, ...], reviewer: str | None, as_json: bool) -> None:
    """Approve CERTIFICATES (ids, numbers or invoices) together, as they wait now. Exit 5 when some were left out."""
    from review_worker.batch import approve_many
    from store.lookup import certificate
    from store.postgres import PostgresStore

    database = _database()
    found = [certificate(database, name) for name in names]
    results = []
    for branch in dict.fromkeys(one.branch for one in found):
        ids = [one.id for one in found if one.branch == branch]
        seen = [(identity, rows[0][0] if (rows := database.query("review_row", id=identity)) else 0, None) for identity in ids]
        allowed = codes or _policy(database, branch).batch_codes
        results += approve_many(PostgresStore(database), who(reviewer), seen, allowed)
    _show_batch(results, as_json)
    if refused := sum(one.refused is not None for one in results):
        raise SystemExit(4 if refused == len(results) else 5)


@click.command("reasons")
@click.option("--event", type=click.Choice(_EVENTS), help="Only those of this decision.")
@click.option("--kind", type=click.Choice(("certificate", "goods", "registration")), help="Only those of this kind.")
@_JSON
def reasons(event: str | None, kind: str | None, as_json: bool) -> None:
    """Reason codes of decisions, in both languages."""
    from dataclasses import asdict

    from review_worker.reasons import reasons as all_of_them

    rows = [one for one in all_of_them().values() if event in (None, *one.events) and kind in (None, *one.kinds)]
    if as_json:
        echo_json({"reasons": [asdict(one) for one in rows]})
    else:
        table("reason codes 原因代码", ("code", "for", "中文", "English"), [
            (one.code, f"{', '.join(one.events)} ({', '.join(one.kinds)})", one.zh, one.en) for one in rows])


COMMANDS: tuple[click.Command, ...] = (approve, return_, void, batch_approve, reasons)


def _policy(database: "Database", branch: str) -> "Policy":
    """The review policy that counts for a branch now."""
    return wiring.review_policies(configuration.load(), database).policy_for(branch)


def _given(**options: object) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _remark(text: str) -> "Remark":
    from review_worker.remarks import Remark

    box, sign, words = text.partition("=")
    if not (sign and words.strip()):
        raise click.UsageError(f"--remark {text}: write it as BOX=TEXT")
    return Remark(box.strip(), words)


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi review")


def _decide(
    name: str, version: int | None, as_json: bool, decision: "Callable[[PostgresStore, UUID, int], Decided]"
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
    by, at, event, state, version = database.query("newest_move", id=certificate)[0]
    return f"{by} made it {state} ({event}) at {when(at)}, version {version}"


def _show(decided: "Decided", seen: int, as_json: bool) -> None:
    certificate = decided.certificate
    if as_json:
        echo_json({
            "certificate": certificate.id, "invoice": certificate.invoice, "number": certificate.number, "state": certificate.state,
            "seen_version": seen, "version": certificate.version, "eyes": decided.eyes, "agreed": decided.agreed})
        return
    state = certificate.lifecycle_state
    number = f", number {certificate.number}" if certificate.number else ""
    done = f"version {seen} decided, now" if decided.done else f"{', '.join(decided.agreed)} agreed, a second person has to; still"
    click.echo(f"{certificate.id} invoice {certificate.invoice}: {done} {state.code} {state.zh} / {state.en}{number}")


def _show_batch(results: "list[Result]", as_json: bool) -> None:
    if as_json:
        echo_json({"results": [
            {"certificate": one.seen.certificate, "seen_version": one.seen.version,
             "state": one.certificate.state if one.certificate else None,
             "number": one.certificate.number if one.certificate else None,
             "refused": str(one.refused) if one.refused else None} for one in results]})
        return
    table("approved together 批量审核", ("certificate", "state", "number", "why not"), [
        (one.seen.certificate, one.certificate.state if one.certificate else None,
         one.certificate.number if one.certificate else None, str(one.refused) if one.refused else None) for one in results])
