"""`coedi policy`: review policies, where they are in force, what one would have decided, and the branches' working days."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.operator import actor, record
from console.terminal import echo_json, on_terminal, progress, table, when
from domain.errors import Refusal

if TYPE_CHECKING:
    from review_worker.policies import Policies
    from review_worker.policy import Policy
    from review_worker.policy_trial import Summary
    from store.database import Database

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path, dir_okay=False)
_STATES = {"open": True, "closed": False, "usual": None}


@click.group()
def policy() -> None:
    """What auto review refers to people, and on what terms they decide."""


@policy.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """The policies there are, and where each is in force."""
    from dataclasses import asdict

    from store.policies import in_force, stored_policies

    database, book = _open()
    forces = in_force(database)
    rows: list[dict[str, Any]] = [
        {"version": book.builtin.version, "source": "built-in", "at": None, "actor": None, "in_force": _places(forces, None)}]
    rows += [{"version": one.version, "source": "database", "at": one.at, "actor": one.actor,
              "in_force": _places(forces, one.version)} for one in stored_policies(database)]
    reasons = [asdict(one) for one in forces]
    if as_json:
        echo_json({"policies": rows, "activations": reasons})
        return
    table("review policies", ("version", "from", "stored", "by", "in force"), [
        (row["version"], row["source"], when(row["at"]), row["actor"], " ".join(row["in_force"])) for row in rows])
    if reasons:
        table("activated last", ("branch", "version", "at", "by", "because"), [
            (one.branch or "all others", one.version or "built-in", when(one.at), one.actor, one.reason) for one in forces])


@policy.command("show")
@click.argument("version", required=False)
@click.option("--branch", metavar="CODE", help="The one in force in this branch.")
@_JSON
def show(version: str | None, branch: str | None, as_json: bool) -> None:
    """The text of policy VERSION; default: of the one in force."""
    from store.policies import stored_policies

    database, book = _open(strict=version is None)
    if branch:
        _must_exist(database, branch)
    chosen = book.policy(version).version if version else book.policy_for(branch).version
    texts = {one.version: one.content for one in stored_policies(database)}
    source, text = ("database", texts[chosen]) if chosen in texts else ("built-in", _builtin_text())
    if as_json:
        echo_json({"version": chosen, "source": source, "content": text})
    else:
        click.echo(text, nl=not text.endswith("\n"))


@policy.command("keep")
@click.argument("file", type=_FILE)
@_JSON
def keep(file: Path, as_json: bool) -> None:
    """Store the policy in FILE for good; nothing is in force by that."""
    from store.policies import keep as store

    database, book = _open()
    made, text = _in_file(file)
    if made.version in (book.builtin.version, "built-in"):
        raise Refusal(f"{made.version} is the built-in policy 该版本为内置策略; give this one another version")
    with database.transaction():
        kept = store(database, made.version, text, actor())
        if kept:
            record(database, "policy keep", made.version)
    _tell(as_json, f"review policy {made.version} is stored{'' if kept else ' already'}", version=made.version, kept=kept)


@policy.command("activate")
@click.argument("version")
@click.option("--branch", metavar="CODE", help="In this branch alone; default: in all without one of their own.")
@click.option("--reason", required=True, help="Why; it stands in the audit.")
@_JSON
def activate(version: str, branch: str | None, reason: str, as_json: bool) -> None:
    """Put policy VERSION into force from the next certificate on; built-in: the built-in one again."""
    from review_worker.policies import BUILT_IN
    from store.policies import activate as put_into_force

    if not (because := reason.strip()):
        raise click.UsageError("--reason must not be empty")
    database, book = _open()
    chosen = None if version in (BUILT_IN, book.builtin.version) else version
    with database.transaction():
        put_into_force(database, chosen, branch, because, actor())
        _readable(database, chosen)
        record(database, "policy activate", version, branch=branch, reason=because)
    where = f"branch {branch}" if branch else "all branches without one of their own"
    _tell(as_json, f"review policy {version} is in force in {where}", version=chosen or book.builtin.version, branch=branch)


@policy.command("try")
@click.argument("name", metavar="FILE|VERSION")
@click.option("--days", type=click.IntRange(1, 3660), help="The last so many whole days; default: 1, yesterday.")
@click.option("--since", type=_DAY, metavar="DAY", help="Decided on this day, Shanghai, or later.")
@click.option("--until", type=_DAY, metavar="DAY", help="Decided on this day or earlier; default: today.")
@click.option("--branch", metavar="CODE", help="Only this branch's.")
@_JSON
def try_(
    name: str, days: int | None, since: datetime | None, until: datetime | None, branch: str | None, as_json: bool
) -> None:
    """What a policy would have decided of the certificates that auto review decided; nothing is changed."""
    from review_worker.policy_trial import period

    if days and (since or until):
        raise click.UsageError("name --days, or --since and --until")
    database, book = _open()
    if branch:
        _must_exist(database, branch)
    chosen = _in_file(Path(name))[0] if Path(name).is_file() else book.policy(name)
    try:
        begin, end = period(_today(database), days or 1, _date(since), _date(until))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    summary = _tried(database, book, chosen, begin, end, branch)
    if as_json:
        echo_json({"policy": chosen.version, "since": begin, "until": end, "branch": branch, **summary.data()})
    else:
        _print(chosen, begin, end, summary)
    if summary.differing:
        raise click.exceptions.Exit(1)


@policy.group("calendar")
def calendar() -> None:
    """Days on which branches work otherwise than the national calendar says."""


@calendar.command("list")
@click.option("--branch", metavar="CODE", help="Only this branch's.")
@click.option("--all", "with_past", is_flag=True, help="Those of the past, too.")
@_JSON
def calendar_list(branch: str | None, with_past: bool, as_json: bool) -> None:
    """National holidays, and the branches' own days."""
    from review_worker.policies import holidays
    from store.policies import branch_days

    database = _database()
    if branch:
        _must_exist(database, branch)
    since = date.min if with_past else _today(database)
    own = branch_days(database, branch, since)
    national = sorted(day for day in holidays() if day >= since)
    if as_json:
        echo_json({"holidays": national, "days": [
            {"branch": one.branch, "day": one.day, "state": _word(one.open), "note": one.note, "actor": one.actor, "at": one.at}
            for one in own]})
        return
    table("days", ("day", "branch", "", "note", "by"), sorted(
        [(str(day), "all", "closed", "public holiday", "") for day in national]
        + [(str(one.day), one.branch, _word(one.open), one.note, one.actor) for one in own]))


