"""The supporting documents of a foreign UBL certificate: invoices, export declaration and marks that are pictures."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from domain.application import Application, Invoice, Party, Picture, decimal_of
from messages.parsing import text_of
from messages.ubl import APPLICATION, CONSIGNMENT, EXPORT_DECLARATION, INVOICE, PICTURE
from messages.ubl_reading import Reader

_AMOUNT = re.compile(r"(?P<currency>[A-Z]{3})? ?(?P<amount>\d[\d.]*)?", re.ASCII)


def with_documents(reader: Reader, draft: Application) -> Application:
    """Invoices, export declaration and picture marks, from the supporting documents."""
    references = reader.all(reader.root, f"{APPLICATION}/cac:SupportingDocumentReference")
    invoices = [(each, _issuer(reader, each, draft.exporter)) for each in references if _is(reader, each, INVOICE)]
    declarations = [each for each in references if _is(reader, each, EXPORT_DECLARATION)]
    operator = next((issuer for _, issuer in invoices if issuer.name), Party())
    read = [_invoice(reader, each, issuer) for each, issuer in invoices]
    total = reader.first(reader.root, f"{CONSIGNMENT}/cbc:TotalInvoiceAmount")
    if total is not None and len(read) == 1 and not read[0].amount:
        read = [replace(read[0], amount=text_of(total), currency=total.get("currencyID", ""))]
    if total is not None and _adds_up(total, read):
        reader.take(total)
    return replace(
        draft, invoices=tuple(read), operator=operator, pictures=tuple(_pictures(reader, references)),
        export_declaration=reader.text(declarations[0], "cbc:ID") if declarations else "")


def _is(reader: Reader, reference: etree._Element, kind: str) -> bool:
    """Whether a supporting document is of this kind; one that does not say what it is counts as an invoice."""
    code = reader.first(reference, "cbc:DocumentTypeCode")
    if code is None:
        return kind == INVOICE and reader.first(reference, "cbc:DocumentType") is None
    if text_of(code) == kind:
        reader.take(code)
        return True
    return False


def _issuer(reader: Reader, reference: etree._Element, exporter: Party) -> Party:
    """Who issued an invoice, if that is somebody else than the exporter."""
    issuer = reader.party(reader.first(reference, "cac:IssuerParty"))
    return Party() if issuer.name and issuer.name == exporter.name else issuer


def _invoice(reader: Reader, reference: etree._Element, issuer: Party) -> Invoice:
    described = reader.first(reference, "cbc:DocumentDescription")
    match = None if described is None else _AMOUNT.fullmatch(text_of(described))
    said = match.groupdict("") if match else {}
    if match:
        reader.take(described)
    return Invoice(reader.text(reference, "cbc:ID"), reader.text(reference, "cbc:IssueDate"), issuer_country=issuer.country, **said)


def _adds_up(total: etree._Element, invoices: list[Invoice]) -> bool:
    """Whether the total says no more than the invoices do."""
    amounts = [decimal_of(invoice.amount) for invoice in invoices]
    return None not in amounts and sum(amount for amount in amounts if amount is not None) == decimal_of(text_of(total))


def _pictures(reader: Reader, references: list[etree._Element]) -> Iterator[Picture]:
    for reference in references:
        if (kind := reader.first(reference, "cbc:DocumentType")) is not None and text_of(kind) == PICTURE:
            picture = Picture(reader.text(reference, "cbc:DocumentDescription"),
                              reader.text(reference, "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"))
            reader.take(reference)
            yield picture
