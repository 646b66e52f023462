"""A rule pack: which rules are asked, how severe each is, and what they compare with; a value that never changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.finding import Finding, Severity
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists, rule_parameters
from validators.facts import Facts
from validators.rule import Hit, Rule


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A version of the catalogue. Packs are compared by identity: a process reads each version once.

    rules: in the order of their ids, with the severities and texts of this pack; valid_from, valid_to: of shipped packs,
    both inclusive, open where None; replaces: the version before it; types: the certificate types that may be applied for
    under it, None for all; parameters: raw values that differ from `schemas/codes/rule-parameters.toml`; fixed: ids whose
    severity is the pack's at every place, also where the rule makes a difference by itself; branch, graded: the branch that
    re-graded rules, and their ids.
    """

    version: str
    rules: tuple[Rule, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    replaces: str | None = None
    types: frozenset[str] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    branch: str | None = None
    graded: frozenset[str] = frozenset()
    _asked: dict[tuple[str, bool], tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    _codes: dict[CodeLists, CodeLists] = field(default_factory=dict, repr=False)

    def rules_for(self, certificate_type: str, registry_known: bool) -> tuple[Rule, ...]:
        """The rules that can be asked of an application of this type, with or without CCPIT's register."""
        kind = type_of(certificate_type)
        key = (kind.code if kind else "", registry_known)
        if key not in self._asked:
            self._asked[key] = tuple(
                rule for rule in self.rules if rule.check and rule.covers(kind) and (registry_known or not rule.needs_registry))
        return self._asked[key]

    def not_checked(self, certificate_type: str, registry_known: bool) -> tuple[str, ...]:
        """Ids of the rules that cover this type but need the register that is not there."""
        if registry_known:
            return ()
        kind = type_of(certificate_type)
        return tuple(rule.id for rule in self.rules if rule.needs_registry and rule.covers(kind))

    def seen(self, facts: Facts) -> Facts:
        """The facts as this pack has them: its types only, its parameters."""
        if self.types is None and not self.parameters:
            return facts
        types = facts.types if self.types is None else facts.types & self.types
        return replace(facts, types=types, codes=self._codes_of(facts.codes))

    def _codes_of(self, codes: CodeLists) -> CodeLists:
        """The code lists with this pack's parameters; one value for each, because other caches are keyed by it."""
        if not self.parameters:
            return codes
        if codes not in self._codes:
            self._codes[codes] = replace(codes, parameters=rule_parameters(self.parameters))
        return self._codes[codes]

    def weighed(self, rule: Rule, hit: Hit) -> Hit:
        """The hit, without a severity of its own where this pack fixes the rule's."""
        return replace(hit, severity=None) if hit.severity and rule.id in self.fixed else hit

    def name_for(self, rule: Rule) -> str:
        """What a finding names as its pack: the version, and the branch where that branch re-graded the rule."""
        return f"{self.version}+{self.branch}" if rule.id in self.graded else self.version

    def graded_by(self, branch: str, grades: Mapping[str, Severity]) -> "Pack":
        """This pack as a branch applies it; grades: rule id -> severity; those that change nothing are passed over."""
        changed = {rule.id for rule in self.rules if rule.check and grades.get(rule.id, rule.severity) != rule.severity}
        if not changed:
            return self
        rules = tuple(replace(rule, severity=grades[rule.id]) if rule.id in changed else rule for rule in self.rules)
        return replace(
            self, rules=rules, fixed=self.fixed | changed, branch=branch, graded=frozenset(changed), _asked={}, _codes={})


def naming(version: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with `version` as the pack that they name."""
    return tuple(replace(finding, pack=version) for finding in findings)
