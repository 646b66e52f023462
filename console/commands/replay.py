"""`coedi replay`: what failed is handled again, as it was planned and seen before."""

import contextlib
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.operator import actor, record
from console.terminal import SHANGHAI, echo_json, progress, table, when
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import Refusal

if TYPE_CHECKING:
    from gateway.planning import Filters
    from pipeline.handler import Session
    from store.replay import Item, Plan

PREDICTING = ("schema-check", "rule-check", "auto-review")
STATES = ("planned", "done", "skipped", "failed")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_PLAN = click.argument("id_", metavar="PLAN")
_RATE = click.option("--rate", type=click.FloatRange(0.01), metavar="N", help="At most N a second.")
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def replay() -> None:
    """Handle again what was returned or parked."""


@replay.command("plan")
@click.option("--state", "states", multiple=True, type=click.Choice([state.code for state in CERTIFICATE.states]),
              help="Certificates in this state; may be repeated.")
@click.option("--finding", metavar="CODE", help="With this finding, fingerprint or gate's code.")
@click.option("--enterprise", metavar="NO", help="Of this enterprise.")
@click.option("--since", type=_DAY, metavar="WHEN", help="Moved or parked at this Shanghai time or later.")
@click.option("--until", type=_DAY, metavar="WHEN", help="And before this one; a day counts as a whole.")
@click.option("--invoice", metavar="NUMBER", help="With this invoice number.")
@click.option("--parked", is_flag=True, help="Open tickets instead of certificates.")
@click.option("--refused", is_flag=True, help="Deliveries that a gate refused, instead.")
@click.option("--pack", metavar="VERSION", help="Decide with this rule pack, or with the current one; default: the one of then.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also write the plan to this file, as JSON.")
@_JSON
def plan_(as_json: bool, output: Path | None, **given: Any) -> None:
    """Choose, predict each new verdict, and freeze the selection. Nothing is changed."""
    from gateway.planning import chosen
    from pipeline.identity import new_id
    from store.replay import freeze

    session = _session()
    filters = _filters(session, **given)
    with progress(None, "predicting") as bar:
        items = chosen(session, filters, bar.advance)
    if not items:
        raise Refusal("nothing matches these filters")
    plan = freeze(session.database, new_id(), actor(), filters.as_data(), items)
    record(session.database, "replay plan", str(plan.id), sha256=plan.sha256, **_counts(items))
    if output:
        _save(output, plan, items)
    _show(plan, items, as_json)


@replay.command("run")
@_PLAN
@click.option("--reason", required=True, help="Why; it stands in history and audit.")
@_RATE
@_JSON
def run_(id_: str, reason: str, rate: float | None, as_json: bool) -> None:
    """Do what PLAN says, and nothing else."""
    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    session = _session()
    _run(session, _plan(session, id_), reason, rate, as_json)


@replay.command("resume")
@_PLAN
@_RATE
@_JSON
def resume_(id_: str, rate: float | None, as_json: bool) -> None:
    """Go on with PLAN where a run ended, under its reason."""
    session = _session()
    plan = _plan(session, id_)
    if plan.reason is None:
        raise Refusal(f"replay plan {plan.id} was never run; use: coedi replay run {plan.id} --reason ...")
    _run(session, plan, plan.reason, rate, as_json)


@replay.command("cancel")
@_PLAN
@click.option("--reason", required=True, help="Why; it stands in the audit.")
@_JSON
def cancel(id_: str, reason: str, as_json: bool) -> None:
    """Give up what is still planned in PLAN."""
    from store.replay import items_of, running, settle

    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    session = _session()
    database, plan = session.database, _plan(session, id_)
    with running(database, plan), database.transaction():
        left = [item for item in items_of(database, plan) if item.state == "planned"]
        for item in left:
            settle(database, plan, item, "skipped", f"cancelled: {reason}")
        record(database, "replay cancel", str(plan.id), reason=reason, cancelled=len(left))
    _show(plan, items_of(database, plan), as_json)


@replay.command("status")
@_PLAN
@_JSON
def status(id_: str, as_json: bool) -> None:
    """What became of each line of PLAN."""
    from store.replay import items_of

    session = _session()
    plan = _plan(session, id_)
    _show(plan, items_of(session.database, plan), as_json)


@replay.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@_JSON
def list_(limit: int, as_json: bool) -> None:
    """All plans, the newest first."""
    from store.replay import listed

    rows = listed(_session().database, limit)
    if as_json:
        echo_json({"plans": [plan.as_data() | counts for plan, counts in rows]})
    elif rows:
        table("replay plans", ("id", "time", "by", "filters", *STATES, "reason"), [
            (plan.id, when(plan.at), plan.actor, _words(plan), *counts.values(), plan.reason) for plan, counts in rows])
    else:
        click.echo("there is no replay plan")


