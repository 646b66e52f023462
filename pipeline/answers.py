"""The receipts coedi writes: one for every transition, and those that answer a message without a certificate."""

from collections.abc import Iterable
from uuid import UUID

from domain.certificate import Certificate, Decision, Origin, Transition
from domain.certificate_lifecycle import CERTIFICATE
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


def _answer(transition: Transition) -> Answer:
    if transition.state == "RECEIVED":
        return "technical"
    return "validation" if transition.event in ("check-schema", "pass-rules") or _refused_by_rules(transition) else "business"


def _refused_by_rules(transition: Transition) -> bool:
    return transition.source == "SCHEMA_CHECKED" and transition.event == "return"


def message_receipt(  # noqa: PLR0913 # keyword-only: what a receipt may repeat
    work: Work, code: str, stream: UUID, enterprise: str, sha256: str, *, interchange_id: str | None = None,
    message_id: str | None = None, invoice: str | None = None, findings: Iterable[Finding] = (),
    certificate: UUID | None = None, counts: Counts | None = None,
) -> Receipt:
    """A receipt outside a certificate's stream: technical answers, refusals of a message, lost races, summaries."""
    found = tuple(findings)
    name = f"message:{stream}"
    sequence = work.next_sequence(name)
    answer, zh, en = CODES.get(code) or ("technical", found[0].zh, found[0].en)
    return Receipt(
        id=f"{stream}-m{sequence}", stream=name, sequence=sequence, feed_no=work.next_feed(enterprise), code=code,
        answer=answer, enterprise=enterprise, branch=None, at=work.now, delivery_sha256=sha256,
        interchange_id=interchange_id, message_id=message_id, invoice=invoice,
        certificate=str(certificate) if certificate else None, certificate_no=None, state=None, event=None,
        version=None, revision=None, zh=zh, en=en, findings=found, reasons=(), document=None, counts=counts,
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
