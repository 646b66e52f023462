"""Which pack decides which document: the shipped packs, those in the database, what is on trial, and what branches re-grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from domain.errors import RulesUnusable, UnknownThing
from domain.finding import Severity
from store.rule_packs import Reference
from validators.pack import all_rules, shipped
from validators.pack_file import BadPack, read
from validators.rule_pack import Pack

_AS_SHIPPED = Reference(0)


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """One frozen value of all that decides beside the application and its facts.

    number: version of the tables it was read from, 0 without a database; packs: by version; schedule: (first document date,
    version), by date; shadow: the pack on trial; grades: branch -> rule id -> severity.
    """

    number: int
    packs: Mapping[str, Pack]
    schedule: tuple[tuple[date, str], ...]
    shadow: Pack | None = None
    grades: Mapping[str, Mapping[str, Severity]] = field(default_factory=dict)
    _graded: dict[tuple[Pack, str], Pack] = field(default_factory=dict, repr=False)

    def pack(self, version: str) -> Pack:
        """The pack of this version; raises UnknownThing."""
        if version not in self.packs:
            raise UnknownThing(f"there is no rule pack {version} 没有该规则包; known: {', '.join(self.packs)}")
        return self.packs[version]

    def pack_for(self, day: date) -> Pack:
        """The pack that decides a document of this date; the oldest for a date before all of them."""
        return self.packs[next((version for begin, version in reversed(self.schedule) if begin <= day), self.schedule[0][1])]

    def for_branch(self, pack: Pack, branch: str) -> Pack:
        """The pack with the severities of a branch."""
        if branch not in self.grades:
            return pack
        if (pack, branch) not in self._graded:
            self._graded[pack, branch] = pack.graded_by(branch, self.grades[branch])
        return self._graded[pack, branch]


@lru_cache(maxsize=4)
def rulebook(reference: Reference | None = None) -> Rulebook:
    """The rulebook that these tables make, the shipped packs alone without them.

    Raises RulesUnusable when a pack that decides or is tried is not there, or names a rule or a parameter that this version of
    coedi does not have; other stored packs that it cannot read are left out.
    """
    tables = reference or _AS_SHIPPED
    packs = {pack.version: pack for pack in shipped()}
    begins = {pack.valid_from: pack.version for pack in shipped() if pack.valid_from}
    begins |= dict(tables.activations)
    needed = {*begins.values(), *([tables.shadow] if tables.shadow else [])}
    packs |= {pack.version: pack for stored in tables.packs if (pack := _stored(*stored, needed=stored[0] in needed))}
    missing = sorted(needed - set(packs))
    if missing:
        raise RulesUnusable(f"the database names rule pack {missing[0]}, which this version of coedi does not have; "
                            "upgrade coedi, or activate another pack: coedi rules activate")
    grades: dict[str, dict[str, Severity]] = {}
    for branch, rule, severity in tables.grades:
        grades.setdefault(branch, {})[rule] = Severity(severity)
    return Rulebook(
        tables.number, packs, tuple(sorted(begins.items())), packs[tables.shadow] if tables.shadow else None, grades)


def _stored(version: str, content: str, rules: tuple[str, ...], needed: bool) -> Pack | None:
    try:
        return read(content, all_rules(), f"rule pack {version} in the database", rules)
    except BadPack as error:
        if not needed:
            return None
        raise RulesUnusable(f"this version of coedi cannot read a rule pack: {error}") from error
