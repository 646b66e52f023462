"""What is wrong with a submission: a value, collected, never an exception."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the certificate: refuse it, send it to a person, or only warn."""

    REJECT = "reject"
    MANUAL = "manual"
    WARN = "warn"


class Verdict(StrEnum):
    """What all findings together do: any reject refuses, any manual refers, warnings alone are accepted."""

    ACCEPTED = "accepted"
    REFERRED = "referred"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, with everything needed to repair it.

    code: rule id ("C07") or gate code ("DTD_FORBIDDEN"); box: number printed on the form, None when the fault is
    in no box; path: XPath from the document's root; line: 1-based line of the delivered file; found: the value seen
    (at most 200 characters); remedy: what to do, "中文 / English"; pack: version of the rule pack that decided.
    """

    code: str
    severity: Severity
    zh: str
    en: str
    remedy: str
    box: str | None = None
    path: str | None = None
    line: int | None = None
    found: str | None = None
    pack: str | None = None


def verdict_of(findings: "list[Finding] | tuple[Finding, ...]") -> Verdict:
    """Any reject refuses; else any manual refers; else accepted."""
    severities = {finding.severity for finding in findings}
    if Severity.REJECT in severities:
        return Verdict.REFUSED
    return Verdict.REFERRED if Severity.MANUAL in severities else Verdict.ACCEPTED
