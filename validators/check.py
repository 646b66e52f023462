"""One file, all findings, no service: what `coedi check` prints and what a prediction compares."""

from collections.abc import Callable
from typing import Any

from domain.application import Application
from domain.certificate import finding_data
from domain.finding import Finding, verdict_of
from messages.application import absolute
from messages.catalog import kind_of
from messages.gates import refused
from messages.interchange import Message, read
from messages.parsing import UTF8_ONLY, line_of, parse
from validators.facts import Facts
from validators.limit import limited
from validators.pack import document_day, pack_for
from validators.reading import bounded
from validators.rule_check import merged, rule_findings
from validators.rule_pack import Pack, naming
from validators.schema_check import schema_findings

FactsFor = Callable[[Application], Facts]  # what the rules may know of this application


def check_bytes(
    name: str, body: bytes, facts: FactsFor, pack: Pack | None, encodings: frozenset[str] = UTF8_ONLY
) -> dict[str, Any]:
    """The verdict on one interchange.

    facts: asked once a message, for its application; pack: None for the one of each document's date. Gives file,
    verdict (accepted, referred or refused: the worst of its messages), findings (code, severity, box, path, line, found,
    zh, en, remedy) and not_checked: the ids of rules that need CCPIT's register when there is none.
    """
    findings, unasked = _looked_at(body, facts, pack, encodings)
    return {
        "file": name,
        "verdict": str(verdict_of(findings)),
        "findings": [_data(finding) for finding in findings],
        "not_checked": list(unasked),
    }


def message_findings(message: Message, facts_for: FactsFor, pack: Pack | None) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings of schema and rules on one message, and the ids of the rules that could not be asked."""
    kind = kind_of(message.kind)
    if kind is None:
        element = message.element
        finding = refused(
            "MESSAGE_KIND_UNKNOWN", found=message.kind, line=line_of(element), path=absolute(element, "")
        )
        return (finding,), ()
    application = kind.extract(message.element)
    if not isinstance(application, Application):  # rules judge applications and amendments; the rest is the schema's
        return limited(schema_findings(message.element)), ()
    facts = facts_for(application)
    pack = pack or pack_for(document_day(application, facts.today))
    schema = naming(pack.version, schema_findings(message.element))
    judged = bounded(application) if schema else application
    findings = merged(schema, rule_findings(judged, message.element, facts, pack))
    return findings, pack.not_checked(application.certificate_type, facts.registry_known)


def _looked_at(
    body: bytes, facts: FactsFor, pack: Pack | None, encodings: frozenset[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    root = parse(body, encodings)
    interchange = root if isinstance(root, Finding) else read(root)
    if isinstance(interchange, Finding):
        return (interchange,), ()
    findings: list[Finding] = []
    unasked: dict[str, None] = {}
    for message in interchange.messages:
        found, not_asked = message_findings(message, facts, pack)
        findings += found
        unasked |= dict.fromkeys(not_asked)
    return tuple(findings), tuple(unasked)


def _data(finding: Finding) -> dict[str, Any]:
    """The finding without its pack: a report is of one pack."""
    data = finding_data(finding)
    del data["pack"]
    return data
