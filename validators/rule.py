"""What a rule is: a row of the catalogue (texts, severity, source) and a small pure function that looks for faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import CertificateType
from validators.facts import Facts


@dataclass(frozen=True, slots=True)
class Scope:
    """Which certificate types a rule is asked of. name: as the catalogue shows it; unknown: also of a type nobody knows."""

    name: str
    covers: Callable[[CertificateType], bool]
    unknown: bool = False


ALL = Scope("ALL", lambda kind: True, unknown=True)
GENERAL = Scope("CO", lambda kind: not kind.preferential)
PREFERENTIAL = Scope("PREF", lambda kind: kind.preferential)


def only(*codes: str) -> Scope:
    """These types."""
    return Scope(", ".join(codes), lambda kind: kind.code in codes)


def showing(box_field: str) -> Scope:
    """The types whose form has a box for this field."""
    return Scope(f"types with a box for {box_field}", lambda kind: kind.box_number(box_field) is not None)


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule fires.

    path: relative to the application element ("Goods/Line[2]/HSCode"); found: the value as sent;
    field, severity: where this place differs from the rule's row; zh, en: what exactly is wrong here, added to the text.
    """

    path: str
    found: str = ""
    field: str | None = None
    zh: str = ""
    en: str = ""
    severity: Severity | None = None


Check = Callable[[Application, Facts], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    id: "C07"; scope: the certificate types it is asked of; field: what the form shows ("exporter"; the vocabulary is
    `schemas.certificate_types.FIELDS`), from which the finding takes the box number of the type's form, None when it is
    in no box; source: where the rule comes from; remedy: "中文 / English"; check: None when another part decides
    it; needs_registry: cannot be asked without CCPIT's register; decided_by: "rules", "gateway" or "print".
    """

    id: str
    severity: Severity
    scope: Scope
    field: str | None
    source: str
    zh: str
    en: str
    remedy: str
    check: Check | None = None
    needs_registry: bool = False
    decided_by: str = "rules"

    def covers(self, kind: CertificateType | None) -> bool:
        """Whether the rule is asked for this type; None, a type nobody knows, gets the rules of all types."""
        return self.scope.unknown if kind is None else self.scope.covers(kind)
