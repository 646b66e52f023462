"""The dry run of a policy: what auto review decided in a period, decided anew in memory, and where the two differ."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from domain.calendar import OFFICE, DeskTerms
from pipeline.cases import cases_from
from pipeline.facts import ISSUED_CAP, originals
from pipeline.stage import Case, Facts
from review_worker.auto_review import desk_terms, review
from review_worker.policies import Policies
from review_worker.policy import Policy, code_of
from store.database import Database, Row
from store.policies import auto_reviewed

_EXHAUSTED = "NUMBERS_EXHAUSTED"  # no policy's doing: the enterprise had no number left
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided: approve or refer; codes of the reasons; terms: of a referral, None where they are not known."""

    event: str
    codes: tuple[str, ...]
    terms: DeskTerms | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """One certificate under two policies. version: of the decision in its history; before: as history has it."""

    certificate: UUID
    version: int
    invoice: str
    branch: str
    at: datetime
    policy: str | None
    before: Outcome
    after: Outcome

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """What differs, old and new: outcome, and of what both policies refer: deadline (minutes), eyes, senior."""
        pairs = {"outcome": (self.before.event, self.after.event)}
        if (old := self.before.terms) and (new := self.after.terms):
            pairs |= {"deadline": (str(old.minutes), str(new.minutes)), "eyes": (str(old.eyes), str(new.eyes)),
                      "senior": (_yes(old.senior), _yes(new.senior))}
        return {what: pair for what, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def differs(self) -> bool:
        """Whether it would be decided otherwise: the outcome, its reasons, or the terms."""
        return bool(self.changes) or set(self.before.codes) != set(self.after.codes)


def tried(
    database: Database, book: Policies, policy: Policy, begin: datetime, end: datetime, branch: str | None = None
) -> Iterator[Tried]:
    """Every certificate that auto review decided from `begin` on and before `end`, decided anew under `policy`.

    book: for the terms under the policy of then, which history does not have. A transaction is open until the last was taken.
    """
    for rows in auto_reviewed(database, begin, end, branch, ISSUED_CAP):
        cases = cases_from(rows)
        before = originals(database, cases)
        for row, case in zip(rows, cases, strict=True):
            facts = Facts(row[24].astimezone(OFFICE).date(), issued=row[26], original=before.get(case.certificate.replaces))
            yield _tried(row, case, facts, book, policy)


def _tried(row: Row, case: Case, facts: Facts, book: Policies, policy: Policy) -> Tried:
    version, event, at, reasons = row[22:26]
    codes = tuple(map(code_of, reasons))
    old = Outcome(event, codes, _terms_then(case, facts, book, version) if event == "refer" else None)
    certificate = case.certificate
    return Tried(
        certificate.id, certificate.version + 1, certificate.invoice, certificate.branch, at, version, old,
        _outcome(case, facts, policy, book, exhausted=_EXHAUSTED in codes))


def _outcome(case: Case, facts: Facts, policy: Policy, book: Policies, exhausted: bool) -> Outcome:
    decision = review(case, facts, policy, book.calendar_for(case.certificate.branch))
    codes = tuple(map(code_of, decision.reasons))
    if decision.event == "approve" and exhausted:
        return Outcome("refer", (*codes, _EXHAUSTED), decision.terms)
    return Outcome(decision.event, codes, decision.terms if decision.event == "refer" else None)


def _terms_then(case: Case, facts: Facts, book: Policies, version: str | None) -> DeskTerms | None:
    policy = next((one for one in (*book.stored.values(), book.builtin) if one.version == version), None)
    return desk_terms(case, facts, policy, book.calendar_for(case.certificate.branch)) if policy else None


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@dataclass(slots=True)
class Change:
    """How often something changes, and the first certificates for example: their invoice numbers."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, one: Tried) -> None:
        """One more."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(one.invoice)


@dataclass(slots=True)
class Summary:
    """What a dry run came to; its size does not grow with the certificates.

    decided, differing: certificates; outcomes: (old, new) event -> count, those that stay alike included; changes: (what, old,
    new) -> Change; reasons: (code, "added" or "removed") -> Change; without_terms: referred under a policy that is not at hand.
    """

    decided: int = 0
    differing: int = 0
    without_terms: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: dict[tuple[str, str, str], Change] = field(default_factory=dict)
    reasons: dict[tuple[str, str], Change] = field(default_factory=dict)

    def add(self, one: Tried) -> None:
        """One more certificate."""
        self.decided += 1
        self.differing += one.differs
        self.without_terms += one.before.event == "refer" and one.before.terms is None
        self.outcomes[one.before.event, one.after.event] += 1
        for what, (old, new) in one.changes.items():
            self.changes.setdefault((what, old, new), Change()).add(one)
        before, after = set(one.before.codes), set(one.after.codes)
        for code in after - before:
            self.reasons.setdefault((code, "added"), Change()).add(one)
        for code in before - after:
            self.reasons.setdefault((code, "removed"), Change()).add(one)

    def data(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        return {
            "decided": self.decided, "differing": self.differing, "without_terms": self.without_terms,
            "outcomes": [{"old": old, "new": new, "count": count} for (old, new), count in sorted(self.outcomes.items())],
            "changes": [{"what": what, "old": old, "new": new, "count": one.count, "examples": one.examples}
                        for (what, old, new), one in sorted(self.changes.items())],
            "reasons": [{"code": code, "change": how, "count": one.count, "examples": one.examples}
                        for (code, how), one in sorted(self.reasons.items())],
        }


def period(today: date, days: int = 1, since: date | None = None, until: date | None = None) -> tuple[datetime, datetime]:
    """From when to before when, Shanghai: the `days` whole days before today; or from `since` to the end of `until`, both
    included. Raises ValueError when it is empty."""
    if since is None and until is None:
        since, until = today - timedelta(days), today - timedelta(1)
    last = until or today
    first = since or last
    if first > last:
        raise ValueError(f"{first} is after {last}")
    return datetime.combine(first, time(0), OFFICE), datetime.combine(last + timedelta(1), time(0), OFFICE)
