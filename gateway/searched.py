"""What people search certificates by, taken from an application."""

from decimal import Decimal

from domain.application import Application, date_of, decimal_of
from store.work import Texts


def searched(application: Application) -> Texts:
    """Names, destination, date of the first invoice, amount of all invoices if they are in one currency, signatory, HS codes."""
    invoices = application.invoices
    amounts = [decimal_of(invoice.amount) for invoice in invoices]
    currencies = {invoice.currency for invoice in invoices if invoice.amount}
    known = len(currencies) == 1 and None not in amounts
    return Texts(
        application.exporter.name, application.consignee.name, application.destination,
        invoice_date=date_of(invoices[0].date) if invoices else None,
        amount=sum(filter(None, amounts), Decimal(0)) if known else None,
        currency=currencies.pop() if known else "", signatory=application.applicant.signatory_name,
        hs=_codes(application), small=application.applicant.small_enterprise)


def _codes(application: Application) -> str:
    """Each HS code once, digits only, as many as a person may look for."""
    digits = ("".join(sign for sign in line.hs_code if sign.isascii() and sign.isdecimal())[:10] for line in application.goods)
    return " ".join(list(dict.fromkeys(filter(None, digits)))[:50])
