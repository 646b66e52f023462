"""A chore of the relay: once a minute, how many wait at each stage, how long, and how many moved on."""

from collections.abc import Callable

from domain.errors import Failure
from pipeline.relay import OWNER_LOCK
from store.database import Database


def sample(database: Database, inbox: Callable[[], int | None]) -> bool:
    """Write the sample of this minute, unless it is there; whether it was written. Several relays may call it.

    inbox: how many messages wait on the broker, asked only when a sample is due; None: not known.
    """
    at, taken = database.query("sample_minute")[0]
    if taken:
        return False
    relays, workers = database.query("processes", lock=OWNER_LOCK)[0]
    database.query("sample_stages", at=at, inbox=_known(inbox), relays=max(relays, 1), workers=workers)
    if at.minute % 30 == 0:
        database.query("forget_samples")
    return True


def _known(inbox: Callable[[], int | None]) -> int | None:
    try:
        return inbox()
    except Failure:
        return None
