"""Dead letters: what the broker gave up delivering is taken into the database.

The sender of a dead letter is not known: its exchange is empty and its headers can be forged. Only a
user id that the broker itself checked names somebody. Nobody gets a receipt; an operator gets a ticket with the bytes.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from pipeline.failures import Ticket
from pipeline.handler import Done, Session
from pipeline.transport import Delivery
from store.wanted import Wanted

REASONS = {"delivery_limit": "delivered too often", "expired": "expired", "rejected": "rejected", "maxlen": "queue full"}


class DeadLetters:
    """The handler of the dead-letter queue."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def key(self, delivery: Delivery) -> str:
        """Tries are counted under the bytes: nothing else of a dead letter can be believed."""
        return f"dead:{hashlib.sha256(delivery.body).hexdigest()}"

    def open(self, run: Sequence[Delivery], silent: bool) -> list[Delivery]:
        """The deliveries; a dead letter is not looked into."""
        return list(run)

    def commit(self, ahead: list[Delivery]) -> Done:
        """One parked row a dead letter; the same letter delivered again makes no second one."""
        known = {row[0] for row in self.session.database.query("known_parked", keys=[self.key(letter) for letter in ahead])}
        with self.session.store.work(Wanted(), self.session.owner) as work:
            for letter in ahead:
                if self.key(letter) not in known:
                    known.add(self.key(letter))
                    work.parked.append(self._row(letter))
        return Done()

    def _row(self, letter: Delivery) -> Any:
        reason = _reason(letter.headers.get("x-death"))
        failed = Ticket(self.key(letter), f"dead letter: {REASONS.get(reason, reason)[:100]}", "", f"dead-{reason[:20]}", 1)
        return failed.row(
            self.session.new_id(), "dead-letter", exchange=letter.exchange or None, enterprise=letter.user_id,
            sha256=hashlib.sha256(letter.body).digest(), body=letter.body)

    def due(self) -> list[Delivery]:
        """Nothing: a dead letter is a ticket at once."""
        return []

    def source(self, item: Delivery) -> Delivery:
        """The letter."""
        return item

    def park(self, delivery: Delivery, error: Exception, traceback: str, tries: int) -> Done:
        """A dead letter is parked as it is."""
        return self.commit([delivery])


def _reason(deaths: object) -> str:
    """Why the broker gave up, as its header says; a sender can forge it, so it is shown and never acted on."""
    newest = deaths[0] if isinstance(deaths, list) and deaths else None
    return str(newest.get("reason", "unknown")) if isinstance(newest, dict) else "unknown"
