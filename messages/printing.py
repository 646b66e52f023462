"""Messages about paper: a certificate was printed, a form spoiled; an enterprise asks to print by itself."""

from dataclasses import dataclass

from lxml import etree

from messages.interchange import texts_in
from messages.reference import Reference, reference_in


@dataclass(frozen=True, slots=True)
class PrintReport:
    """result: PRINTED or SPOILED; copies: as text; serial: 印刷号 of the pre-printed form; printer: as it calls itself;
    reason: why a form was spoiled."""

    certificate: Reference
    result: str = ""
    copies: str = ""
    serial: str = ""
    printer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LocalPrintRequest:
    """copies: as text; printer: make and model."""

    certificate: Reference
    copies: str = ""
    printer: str = ""


def extract_report(element: etree._Element) -> PrintReport:
    """The report in `element`; never raises."""
    text = texts_in(element)
    return PrintReport(
        reference_in(element), text.get("Result", ""), text.get("Copies", ""), text.get("FormSerial", ""),
        text.get("Printer", ""), text.get("Reason", ""))


def extract_request(element: etree._Element) -> LocalPrintRequest:
    """The request in `element`; never raises."""
    text = texts_in(element)
    return LocalPrintRequest(reference_in(element), text.get("Copies", ""), text.get("Printer", ""))
