"""The register: branches, enterprises and signatories, written by operators."""

from dataclasses import dataclass

from domain.branch import Branch
from domain.errors import Refusal, UnknownThing
from domain.registry import EnterpriseRecord
from store.database import Database


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


def add_branch(database: Database, branch: Branch) -> None:
    """Add a branch, or change its texts."""
    database.query("add_branch", code=branch.code, name_zh=branch.name_zh, name_en=branch.name_en, place=branch.place,
                   contact=branch.contact)


def add_enterprise(database: Database, record: EnterpriseRecord, exchange: str, receipt_queue: str, credit_code: str = "") -> None:
    """Add an enterprise with its signatories; one that exists keeps exchange and queue. Raises Refusal for an unknown branch."""
    known = {row[0] for row in database.query("branches", codes=[record.branch])}
    if record.branch not in known:
        raise Refusal(f"there is no branch {record.branch}; add it first: coedi branch add {record.branch} ...")
    with database.transaction():
        database.query(
            "add_enterprise", no=record.no, credit_code=credit_code or None, branch=record.branch, name_zh=record.name_zh,
            name_en=record.name_en, customs_code=record.customs_code, exchange=exchange, receipt_queue=receipt_queue,
            print_seal_ready=record.print_seal_ready, local_print=record.local_print)
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


def partners(database: Database) -> list[Partner]:
    """All enterprises, by number."""
    return [Partner(*row[:9]) for row in database.query("enterprises")]


def branches(database: Database) -> list[Branch]:
    """All branches, by code."""
    return [Branch(*row) for row in database.query("all_branches")]
