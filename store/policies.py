"""Review policies in the database, where they are in force, the branches' own days, and what auto review decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.errors import Refusal, UnknownThing
from store.database import Database, Row


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy as it was stored; it never changes."""

    version: str
    content: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest activation of a branch (None: of all without one of their own). version: None for the built-in policy."""

    branch: str | None
    version: str | None
    reason: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class BranchDay:
    """A day on which a branch works otherwise than the national calendar says."""

    branch: str
    day: date
    open: bool
    note: str
    actor: str
    at: datetime


def stored_policies(database: Database) -> list[StoredPolicy]:
    """The policies in the database, the oldest first."""
    return [StoredPolicy(*row) for row in database.query("stored_policies")]


def in_force(database: Database) -> list[InForce]:
    """What was activated last for each branch; that of all others comes first. None: nothing was ever activated."""
    return [InForce(*row) for row in database.query("policies_in_force")]


def keep(database: Database, version: str, content: str, actor: str) -> bool:
    """Store a policy; False when the same is there already. Raises Refusal when the version is there with another content."""
    if database.query("add_policy", version=version, content=content, actor=actor):
        return True
    stored = next(one for one in stored_policies(database) if one.version == version)
    if stored.content != content:
        raise Refusal(f"review policy {version} is stored with another content, and policies never change 审核策略不可修改; "
                      "give it another version")
    return False


def activate(database: Database, version: str | None, branch: str | None, reason: str, actor: str) -> None:
    """Put a stored policy (None: the built-in one) into force in a branch, or where none of its own is; raises UnknownThing."""
    if branch is not None:
        _must_exist(database, branch)
    if version is not None and not any(one.version == version for one in stored_policies(database)):
        raise UnknownThing(f"review policy {version} is not stored 未保存该审核策略; store it first: coedi policy keep FILE")
    database.query("activate_policy", version=version, branch=branch, reason=reason, actor=actor)


def branch_days(database: Database, branch: str | None = None, since: date | None = None) -> list[BranchDay]:
    """The days that branches have set, by day."""
    return [BranchDay(*row) for row in database.query("branch_days", branch=branch, since=since)]


def set_day(database: Database, day: date, is_open: bool | None, branch: str | None, note: str, actor: str) -> list[str]:
    """Say whether a branch (None: every branch) works on a day, None: as the national calendar says. The branches it changed.

    Raises UnknownThing for a branch that is not there.
    """
    if branch is not None:
        _must_exist(database, branch)
    if is_open is None:
        rows = database.query("reset_branch_day", day=day, branch=branch)
    else:
        rows = database.query("set_branch_day", day=day, open=is_open, branch=branch, note=note, actor=actor)
    return sorted(row[0] for row in rows)


def count_auto_reviewed(database: Database, begin: datetime, end: datetime, branch: str | None) -> int:
    """How many certificates auto review decided from `begin` on and before `end`."""
    return int(database.query("count_auto_reviewed", begin=begin, end=end, branch=branch)[0][0])


def auto_reviewed(database: Database, begin: datetime, end: datetime, branch: str | None, cap: int) -> Iterator[list[Row]]:
    """What auto review decided in the period, some hundred at a time, in no order: rows of the query `open_auto_reviewed`, each
    with its archived body. One transaction is open until the last was taken."""
    with database.transaction():
        database.query("open_auto_reviewed", begin=begin, end=end, branch=branch, cap=cap)
        while rows := database.query("next_auto_reviewed"):
            bodies: dict[Any, Any] = dict(database.query("archived_bodies", ids=sorted({row[16] for row in rows})))
            yield [(*row[:20], bodies[row[16]], *row[21:]) for row in rows]


def _must_exist(database: Database, branch: str) -> None:
    if not database.query("branches", codes=[branch]):
        raise UnknownThing(f"there is no branch {branch} 没有该分会; see: coedi branch list")
