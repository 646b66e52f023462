"""A certificate application: what becomes of it, decided from facts alone."""

from dataclasses import dataclass, replace
from uuid import UUID

from domain.application import Application
from domain.certificate import Certificate
from domain.finding import Finding
from gateway.opening import Item, Sender, refusal
from messages.application import absolute, locate


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an invoice number: the live certificate and its state, or the returned one that would be revised."""

    live: UUID | None = None
    state: str | None = None
    returned: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The application makes or revises `certificate`."""

    certificate: Certificate
    application: Application
    event: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The message makes no certificate; `code` is the receipt's."""

    code: str
    finding: Finding
    invoice: str | None = None


def accept(item: Item, application: Application, sender: Sender, holder: Holder) -> Accepted | Refused:
    """A new certificate, the next revision of a returned one, or a refusal (rules A16 to A18)."""
    invoice = application.invoice_key
    if not invoice:
        return _refused(item, "INVOICE_MISSING", "Invoices/Invoice[1]/Number", "")
    if holder.live:
        return _refused(item, "INVOICE_DUPLICATE", "Invoices/Invoice[1]/Number", invoice, holder.state)
    message = item.identity
    if holder.returned:
        revised = replace(
            holder.returned, message=message, revision=holder.returned.revision + 1, type=application.certificate_type)
        return Accepted(revised, application, "resubmit")
    new = Certificate(
        id=message, enterprise=sender.no, branch=sender.branch,
        type=application.certificate_type, invoice=invoice, message=message)
    return Accepted(new, application, "receive")


# state of the live certificate -> what its holder has to do (manual FAQ 8 and 13, rules A16 to A18)
_BLOCKED = {
    "VOID": ("该发票号的证书已作废，不可恢复，请使用新发票号",
             "The certificate with this invoice number is void for good; use a new invoice number"),
    "ISSUED": ("发票号重复：该发票号的证书已发证", "Invoice number already used: its certificate is issued"),
}
_UNDER_WAY = ("发票号重复：该发票号的证书正在办理，当前状态不允许修改",
              "Invoice number already used: its certificate is under way and cannot be changed now")


def _refused(item: Item, code: str, place: str, found: str, state: str | None = None) -> Refused:
    element = item.message.element  # type: ignore[union-attr] # as above
    zh, en = (None, None) if state is None else _BLOCKED.get(state, _UNDER_WAY)
    finding = refusal(code, found, absolute(element, place), locate(element, place), en=en, zh=zh)
    return Refused(code, finding, found or None)
