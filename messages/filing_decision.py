"""What a branch decides about a filing 备案: goods, or a registration with its customs codes."""

from dataclasses import dataclass

from lxml import etree

from messages.interchange import NAMESPACE, texts_in
from messages.parsing import text_of

_NS = f"{{{NAMESPACE}}}"


@dataclass(frozen=True, slots=True)
class FilingDecision:
    """What was sent, as text. filing: our id or the filing's number; version: the one that was looked at; decision: APPROVE or
    RETURN; valid_to: of goods, the last day; approved, refused: customs codes of a registration; reviewer: who decided, as the
    branch's system names the person."""

    filing: str = ""
    version: str = ""
    decision: str = ""
    reason_code: str = ""
    reason: str = ""
    reviewer: str = ""
    valid_to: str = ""
    approved: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def extract(element: etree._Element) -> FilingDecision:
    """The decision in `element`; never raises."""
    text = texts_in(element)
    return FilingDecision(
        text.get("Filing", ""), text.get("Version", ""), text.get("Decision", ""), text.get("ReasonCode", ""),
        text.get("Reason", ""), text.get("Reviewer", ""), text.get("ValidTo", ""),
        _codes(element, "Approved"), _codes(element, "Refused"))


def _codes(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(map(text_of, element.iterfind(f"{_NS}CustomsCodes/{_NS}{name}")))
