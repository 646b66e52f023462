"""What decisions take from tables that change while workers run, one frozen value a session reads once: rule packs beside the
shipped ones, the shadow, the branches' severities, review policies and the branches' own days.

The tables tell on channel `coedi_reference` when they change. A session looks at what has arrived, without a statement, and
reads again only then: no certificate costs a query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.errors import Refusal, UnknownThing
from store.database import Database

CHANNEL = "coedi_reference"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The tables as of one moment. Compared by identity: what is made of it is kept as long as it is.

    number: grows with each change; packs: (version, content, ids of its rules); activations: (first document date, version),
    in the order in which they were made; shadow: version of the pack that is tried; grades: (branch, rule, severity);
    policies: (version, content); policy_activations: (branch, None for all others; version, None for the built-in one);
    days: (branch, day, whether it is open), none that are long past.
    """

    number: int
    packs: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    activations: tuple[tuple[date, str], ...] = ()
    shadow: str | None = None
    grades: tuple[tuple[str, str, str], ...] = ()
    policies: tuple[tuple[str, str], ...] = ()
    policy_activations: tuple[tuple[str | None, str | None], ...] = ()
    days: tuple[tuple[str, date, bool], ...] = ()


def reference(database: Database) -> Reference:
    """The tables as this session knows them; read when it is new, and after a change was told."""
    return database.remembered(CHANNEL, lambda: read(database))


def read(database: Database) -> Reference:
    """The tables as they are now."""
    number, packs, activations, shadow, grades, policies, chosen, days = database.query("reference")[0]
    return Reference(
        number, tuple((version, content, tuple(rules)) for version, content, rules in packs),
        tuple((date.fromisoformat(begin), version) for begin, version in activations), shadow,
        tuple((branch, rule, severity) for branch, rule, severity in grades),
        tuple((version, content) for version, content in policies),
        tuple((branch, version) for branch, version in chosen),
        tuple((branch, date.fromisoformat(day), is_open) for branch, day, is_open in days))


@dataclass(frozen=True, slots=True)
class Grade:
    """A branch's severity of a rule; severity: None when it was taken back; original: the pack's when it was given."""

    branch: str
    rule: str
    severity: str | None
    original: str
    reason: str
    at: datetime
    actor: str


def grades(database: Database, with_past: bool = False) -> list[Grade]:
    """The grades in force, or with those of the past, the oldest first."""
    return [Grade(*row) for row in database.query("grade_history" if with_past else "grades")]


def grade(database: Database, branch: str, rule: str, severity: str | None, original: str, reason: str, actor: str) -> None:
    """Set or take back a branch's severity; raises UnknownThing, and Refusal when there is nothing to take back."""
    if not database.query("branches", codes=[branch]):
        raise UnknownThing(f"there is no branch {branch} 没有该分会; see: coedi branch list")
    database.query("reference_lock")
    if severity is None and not any((one.branch, one.rule) == (branch, rule) for one in grades(database)):
        raise Refusal(f"branch {branch} has not re-graded {rule} 该分会未调整此规则; see: coedi rules grades")
    database.query(
        "grade_rule", branch=branch, rule=rule, severity=severity, original=original, reason=reason, actor=actor)


def keep(database: Database, version: str, content: str, rules: list[str], actor: str) -> None:
    """Store a pack; the same again changes nothing; raises Refusal when the version is there with another content."""
    if database.query("add_pack", version=version, content=content, rules=rules, actor=actor):
        return
    stored = next(row for row in database.query("stored_packs") if row[0] == version)
    if stored[1] != content:
        raise Refusal(f"rule pack {version} is stored with another content, and packs never change 规则包不可修改; "
                      "give it another version")


def start_shadow(database: Database, version: str, reason: str, actor: str) -> None:
    """Try a pack beside the active one; raises Refusal when one is tried already."""
    database.query("reference_lock")
    if running := database.query("running_shadow"):
        raise Refusal(f"rule pack {running[0][0]} is on trial, started by {running[0][3]} 已有规则包在试运行; "
                      "stop it first: coedi rules shadow stop")
    database.query("start_shadow", version=version, reason=reason, actor=actor)


def stop_shadow(database: Database, actor: str) -> str:
    """End the trial; the version that was tried; raises Refusal when none is."""
    stopped = database.query("stop_shadow", actor=actor)
    if not stopped:
        raise Refusal("no rule pack is tried now 目前没有试运行的规则包; start one: coedi rules shadow start VERSION --reason ...")
    return str(stopped[0][0])


def shadow_report(database: Database, since: datetime | None) -> Mapping[str, Any]:
    """What the running or last trial decided otherwise: the trial, counts by verdict, and differences by rule."""
    trials = database.query("last_shadow")
    if not trials:
        raise UnknownThing("no rule pack was ever tried 从未试运行过规则包; start one: coedi rules shadow start")
    version, reason, started_at, started_by, stopped_at, stopped_by = trials[0]
    begin = since or started_at
    return {
        "shadow": version, "reason": reason, "started_at": started_at, "started_by": started_by, "stopped_at": stopped_at,
        "stopped_by": stopped_by, "since": begin,
        "decided": database.query("decided_since", begin=started_at, since=begin, end=stopped_at)[0][0],
        "verdicts": [
            {"active_verdict": active, "shadow_verdict": shadow, "count": count}
            for active, shadow, count in database.query("shadow_counts", shadow=version, since=begin)],
        "rules": [
            {"code": code, "added": added, "removed": removed, "changed": changed, "verdict_differs": differs, "examples": examples}
            for code, added, removed, changed, differs, examples in database.query("shadow_rules", shadow=version, since=begin)],
    }
