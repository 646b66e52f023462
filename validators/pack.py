"""The rule pack: which rules there are, in which order, under which version."""

from dataclasses import dataclass
from functools import cache

from validators.rule import Rule
from validators.rules import (
    amounts,
    characters,
    endings,
    goods,
    identity,
    intake,
    invoices,
    marks,
    packages,
    parties,
    quantities,
    submission,
    transport,
)

VERSION = "2026.1"


@dataclass(frozen=True, eq=False)
class Pack:
    """A version of the catalogue. Packs are compared by identity: there is one of each version in a process."""

    version: str
    rules: tuple[Rule, ...]

    @cache  # noqa: B019 # packs live as long as the process
    def rules_for(self, certificate_type: str, registry_known: bool) -> tuple[Rule, ...]:
        """The rules that can be asked of an application of this type, with or without CCPIT's register."""
        return tuple(
            rule
            for rule in self.rules
            if rule.check and rule.covers(certificate_type) and (registry_known or not rule.needs_registry)
        )

    def not_checked(self, certificate_type: str, registry_known: bool) -> tuple[str, ...]:
        """Ids of the rules that cover this type but need the register that is not there."""
        if registry_known:
            return ()
        return tuple(rule.id for rule in self.rules if rule.needs_registry and rule.covers(certificate_type))


@cache
def current_pack() -> Pack:
    """The pack in force, rules in the order of their ids."""
    topics = (
        intake, identity, characters, amounts, parties, transport, marks, goods, packages, endings, quantities,
        invoices, submission,
    )  # fmt: skip
    rules = [rule for topic in topics for rule in topic.RULES]
    return Pack(VERSION, tuple(sorted(rules, key=lambda rule: rule.id)))


def text_of(code: str) -> Rule:
    """The catalogue row of a rule: its texts, severity and remedy; KeyError for an unknown id."""
    return _by_id()[code]


@cache
def _by_id() -> dict[str, Rule]:
    return {rule.id: rule for rule in current_pack().rules}
