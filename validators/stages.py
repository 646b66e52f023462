"""The two checking stages: schema-check records what the XSD finds, rule-check alone returns.

So schema errors never hide what the rules find.
"""

from datetime import date
from functools import lru_cache

from domain.certificate import Decision
from domain.finding import Verdict, verdict_of
from pipeline.stage import Case, Stage
from pipeline.stage import Facts as StageFacts
from schemas.certificate_types import all_types
from schemas.codelists import code_lists
from validators.facts import Facts
from validators.pack import current_pack
from validators.reading import bounded
from validators.rule_check import merged, rule_findings
from validators.schema_check import schema_findings

# rule findings in one receipt: a hostile application of 500 lines could have thousands, and nobody reads beyond
MAX_FINDINGS = 500


def check_schema(case: Case, facts: StageFacts) -> Decision:
    """Record the schema's findings; nothing is refused here."""
    return Decision("check-schema", findings=schema_findings(case.element))


def check_rules(case: Case, facts: StageFacts) -> Decision:
    """Run every rule; return with all findings, the schema's included, when one of them refuses."""
    pack = current_pack()
    application = bounded(case.application) if case.findings else case.application
    found = rule_findings(application, case.element, _facts(facts), pack)[:MAX_FINDINGS]
    everything = merged(case.findings, found)
    if verdict_of(everything) is Verdict.REFUSED:
        return Decision("return", findings=everything, pack=pack.version)
    return Decision("pass-rules", findings=found, pack=pack.version)


def _facts(facts: StageFacts) -> Facts:
    return Facts(
        today=facts.today, codes=code_lists(), enterprise=facts.enterprise, branches=frozenset(facts.branches or ()),
        types=enabled_types(facts.today), registry_known=True)


@lru_cache(maxsize=4)
def enabled_types(today: date) -> frozenset[str]:
    """Codes of the certificate types that are enabled on this day."""
    return frozenset(kind.code for kind in all_types() if kind.available_on(today))


SCHEMA_CHECK = Stage("schema-check", needs=(), decide=check_schema)
RULE_CHECK = Stage("rule-check", needs=("enterprise", "branches"), decide=check_rules)
