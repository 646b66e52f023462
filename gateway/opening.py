"""How a delivery is opened: the gates in their order (docs/reference/messages.md), nothing parsed before its turn."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.application import Application
from domain.finding import Finding, Severity
from messages.gates import GATES
from messages.interchange import Interchange, Message, read
from messages.parsing import parse
from pipeline.answers import CODES
from pipeline.transport import Delivery

UNKNOWN_SENDER = "SENDER_UNKNOWN"
SHARED = "shared"  # before what several messages of a round may occupy together, but none of them with one that wants it alone


@dataclass(frozen=True, slots=True)
class Sender:
    """Who owns an exchange, from the registry; the broker says which exchange a delivery came from.

    no: registration number, or of a branch its code; kind: "enterprise" or "branch".
    """

    no: str
    branch: str
    encodings: frozenset[str]
    credit_code: str
    active: bool
    kind: str = "enterprise"

    def named(self, registration_no: str) -> bool:
        """Whether a message names this enterprise, by either of its identities."""
        return registration_no in (self.no, self.credit_code) and bool(registration_no)


@dataclass(frozen=True, slots=True)
class Opened:
    """A delivery after the gates: its interchange, or the finding that refused the whole.

    id: for the archive row, if this delivery turns out to be new; silent: what is known already is not answered again
    (a redelivery, or our own second try).
    """

    id: UUID
    delivery: Delivery
    sha256: bytes
    sender: Sender | None
    interchange: Interchange | None
    refusal: Finding | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a delivery, or the delivery itself when nothing inside could be read."""

    opened: Opened
    message: Message | None
    identity: UUID
    value: Any = None  # what its kind's `extract` read; None: no message, or a kind we do not know

    waited: bool = False  # it came too early and is tried again
    expired: bool = False  # ... for the last time

    @property
    def position(self) -> int:
        """Of the message in its interchange, 1-based; 0 when nothing could be read."""
        return self.message.position if self.message else 0

    @property
    def party(self) -> str:
        """Registration number or branch code of the sender, "" when it is unknown."""
        return self.opened.sender.no if self.opened.sender else ""

    @property
    def kind(self) -> str:
        """The kind of the message, "" when nothing could be read."""
        return self.message.kind if self.message else ""

    @property
    def message_id(self) -> str:
        """The sender's message id, "" when there is none."""
        return self.message.message_id if self.message else ""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the element's exclusive C14N."""
        return bytes.fromhex(self.message.digest) if self.message else b""

    @property
    def delivery_key(self) -> tuple[str, bytes]:
        """(exchange, SHA-256): the name of the delivery as a whole."""
        return self.opened.delivery.exchange, self.opened.sha256

    @property
    def message_key(self) -> tuple[str, str] | None:
        """(enterprise, message id), kept for ever; None where no id can be read."""
        return (self.opened.sender.no, self.message_id) if self.opened.sender and self.message_id else None

    @property
    def invoice_key(self) -> tuple[str, str] | None:
        """(enterprise, normalised first invoice): the natural key of a certificate; None without one."""
        if self.opened.sender is None or not isinstance(self.value, Application) or not self.value.invoice_key:
            return None
        return self.opened.sender.no, self.value.invoice_key


def open_delivery(identity: UUID, delivery: Delivery, sender: Sender | None, silent: bool) -> Opened:
    """Size and hash, identity, decoding, DOCTYPE, parsing and limits; the XSD and the rules come later, per message."""
    digest = hashlib.sha256(delivery.body).digest()
    outcome = _read(delivery, sender)
    return Opened(
        identity, delivery, digest, sender,
        interchange=outcome if isinstance(outcome, Interchange) else None,
        refusal=outcome if isinstance(outcome, Finding) else None,
        silent=silent or delivery.redelivered,
    )


def _read(delivery: Delivery, sender: Sender | None) -> Interchange | Finding:
    if sender is None:
        return refusal(UNKNOWN_SENDER, delivery.exchange)
    if not sender.active:
        return refusal("ENTERPRISE_INACTIVE", sender.no)
    if delivery.content_encoding:
        return refusal("CONTENT_ENCODING_UNSUPPORTED", delivery.content_encoding)
    root = parse(delivery.body, sender.encodings)
    if isinstance(root, Finding):
        return root
    interchange = read(root)
    if isinstance(interchange, Interchange) and not sender.named(interchange.sender):
        return refusal("IDENTITY_MISMATCH", interchange.sender, path="/Interchange/Header/Sender")
    return interchange


