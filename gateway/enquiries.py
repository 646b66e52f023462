"""Questions are answered: how a certificate stands, and old receipts once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from domain.certificate import Document
from gateway.opening import Item, Sender
from gateway.outcomes import Answer, Answered, Context, Outcome, Refused
from gateway.subjects import Subjects, refused, subjects
from messages.enquiry import ReceiptResendRequest, StatusEnquiry
from store.database import Database
from store.outbox import repeat_row
from store.work import OutboxRow, Work

MOST = 1000  # receipts sent again for one request
MOST_REQUESTS = 10  # of one interchange


@dataclass(frozen=True, slots=True)
class Status:
    """Facts of status enquiries: the certificates, and the newest document of each."""

    subjects: Subjects
    documents: Mapping[UUID, Document]


@dataclass(frozen=True, slots=True)
class Resend:
    """Facts of resend requests: the certificates; by message the receipts to send again; by party its newest feed number."""

    subjects: Subjects
    receipts: Mapping[UUID, tuple[OutboxRow, ...]]
    newest: Mapping[str, int]


def status_facts(database: Database, items: Sequence[Item]) -> Status:
    """Certificates and documents, a query each."""
    found = subjects(database, items, lambda item: item.value.certificate)
    return Status(found, documents(database, found))


def documents(database: Database, found: Subjects) -> Mapping[UUID, Document]:
    """certificate -> its newest finished document."""
    ids = sorted({str(one.certificate.id) for each in found.values() for one in each})
    rows = database.query("newest_documents", ids=ids) if ids else []
    return {row[0]: Document(row[1], row[2], row[3], row[4], row[5]) for row in rows}


def status(item: Item, known: Status, sender: Sender) -> Refused | Outcome:
    """The certificate as it stands now: state, version, revision, number, document."""
    value: StatusEnquiry = item.value
    found = known.subjects.get(item.identity, ())
    if not found:
        return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
    certificate = found[0].certificate
    state = certificate.lifecycle_state
    reasons = (f"{state.code}: {state.zh} / {state.en}",)
    return Answered("STATUS", Answer(certificate, reasons, known.documents.get(certificate.id)))


def resend_facts(database: Database, items: Sequence[Item]) -> Resend:
    """What each request asks for, in one query a kind."""
    found = subjects(database, items, lambda item: item.value.certificate)
    parties = sorted({item.party for item in items if item.party})
    newest: dict[str, int] = dict(database.query("newest_feeds", parties=parties)) if parties else {}
    items = [item for item in items if _place(item) <= MOST_REQUESTS]
    asked = [(item, _range(item.value, newest.get(item.party, 0))) for item in items]
    wanted = [(item, first, last) for item, (first, last) in asked if first]
    streams = {item.identity: found[item.identity][0].certificate.id for item in items if found.get(item.identity)}
    rows = database.query(
        "receipts_wanted", message=[str(item.identity) for item, _, _ in wanted], party=[item.party for item, _, _ in wanted],
        first=[first for _, first, _ in wanted], last=[last for _, _, last in wanted], of=[str(key) for key in streams],
        certificate=[str(value) for value in streams.values()], most=MOST)
    receipts: dict[UUID, list[OutboxRow]] = {}
    for row in rows:
        receipts.setdefault(row[0], []).append(repeat_row(row))
    return Resend(found, {key: tuple(each) for key, each in receipts.items()}, newest)


def resend(item: Item, known: Resend, sender: Sender) -> Refused | Outcome:
    """The receipts go out again, byte-equal and marked as repeats; the answer says how many."""
    value: ReceiptResendRequest = item.value
    if _place(item) > MOST_REQUESTS:
        return refused(item, "RESEND_TOO_MANY", "", str(_place(item)))
    found = known.receipts.get(item.identity, ())
    if not found:
        if value.certificate.shown and not known.subjects.get(item.identity):
            return refused(item, "CERTIFICATE_UNKNOWN", "Certificate", value.certificate.shown)
        newest = known.newest.get(item.party, 0)
        return refused(item, "RECEIPTS_UNKNOWN", "FromFeedNo", value.first, None, f"现有回执编号为1至{newest}",
                       f"There are receipts 1 to {newest}")
    said = f"{len(found)} 份回执将重发 / {len(found)} receipts are sent again"
    more = (f"{said}；其余请另行申请 / ask again for the rest",) if len(found) == MOST else (said,)
    return Answered("RECEIPTS_RESENT", Answer(reasons=more), also=_again(found, item))


def keys(item: Item) -> list[tuple[str, ...]]:
    """Questions do not stand in each other's way."""
    return []


def one_at_a_time(item: Item) -> list[tuple[str, ...]]:
    """One request fills a round: a thousand receipts are as much as should be in memory at once."""
    return [("receipts again",)]


def _place(item: Item) -> int:
    """Which request for receipts of its interchange this is, from 1."""
    messages = item.opened.interchange.messages if item.opened.interchange else ()
    return sum(1 for one in messages if one.kind == item.kind and one.position <= item.position)


def _range(value: ReceiptResendRequest, newest: int) -> tuple[int, int]:
    """First and last feed number that are asked for and exist; (0, 0) when there is none."""
    if not value.first.isdecimal() or not (value.last.isdecimal() or not value.last) or len(value.first + value.last) > 30:
        return 0, 0
    first, last = int(value.first), min(int(value.last or newest), newest)
    return (first, last) if 1 <= first <= last else (0, 0)


def _again(rows: tuple[OutboxRow, ...], item: Item) -> Any:
    def write(work: Work, context: Context) -> None:
        for row in rows:
            address = "branch" if item.opened.sender and item.opened.sender.kind == "branch" else "enterprise"
            key = f"again:{uuid5(item.identity, row.receipt or '')}"
            work.send_again(replace(row, key=key, destination=address, address=context.party))

    return write
