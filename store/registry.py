"""The register: branches, enterprises and signatories, written by operators."""

from dataclasses import dataclass
from typing import Any

from domain.branch import Branch, is_branch
from domain.errors import Refusal, UnknownThing
from domain.filing_lifecycle import GOODS_FILING
from domain.registry import EnterpriseRecord
from store.database import Database, Row

_REGISTRATION = (
    "registered_at", "name_suffix", "address_en", "contact", "print_seal", "local_print", "encodings", "seal_on_file",
    "signatories", "operators", "customs_codes", "numbers", "goods_filings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Partner:
    """An enterprise as a partner on the broker.

    exchange: the only one it may publish to; receipt_queue: the only one it may read.
    """

    no: str
    branch: str
    name_zh: str
    name_en: str
    customs_code: str
    active: bool
    exchange: str
    receipt_queue: str
    credit_code: str = ""


def add_branch(database: Database, branch: Branch, exchange: str) -> None:
    """Add a branch with its exchange and its receipt counter, or change its texts; one that has an exchange keeps it."""
    database.query("add_branch", code=branch.code, name_zh=branch.name_zh, name_en=branch.name_en, place=branch.place,
                   contact=branch.contact, exchange=exchange)


def add_enterprise(
    database: Database, record: EnterpriseRecord, exchange: str, receipt_queue: str, credit_code: str = "", actor: str = "operator",
) -> None:
    """Add an enterprise with its signatories; one that exists keeps exchange and queue. Raises Refusal for an unknown branch.

    Its customs code is approved by `actor`; without one that in force stays.
    """
    known = {row[0] for row in database.query("branches", codes=[record.branch])}
    if record.branch not in known:
        raise Refusal(f"there is no branch {record.branch}; add it first: coedi branch add {record.branch} ...")
    with database.transaction():
        database.query(
            "add_enterprise", no=record.no, credit_code=credit_code or None, branch=record.branch, name_zh=record.name_zh,
            name_en=record.name_en, customs_code=record.customs_code, exchange=exchange, receipt_queue=receipt_queue,
            print_seal_ready=record.print_seal_ready, local_print=record.local_print, actor=actor)
        for signatory in record.signatories:
            database.query("add_signatory", enterprise=record.no, code=signatory.code, name_zh=signatory.name_zh,
                           active=signatory.active)


def set_first_number(database: Database, no: str, letter: str, year: int | None, first: int) -> int:
    """Start a number counter at `first`; the year it counts. Raises Refusal when a number of it was taken: none is skipped."""
    rows = database.query("set_first_number", enterprise=no, letter=letter, year=year, first=first)
    if not rows:
        raise Refusal(f"{no} has taken a number of type {letter} in that year already; numbers are never skipped")
    counted: int = rows[0][0]
    return counted


def partner(database: Database, no: str) -> Partner:
    """The enterprise with this registration number or credit code; raises UnknownThing."""
    rows = database.query("enterprise", no=no)
    if not rows:
        raise UnknownThing(f"there is no enterprise {no}; see: coedi enterprise list")
    return Partner(*rows[0])


def registration(database: Database, no: str) -> dict[str, Any]:
    """What is on file about an enterprise beside what makes it a partner, JSON-ready.

    registered_at: when its registration was approved, None when it is not activated; seal_on_file: since when, None without
    one; numbers: counters, of which `next` is the serial of the next certificate; goods_filings: those that hold their
    goods, counted by type and state, `expired` of them past their last day.
    """
    live = [state.code for state in GOODS_FILING.states if state.holds_invoice]
    [row] = database.query("whole_registration", no=no, live=live)
    return dict(zip(_REGISTRATION, row, strict=True))


def exchange_of(database: Database, sender: str) -> tuple[str, str]:
    """(number or code, exchange) of an enterprise or a branch.

    Raises UnknownThing, and Refusal for a branch from before branches could send.
    """
    if not is_branch(sender):
        found = partner(database, sender)
        return found.no, found.exchange
    exchange: str | None = _branch_row(database, sender)[1]
    if exchange is None:
        raise Refusal(f"branch {sender} has no exchange yet; to make it: coedi topology apply")
    return sender, exchange


def whose_receipts(database: Database, name: str) -> str:
    """Under which number or code the receipts of an enterprise or a branch are counted; raises UnknownThing."""
    return _branch_row(database, name)[0] if is_branch(name) else partner(database, name).no


def _branch_row(database: Database, code: str) -> Row:
    """Code and exchange of a branch; raises UnknownThing."""
    rows = database.query("branch_exchange", code=code)
    if not rows:
        raise UnknownThing(f"there is no branch {code}; see: coedi branch list")
    return rows[0]


def partners(database: Database) -> list[Partner]:
    """All enterprises, by number."""
    return [Partner(*row[:9]) for row in database.query("enterprises")]


def branches(database: Database) -> list[Branch]:
    """All branches, by code."""
    return [Branch(*row) for row in database.query("all_branches")]
