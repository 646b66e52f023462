"""Messages about paper: print reports (with form serial 印刷号), and an authorised enterprise that prints by itself 自主打印."""

from collections.abc import Mapping, Sequence
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
from pipeline.paper import Standing, faults, note, number_in, reasons
from store.database import Database
from store.work import Work


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
    copies = number_in(value.copies)
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
    standing = Standing(
        known.serials.get((certificate.type, value.serial)), (certificate.branch, certificate.type) in known.kept,
        may_print=sender.kind != "enterprise" or known.rights[certificate.id].local_print)
    fault = next(faults(value, certificate, standing), None)
    return fault and refused(item, fault.code, fault.place, fault.found, certificate, fault.zh, fault.en)


def _reported(item: Item, value: PrintReport, subject: Subject) -> Outcome:
    certificate = subject.certificate
    noted = _noted(item, value, certificate)
    if value.result == "SPOILED" or certificate.state == "ISSUED":
        return Answered("PRINT_NOTED", Answer(certificate), also=noted)
    return Moved("PRINT_NOTED", certificate, subject.origin, Decision("printed", reasons=reasons(value)), also=noted)


def _noted(item: Item, value: PrintReport, certificate: Certificate) -> Any:
    """The report, and what became of the form."""

    def write(work: Work, context: Context) -> None:
        note(work, certificate, value, context.actor, item.identity)

    return write


def _granted(certificate: Certificate, copies: int, value: LocalPrintRequest) -> Any:
    def write(work: Work, context: Context) -> None:
        work.add("insert_local_prints", context.origin.message, certificate.id, copies, value.printer)
        work.note(context.actor, "local print granted", str(certificate.id), copies=copies, printer=value.printer)

    return write
