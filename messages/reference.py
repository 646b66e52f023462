"""How a message names a certificate that exists: by number, by invoice number or by our id (element `Certificate`)."""

from dataclasses import dataclass
from uuid import UUID

from lxml import etree

from domain.application import normalised_invoice
from messages.interchange import NAMESPACE, texts_in

_NS = f"{{{NAMESPACE}}}"


@dataclass(frozen=True, slots=True)
class Reference:
    """What was sent; empty where it was not. registration_no: the enterprise, which a branch has to name with an invoice.

    invoice is normalised for comparison; id is None when it is absent or no UUID.
    """

    registration_no: str = ""
    certificate_no: str = ""
    invoice: str = ""
    id: UUID | None = None

    @property
    def shown(self) -> str:
        """What to call it in an answer."""
        return self.certificate_no or self.invoice or (str(self.id) if self.id else "")


def reference_in(element: etree._Element) -> Reference:
    """The reference in the child `Certificate` of a message; an empty one when there is none. Never raises."""
    parts = texts_in(element.find(f"{_NS}Certificate"))
    return Reference(
        parts.get("RegistrationNo", ""), parts.get("CertificateNo", ""), normalised_invoice(parts.get("InvoiceNo", "")),
        _uuid(parts.get("CertificateId", "")))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
