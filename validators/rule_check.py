"""Is the content right? All rules in one pass, each finding with its box, path, line and remedy."""

from collections.abc import Iterator

from lxml import etree

from domain.application import Application
from domain.finding import Finding, Severity
from messages.application import Places
from schemas.certificate_types import CertificateType, type_of
from validators.facts import Facts
from validators.limit import cut_notice, gravest, limited
from validators.rule import Hit, Rule
from validators.rule_pack import Pack

MAX_FOUND = 200


def rule_findings(
    application: Application, element: etree._Element, facts: Facts, pack: Pack
) -> tuple[Finding, ...]:
    """What the pack's rules find, cut where it is too much; `element` is the message `application` was read from: it gives
    paths and lines."""
    found = list(hits(application, facts, pack))
    if not found:
        return ()
    kind, places = type_of(application.certificate_type), Places(element)
    findings = [_finding(*one, places, pack.name_for(one[0]), kind) for one in gravest(found, _about)]
    return (*findings, cut_notice()) if len(found) > len(findings) else tuple(findings)


def _about(found: tuple[Rule, Hit]) -> tuple[Severity, str]:
    rule, hit = found
    return hit.severity or rule.severity, rule.id


def hits(application: Application, facts: Facts, pack: Pack) -> Iterator[tuple[Rule, Hit]]:
    """Every place where a rule of the application's type fires, in the pack's order."""
    facts = pack.seen(facts)
    for rule in pack.rules_for(application.certificate_type, facts.registry_known):
        for hit in rule.check(application, facts):  # type: ignore[misc] # rules_for leaves out rules without a check
            yield rule, pack.weighed(rule, hit)


def finding_of(rule: Rule, hit: Hit, element: etree._Element, version: str, kind: CertificateType | None = None) -> Finding:
    """The finding for one hit: the rule's texts, with what is particular to this place after a colon, and the box number of
    the type's form."""
    return _finding(rule, hit, Places(element), version, kind)


def _finding(rule: Rule, hit: Hit, places: Places, version: str, kind: CertificateType | None) -> Finding:
    field = hit.field or rule.field
    return Finding(
        code=rule.id,
        severity=hit.severity or rule.severity,
        zh=f"{rule.zh}：{hit.zh}" if hit.zh else rule.zh,
        en=f"{rule.en}: {hit.en}" if hit.en else rule.en,
        remedy=rule.remedy,
        box=kind.box_number(field) if kind and field else None,
        path=places.absolute(hit.path),
        line=places.line(hit.path),
        found=hit.found[:MAX_FOUND],
        pack=version,
    )


def merged(schema: tuple[Finding, ...], rules: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Schema and rule findings together, one finding a fault, cut where there are too many.

    An element that is not there is named by both: the rule's finding stays when it refuses as well, for it says what
    the element means; what a missing parent would have held is not listed again.
    """
    refused = {finding.path for finding in rules if finding.severity is Severity.REJECT and not finding.found}
    kept = tuple(finding for finding in schema if finding.path not in refused)
    missing = frozenset(finding.path for finding in kept if finding.path and finding.found is None)
    return limited(kept + tuple(finding for finding in rules if finding.found or not _lies_under(finding.path, missing)))


def _lies_under(path: str | None, places: frozenset[str]) -> bool:
    """Whether `path` is one of `places` or below one."""
    while path and places:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False
