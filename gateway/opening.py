"""How a delivery is opened: the gates in their order (docs/reference/messages.md), nothing parsed before its turn."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from domain.application import Application
from domain.finding import Finding, Severity
from messages.gates import GATES
from messages.interchange import Interchange, Message, read
from messages.parsing import parse
from pipeline.answers import CODES
from pipeline.transport import Delivery

UNKNOWN_SENDER = "SENDER_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who owns an exchange, from the registry; the broker says which exchange a delivery came from."""

    no: str
    branch: str
    encodings: frozenset[str]
    credit_code: str
    active: bool

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
    application: Application | None = None  # None: no message, or a kind we do not know

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
        if self.opened.sender is None or self.application is None or not self.application.invoice_key:
            return None
        return self.opened.sender.no, self.application.invoice_key


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