# gates and refusals of whole messages -> (zh, en, remedy); the parser's own gates stand in messages.gates
REMEDIES: dict[str, str] = {
    UNKNOWN_SENDER: "请联系贸促会分会 / Ask your branch to register the exchange",
    "ENTERPRISE_INACTIVE": "请联系所属贸促会 / Ask your branch to activate the enterprise",
    "IDENTITY_MISMATCH": "发送方必须是报文中的企业 / Send with the account of the enterprise named in the message",
    "MSG_ID_REUSED": "请换用新的报文编号 / Use a new message id",
    "INVOICE_DUPLICATE": "请使用新的发票号，或对原证书申请更改 / Use another invoice number, or amend the existing certificate",
    "AMENDMENT_KIND_UNKNOWN": "请填写AMEND、REISSUE或AMEND_REISSUE / Give AMEND, REISSUE or AMEND_REISSUE",
    "AMENDMENT_UNDER_WAY": "请等待其结果，或先撤回 / Wait for its decision, or withdraw it first",
    "REVISION_STALE": "请按现行证书和修订号重新申请 / Amend the certificate in force, at its current revision",
    "ORIGINAL_NOT_ISSUED": "请在原证签发后再申请改证 / Amend the certificate once it is issued",
    "ALREADY_VOID": "无需处理；如需新证请使用新发票号 / Nothing to do; a new certificate needs a new invoice number",
    "DECISION_UNKNOWN": "请填写APPROVE或RETURN / Give APPROVE or RETURN",
    "REASON_MISSING": "请填写Reason / Fill in Reason",
    "STALE_VERSION": "请重新查看后再作决定 / Look at it again, then decide",
    "CLAIMED": "请与该审核人员联系 / Talk to that reviewer",
    "SECOND_PERSON_NEEDED": "请由另一人复核，并填写Reviewer / Let another person decide, and name them as Reviewer",
    "RESEND_TOO_MANY": "请另发报文包申请，每包至多10个 / Ask for the rest in another interchange, at most 10 requests in each",
    "RECEIPTS_UNKNOWN": "请核对回执编号 / Check the feed numbers",
    "LOCAL_PRINT_NOT_AUTHORISED": "请先申请自主打印 / Apply for self-printing first",
    "RESULT_UNKNOWN": "请填写PRINTED或SPOILED / Give PRINTED or SPOILED",
    "FORM_SERIAL_MISSING": "请填写FormSerial / Fill in FormSerial",
    "FORM_SERIAL_USED": "请核对印刷号 / Check the printed-form number",
    "FORM_SERIAL_UNKNOWN": "请核对印刷号，或先登记入库 / Check it, or enter the stock first",
    "COPIES_INVALID": "请填写1至99 / Give 1 to 99",
    "COPIES_EXCEEDED": "请减少份数，或联系分会 / Ask for fewer copies, or talk to the branch",
    "FILING_UNKNOWN": "请核对备案号 / Check the number of the filing",
    "FILING_DUPLICATE": "请使用现有备案，或以Changes变更 / Use the existing filing, or change it with Changes",
    "FILING_UNDER_WAY": "请等待审核结果，或先撤回 / Wait for the decision, or withdraw it first",
    "ENTERPRISE_UNKNOWN": "请核对贸促会编码和注册号 / Check the code of the branch and the registration number",
    "CUSTOMS_CODE_UNKNOWN": "请填写该注册中的海关编码 / Name customs codes of this registration",
    "VALID_TO_WRONG": "请填写今天或以后的日期，yyyy-mm-dd / Give today or a later day, yyyy-mm-dd",
    "STATE_NOT_ALLOWED": "请先查询证书状态 / Ask for the status of the certificate first",
    "KIND_NOT_ALLOWED": "请由有权的一方发送该类报文 / This kind of message has to be sent by another party",
    "CERTIFICATE_UNKNOWN": "请核对证书号、发票号 / Check the certificate number or the invoice number",
    "MESSAGE_KIND_UNKNOWN": "请按报文规范选择报文类型 / Use a message kind of the message reference",
    "MESSAGE_ID_MISSING": "请填写MessageId / Give each message a MessageId",
    "INVOICE_MISSING": "请填写第一张发票的号码 / Give the number of the first invoice",
}


def refusal(code: str, found: str, path: str | None = None, line: int | None = None, en: str | None = None,
            zh: str | None = None) -> Finding:
    """A refusal of a delivery or a whole message as a finding."""
    if code == UNKNOWN_SENDER:
        own_zh, own_en = "未知的发送方", "The exchange belongs to no enterprise"
    elif code in CODES:
        _, own_zh, own_en = CODES[code]
    else:
        own_zh, own_en = GATES[code][:2]
    return Finding(code, Severity.REJECT, zh or own_zh, en or own_en, REMEDIES.get(code, ""), path=path, line=line,
                   found=found[:200])
