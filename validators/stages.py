"""The two checking stages: schema-check records what the XSD finds, rule-check alone returns.

So schema errors never hide what the rules find. Both are pure: the rulebook that decides comes with the facts.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from domain.certificate import Decision, ShadowDifference
from domain.finding import Finding, Verdict, verdict_of
from pipeline.stage import Case, Stage
from pipeline.stage import Facts as StageFacts
from schemas.certificate_types import all_types
from schemas.codelists import code_lists
from validators.facts import Facts
from validators.pack import document_day
from validators.reading import bounded
from validators.rule_check import merged, rule_findings
from validators.rule_pack import Pack, naming
from validators.rulebook import rulebook
from validators.schema_check import schema_findings


def check_schema(case: Case, facts: StageFacts) -> Decision:
    """Record the schema's findings; nothing is refused here."""
    found = schema_findings(case.element)
    return Decision("check-schema", findings=naming(_pack(case, facts).version, found) if found else ())


def check_rules(case: Case, facts: StageFacts) -> Decision:
    """Run every rule; return with all findings, the schema's included, when one of them refuses."""
    pack, seen = _pack(case, facts), _facts(facts)
    found, everything = _judged(case, pack, facts, seen)
    differs = _tried(case, pack, facts, seen, everything)
    if verdict_of(everything) is Verdict.REFUSED:
        return Decision("return", findings=everything, pack=pack.version, shadow=differs)
    return Decision("pass-rules", findings=found, pack=pack.version, shadow=differs)


def _pack(case: Case, facts: StageFacts) -> Pack:
    """The pack that the case is held to, else that of the document's date."""
    book = rulebook(facts.reference)
    return book.pack(case.pack) if case.pack else book.pack_for(document_day(case.application, facts.today))


def _judged(case: Case, pack: Pack, facts: StageFacts, seen: Facts) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What the rules find under a pack with the branch's severities; and that together with the schema's findings."""
    application = bounded(case.application) if case.findings else case.application
    graded = rulebook(facts.reference).for_branch(pack, case.certificate.branch)
    found = rule_findings(application, case.element, seen, graded)
    return found, merged(case.findings, found)


def _tried(
    case: Case, pack: Pack, facts: StageFacts, seen: Facts, everything: tuple[Finding, ...]
) -> ShadowDifference | None:
    """Where the pack on trial decides otherwise; None when it does not, or when none is tried."""
    shadow = rulebook(facts.reference).shadow
    if shadow is None or shadow is pack:
        return None
    _, tried = _judged(case, shadow, facts, seen)
    here, there = _by_code(everything), _by_code(tried)
    if here == there:
        return None
    return ShadowDifference(
        pack.version, shadow.version, str(verdict_of(everything)), str(verdict_of(tried)),
        added=tuple(code for code in there if code not in here), removed=tuple(code for code in here if code not in there),
        changed=tuple(code for code in here if code in there and here[code] != there[code]))


def _by_code(findings: Iterable[Finding]) -> dict[str, set[tuple[str, str | None]]]:
    """code -> severity and place of its findings."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for finding in findings:
        found.setdefault(finding.code, set()).add((str(finding.severity), finding.path))
    return found


def _facts(facts: StageFacts) -> Facts:
    return Facts(
        today=facts.today, codes=code_lists(), enterprise=facts.enterprise, branches=frozenset(facts.branches or ()),
        types=enabled_types(facts.today), registry_known=True,
        filings=facts.filings, original=facts.original)


@lru_cache(maxsize=4)
def enabled_types(today: date) -> frozenset[str]:
    """Codes of the certificate types that are enabled on this day."""
    return frozenset(kind.code for kind in all_types() if kind.available_on(today))


SCHEMA_CHECK = Stage("schema-check", needs=("reference",), decide=check_schema)
RULE_CHECK = Stage("rule-check", needs=("enterprise", "branches", "filings", "original", "reference"), decide=check_rules)
