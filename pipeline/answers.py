"""The receipts coedi writes: one for every transition, and those that answer a message without a certificate."""

from collections.abc import Iterable
from uuid import UUID

from domain.branch import is_branch
from domain.certificate import Certificate, Decision, Document, Origin, Transition
from domain.certificate_lifecycle import CERTIFICATE
from domain.filing import Filing
from domain.filing_lifecycle import LIVES
from domain.finding import Finding
from messages.receipts import Answer, Counts, Receipt
from store.wanted import Progress
from store.work import Work

# receipt code -> (answer, zh, en); the codes of states stand in domain.certificate_lifecycle, those of gates in messages.gates
CODES: dict[str, tuple[Answer, str, str]] = {
    "BYTES_RECEIVED": ("technical", "报文已收到并存档", "The message was received and archived"),
    "INTERCHANGE_ANSWERED": ("validation", "交换包内的报文均已答复", "Every message of the interchange has its verdict"),
    "MSG_ID_REUSED": ("technical", "报文编号重复", "Message id re-used with other content"),
    "INVOICE_DUPLICATE": ("validation", "发票号重复", "Invoice number already used"),
    "IDENTITY_MISMATCH": ("technical", "发送方与报文中的企业不一致", "The sender is not the enterprise named in the message"),
    "ENTERPRISE_INACTIVE": ("technical", "企业已停用", "The enterprise is not active"),
    "MESSAGE_KIND_UNKNOWN": ("technical", "不支持的报文类型", "We do not know messages of this kind"),
    "MESSAGE_INVALID": ("validation", "报文不符合规范", "The message does not fit its schema"),
    "AMENDMENT_KIND_UNKNOWN": ("validation", "改证种类无效", "The kind of amendment is not known"),
    "AMENDMENT_UNDER_WAY": ("validation", "该证书已有改证在办理", "Another amendment of the certificate is under way"),
    "REVISION_STALE": ("validation", "所依据的修订号已过期", "The amendment is based on an old revision"),
    "ORIGINAL_NOT_ISSUED": ("validation", "仅已发证单据可改证重发", "Only issued certificates can be amended"),
    "VOID_DONE": ("business", "证书已作废", "The certificate is void"),
    "ALREADY_VOID": ("business", "证书已作废，不可恢复", "The certificate is void for good"),
    "REVIEW_DONE": ("business", "审核结论已执行", "The review decision was carried out"),
    "DECISION_UNKNOWN": ("validation", "审核结论无效", "The decision is not known"),
    "REASON_MISSING": ("validation", "请填写原因", "A reason is needed"),
    "STALE_VERSION": ("business", "证书版本已变化", "The certificate has moved since it was looked at"),
    "CLAIMED": ("business", "正由他人审核", "Somebody else is reviewing it"),
    "SECOND_PERSON_NEEDED": ("business", "须由另一人复核", "A second person has to agree"),
    "NUMBERS_EXHAUSTED": ("business", "证书号已用完", "There is no certificate number left"),
    "STATUS": ("business", "证书状态", "The certificate as it stands"),
    "RECEIPTS_RESENT": ("technical", "回执将重发", "Old receipts are sent again"),
    "RESEND_TOO_MANY": ("technical", "一个报文包内的重发申请过多", "Too many requests for old receipts in one interchange"),
    "RECEIPTS_UNKNOWN": ("technical", "没有这样的回执", "There are no such receipts"),
    "PRINT_NOTED": ("business", "打印结果已登记", "The print report is on record"),
    "LOCAL_PRINT_GRANTED": ("business", "可本地打印，文件见Document", "The document may be printed by the enterprise"),
    "LOCAL_PRINT_NOT_AUTHORISED": ("business", "企业未获自主打印授权", "The enterprise may not print locally"),
    "RESULT_UNKNOWN": ("validation", "打印结果无效", "The print result is not known"),
    "FORM_SERIAL_MISSING": ("validation", "请录入印刷号", "Enter the printed-form number"),
    "FORM_SERIAL_USED": ("validation", "印刷号重复", "Printed-form number already used"),
    "FORM_SERIAL_UNKNOWN": ("validation", "印刷号不在库存中", "The form serial is not in stock"),
    "COPIES_INVALID": ("validation", "份数无效", "Bad number of copies"),
    "COPIES_EXCEEDED": ("business", "副本数超过设定值", "More copies than allowed"),
    "FILING_TAKEN": ("technical", "备案报文已受理", "The filing was taken"),
    "FILING_WITHDRAWN": ("business", "备案已撤销", "The filing is withdrawn"),
    "FILING_DECIDED": ("business", "备案审核结论已执行", "The decision on the filing was carried out"),
    "FILING_UNKNOWN": ("validation", "没有这样的备案", "There is no such filing"),
    "FILING_DUPLICATE": ("validation", "该商品已备案", "These goods are filed already"),
    "FILING_UNDER_WAY": ("validation", "已有备案在办理", "Another filing is under way"),
    "ENTERPRISE_UNKNOWN": ("validation", "企业未在贸促会备案", "Enterprise is not registered with CCPIT"),
    "CUSTOMS_CODE_UNKNOWN": ("validation", "注册中没有该海关编码", "The registration has no such customs code"),
    "VALID_TO_WRONG": ("validation", "有效期无效", "Valid-to is no day to come"),
    "WITHDRAWAL_DONE": ("business", "已撤回", "The application is withdrawn"),
    "STATE_NOT_ALLOWED": ("business", "当前状态不允许此操作", "The state does not allow it"),
    "KIND_NOT_ALLOWED": ("technical", "发送方无权发送该类报文", "The sender may not send messages of this kind"),
    "CERTIFICATE_UNKNOWN": ("validation", "没有这样的证书", "There is no such certificate"),
    "MESSAGE_ID_MISSING": ("technical", "缺少报文编号", "The message id is missing"),
    "INVOICE_MISSING": ("validation", "缺少发票号码", "The invoice number is missing"),
    "NO_PROGRESS": ("business", "处理时间超出预期，报文仍在处理中", "It takes longer than it should; it is still being worked on"),
    "PARKED": ("technical", "报文暂时无法处理，已转人工处理", "The message could not be handled and was set aside for an operator"),
}


