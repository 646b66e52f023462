"""What an operator changes about rules: a pack on trial, a pack activated, a severity re-graded by a branch; all on record."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console import settings as configuration
from console import wiring
from console.operator import actor, record
from console.terminal import SHANGHAI, echo_json, table, when
from domain.errors import NotAllowed, Refusal, UnknownThing

if TYPE_CHECKING:
    from domain.finding import Severity
    from store.database import Database
    from validators.rule_pack import Pack

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_REASON = click.option("--reason", required=True, help="Why; it stands in the audit.")
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("shadow")
def shadow() -> None:
    """Try a rule pack beside the active one: it decides nothing, differences are kept."""


@shadow.command("start")
@click.argument("version", required=False)
@click.option("--file", "file", type=_FILE, help="A candidate, stored under its version.")
@_REASON
@_JSON
def start(version: str | None, file: Path | None, reason: str, as_json: bool) -> None:
    """Try pack VERSION, or the one in a file."""
    from store.rule_packs import start_shadow

    if (version is None) == (file is None):
        raise click.UsageError("name a VERSION or a --file, one of them")
    database, because = _database(), _said(reason)
    with database.transaction():
        pack = _store(database, file) if file else _existing(database, version or "")
        start_shadow(database, pack.version, because, actor())
        record(database, "rules shadow start", pack.version, reason=because)
    _tell(as_json, f"rule pack {pack.version} is tried from now on", version=pack.version)


@shadow.command("stop")
@_JSON
def stop(as_json: bool) -> None:
    """End the trial; what was found stays."""
    from store.rule_packs import stop_shadow

    database = _database()
    with database.transaction():
        version = stop_shadow(database, actor())
        record(database, "rules shadow stop", version)
    _tell(as_json, f"rule pack {version} is not tried any more", version=version)


@shadow.command("report")
@click.option("--since", type=_DAY, metavar="DAY", help="Decided on this day, Shanghai, or later; default: since the start.")
@_JSON
def report(since: datetime | None, as_json: bool) -> None:
    """What the running or last trial would have decided otherwise, by rule."""
    from store.rule_packs import shadow_report

    data = shadow_report(_database(), since.replace(tzinfo=SHANGHAI) if since else None)
    if as_json:
        echo_json(dict(data))
        return
    differing = sum(row["count"] for row in data["verdicts"])
    click.echo(f"rule pack {data['shadow']}, tried since {when(data['started_at'])} by {data['started_by']}: {data['reason']}")
    click.echo(f"{data['decided']} decided, {differing} differ")
    for row in data["verdicts"]:
        click.echo(f"  {row['count']}  {row['active_verdict']} -> {row['shadow_verdict']}")
    if data["rules"]:
        table("by rule", ("rule", "added", "removed", "changed", "verdict differs", "for example"), [
            (row["code"], row["added"], row["removed"], row["changed"], row["verdict_differs"], " ".join(row["examples"]))
            for row in data["rules"]])


@click.command("activate")
@click.argument("pack", metavar="FILE|VERSION")
@click.option("--from", "begin", type=_DAY, required=True, metavar="DAY", help="The first document date that it decides.")
@_REASON
@_JSON
def activate(pack: str, begin: datetime, reason: str, as_json: bool) -> None:
    """Let a pack decide documents from a date on."""
    database, because = _database(), _said(reason)
    with database.transaction():
        database.query("reference_lock")
        if begin.date() < (today := database.query("today")[0][0]):
            raise Refusal(f"{begin:%Y-%m-%d} is past: documents of that day were decided, a pack begins on {today} or later "
                          "规则包只能从今天或以后启用")
        chosen = _store(database, Path(pack)) if Path(pack).is_file() else _existing(database, pack)
        database.query("activate_pack", version=chosen.version, valid_from=begin.date(), reason=because, actor=actor())
        record(database, "rules activate", chosen.version, valid_from=str(begin.date()), reason=because)
    _tell(as_json, f"rule pack {chosen.version} decides documents from {begin:%Y-%m-%d} on",
          version=chosen.version, valid_from=begin.date())


@click.command("grade")
@click.argument("branch")
@click.argument("rule")
@click.argument("severity", type=click.Choice(["reject", "manual", "warn", "reset"]))
@_REASON
@_JSON
def grade(branch: str, rule: str, severity: str, reason: str, as_json: bool) -> None:
    """Set a rule's SEVERITY for the certificates of a branch, or reset it to the pack's."""
    from store.rule_packs import grade as set_grade

    original, because = _gradable(rule), _said(reason)
    database, given = _database(), None if severity == "reset" else severity
    with database.transaction():
        set_grade(database, branch, rule, given, str(original), because, actor())
        record(database, "rules grade", f"{branch} {rule}", severity=severity, original=str(original), reason=because)
    _tell(as_json, f"{rule} is {given or original} in branch {branch}", branch=branch, rule=rule, severity=given, original=original)


@click.command("grades")
@click.option("--all", "with_past", is_flag=True, help="Those of the past and those taken back, too.")
@_JSON
def grades(with_past: bool, as_json: bool) -> None:
    """What branches set otherwise: who, when, why, and the severity it was."""
    from dataclasses import asdict

    from store.rule_packs import grades as all_grades

    found = all_grades(_database(), with_past)
    if as_json:
        echo_json({"grades": [asdict(one) for one in found]})
    elif found:
        table("grades", ("branch", "rule", "is", "was", "by", "time", "because"), [
            (one.branch, one.rule, one.severity or "reset", one.original, one.actor, when(one.at), one.reason) for one in found])
    else:
        click.echo("no branch has re-graded a rule")


SUBCOMMANDS: tuple[click.Command, ...] = (shadow, activate, grade, grades)


def pack_in(file: Path) -> "tuple[Pack, str]":
    """The pack in a file, and its text; raises UsageError, and BadPack with every fault and its line."""
    from validators.pack import all_rules
    from validators.pack_file import read

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error
    return read(text, all_rules(), str(file)), text


def must_exist(database: "Database", branch: str) -> None:
    """Raises UnknownThing for a branch that is not there."""
    if not database.query("branches", codes=[branch]):
        raise UnknownThing(f"there is no branch {branch} 没有该分会; see: coedi branch list")


def _store(database: "Database", file: Path) -> "Pack":
    from store.rule_packs import keep
    from validators.pack import shipped

    pack, text = pack_in(file)
    if any(pack.version == one.version for one in shipped()):
        raise Refusal(f"rule pack {pack.version} is shipped with coedi 该版本随系统发布; give the candidate another version")
    keep(database, pack.version, text, [rule.id for rule in pack.rules], actor())
    return pack


def _existing(database: "Database", version: str) -> "Pack":
    """A shipped or stored pack; raises UnknownThing, BadPack when this version of coedi cannot read it."""
    from validators.pack import all_rules, shipped
    from validators.pack_file import read

    found = {pack.version: pack for pack in shipped()}
    if version in found:
        return found[version]
    for stored, content, rules, _, _ in database.query("stored_packs"):
        if stored == version:
            return read(content, all_rules(), f"rule pack {version}", rules)
    raise UnknownThing(f"there is no rule pack or file {version} 没有该规则包或文件; see: coedi rules packs")


def _gradable(rule: str) -> "Severity":
    """The severity that the catalogue gives a rule; raises UnknownThing, NotAllowed for one that a branch cannot re-grade."""
    from validators.pack import text_of

    try:
        row = text_of(rule)
    except KeyError as error:
        raise UnknownThing(f"there is no rule {rule} 没有该规则; see: coedi rules") from error
    if row.check is None or row.decided_by != "rules":
        raise NotAllowed(f"{rule} is not decided by the rule check: its severity cannot be changed 该规则的等级不可更改")
    return row.severity


def _said(reason: str) -> str:
    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    return reason.strip()


def _tell(as_json: bool, sentence: str, **data: object) -> None:
    if as_json:
        echo_json(data)
    else:
        click.echo(sentence)


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi rules")