COMMANDS: dict[str, click.Command] = {"replay": replay}


def _session() -> "Session":
    """The database with the stages that predict and carry on; what is written is left to the relay."""
    from pipeline.handler import Session
    from pipeline.identity import new_id
    from store.postgres import PostgresStore

    settings = configuration.load()
    database = wiring.database(settings, name="coedi replay")
    return Session(PostgresStore(database), {name: wiring.STAGES[name](settings) for name in PREDICTING}, new_id)


def _plan(session: "Session", id_: str) -> "Plan":
    from store.replay import one

    return one(session.database, id_)


def _filters(session: "Session", **given: Any) -> "Filters":
    """What was asked for; raises UsageError for nothing at all and for what does not go together."""
    from domain.application import normalised_invoice
    from gateway.planning import Filters
    from store.registry import partner

    pack = given.pop("pack")
    if not any(given.values()):
        raise click.UsageError("say what to choose: at least one filter")
    if pack and (given["parked"] or given["refused"]):
        raise click.UsageError("--pack is for certificates: no pack has decided a ticket or a refused delivery")
    if given["parked"] + given["refused"] + bool(given["states"] or given["invoice"]) > 1:
        raise click.UsageError("choose one: certificates (--state, --invoice), --parked tickets or --refused deliveries")
    until: datetime | None = given["until"]
    if until and until == until.replace(hour=0, minute=0, second=0):
        until += timedelta(days=1)
    return Filters(
        given["states"], given["finding"], partner(session.database, given["enterprise"]).no if given["enterprise"] else None,
        _local(given["since"]), _local(until), normalised_invoice(given["invoice"]) if given["invoice"] else None, given["parked"],
        given["refused"], _known(session, pack) if pack else None)


def _known(session: "Session", pack: str) -> str:
    """The version, or "current"; raises UnknownThing for one that there is not."""
    from gateway.prediction import CURRENT
    from store.rule_packs import reference
    from validators.rulebook import rulebook

    return pack if pack == CURRENT else rulebook(reference(session.database)).pack(pack).version


def _local(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=SHANGHAI) if at else None


def _run(session: "Session", plan: "Plan", reason: str, rate: float | None, as_json: bool) -> None:
    from gateway.replay import Run, replay
    from store.replay import items_of, running

    database, who = session.database, actor()
    with running(database, plan):
        items = items_of(database, plan)
        planned = [item for item in items if item.state == "planned"]
        if not planned:
            raise Refusal(f"nothing is planned in replay plan {plan.id}: {_counted(items)}")
        with database.transaction():
            database.query("start_plan", plan=plan.id, actor=who, reason=reason)
            record(database, "replay run", str(plan.id), reason=reason, planned=len(planned))
        # intake logs where it may: on standard error, as standard output is ours
        with progress(len(planned), "replay") as bar, contextlib.redirect_stdout(sys.stderr):
            counts = replay(Run(session, plan, who.removeprefix("operator:"), reason), planned, rate, bar.advance)
    _show(_plan(session, str(plan.id)), items_of(database, plan), as_json)
    if counts["failed"]:
        click.get_current_context().exit(1)


def _counts(items: "list[Item]") -> dict[str, int]:
    counted = Counter(item.state for item in items)
    return {state: counted[state] for state in STATES}


def _counted(items: "list[Item]") -> str:
    return ", ".join(f"{count} {state}" for state, count in _counts(items).items() if count)


def _data(plan: "Plan", items: "list[Item]") -> dict[str, Any]:
    return plan.as_data() | _counts(items) | {"items": [item.as_data() for item in items]}


def _show(plan: "Plan", items: "list[Item]", as_json: bool) -> None:
    if as_json:
        echo_json(_data(plan, items))
        return
    columns = ("", "what", "id", "name", "version", "is", "would be", "findings", "not again", "state", "because")
    table(f"replay plan {plan.id}", columns, [
        (item.position, item.kind, item.subject, item.name, item.version, item.old, item.predicted, " ".join(item.codes) or None,
         "\n".join(item.kept) or None, item.state, item.became) for item in items])
    click.echo(f"{_counted(items)}; frozen under SHA-256 {plan.sha256[:16]}")
    if plan.run_by is None:
        click.echo(f"to do it: coedi replay run {plan.id} --reason ...")


def _words(plan: "Plan") -> str:
    return " ".join(f"{name}={value}" for name, value in plan.filters.items())


def _save(file: Path, plan: "Plan", items: "list[Item]") -> None:
    import json

    text = json.dumps(_data(plan, items), ensure_ascii=False, indent=2, default=str)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from error
