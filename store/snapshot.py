"""One consistent look at everything: a read-only snapshot, and results too large to hold in memory."""

import contextlib
from collections.abc import Iterator
from typing import Any

from store.database import Database, Row
from store.queries import queries

BATCH = 2000


@contextlib.contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """A read-only transaction whose statements all see the same moment, whatever others commit meanwhile.

    It holds back the clean-up of old row versions while it lasts: minutes on a large system, not hours.
    """
    with database.transaction():
        database.run("set transaction isolation level repeatable read, read only")
        yield


def stream(database: Database, name: str, /, **parameters: Any) -> Iterator[list[Row]]:
    """The rows of a named query in batches of 2,000, from a cursor on the server; needs a transaction."""
    cursor = f"{name}_rows"
    database.run(f"declare {cursor} no scroll cursor for {queries()[name]}", parameters)
    while rows := database.run(f"fetch {BATCH} from {cursor}"):
        yield rows
    database.run(f"close {cursor}")
