"""Handling again what a plan froze: each line in its own transaction, settled once, left alone when it moved since.

What a line becomes is settled in the transaction that does it, so a run may be killed, repeated and run twice at once. A
delivery is the exception: its messages take as many transactions as intake needs; each of them is known by its id, and the
line is settled after the last.
"""

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.certificate import Decision
from gateway.intake import Intake
from gateway.opening import Item as Message
from gateway.outcomes import Accepted
from gateway.planning import archived, delivery_of
from gateway.prediction import FAULTS, UNREAD, end_of, held_to, steps_again
from pipeline.advance import advance
from pipeline.answers import message_receipt
from pipeline.facts import fetch
from pipeline.handler import Session
from pipeline.orders import WorkOrder, load_cases
from pipeline.stage import Case, Step, needs_of
from pipeline.transport import Delivery
from schemas.certificate_types import certificate_type
from store import parked
from store.replay import DataRefused, Item, Plan, settle
from store.wanted import Progress, Wanted
from store.work import Order, Work, order_row


class Skip(Exception):  # it says what happened; nobody outside this module sees it
    """The line is left alone, for this reason."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a plan. name: the operator's login name; reason: why, as it stands in history and audit."""

    session: Session
    plan: Plan
    name: str
    reason: str


def replay(
    run: Run, items: Iterable[Item], rate: float | None = None, progress: Callable[[int], None] = lambda count: None
) -> Counter[str]:
    """Handle the planned ones of these lines, at most `rate` a second; how many became done, skipped or failed.

    Raises Failure when a service is gone: the lines not reached stay planned.
    """
    counts: Counter[str] = Counter()
    for item in items:
        if item.state != "planned":
            continue
        if rate and counts:
            time.sleep(1 / rate)
        counts[_handle(run, item)] += 1
        progress(1)
    return counts


def _handle(run: Run, item: Item) -> str:
    """Do it, or write down why not; the line's new state."""
    try:
        HANDLERS[item.kind](run, item)
        return "done"
    except Skip as skip:
        outcome = "skipped", str(skip)
    except (*FAULTS, DataRefused) as error:
        outcome = "failed", f"{type(error).__name__}: {error}".splitlines()[0][:500]
    settle(run.session.database, run.plan, item, *outcome)
    return outcome[0]


def resubmit(run: Run, item: Item) -> None:
    """A returned certificate with the same content: its next revision, carried on by the stages hosted here."""
    database = run.session.database
    cases = load_cases(database, [WorkOrder(item.subject, item.version or 0, "")])
    if not cases:
        raise Skip(_where(run, item))
    case = held_to(cases[0], run.plan.filters.get("pack"))
    facts = fetch(database, needs_of(run.session.stages.values()), cases)[case.certificate.id]
    steps = steps_again(case, facts, run.session.stages)
    if end_of("RECEIVED", steps) == "RETURNED":
        raise Skip("it would be returned again")
    with run.session.store.work(_wanted(case, steps)) as work:
        held = work.held.certificates[item.subject]
        if held.version != item.version:
            raise Skip(_where(run, item))
        if lost := Accepted(case.certificate, case.application, "resubmit").lost(work.held):
            raise Skip(_LOST[lost])
        with _answered_before(work, case):
            moved = replace(held, revision=held.revision + 1)
            again = Decision("resubmit", reasons=(f"REPLAYED: {run.reason}",))
            moved = advance(work, moved, again, f"replay:{run.name}", case.origin)
            for step in steps:
                moved = advance(work, moved, step.decision, step.stage, case.origin)
        _done(run, work, item, f"{moved.state}, version {moved.version}, revision {moved.revision}")


def _wanted(case: Case, steps: list[Step]) -> Wanted:
    certificate = case.certificate
    approves = certificate.number is None and any(step.decision.event == "approve" for step in steps)
    return Accepted(certificate, case.application, "resubmit").claims + Wanted(
        enterprises=[certificate.enterprise],
        numbers=[(certificate.enterprise, certificate_type(certificate.type).letter)] if approves else [])


# what somebody else has won meanwhile
_LOST = {
    "invoice": "another certificate holds its invoice number now", "amendment": "another amendment of its original is under way",
    "original": "its original is no longer in force", "certificate": "it has moved since",
}


@contextlib.contextmanager
def _answered_before(work: Work, case: Case) -> Iterator[None]:
    """The interchange counted this message's verdict when it came, and its summary was sent: neither is done twice.

    The verdict of now is counted on scrap paper that is thrown away before the work is written.
    """
    identity = case.origin.interchange
    work.held.interchanges[identity] = Progress(identity, None, None, None, "", total=2, open=2)
    yield
    del work.held.interchanges[identity]


