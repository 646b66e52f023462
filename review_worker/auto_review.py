"""Auto review (机审): may it be issued without a person? The answer and its reasons come from findings and policy alone."""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from domain.application import Application, decimal_of
from domain.calendar import Calendar, DeskTerms
from domain.certificate import Decision
from domain.likeness import comparable
from pipeline.stage import Case, Facts, Stage
from review_worker.policies import policies
from review_worker.policy import Condition, Policy
from schemas.codelists import code_lists

NEEDS = ("issued", "original", "reference")
# of a goods line, what its origin rests on
_ORIGIN = ("hs_code", "criterion", "value_content", "psr_basis", "origin_country", "producer")

_PLAIN = DeskTerms().calendar


class Said(NamedTuple):
    """Why a condition holds: a code, and the same in Chinese and English."""

    code: str
    zh: str
    en: str


def stage(builtin: Policy) -> Stage:
    """The auto-review stage; builtin: the policy where the database names no other."""

    def decide(case: Case, facts: Facts) -> Decision:
        book = policies(facts.reference, builtin)
        return review(case, facts, book.policy_for(case.certificate.branch), book.calendar_for(case.certificate.branch))

    return Stage("auto-review", needs=NEEDS, decide=decide)


def review(case: Case, facts: Facts, policy: Policy, calendar: Calendar = _PLAIN) -> Decision:
    """Approve when nothing asks for a person; else refer with every reason. The terms hold whenever a person decides."""
    reasons = tuple(reason for ask in QUESTIONS for reason in ask(case, facts, policy))
    terms = desk_terms(case, facts, policy, calendar)
    if reasons:
        return Decision("refer", reasons=reasons, pack=policy.version, terms=terms)
    return Decision(
        "approve", reasons=("POLICY_CLEAN: 无需人工审核 / nothing asks for a person",), pack=policy.version, terms=terms)


def desk_terms(case: Case, facts: Facts, policy: Policy, calendar: Calendar) -> DeskTerms:
    """Until when, and by how many and whom, a person decides."""
    shorter = (one.minutes for one in policy.shorter if next(hits(case, facts, one.when), None))
    two = next(_four_eyes(case, facts, policy), "")
    return DeskTerms(
        min((policy.minutes_for(case.certificate.type), *shorter)), 2 if two else 1, two,
        next(hits(case, facts, policy.senior), None) is not None, calendar)


def hits(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    """Everything that makes the condition hold."""
    for look in LOOKS:
        yield from look(case, facts, when)


def _new_exporter(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if facts.issued < when.new_exporter_first:
        yield Said("NEW_EXPORTER", f"企业已签发{facts.issued}份证书", f"{facts.issued} certificates issued so far")


def _destination(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if not when.destinations:
        return
    shown = case.application.destination
    place = " ".join(shown.upper().split())
    if place in when.destinations or code_lists().country_in_place(place) in _countries(when.destinations):
        yield Said("DESTINATION", "目的国须人工审核", f"a person looks at {shown}")


@lru_cache(maxsize=64)
def _countries(words: tuple[str, ...]) -> frozenset[str]:
    """The countries that these words name; a word that is no country stands for itself alone."""
    return frozenset(filter(None, map(code_lists().country_of, words)))


def _goods(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if when.hs_prefixes:
        for line in case.application.goods:
            if line.hs_code.replace(".", "").startswith(when.hs_prefixes):
                yield Said("GOODS", f"HS编码{line.hs_code}须人工审核", f"a person looks at HS {line.hs_code}")


def _amount(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if when.invoice_amount_above:
        total = sum(filter(None, (decimal_of(invoice.amount) for invoice in case.application.invoices)))
        if total > when.invoice_amount_above:
            yield Said("AMOUNT", "发票金额超过限额", f"the invoices come to {total}")


def _kind(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if (kind := case.certificate.type) in when.types:
        yield Said("TYPE", f"{kind}证书须人工审核", f"a person looks at certificates of type {kind}")


def _branch(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if (branch := case.certificate.branch) in when.branches:
        yield Said("BRANCH", f"分会{branch}的证书须人工审核", f"a person looks at certificates of branch {branch}")


def _small(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if when.small_enterprises and case.application.applicant.small_enterprise:
        yield Said("SMALL_ENTERPRISE", "小微企业", "a small enterprise")


def _origin(case: Case, facts: Facts, when: Condition) -> Iterator[Said]:
    if not when.origin_amendments or case.application.amendment is None:
        return
    before = facts.original.application if facts.original else None
    changed = list(origin_changes(before, case.application)) if before else ["original"]
    if changed:
        yield Said("ORIGIN_CHANGED", f"更改内容涉及原产地（{'、'.join(changed)}）", f"origin data changed: {', '.join(changed)}")


def origin_changes(before: Application, after: Application) -> Iterator[str]:
    """What of the data that origin rests on an amendment changes, by the fields' names."""
    if len(before.goods) != len(after.goods):
        yield "lines"
    pairs = list(zip(before.goods, after.goods, strict=False))
    for name in _ORIGIN:
        one_differs = any(_differ(getattr(old, name), getattr(new, name)) for old, new in pairs)
        if one_differs or (name == "producer" and _differ(before.producer.name, after.producer.name)):
            yield name


def _differ(old: str, new: str) -> bool:
    return old != new and comparable(old) != comparable(new)


# in the order in which a reviewer reads the reasons
LOOKS: tuple[Callable[[Case, Facts, Condition], Iterator[Said]], ...] = (
    _new_exporter, _destination, _goods, _amount, _kind, _branch, _small, _origin,
)


def _findings(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    for finding in case.findings:
        if finding.severity in policy.refer_severities:
            yield f"{finding.code}: {finding.zh} / {finding.en}"


def _referred(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    for said in hits(case, facts, policy.refer):
        yield f"{said.code}: {said.zh} / {said.en}"


def _four_eyes(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if said := next(hits(case, facts, policy.four_eyes), None):
        yield f"FOUR_EYES: 须双人复核，{said.zh} / two persons approve: {said.en}"


def _senior(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if said := next(hits(case, facts, policy.senior), None):
        yield f"SENIOR: 须复核员审核，{said.zh} / a senior reviewer decides: {said.en}"


def _sample(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if policy.sample_one_in:
        digest = hashlib.sha256(case.certificate.id.bytes).digest()
        if int.from_bytes(digest[:8], "big") % policy.sample_one_in == 0:
            yield f"SAMPLE: 抽查 / one in {policy.sample_one_in} is looked at"


# in the order in which a reviewer reads the reasons
QUESTIONS: tuple[Callable[[Case, Facts, Policy], Iterator[str]], ...] = (_findings, _referred, _four_eyes, _senior, _sample)
