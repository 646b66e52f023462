"""Old receipts again: byte-equal, with the header `repeat`, by rows of the outbox that the relay sends."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from domain.errors import UnknownThing
from store.database import Database
from store.outbox import repeat_row
from store.postgres import PostgresStore
from store.wanted import Wanted

PAGE = 500  # receipts in one transaction


def resend(
    database: Database, new_id: Callable[[], UUID], actor: str, enterprise: str, first: int, last: int,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Send the enterprise's receipts with feed numbers `first` to `last` again; how many.

    Pages of 500, each in its own transaction with its line in the audit. No new receipt is made and no state changes.
    Raises UnknownThing when the enterprise has no such receipts.
    """
    newest = database.query("newest_feed", enterprise=enterprise)[0][0]
    if not 1 <= first <= last <= newest:
        known = f"it has receipts 1 to {newest}" if newest else "it has no receipts"
        raise UnknownThing(f"enterprise {enterprise} has no receipts {first} to {last}: {known}")
    store = PostgresStore(database)
    for start in range(first, last + 1, PAGE):
        end = min(start + PAGE - 1, last)
        rows = database.query("receipts_between", enterprise=enterprise, first=start, last=end)
        with store.work(Wanted()) as work:
            for row in rows:
                work.send_again(replace(repeat_row(row), key=f"again:{new_id()}"))
            work.note(actor, "receipts resend", enterprise, first=start, last=end)
        progress(len(rows))
    return last - first + 1
