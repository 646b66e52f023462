"""What a rule is: a row of the catalogue (texts, severity, source) and a small pure function that looks for faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts

ALL = frozenset({"*"})  # scope: every certificate type
GENERAL = frozenset({"CO"})  # scope: the general certificate 一般原产地证


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule fires.

    path: relative to the application element ("Goods/Line[2]/HSCode"); found: the value as sent;
    box, severity: where this place differs from the rule's row; zh, en: what exactly is wrong here, added to the text.
    """

    path: str
    found: str = ""
    box: str | None = None
    zh: str = ""
    en: str = ""
    severity: Severity | None = None


Check = Callable[[Application, Facts], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    id: "C07"; scope: certificate type codes, or ALL; box: number printed on the general certificate, None when the
    field is in no box; source: where the rule comes from; remedy: "中文 / English"; check: None when the gateway
    decides it while taking the message in; needs_registry: cannot be asked without CCPIT's register.
    """

    id: str
    severity: Severity
    scope: frozenset[str]
    box: str | None
    source: str
    zh: str
    en: str
    remedy: str
    check: Check | None = None
    needs_registry: bool = False

    def covers(self, certificate_type: str) -> bool:
        """Whether the rule is asked for this type; a type nobody knows gets the rules of all types."""
        return self.scope is ALL or certificate_type in self.scope
