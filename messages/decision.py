"""What a branch decides about a certificate: a review decision (approve, return), or its voiding 作废."""

from dataclasses import dataclass

from lxml import etree

from messages.interchange import texts_in
from messages.reference import Reference, reference_in


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """decision: APPROVE or RETURN; version: the certificate's version that was looked at, as text; reason_code: of the branch's
    list; reason: in words; reviewer: who decided, as the branch's system names the person."""

    certificate: Reference
    decision: str = ""
    version: str = ""
    reason_code: str = ""
    reason: str = ""
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class CertificateVoid:
    """Why, and who decided it, as the branch's system names the person."""

    certificate: Reference
    reason_code: str = ""
    reason: str = ""
    reviewer: str = ""


def extract_review(element: etree._Element) -> ReviewDecision:
    """The review decision in `element`; never raises."""
    text = texts_in(element)
    return ReviewDecision(
        reference_in(element), text.get("Decision", ""), text.get("Version", ""), text.get("ReasonCode", ""),
        text.get("Reason", ""), text.get("Reviewer", ""))


def extract_void(element: etree._Element) -> CertificateVoid:
    """The void in `element`; never raises."""
    text = texts_in(element)
    return CertificateVoid(reference_in(element), text.get("ReasonCode", ""), text.get("Reason", ""), text.get("Reviewer", ""))