@calendar.command("set")
@click.argument("day", type=_DAY)
@click.argument("state", type=click.Choice(list(_STATES)))
@click.option("--branch", metavar="CODE", help="Of this branch; default: of every branch there is.")
@click.option("--note", default="", help="Why, for those who read the calendar.")
@_JSON
def calendar_set(day: datetime, state: str, branch: str | None, note: str, as_json: bool) -> None:
    """Say that DAY is open or closed, or as the national calendar has it (usual)."""
    from store.policies import set_day

    database = _database()
    with database.transaction():
        branches = set_day(database, day.date(), _STATES[state], branch, note.strip(), actor())
        record(database, "policy calendar", str(day.date()), state=state, branch=branch, note=note.strip())
    _tell(as_json, f"{day.date()} is {state} in {' '.join(branches) or 'no branch'}",
          day=day.date(), state=state, branches=branches)


COMMANDS: dict[str, click.Command] = {"policy": policy}


def _tried(
    database: "Database", book: "Policies", chosen: "Policy", begin: datetime, end: datetime, branch: str | None
) -> "Summary":
    from review_worker.policy_trial import Summary, tried
    from store.policies import count_auto_reviewed

    summary = Summary()
    total = count_auto_reviewed(database, begin, end, branch) if on_terminal() else None
    with progress(total, f"policy {chosen.version}") as bar:
        for one in tried(database, book, chosen, begin, end, branch):
            summary.add(one)
            bar.advance()
    return summary


def _print(chosen: "Policy", begin: datetime, end: datetime, summary: "Summary") -> None:
    click.echo(f"review policy {chosen.version} on what was decided from {when(begin)} to {when(end)}:")
    click.echo(f"{summary.decided} decided, {summary.differing} would be decided otherwise")
    if summary.without_terms:
        click.echo(f"{summary.without_terms} were referred under a policy that is not at hand: their terms are not compared")
    if summary.outcomes:
        table("decisions", ("was", "would be", "certificates"), [(*pair, n) for pair, n in sorted(summary.outcomes.items())])
    if summary.changes:
        table("changes", ("what", "was", "would be", "certificates", "for example"), [
            (*key, one.count, " ".join(one.examples)) for key, one in sorted(summary.changes.items())])
    if summary.reasons:
        table("reasons", ("code", "", "certificates", "for example"), [
            (*key, one.count, " ".join(one.examples)) for key, one in sorted(summary.reasons.items())])


def _places(forces: "list[Any]", version: str | None) -> list[str]:
    """Where a version is in force: branch codes, and "all" for the rest."""
    places = [one.branch or "all" for one in forces if one.version == version]
    return ["all", *places] if version is None and all(one.branch for one in forces) else places


def _in_file(file: Path) -> "tuple[Policy, str]":
    from review_worker.policy import policy_in

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error
    return policy_in(text, str(file)), text


def _builtin_text() -> str:
    from review_worker.policy import policy_text

    return policy_text(configuration.load().policy)


def _open(strict: bool = False) -> "tuple[Database, Policies]":
    """The database and its policies, even where workers cannot go on, so that it can be put right; strict: with what is in force,
    raises RulesUnusable."""
    from dataclasses import replace

    from review_worker.policies import policies
    from review_worker.policy import load_policy
    from store.rule_packs import read

    database = _database()
    tables = read(database)
    if not strict:
        tables = replace(tables, policy_activations=())
    return database, policies(tables, load_policy(configuration.load().policy))


def _readable(database: "Database", version: str | None) -> None:
    """Raises Refusal for a stored policy that this version of coedi cannot read."""
    from domain.errors import BadSetting
    from review_worker.policy import policy_in
    from store.policies import stored_policies

    for one in stored_policies(database):
        if one.version == version:
            try:
                policy_in(one.content, f"review policy {version}")
            except BadSetting as error:
                raise Refusal(f"this version of coedi cannot read it 当前版本无法读取该策略: {error}") from error


def _must_exist(database: "Database", branch: str) -> None:
    from console.commands.rule_changes import must_exist

    must_exist(database, branch)


def _today(database: "Database") -> date:
    today: date = database.query("today")[0][0]
    return today


def _date(at: datetime | None) -> date | None:
    return at.date() if at else None


def _word(is_open: bool) -> str:
    return "open" if is_open else "closed"


def _tell(as_json: bool, sentence: str, **data: object) -> None:
    if as_json:
        echo_json(data)
    else:
        click.echo(sentence)


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi policy")
