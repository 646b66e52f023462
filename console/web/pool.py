"""Database connections of the console: a bounded number, each bound to one branch while it is in use."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import DatabaseGone
from store.database import Database

ROLE = "coedi_console"
WAIT_SECONDS = 5.0
# What each click of a reviewer asks, all of it by key: planned once. Lists are not among them, their plan depends on what is asked.
PREPARES = frozenset((
    "session_by_token", "desk_branch", "desk_certificate", "desk_contents", "desk_history", "desk_filings", "desk_colleagues",
    "cases", "lock_leases", "end_leases", "lock_certificates", "lock_interchanges", "lock_feeds", "lock_numbers", "now",
    "streams", "update_interchanges", "move_certificates", "insert_receipts", "insert_transitions", "delete_orders",
    "insert_orders", "release_invoices", "delete_tasks", "insert_ledger", "update_numbers", "update_feeds", "insert_outbox",
    "insert_audit", "insert_approvals"))


class Pool:
    """Connections as the role `coedi_console`; what row-level security lets it see depends on the branch it is bound to."""

    def __init__(self, url: str, size: int = 8) -> None:
        self.size = size
        self._free: queue.LifoQueue[Database] = queue.LifoQueue()
        self._bound: dict[int, tuple[int, str]] = {}
        for _ in range(size):
            self._free.put(Database(url, ROLE, "coedi console", PREPARES))

    @contextmanager
    def taken(self) -> Iterator[Database]:
        """A connection, still bound to whom it served before: `bind` it before asking for rows. Raises DatabaseGone when all stay
        busy."""
        try:
            database = self._free.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise DatabaseGone("all database connections of the console are busy", zh="系统繁忙，请稍候再试") from None
        try:
            yield database
        finally:
            if not database.idle:  # what was left undone, and for whom it was asked, is nobody else's
                database.close()
            self._free.put(database)

    def bind(self, database: Database, scope: str) -> None:
        """Show this connection the rows of a branch, "*" all, "" none; no statement when it is bound to it already."""
        if not database.connected:
            database.connect()
        if self._bound.get(id(database)) != (database.session, scope):
            database.query("bind_branch", branch=scope)
            database.forget()
            self._bound[id(database)] = database.session, scope

    def close(self) -> None:
        """Close every free connection."""
        while not self._free.empty():
            self._free.get_nowait().close()
