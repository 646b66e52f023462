"""Auto review (机审): may it be issued without a person? The answer and its reasons come from findings and policy alone."""

import hashlib
from collections.abc import Callable, Iterator

from domain.application import decimal_of
from domain.certificate import Decision
from pipeline.stage import Case, Facts, Stage
from review_worker.policy import Policy


def stage(policy: Policy) -> Stage:
    """The auto-review stage under a policy."""

    def decide(case: Case, facts: Facts) -> Decision:
        return review(case, facts, policy)

    return Stage("auto-review", needs=("issued",) if policy.new_exporter_first else (), decide=decide)


def review(case: Case, facts: Facts, policy: Policy) -> Decision:
    """Approve when nothing asks for a person; else refer with every reason; warnings alone do not refer."""
    reasons = tuple(reason for ask in QUESTIONS for reason in ask(case, facts, policy))
    if reasons:
        return Decision("refer", reasons=reasons, pack=policy.version)
    return Decision("approve", reasons=("POLICY_CLEAN: 无需人工审核 / nothing asks for a person",), pack=policy.version)


def _findings(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    for finding in case.findings:
        if finding.severity in policy.refer_severities:
            yield f"{finding.code}: {finding.zh} / {finding.en}"


def _new_exporter(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if facts.issued < policy.new_exporter_first:
        yield f"NEW_EXPORTER: 企业已签发{facts.issued}份证书 / {facts.issued} certificates issued so far"


def _destination(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if case.application.destination.strip().upper() in policy.destinations:
        yield f"DESTINATION: 目的国须人工审核 / a person looks at {case.application.destination}"


def _goods(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if policy.hs_prefixes:
        for line in case.application.goods:
            if line.hs_code.replace(".", "").startswith(policy.hs_prefixes):
                yield f"GOODS: HS编码{line.hs_code}须人工审核 / a person looks at HS {line.hs_code}"


def _amount(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    total = sum(filter(None, (decimal_of(invoice.amount) for invoice in case.application.invoices)))
    if policy.invoice_amount_above and total > policy.invoice_amount_above:
        yield f"AMOUNT: 发票金额超过限额 / the invoices come to {total}"


def _sample(case: Case, facts: Facts, policy: Policy) -> Iterator[str]:
    if policy.sample_one_in:
        digest = hashlib.sha256(case.certificate.id.bytes).digest()
        if int.from_bytes(digest[:8], "big") % policy.sample_one_in == 0:
            yield f"SAMPLE: 抽查 / one in {policy.sample_one_in} is looked at"


# in the order in which a reviewer reads the reasons
QUESTIONS: tuple[Callable[[Case, Facts, Policy], Iterator[str]], ...] = (
    _findings, _new_exporter, _destination, _goods, _amount, _sample,
)
