"""Which policy and which calendar count where: the built-in one, those in the database, and what branches have set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.calendar import Calendar
from domain.errors import BadSetting, RulesUnusable, UnknownThing
from review_worker.policy import Policy, policy_in
from schemas.codelists import code_lists
from store.database import Database
from store.rule_packs import Reference, reference

_EMPTY = Reference(0)


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """One frozen value of all policies and calendars, as of one moment.

    builtin: the shipped policy or the file of COEDI_POLICY; stored: by version; chosen: branch -> version in force, None for the
    built-in one; the key None is for branches without a choice of their own.
    """

    builtin: Policy
    stored: Mapping[str, Policy]
    chosen: Mapping[str | None, str | None]
    national: Calendar
    calendars: Mapping[str, Calendar]

    def policy_for(self, branch: str | None) -> Policy:
        """The policy in force in a branch; None: where a branch has none of its own."""
        version = self.chosen.get(branch, self.chosen.get(None))
        return self.builtin if version is None else self.stored[version]

    def calendar_for(self, branch: str) -> Calendar:
        """The days on which a branch works."""
        return self.calendars.get(branch, self.national)

    def policy(self, version: str) -> Policy:
        """The policy of this version; raises UnknownThing."""
        if version in self.stored:
            return self.stored[version]
        if version in (self.builtin.version, BUILT_IN):
            return self.builtin
        raise UnknownThing(f"there is no review policy {version} 没有该审核策略; see: coedi policy list")


# names the built-in policy, whatever its version
BUILT_IN = "built-in"


def policies_of(database: Database, builtin: Policy) -> Policies:
    """The policies as this session knows them; no statement is sent unless something changed. Raises RulesUnusable."""
    return policies(reference(database), builtin)


@lru_cache(maxsize=8)
def policies(tables: Reference | None, builtin: Policy) -> Policies:
    """The policies that these tables make, the built-in one alone without them.

    Raises RulesUnusable when a policy in force is not there or cannot be read by this version of coedi; other stored policies
    that it cannot read are left out.
    """
    tables = tables or _EMPTY
    chosen = dict(tables.policy_activations)
    needed = {version for version in chosen.values() if version is not None}
    stored = {version: policy for version, text in tables.policies if (policy := _stored(version, text, version in needed))}
    if missing := sorted(needed - set(stored)):
        raise RulesUnusable(f"the database names review policy {missing[0]}, which is not there; "
                            "activate another one: coedi policy activate")
    return Policies(builtin, stored, chosen, calendar(), _calendars(tables.days))


def _stored(version: str, text: str, needed: bool) -> Policy | None:
    try:
        return policy_in(text, f"review policy {version} in the database")
    except BadSetting as error:
        if not needed:
            return None
        raise RulesUnusable(f"this version of coedi cannot read a review policy: {error}") from error


def _calendars(days: tuple[tuple[str, date, bool], ...]) -> dict[str, Calendar]:
    by_branch: dict[str, dict[date, bool]] = {}
    for branch, day, is_open in days:
        by_branch.setdefault(branch, {})[day] = is_open
    return {branch: calendar(own) for branch, own in by_branch.items()}


def calendar(own: Mapping[date, bool] | None = None) -> Calendar:
    """The national calendar, but for a branch's own days: day -> whether it is open."""
    own = own or {}
    closed = {day for day, is_open in own.items() if not is_open}
    return Calendar(holidays() | closed, frozenset(set(own) - closed))  # an open day counts before a closed one


def holidays() -> frozenset[date]:
    """The national public holidays, as far as the code lists know them."""
    return frozenset(map(date.fromisoformat, code_lists().parameters.public_holidays))
