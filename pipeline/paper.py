"""Reports that a certificate was put on paper: what is wrong with one, and what is written about it.

Messages and the print desk of the console go through here alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from domain.certificate import Certificate
from messages.printing import PrintReport
from schemas.certificate_types import certificate_type
from store.work import Work

MOST_COPIES = 99  # that a report may name


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand for a report. status: what became of the form with this serial, None: nothing is known of it; kept: its
    branch has a ledger of this stock; may_print: who reports may print this certificate."""

    status: str | None = None
    kept: bool = False
    may_print: bool = True


class Fault(NamedTuple):
    """A receipt code, the element at fault and its value, and words of its own ("": those of the code, or of the state)."""

    code: str
    place: str
    found: str
    zh: str = ""
    en: str = ""


def faults(report: PrintReport, certificate: Certificate, standing: Standing) -> Iterator[Fault]:
    """What is wrong with it, the gravest first."""
    shown, serial, printed, status = report.certificate.shown, report.serial, report.result == "PRINTED", standing.status
    if report.result not in ("PRINTED", "SPOILED"):
        yield Fault("RESULT_UNKNOWN", "Result", report.result, "打印结果无效", "The print result is not known")
    if certificate.state not in ("AWAIT_PRINT", "ISSUED"):
        yield Fault("STATE_NOT_ALLOWED", "Certificate", shown)
    if not standing.may_print:
        yield Fault(
            "LOCAL_PRINT_NOT_AUTHORISED", "Certificate", shown, "企业未获自主打印授权", "The enterprise may not print locally")
    if not serial and (not printed or certificate_type(certificate.type).paper == "pco"):
        yield Fault("FORM_SERIAL_MISSING", "FormSerial", "", "请录入印刷号", "Enter the printed-form number")
    if status and status != "received":
        yield Fault(
            "FORM_SERIAL_USED", "FormSerial", serial, f"印刷号重复（{status}）", f"Printed-form number already used ({status})")
    if serial and status is None and standing.kept:
        yield Fault("FORM_SERIAL_UNKNOWN", "FormSerial", serial, "印刷号不在库存中", "The form serial is not in stock")
    if printed and not 1 <= number_in(report.copies) <= MOST_COPIES:
        yield Fault("COPIES_INVALID", "Copies", report.copies, "份数无效", "Bad number of copies")
    if not printed and not report.reason:
        yield Fault("REASON_MISSING", "Reason", "", "请填写原因", "A reason is needed")


def note(work: Work, certificate: Certificate, report: PrintReport, actor: str, message: UUID | None) -> None:
    """Write the report, and what became of the form. message: what brought it, None at the print desk."""
    if report.serial:
        status = "used" if report.result == "PRINTED" else "spoiled"
        work.add("use_serials", certificate.branch, certificate.type, report.serial, status, certificate.id,
                 report.reason or None, actor)
    if report.result == "PRINTED":
        work.add("insert_print_reports", message, certificate.id, number_in(report.copies), report.serial or None,
                 report.printer, actor)


def reasons(report: PrintReport) -> tuple[str, ...]:
    """What the transition to "issued" says."""
    return (f"PRINTED: {report.serial}" if report.serial else "PRINTED",)


def number_in(text: str) -> int:
    """A number of copies; 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
