"""The demo's messages beside applications: what branches decide, and what enterprises ask about their certificates."""

from datetime import date, datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from messages.receipts import Receipt

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def envelope(message_id: str, sender: str, branch: str, today: date, message: str) -> bytes:
    """An interchange of one message."""
    created = datetime(today.year, today.month, today.day, 9, 30, tzinfo=_SHANGHAI).isoformat()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Interchange xmlns="urn:coedi:message:1">
  <Header>
    <InterchangeId>I{message_id}</InterchangeId>
    <Sender>{sender}</Sender>
    <Branch>{branch}</Branch>
    <Created>{created}</Created>
  </Header>
{message}
</Interchange>
""".encode()


def approval(waits: Receipt, today: date) -> bytes:
    """The branch approves a goods filing, on the version that the receipt told it."""
    branch = waits.branch or ""
    message_id = f"GD{today:%y%m%d}-{waits.filing}"
    return envelope(message_id, branch, branch, today, f"""  <GoodsFilingDecision>
    <MessageId>{message_id}</MessageId>
    <Filing>{waits.filing}</Filing>
    <Version>{waits.version}</Version>
    <Decision>APPROVE</Decision>
  </GoodsFilingDecision>""")


def print_report(composed: Receipt, serial: str, today: date) -> bytes:
    """The branch has printed a certificate on a numbered form 印刷号."""
    return _about(composed, "PrintReport", composed.branch or "", today, f"""
    <Result>PRINTED</Result>
    <Copies>2</Copies>
    <FormSerial>{serial}</FormSerial>""")


def void(issued: Receipt, reason: str, today: date) -> bytes:
    """The branch voids a certificate."""
    return _about(issued, "CertificateVoid", issued.branch or "", today, f"\n    <Reason>{reason}</Reason>")


def withdrawal(told: Receipt, reason: str, today: date) -> bytes:
    """The enterprise takes its application back."""
    return _about(told, "Withdrawal", told.enterprise, today, f"\n    <Reason>{reason}</Reason>")


def enquiry(told: Receipt, today: date) -> bytes:
    """The enterprise asks how far its application is."""
    return _about(told, "StatusEnquiry", told.enterprise, today, "")


def amendment(application: bytes, issued: Receipt, address: str, reason: str, today: date) -> bytes:
    """The application once more, as the amendment of the certificate that came of it: its consignee has a new address."""
    text = application.decode().replace("CertificateApplication>", "CertificateAmendment>")
    was = text.partition("<Consignee>")[2].partition("<Address>")[2].partition("</Address>")[0]
    said = f"""</MessageId>
    <Amendment>
      <Kind>AMEND</Kind>
      <OriginalNo>{issued.certificate_no}</OriginalNo>
      <OriginalDate>{today}</OriginalDate>
      <Revision>{issued.revision}</Revision>
      <Reason>{reason}</Reason>
    </Amendment>"""
    text = text.replace(was, escape(address)).replace(issued.message_id or "", f"{issued.message_id}-A")
    return text.replace("</MessageId>", said, 1).encode()


def _about(told: Receipt, kind: str, sender: str, today: date, more: str) -> bytes:
    """A message about the certificate that a receipt told of: named by its number, before it has one by its invoice."""
    message_id = f"{kind}-{told.message_id}"
    name, value = ("CertificateNo", told.certificate_no) if told.certificate_no else ("InvoiceNo", told.invoice)
    return envelope(message_id, sender, told.branch or "", today, f"""  <{kind}>
    <MessageId>{message_id}</MessageId>
    <Certificate>
      <RegistrationNo>{told.enterprise}</RegistrationNo>
      <{name}>{value}</{name}>
    </Certificate>{more}
  </{kind}>""")
