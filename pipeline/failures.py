"""What is written down about a message that could not be handled."""

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

from store.work import ParkedRow

_NUMBERS = re.compile(r"0x[0-9a-f]+|\d+|'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Ticket:
    """key: under which tries are counted; error: its one line; fingerprint: groups what failed in the same way."""

    key: str
    error: str
    traceback: str
    fingerprint: str
    tries: int

    def row(  # noqa: PLR0913 # keyword-only: the columns that a source has
        self, identity: UUID, source: str, *, exchange: str | None = None, enterprise: str | None = None,
        sha256: bytes | None = None, body: bytes | None = None, certificate: UUID | None = None,
        version: int | None = None, stage: str | None = None,
    ) -> ParkedRow:
        """The parked row of what failed. source: delivery, order or dead-letter."""
        return ParkedRow(identity, self.key, source, exchange, enterprise, sha256, body, certificate, version, stage,
                         self.error, self.traceback, self.fingerprint, self.tries)


def ticket(key: str, error: Exception, traceback: str, tries: int) -> Ticket:
    """A ticket for an exception; values are left out of the fingerprint, the place of the raise is kept."""
    line = f"{type(error).__name__}: {error}".splitlines()[0][:500]
    place = next((row.strip() for row in reversed(traceback.splitlines()) if row.strip().startswith("File ")), "")
    shape = _NUMBERS.sub("_", line) + place
    return Ticket(key, line, traceback, hashlib.sha256(shape.encode()).hexdigest()[:12], tries)
