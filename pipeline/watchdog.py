"""Watchdogs of the relay process: work orders that got lost are announced again, senders learn of what takes too long.

Queues can be rebuilt from the database; this is what rebuilds them.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog

from domain.errors import Failure
from domain.filing_lifecycle import LIVES
from pipeline.answers import message_receipt
from pipeline.orders import WorkOrder, load_cases, told
from store.database import Database
from store.postgres import PostgresStore
from store.wanted import Wanted

_log = structlog.get_logger("watchdog")


def every(seconds: float, chore: Callable[[], Any]) -> Callable[[], None]:
    """`chore`, run when called but at most once in `seconds`."""
    last = [0.0]

    def run() -> None:
        if time.monotonic() - last[0] >= seconds:
            last[0] = time.monotonic()
            chore()

    return run


def announce_again(database: Database, count: int = 500) -> int:
    """Announce work orders that wait too long and of which nothing is unsent, the interval doubling; how many."""
    rows = database.query("due_orders", count=count)
    if rows:
        _log.warning("work orders announced again", orders=len(rows))
    return len(rows)


def report_overdue(store: PostgresStore, count: int = 100) -> int:
    """One NO_PROGRESS receipt for each certificate that waits longer than its state allows (manual FAQ 9); how many."""
    rows = store.database.query("overdue", count=count)
    told_now = [row[0] for row in rows if _report(store, row[0])]
    if told_now:
        _log.warning("no progress", certificates=len(told_now))
    return len(told_now)


def _report(store: PostgresStore, identity: Any) -> bool:
    certificate = store.certificate(identity)
    cases = load_cases(store.database, [WorkOrder(identity, certificate.version, "")]) if certificate else []
    if not cases:
        return False
    case = cases[0]
    wanted = Wanted(certificates=[identity], enterprises=[case.certificate.enterprise],
                    streams=[f"message:{case.origin.message}"])
    with store.work(wanted) as work:
        held = work.held.certificates[identity]
        if held.version != case.certificate.version:
            return False  # it moved while we looked: that was progress
        work.send(told(work, case, "NO_PROGRESS"))
        work.told_overdue.append(identity)
    return True


def report_overdue_filings(store: PostgresStore, count: int = 100) -> int:
    """The same for filings 备案 that wait for their branch, which gets a copy: once for each version; how many."""
    patience = {kind: life.state("PENDING_REVIEW").patience_minutes for kind, life in LIVES.items()}
    rows = store.database.query("overdue_filings", count=count, **patience)
    told_now = [row[0] for row in rows if _report_filing(store, row)]
    if told_now:
        _log.warning("no progress", filings=len(told_now))
    return len(told_now)


def _report_filing(store: PostgresStore, row: Any) -> bool:
    identity, version, enterprise, message, message_id, interchange_id, sha256 = row
    wanted = Wanted(filings=[identity], enterprises=[enterprise], streams=[f"message:{message}"])
    with store.work(wanted) as work:
        filing = work.held.filings[identity]
        if filing.version != version:
            return False  # it moved while we looked: that was progress
        work.send(message_receipt(
            work, "NO_PROGRESS", message, enterprise, sha256, interchange_id=interchange_id, message_id=message_id,
            state=filing.state, version=filing.version, filing=filing, branch=filing.branch))
        work.told_overdue_filings.append(identity)
    return True


def quietly(chore: Callable[[], Any]) -> Callable[[], None]:
    """`chore`, whose failures are logged: a watchdog never stops the relay."""

    def run() -> None:
        try:
            chore()
        except Failure as error:
            _log.warning("watchdog failed", error=str(error))

    return run
