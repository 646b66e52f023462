"""What a replay would do: the chosen certificates and tickets, each with its new verdict, or with why it is left alone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.certificate_lifecycle import CERTIFICATE
from gateway.prediction import (
    FAULTS,
    UNREAD,
    Verdict,
    end_of,
    fails,
    held_to,
    of_certificates,
    of_delivery,
    under,
)
from pipeline.facts import fetch
from pipeline.handler import Session
from pipeline.orders import WorkOrder, load_cases
from pipeline.stage import carry, needs_of
from pipeline.transport import Delivery
from store.replay import Item

# states in which others have it
NOT_OURS = {
    "AWAIT_PRINT": "a clerk prints it", "NEW": "the enterprise has not sent it", "WITHDRAWN": "the enterprise took it back",
}
CHUNK = 50  # certificates whose content is in memory at once


@dataclass(frozen=True, slots=True)
class Filters:
    """Which ones. parked: tickets instead of certificates; refused: deliveries that a gate refused, instead.

    finding: a finding's code, a ticket's fingerprint or a gate's code; since, until: when the certificate last moved, the ticket
    was made or the delivery came, from and before (aware); invoice: normalised; pack: the rule pack to
    decide with, CURRENT for that of the document's date, None for the one that decided before.
    """

    states: tuple[str, ...] = ()
    finding: str | None = None
    enterprise: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    invoice: str | None = None
    parked: bool = False
    refused: bool = False
    pack: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Those that are set, JSON-ready."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items() if value}


def chosen(session: Session, filters: Filters, progress: Callable[[int], None] = lambda count: None) -> list[Item]:
    """The lines of a plan, in the order in which they will be handled. `session` hosts the stages that predict."""
    source = _tickets if filters.parked else _refused if filters.refused else _certificates
    lines = source(session, filters)
    items = []
    for position, line in enumerate(lines, 1):
        items.append(line(position))
        progress(1)
    return items


def _certificates(session: Session, filters: Filters) -> Iterator[Callable[[int], Item]]:
    rows = session.database.query(
        "replay_certificates", states=list(filters.states) or None, enterprise=filters.enterprise, invoice=filters.invoice,
        since=filters.since, until=filters.until, finding=filters.finding)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start:start + CHUNK]
        cases = load_cases(session.database, [WorkOrder(row[0], row[1], "") for row in chunk])
        verdicts = of_certificates(session, [held_to(case, filters.pack) for case in cases])
        packs = {case.certificate.id: case.pack for case in cases}
        for identity, version, state, invoice, number, has_document, mover in chunk:
            verdict = verdicts.get(identity, Verdict("moved on while the plan was made", passes=False))
            kept = ([f"number {number}"] if number else []) + (["document"] if has_document and state != "RETURNED" else [])
            yield _line("certificate", identity, invoice, version, state, under(verdict, packs.get(identity)),
                        why=why_not(state, mover, verdict), kept=kept)


def why_not(state: str, mover: str | None, verdict: Verdict) -> str | None:
    """Why a certificate in this state is left alone; None when it is handled again. mover: who moved it last."""
    if state == "RETURNED":
        if (mover or "").startswith("reviewer:"):
            return "a person returned it: only a new application revises it"
        return None if verdict.passes else "it would be returned again"
    if CERTIFICATE.state(state).waits_for:
        return f"under way: it waits for {CERTIFICATE.state(state).waits_for}"
    if CERTIFICATE.state(state).desk:
        return "a person decides: the life cycle has no move from here back to the rules"
    return NOT_OURS.get(state, f"final: {state} is never handled again")


def _refused(session: Session, filters: Filters) -> Iterator[Callable[[int], Item]]:
    rows = session.database.query(
        "replay_refused", enterprise=filters.enterprise, finding=filters.finding, since=filters.since, until=filters.until,
        unread=list(UNREAD))
    for identity, exchange, refusal, name in rows:
        verdict = of_delivery(session, archived(session, identity))
        yield _line("interchange", identity, name or exchange, None, f"REFUSED {refusal}", verdict,
                    why=None if verdict.passes else verdict.words)


def archived(session: Session, interchange: UUID) -> Delivery:
    """A delivery from the archive, as the broker would hand it out."""
    exchange, body = session.database.query("archived_body", id=interchange)[0]
    return Delivery("", 0, 0, exchange, "", bytes(body), redelivered=False)


def _tickets(session: Session, filters: Filters) -> Iterator[Callable[[int], Item]]:
    rows = session.database.query(
        "replay_tickets", enterprise=filters.enterprise, finding=filters.finding, since=filters.since, until=filters.until)
    for identity, source, exchange, _, error, certificate, version, stage, state, number in rows:
        if source == "dead-letter":
            unknown = Verdict("unknown", passes=False)
            yield _line(source, identity, error, None, "PARKED", unknown, why="the sender of a dead letter is not known")
        elif source == "order":
            verdict = _of_order(session, WorkOrder(certificate, version, stage))
            kept = [f"number {number}"] if number else []
            yield _line(source, identity, error, version, state, verdict, why=None if verdict.passes else verdict.words,
                        kept=kept)
        else:
            verdict = of_delivery(session, delivery_of(session, identity, exchange))
            yield _line(source, identity, error, None, "PARKED", verdict, why=None if verdict.passes else verdict.words)


def delivery_of(session: Session, ticket: UUID, exchange: str | None) -> Delivery:
    """The delivery that a ticket keeps, as the broker would hand it out."""
    body = session.database.query("parked_body", id=ticket)[0][0]
    return Delivery("", 0, 0, exchange or "", "", bytes(body or b""), redelivered=False)


def _of_order(session: Session, order: WorkOrder) -> Verdict:
    """Where a certificate goes whose work order is announced again; a file is not composed to find out."""
    cases = load_cases(session.database, [order])
    if not cases:
        return Verdict("moved on", passes=False)
    case = cases[0]
    facts = fetch(session.database, needs_of(session.stages.values()), cases)[case.certificate.id]
    try:
        steps = carry(case, facts, session.stages)
    except FAULTS as error:
        return fails(error)
    return Verdict(end_of(case.certificate.state or "", steps)) if steps else Verdict(f"{order.stage} again")


def _line(  # noqa: PLR0913 # the columns of a line
    kind: str, subject: UUID, name: str, version: int | None, old: str, verdict: Verdict, *, why: str | None,
    kept: Iterable[str] = (),
) -> Callable[[int], Item]:
    """A line that waits for its place in the plan."""
    return lambda position: Item(
        position, kind, subject, name[:200], version, old, verdict.words, verdict.codes, tuple(kept),
        "skipped" if why else "planned", why)
