"""Questions: how a certificate stands, and old receipts once more."""

from dataclasses import dataclass

from lxml import etree

from messages.interchange import texts_in
from messages.reference import Reference, reference_in


@dataclass(frozen=True, slots=True)
class StatusEnquiry:
    """Which certificate."""

    certificate: Reference


@dataclass(frozen=True, slots=True)
class ReceiptResendRequest:
    """The receipts of a certificate, or those with feed numbers `first` to `last` (text as sent; last "" for the newest)."""

    certificate: Reference
    first: str = ""
    last: str = ""


def extract_status(element: etree._Element) -> StatusEnquiry:
    """The enquiry in `element`; never raises."""
    return StatusEnquiry(reference_in(element))


def extract_resend(element: etree._Element) -> ReceiptResendRequest:
    """The request in `element`; never raises."""
    text = texts_in(element)
    return ReceiptResendRequest(reference_in(element), text.get("FromFeedNo", ""), text.get("ToFeedNo", ""))
