"""Withdrawal 撤回: the enterprise takes back an application or amendment before it is approved."""

from dataclasses import dataclass

from lxml import etree

from messages.interchange import NAMESPACE
from messages.parsing import text_of
from messages.reference import Reference, reference_in

_REASON = f"{{{NAMESPACE}}}Reason"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which certificate, and why (may be empty)."""

    certificate: Reference
    reason: str = ""


def extract(element: etree._Element) -> Withdrawal:
    """The withdrawal in `element`; never raises."""
    reason = element.find(_REASON)
    return Withdrawal(reference_in(element), text_of(reason) if reason is not None else "")