def take_again(run: Run, item: Item) -> None:
    """A parked delivery: its archived bytes go through intake as if they had just been delivered."""
    ticket = _open_ticket(run, item)
    _through_intake(run, delivery_of(run.session, ticket.id, ticket.exchange), UNREAD)
    with run.session.store.work(Wanted()) as work:
        _close(run, ticket)
        _done(run, work, item, f"replayed: {item.predicted}")


def open_refused(run: Run, item: Item) -> None:
    """A delivery that a gate refused as a whole and would now let through: as a parked one, without a ticket to close."""
    delivery = archived(run.session, item.subject)
    sha256 = hashlib.sha256(delivery.body).digest()
    _, refusal, unanswered = run.session.database.query("archived_delivery", exchange=delivery.exchange, sha256=sha256)[0]
    if refusal is None and not unanswered:
        raise Skip("it was answered since it was planned")
    _through_intake(run, delivery, [item.old.removeprefix("REFUSED ")])
    with run.session.store.work(Wanted()) as work:
        _done(run, work, item, f"replayed: {item.predicted}")


def _through_intake(run: Run, delivery: Delivery, unread: Sequence[str]) -> None:
    """All messages of a delivery whose archived row has one of the refusals `unread`; those handled already are left alone."""
    intake = Intake(run.session)
    ahead = intake.open([delivery], silent=True)
    if refusal := ahead[0].opened.refusal:
        raise Skip(f"still refused: {refusal.code}")
    _open_archived(run, ahead[0], len(ahead), unread)
    while ahead:
        ahead = intake.commit(ahead).rest


def _open_archived(run: Run, first: Message, total: int, unread: Sequence[str]) -> None:
    """Let the archive's row count its messages, once, and tell the sender that its bytes are taken on after all."""
    opened, database = first.opened, run.session.database
    sender, interchange = opened.sender, opened.interchange
    rows = database.query("archived_delivery", exchange=opened.delivery.exchange, sha256=opened.sha256)
    if not rows or rows[0][1] not in unread or sender is None or interchange is None:
        return
    identity = rows[0][0]
    with run.session.store.work(Wanted(interchanges=[identity], enterprises=[sender.no])) as work:
        counted = database.query(
            "open_archived", id=identity, enterprise=sender.no, branch=interchange.branch, interchange_id=interchange.id,
            total=total, unread=list(unread))
        if not counted:
            return  # another run was faster
        work.held.interchanges[identity].total = work.held.interchanges[identity].open = total
        work.send(message_receipt(
            work, "BYTES_RECEIVED", identity, sender.no, opened.sha256.hex(), interchange_id=interchange.id))


def announce(run: Run, item: Item) -> None:
    """A work order that was set aside: announced once more."""
    ticket = _open_ticket(run, item)
    if ticket.certificate is None or not ticket.still_waiting:
        raise Skip(f"it has moved on: {ticket.state}, version {ticket.now_version}")
    with run.session.store.work(Wanted(certificates=[ticket.certificate])) as work:
        asked = {"certificate": ticket.certificate, "version": ticket.version, "stage": ticket.stage}
        if not run.session.database.query("unpark_order", **asked):
            raise Skip("its work order is not set aside any more")
        work.outbox.append(order_row(Order(ticket.certificate, ticket.version or 0, ticket.stage or "", None)))
        _close(run, ticket)
        _done(run, work, item, f"announced to {ticket.stage}")


# kind of a line -> what is done with it
HANDLERS: dict[str, Callable[[Run, Item], None]] = {
    "certificate": resubmit, "interchange": open_refused, "delivery": take_again, "order": announce,
}


def _open_ticket(run: Run, item: Item) -> parked.Parked:
    ticket = parked.one(run.session.database, str(item.subject))
    if ticket.disposition:
        raise Skip(f"the ticket was {ticket.disposition} by {ticket.disposed_by}")
    return ticket


def _close(run: Run, ticket: parked.Parked) -> None:
    parked.dispose(run.session.database, ticket, "replayed", f"operator:{run.name}")


def _done(run: Run, work: Work, item: Item, became: str) -> None:
    """Settle the line in this work's transaction, on record; nothing happens when another run has settled it."""
    if not settle(run.session.database, run.plan, item, "done", became):
        raise Skip("settled by another run")
    work.note(f"operator:{run.name}", f"replay {item.kind}", str(item.subject), plan=str(run.plan.id), position=item.position,
              reason=run.reason, became=became)


def _where(run: Run, item: Item) -> str:
    now: Any = run.session.store.certificate(item.subject)
    return f"it has moved since: {now.state}, version {now.version}" if now else "it does not exist any more"
