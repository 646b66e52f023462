"""What cannot be handled is set aside with its bytes and its traceback, and its sender is told."""

import hashlib
from uuid import UUID

from gateway.opening import UNKNOWN_SENDER, Opened, Sender
from pipeline.answers import message_receipt
from pipeline.failures import Ticket
from pipeline.handler import Done, Session
from pipeline.transport import Delivery
from store.wanted import Arrival, Wanted
from store.work import ParkedRow


def park_delivery(session: Session, sender: Sender | None, delivery: Delivery, failed: Ticket) -> Done:
    """Archive the bytes, park them, answer PARKED on the delivery's own stream."""
    digest = hashlib.sha256(delivery.body).digest()
    rows = session.database.query("known_interchanges", exchange=[delivery.exchange], sha256=[digest])
    interchange: UUID = rows[0][2] if rows else session.new_id()
    arrival = Arrival(interchange, delivery.exchange, digest, delivery.body, sender.no if sender else None, None, None, "PARKED", 0)
    wanted = Wanted(
        arrivals=[] if rows else [arrival], interchanges=[interchange], enterprises=[sender.no] if sender else [])
    with session.store.work(wanted, session.owner) as work:
        work.parked.append(failed.row(
            session.new_id(), "delivery", exchange=delivery.exchange, enterprise=sender.no if sender else None,
            sha256=digest, body=delivery.body))
        work.settled_attempts.append(failed.key)
        work.add("forget_early", interchange)
        if sender:
            work.send(message_receipt(work, "PARKED", interchange, sender.no, digest.hex()))
    return Done(rows=work.rows_to_send())


def unknown_sender(opened: Opened) -> ParkedRow:
    """A delivery on an exchange that belongs to nobody: an operator's ticket, no receipt to anyone."""
    failed = Ticket(f"delivery:{opened.delivery.exchange}:{opened.sha256.hex()}", f"{UNKNOWN_SENDER}: {opened.delivery.exchange}",
                    "", UNKNOWN_SENDER, 1)
    return failed.row(opened.id, "delivery", exchange=opened.delivery.exchange, sha256=opened.sha256, body=opened.delivery.body)
