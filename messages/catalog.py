"""The kinds of message that coedi reads: one row each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from messages import application, decision, enquiry, filing_decision, goods_filing, printing, registration, withdrawal
from messages.interchange import NAMESPACE


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    name: local name of its element, which is also a global element of `schema` ("message": schemas/xsd/message-1.xsd);
    extract: reads its element, never raises; senders: who may send it, "enterprise", "branch".
    """

    name: str
    namespace: str
    schema: str
    zh: str
    en: str
    extract: Callable[[etree._Element], Any]
    senders: frozenset[str] = frozenset({"enterprise"})

    @property
    def tag(self) -> str:
        """The element's name as lxml writes it: {namespace}name."""
        return f"{{{self.namespace}}}{self.name}"


BRANCHES = frozenset({"branch"})
BOTH = frozenset({"enterprise", "branch"})

KINDS: tuple[Kind, ...] = (
    Kind(
        "CertificateApplication", NAMESPACE, "message", "原产地证申请", "Certificate application", application.extract,
    ),
    Kind("Withdrawal", NAMESPACE, "message", "撤回申请", "Withdrawal of an application", withdrawal.extract),
    Kind("StatusEnquiry", NAMESPACE, "message", "状态查询", "Status enquiry", enquiry.extract_status, BOTH),
    Kind("ReceiptResendRequest", NAMESPACE, "message", "回执重发", "Receipt resend request", enquiry.extract_resend, BOTH),
    Kind("PrintReport", NAMESPACE, "message", "打印结果", "Print report", printing.extract_report, BOTH),
    Kind("LocalPrintRequest", NAMESPACE, "message", "本地打印申请", "Local-print request", printing.extract_request),
    Kind(
        "ReviewDecision", NAMESPACE, "message", "审核结论", "Review decision of a branch", decision.extract_review, BRANCHES,
    ),
    Kind(
        "CertificateVoid", NAMESPACE, "message", "作废", "Voiding of a certificate by a branch", decision.extract_void, BRANCHES,
    ),
    Kind("GoodsFiling", NAMESPACE, "message", "商品备案", "Goods filing", goods_filing.extract),
    Kind("Registration", NAMESPACE, "message", "企业注册", "Registration of an enterprise", registration.extract, BOTH),
    Kind(
        "GoodsFilingDecision", NAMESPACE, "message", "商品备案审核", "Decision on a goods filing", filing_decision.extract,
        BRANCHES,
    ),
    Kind(
        "RegistrationDecision", NAMESPACE, "message", "企业注册审核", "Decision on a registration", filing_decision.extract,
        BRANCHES,
    ),
    Kind(
        "CertificateAmendment", NAMESPACE, "message", "改证重发", "Amendment of an issued certificate", application.extract,
    ),
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> Kind | None:
    """The row of the kind `name` (`Message.kind`), None when coedi does not read it (gate MESSAGE_KIND_UNKNOWN)."""
    return _BY_NAME.get(name)