def certificate_receipt(
    work: Work, certificate: Certificate, transition: Transition, decision: Decision, origin: Origin
) -> Receipt:
    """The one receipt of a transition; its sequence is the certificate's version, its id is deterministic."""
    state = CERTIFICATE.state(transition.state)
    return Receipt(
        id=f"{certificate.id}-{transition.version}", stream=f"certificate:{certificate.id}", sequence=transition.version,
        feed_no=work.next_feed(certificate.enterprise), code=state.code, answer=_answer(transition),
        enterprise=certificate.enterprise, branch=certificate.branch, at=work.now, delivery_sha256=origin.sha256,
        interchange_id=origin.interchange_id, message_id=origin.message_id, invoice=certificate.invoice,
        certificate=str(certificate.id), certificate_no=certificate.number, state=state.code, event=transition.event,
        version=transition.version, revision=transition.revision, zh=state.zh, en=state.en,
        findings=decision.findings, reasons=decision.reasons, document=decision.document,
    )


def filing_code(kind: str, state: str) -> str:
    """The receipt code of a filing ("goods" or "registration") that reached a state: "GOODS_APPROVED"."""
    return f"{kind.upper()}_{state}"


def filing_receipt(work: Work, filing: Filing, transition: Transition, decision: Decision, origin: Origin) -> Receipt:
    """The one receipt of a filing's transition, on the stream `filing:<id>`; its number stands in FilingNo."""
    state = LIVES[filing.kind].state(transition.state)
    return Receipt(
        id=f"{filing.id}-{transition.version}", stream=f"filing:{filing.id}", sequence=transition.version,
        feed_no=work.next_feed(filing.enterprise), code=filing_code(filing.kind, state.code),
        answer="technical" if transition.state == "RECEIVED" else "validation" if transition.source == "RECEIVED" else "business",
        enterprise=filing.enterprise, branch=filing.branch, at=work.now, delivery_sha256=origin.sha256,
        interchange_id=origin.interchange_id, message_id=origin.message_id, state=state.code, event=transition.event,
        version=transition.version, revision=transition.revision, zh=state.zh, en=state.en,
        findings=decision.findings, reasons=decision.reasons, filing=str(filing.id), filing_no=filing.number,
    )


def _answer(transition: Transition) -> Answer:
    if transition.state == "RECEIVED":
        return "technical"
    return "validation" if transition.event in ("check-schema", "pass-rules") or _refused_by_rules(transition) else "business"


def _refused_by_rules(transition: Transition) -> bool:
    return transition.source == "SCHEMA_CHECKED" and transition.event == "return"


def message_receipt(  # noqa: PLR0913 # keyword-only: what a receipt may repeat
    work: Work, code: str, stream: UUID, enterprise: str, sha256: str, *, interchange_id: str | None = None,
    message_id: str | None = None, invoice: str | None = None, findings: Iterable[Finding] = (),
    certificate: UUID | None = None, counts: Counts | None = None, branch: str | None = None, state: str | None = None,
    certificate_no: str | None = None, version: int | None = None, revision: int | None = None,
    reasons: tuple[str, ...] = (), document: Document | None = None, filing: Filing | None = None,
) -> Receipt:
    """A receipt outside a certificate's stream: technical answers, refusals of a message, lost races, summaries."""
    found = tuple(findings)
    name = f"message:{stream}"
    sequence = work.next_sequence(name)
    answer, zh, en = CODES.get(code) or ("technical", found[0].zh, found[0].en)
    if branch is None and is_branch(enterprise):
        branch = enterprise  # it answers a message of the branch itself
    return Receipt(
        id=f"{stream}-m{sequence}", stream=name, sequence=sequence, feed_no=work.next_feed(enterprise), code=code,
        answer=answer, enterprise=enterprise, branch=branch, at=work.now, delivery_sha256=sha256,
        interchange_id=interchange_id, message_id=message_id, invoice=invoice,
        certificate=str(certificate) if certificate else None, certificate_no=certificate_no, state=state, event=None,
        version=version, revision=revision, zh=zh, en=en, findings=found, reasons=reasons, document=document, counts=counts,
        filing=str(filing.id) if filing else None, filing_no=filing.number if filing else None,
    )


def answer_interchange(work: Work, interchange: UUID, verdict: str) -> None:
    """Count one verdict; the one that closes the interchange writes its summary, under the interchange's row lock."""
    closed = work.answer(interchange, verdict)
    if closed and closed.enterprise:
        work.send(summary(work, closed))


def summary(work: Work, progress: Progress) -> Receipt:
    """The receipt that answers a whole interchange: how many of its messages were accepted, refused or repeated."""
    return message_receipt(
        work, "INTERCHANGE_ANSWERED", progress.id, progress.enterprise or "", progress.sha256,
        interchange_id=progress.interchange_id,
        counts=Counts(total=progress.total, accepted=progress.accepted, refused=progress.refused, repeated=progress.repeated),
    )
