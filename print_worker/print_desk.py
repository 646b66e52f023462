"""What a print clerk does at the console: enter a form serial 录入印刷号, correct one 修改印刷号, recall from print."""

from uuid import UUID

from domain.calendar import DeskTerms
from domain.certificate import Certificate, Decision, Origin
from domain.errors import NotAllowed, Refusal, StaleVersion, UnknownThing
from messages.printing import PrintReport
from messages.reference import Reference
from pipeline.advance import advance
from pipeline.answers import CODES
from pipeline.paper import Fault, Standing, faults, note, reasons
from store.database import Database
from store.postgres import PostgresStore, certificate_from
from store.wanted import Wanted
from store.work import Work

LONGEST_SERIAL = 40


def enter(store: PostgresStore, certificate: UUID, who: str, version: int, serial: str, copies: int = 1) -> Certificate:
    """It was put on the form with this serial: issued, the form used; the same as a print report does.

    serial: "" where the paper has none. Raises Refusal with the receipt's words, StaleVersion, UnknownThing.
    """
    found, origin = _seen(store.database, certificate, version)
    if found.state != "AWAIT_PRINT":
        raise Refusal(f"certificate {certificate} does not wait for paper; it is {found.state}", zh="该证书不在待打印")
    report = PrintReport(Reference(), "PRINTED", str(copies), serial.strip())
    with store.work(_wanted(found, origin)) as work:
        held = _held(work, found)
        _check(store.database, report, held)
        note(work, held, report, _actor(who), None)
        work.note(_actor(who), "print serial", str(certificate), version=version, serial=report.serial, copies=copies)
        return advance(work, held, Decision("printed", reasons=reasons(report)), _actor(who), origin)


def correct(store: PostgresStore, certificate: UUID, who: str, old: str, new: str, reason: str) -> None:  # as asked
    """The form that was used is another one: the old serial is spoiled with the reason, the new one used; the state stays.

    Raises Refusal when `old` is not the certificate's form, or `new` cannot be used; UnknownThing.
    """
    found, origin = _seen(store.database, certificate)
    old, new = old.strip(), new.strip()
    if not reason.strip():
        raise Refusal("a correction needs a reason", zh="请填写更正原因")
    with store.work(_wanted(found, origin)) as work:
        held = work.held.certificates[certificate]
        if (old,) not in store.database.query("serial_in_use", id=certificate):
            raise Refusal(f"certificate {certificate} was not printed on form {old}", zh="该证书未使用此印刷号")
        _check(store.database, PrintReport(Reference(), "PRINTED", "1", new), held)
        work.add("insert_corrections", held.type, old, new, certificate, reason.strip(), _actor(who))
        work.add("spoil_corrected", held.type, old, certificate, reason.strip(), _actor(who))
        work.add("use_serials", held.branch, held.type, new, "used", certificate, None, _actor(who))
        work.note(_actor(who), "print serial corrected", str(certificate), old=old, new=new, reason=reason.strip())


def recall(  # as asked
    store: PostgresStore, certificate: UUID, who: str, version: int, reason: str, terms: DeskTerms
) -> Certificate:
    """Back from the printer to a reviewer, with a reason; its number stays. Raises Refusal, StaleVersion, UnknownThing."""
    if not reason.strip():
        raise Refusal("a recall needs a reason", zh="请填写撤回原因")
    found, origin = _seen(store.database, certificate, version)
    if found.state != "AWAIT_PRINT":
        raise Refusal(f"certificate {certificate} does not wait for paper; it is {found.state}", zh="该证书不在待打印")
    decision = Decision("recall", reasons=(f"RECALLED_FROM_PRINT: {reason.strip()}",), terms=terms)
    with store.work(_wanted(found, origin)) as work:
        held = _held(work, found)
        work.note(_actor(who), "print recall", str(certificate), version=version, reason=reason.strip())
        return advance(work, held, decision, _actor(who), origin)


def _actor(who: str) -> str:
    return f"print-clerk:{who}"


def _seen(database: Database, certificate: UUID, version: int | None = None) -> tuple[Certificate, Origin]:
    rows = database.query("cases", ids=[str(certificate)], with_body=False)
    if not rows:
        raise UnknownThing(f"there is no certificate {certificate}", zh="没有这样的证书")
    row = rows[0]
    found = certificate_from(row[:14])
    if version not in (None, found.version):
        raise _stale(found, version)
    return found, Origin(row[5], row[14], row[16], row[17], row[18])


def _held(work: Work, seen: Certificate) -> Certificate:
    held = work.held.certificates[seen.id]
    if held.version != seen.version:
        raise _stale(held, seen.version)
    return held


def _stale(current: Certificate, seen: int | None) -> StaleVersion:
    return StaleVersion(current.id, seen or 0, current.version)


def _wanted(found: Certificate, origin: Origin) -> Wanted:
    """What has to be held: the certificate, the one it replaces, the interchange that is answered, and the receipts' counter."""
    ids = [found.id, *([found.replaces] if found.replaces else [])]
    return Wanted(certificates=ids, interchanges=[origin.interchange], enterprises=[found.enterprise])


def _check(database: Database, report: PrintReport, held: Certificate) -> None:
    """Raises NotAllowed or Refusal with the words that a print report would be answered with."""
    serial = report.serial
    if len(serial) > LONGEST_SERIAL or any(not sign.isprintable() or sign.isspace() for sign in serial):
        raise Refusal("a form serial has no blanks and at most 40 characters", zh="印刷号不含空格，最多40个字符")
    [(status, kept)] = database.query("form_standing", stock=held.type, serial=serial, branch=held.branch)
    for fault in faults(report, held, Standing(status if serial else None, kept)):
        raise _refusal(fault)


def _refusal(fault: Fault) -> Refusal:
    _, zh, en = CODES[fault.code]
    return NotAllowed(fault.en or en, zh=fault.zh or zh, code=fault.code)
