"""A certificate application: what becomes of it, decided from facts alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.application import Application
from domain.certificate import Certificate
from gateway.opening import Item, Sender, refusal
from gateway.outcomes import Accepted, Refused
from messages.application import absolute, locate
from store.database import Database
from store.postgres import certificate_from


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an invoice number: the live certificate and its state, or the returned one that would be revised."""

    live: UUID | None = None
    state: str | None = None
    returned: Certificate | None = None


Holders = dict[tuple[str, str] | None, Holder]


def holders(database: Database, items: Sequence[Item]) -> Holders:
    """Who has the invoice numbers of these applications."""
    keys = sorted({key for item in items if (key := item.invoice_key)})
    if not keys:
        return {}
    rows = database.query("invoice_holders", enterprise=[k[0] for k in keys], invoice=[k[1] for k in keys])
    return {(row[0], row[1]): _holder(row) for row in rows}


def decide(item: Item, known: Holders, sender: Sender) -> Accepted | Refused:
    """What becomes of an application."""
    application: Application = item.value
    return accept(item, application, sender, known.get(item.invoice_key, Holder()))


def keys(item: Item) -> list[tuple[str, ...]]:
    """What it occupies in a round: its invoice number."""
    return [("invoice", *key)] if (key := item.invoice_key) else []


def _holder(row: Any) -> Holder:
    """From the query `invoice_holders`: the columns of a returned certificate stand after the live one's."""
    if row[2]:
        return Holder(live=row[2], state=row[3])
    if row[4] is None:
        return Holder()
    return Holder(returned=certificate_from((row[4], row[0], row[5], row[6], row[1], *row[7:])))


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
    element = item.message.element  # type: ignore[union-attr] # an item with an application has a message
    zh, en = (None, None) if state is None else _BLOCKED.get(state, _UNDER_WAY)
    finding = refusal(code, found, absolute(element, place), locate(element, place), en=en, zh=zh)
    return Refused(code, finding, found or None)
