"""Is the content right? All rules in one pass, each finding with its box, path, line and remedy."""

from collections.abc import Iterator

from lxml import etree

from domain.application import Application
from domain.finding import Finding, Severity
from messages.application import absolute, locate
from validators.facts import Facts
from validators.pack import Pack
from validators.rule import Hit, Rule

MAX_FOUND = 200


def rule_findings(
    application: Application, element: etree._Element, facts: Facts, pack: Pack
) -> tuple[Finding, ...]:
    """What the pack's rules find; `element` is the message `application` was read from: it gives paths and lines."""
    return tuple(
        finding_of(rule, hit, element, pack.version) for rule, hit in hits(application, facts, pack)
    )


def hits(application: Application, facts: Facts, pack: Pack) -> Iterator[tuple[Rule, Hit]]:
    """Every place where a rule of the application's type fires, in the pack's order."""
    for rule in pack.rules_for(application.certificate_type, facts.registry_known):
        for hit in rule.check(application, facts):  # type: ignore[misc] # rules_for leaves out rules without a check
            yield rule, hit


def finding_of(rule: Rule, hit: Hit, element: etree._Element, version: str) -> Finding:
    """The finding for one hit: the rule's texts, with what is particular to this place after a colon."""
    return Finding(
        code=rule.id,
        severity=hit.severity or rule.severity,
        zh=f"{rule.zh}：{hit.zh}" if hit.zh else rule.zh,
        en=f"{rule.en}: {hit.en}" if hit.en else rule.en,
        remedy=rule.remedy,
        box=hit.box or rule.box,
        path=absolute(element, hit.path),
        line=locate(element, hit.path),
        found=hit.found[:MAX_FOUND],
        pack=version,
    )


def merged(schema: tuple[Finding, ...], rules: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Schema and rule findings together, one finding a fault.

    An element that is not there is named by both: the rule's finding stays when it refuses as well, for it says what
    the element means; what a missing parent would have held is not listed again.
    """
    refused = {finding.path for finding in rules if finding.severity is Severity.REJECT and not finding.found}
    kept = tuple(finding for finding in schema if finding.path not in refused)
    missing = tuple(finding.path for finding in kept if finding.path and finding.found is None)
    return kept + tuple(finding for finding in rules if finding.found or not _lies_under(finding.path, missing))


def _lies_under(path: str | None, places: tuple[str, ...]) -> bool:
    return path is not None and any(path == place or path.startswith(f"{place}/") for place in places)
