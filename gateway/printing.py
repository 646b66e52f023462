"""Messages about paper: print reports (with form serial 印刷号), and an authorised enterprise that prints by itself 自主打印."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.certificate import Certificate, Decision, Document
from gateway.enquiries import documents
from gateway.opening import Item, Sender
from gateway.outcomes import Answer, Answered, Context, Moved, Outcome, Refused
from gateway.subjects import Subject, Subjects, refused, subjects
from gateway.subjects import keys as subject_keys
from messages.printing import LocalPrintRequest, PrintReport
from schemas.certificate_types import certificate_type
from store.database import Database
from store.work import Work

MOST_COPIES = 99  # that a report may name


@dataclass(frozen=True, slots=True)
class Rights:
    """Of a certificate's enterprise and branch: may it print by itself, copies the branch allows, copies granted already."""

    local_print: bool
    allowed: int
    granted: int


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round. serials: (stock, serial) -> its status; kept: stocks (branch, stock) with a ledger."""

    subjects: Subjects
    documents: Mapping[UUID, Document]
    rights: Mapping[UUID, Rights]
    serials: Mapping[tuple[str, str], str]
    kept: frozenset[tuple[str, str]]


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Certificates, documents, rights and serials, a query each."""
    found = subjects(database, items, lambda item: item.value.certificate)
    ids = sorted({str(one.certificate.id) for each in found.values() for one in each})
    rights = database.query("print_rights", ids=ids) if ids else []
    named = sorted({item.value.serial for item in items if isinstance(item.value, PrintReport) and item.value.serial})
    serials = database.query("serials", serials=named) if named else []
    stocks = database.query("kept_stocks") if named else []
    return Known(
        found, documents(database, found), {row[0]: Rights(*row[1:]) for row in rights},
        {(row[0], row[1]): row[2] for row in serials}, frozenset((row[0], row[1]) for row in stocks))


def report(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """Printed: what waited for paper is issued, its serial used; what is issued already is noted. Spoiled: the serial is."""
    value: PrintReport = item.value
    found = known.subjects.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    subject = next((one for one in found if one.certificate.state in ("AWAIT_PRINT", "ISSUED")), found[0])
    return _bad_report(item, value, subject.certificate, known, sender) or _reported(item, value, subject)


def request(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """The document by reference, for an issued certificate of an authorised enterprise, within the branch's number of copies."""
    value: LocalPrintRequest = item.value
    found = known.subjects.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    certificate = next((one.certificate for one in found if one.certificate.state == "ISSUED"), found[0].certificate)
    rights, document = known.rights[certificate.id], known.documents.get(certificate.id)
    if not rights.local_print:
        return refused(item, "LOCAL_PRINT_NOT_AUTHORISED", "Certificate", value.certificate.shown, certificate,
                       "企业未获自主打印授权", "The enterprise may not print locally")
    if certificate.state != "ISSUED" or document is None:
        return refused(item, "STATE_NOT_ALLOWED", "Certificate", value.certificate.shown, certificate)
    left = rights.allowed - rights.granted
    copies = _count(value.copies)
    if not 1 <= copies <= left:
        return refused(item, "COPIES_EXCEEDED", "Copies", value.copies, certificate,
                       f"副本数超过设定值：还可打印{left}份", f"More copies than allowed: {left} left")
    return Answered("LOCAL_PRINT_GRANTED", Answer(certificate, document=document), also=_granted(certificate, copies, value))


def keys(item: Item) -> list[tuple[str, ...]]:
    """The certificate, and the form that is used up."""
    serial = item.value.serial if isinstance(item.value, PrintReport) else ""
    return subject_keys(item, item.value.certificate) + ([("serial", serial)] if serial else [])


def _bad_report(item: Item, value: PrintReport, certificate: Certificate, known: Known, sender: Sender) -> Refused | None:
    """The first fault of the report."""
    fault = next(_faults(value, certificate, known, sender), None)
    if fault is None:
        return None
    code, place, found, zh, en = fault
    return refused(item, code, place, found, certificate, zh, en)


def _faults(value: PrintReport, certificate: Certificate, known: Known, sender: Sender) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, place, value, zh and en (empty: the code's own words, or the state) of what is wrong with it."""
    shown, serial, printed = value.certificate.shown, value.serial, value.result == "PRINTED"
    status = known.serials.get((certificate.type, serial))
    if value.result not in ("PRINTED", "SPOILED"):
        yield "RESULT_UNKNOWN", "Result", value.result, "打印结果无效", "The print result is not known"
    if certificate.state not in ("AWAIT_PRINT", "ISSUED"):
        yield "STATE_NOT_ALLOWED", "Certificate", shown, "", ""
    if sender.kind == "enterprise" and not known.rights[certificate.id].local_print:
        yield ("LOCAL_PRINT_NOT_AUTHORISED", "Certificate", shown, "企业未获自主打印授权", "The enterprise may not print locally")
    if not serial and (not printed or certificate_type(certificate.type).paper == "pco"):
        yield "FORM_SERIAL_MISSING", "FormSerial", "", "请录入印刷号", "Enter the printed-form number"
    if status and status != "received":
        yield "FORM_SERIAL_USED", "FormSerial", serial, f"印刷号重复（{status}）", f"Printed-form number already used ({status})"
    if serial and status is None and (certificate.branch, certificate.type) in known.kept:
        yield "FORM_SERIAL_UNKNOWN", "FormSerial", serial, "印刷号不在库存中", "The form serial is not in stock"
    if printed and not 1 <= _count(value.copies) <= MOST_COPIES:
        yield "COPIES_INVALID", "Copies", value.copies, "份数无效", "Bad number of copies"
    if not printed and not value.reason:
        yield "REASON_MISSING", "Reason", "", "请填写原因", "A reason is needed"


def _reported(item: Item, value: PrintReport, subject: Subject) -> Outcome:
    certificate = subject.certificate
    noted = _noted(item, value, certificate)
    if value.result == "SPOILED" or certificate.state == "ISSUED":
        return Answered("PRINT_NOTED", Answer(certificate), also=noted)
    reasons = (f"PRINTED: {value.serial}" if value.serial else "PRINTED",)
    return Moved("PRINT_NOTED", certificate, subject.origin, Decision("printed", reasons=reasons), also=noted)


def _noted(item: Item, value: PrintReport, certificate: Certificate) -> Any:
    """The report, and what became of the form."""

    def write(work: Work, context: Context) -> None:
        if value.serial:
            status = "used" if value.result == "PRINTED" else "spoiled"
            work.add("use_serials", certificate.branch, certificate.type, value.serial, status, certificate.id,
                     value.reason or None, context.actor)
        if value.result == "PRINTED":
            work.add("insert_print_reports", item.identity, certificate.id, _count(value.copies), value.serial or None,
                     value.printer, context.actor)

    return write


def _granted(certificate: Certificate, copies: int, value: LocalPrintRequest) -> Any:
    def write(work: Work, context: Context) -> None:
        work.add("insert_local_prints", context.origin.message, certificate.id, copies, value.printer)
        work.note(context.actor, "local print granted", str(certificate.id), copies=copies, printer=value.printer)

    return write


def _count(text: str) -> int:
    """A number of copies; 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
