"""Intake: deliveries become archived interchanges, messages and certificates, carried on by the stages hosted here.

One transaction a round, at most 50 messages. Within a round every delivery, message id and invoice occurs once: a second
one waits for the next round, where it meets the first as a committed fact. So the first in the batch wins, and what comes
after it is decided as if it had arrived alone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from domain.application import Application
from domain.certificate import Decision, Origin
from gateway.faults import form_faults
from gateway.kinds import handling_of
from gateway.known import Known, look_up, one_round
from gateway.opening import Item, Opened, Sender, open_delivery, refusal
from gateway.outcomes import Accepted, Context, Early, Outcome, Refused, touched
from gateway.parking import park_delivery, unknown_sender
from gateway.searched import searched
from gateway.subjects import refused
from messages.catalog import Kind, kind_of
from messages.interchange import Message
from pipeline.advance import advance
from pipeline.answers import answer_interchange, message_receipt
from pipeline.cases import ANY_ENCODING
from pipeline.facts import fetch
from pipeline.failures import ticket
from pipeline.handler import Done, Session, withhold
from pipeline.stage import Case, Step, carry, needs_of
from pipeline.transport import Delivery
from schemas.certificate_types import certificate_type
from store.database import TryAgain
from store.wanted import Arrival, InboxClaim, Wanted
from store.work import MessageRow, Work

# how often a round is decided again before the whole transaction counts as failed
RACES = 10
_log = structlog.get_logger("intake")


class LostRace(Exception):  # it says what happened; nobody outside this module sees it
    """Another worker committed one of this round's keys between our facts and our locks."""


@dataclass(slots=True)
class Plan:
    """What will be done with one item.

    outcome: "silent", "again" (known, answered once more), "unreadable", "repeated", "reused", or what its kind decided.
    """

    item: Item
    interchange: UUID
    outcome: str | Accepted | Refused | Early | Outcome
    first: UUID | None = None
    case: Case | None = None
    steps: list[Step] = field(default_factory=list)


class Intake:
    """The handler of the inbox queue."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def key(self, delivery: Delivery) -> str:
        """Tries are counted under (exchange, SHA-256)."""
        return f"delivery:{delivery.exchange}:{hashlib.sha256(delivery.body).hexdigest()}"

    def open(self, run: Sequence[Delivery], silent: bool) -> list[Item]:
        """Every message of the deliveries, after the gates."""
        senders = self._senders({delivery.exchange for delivery in run})
        return [
            item for delivery in run
            for item in self._items(open_delivery(self.session.new_id(), delivery, senders.get(delivery.exchange), silent))
        ]

    def commit(self, ahead: list[Item]) -> Done:
        """One round. When another worker was faster with one of its keys, nothing is written and the round is decided
        again, on facts that now show who won; raises TryAgain when that happens too often."""
        for _ in range(RACES):
            try:
                return self._commit(ahead)
            except LostRace as lost:
                _log.info("race lost, deciding again", key=str(lost))
        raise TryAgain("lost the race for the same keys too often")

    def _commit(self, ahead: list[Item]) -> Done:
        """Decide on facts, lock, write."""
        items, rest = one_round(ahead)
        known = look_up(self.session.database, items)
        plans, later = _one_a_certificate([plan for item in items if (plan := plan_for(item, known)).outcome != "silent"])
        done = Done(rest=later + rest)
        if not plans:
            return done
        self._carry_on(plans)
        with self.session.store.work(_wanted(plans, known), self.session.owner) as work:
            for plan in plans:
                _must_have_won(work, plan)
            work.sent = self.session.take_confirmed()
            for plan in plans:
                self._write(work, plan, known, done)
            withhold(self.session, work, done)
        done.rows = work.rows_to_send()
        done.certificates = sum(1 for plan in plans if plan.case)
        done.lines = [_line(plan, work) for plan in plans]
        return done

    def due(self) -> list[Item]:
        """Messages that came before their certificate and may be tried again; those whose time has run out are answered."""
        return [item for row in self.session.database.query("early_due", count=20) for item in self._waited(*row)]

    def _waited(self, interchange: UUID, position: int, exchange: str, body: bytes, expired: bool) -> list[Item]:
        """What has passed the gates is opened whatever its sender's profile says by now; its own rights are looked at again."""
        delivery = Delivery("", 0, 0, exchange, "", bytes(body), redelivered=True)
        sender = self._senders([exchange]).get(exchange)
        admitted = replace(sender, active=True, encodings=ANY_ENCODING) if sender else None
        items = self._items(replace(open_delivery(self.session.new_id(), delivery, admitted, silent=True), sender=sender))
        return [replace(item, waited=True, expired=expired) for item in items if item.position == position]

    def source(self, item: Item) -> Delivery:
        """The delivery that a message came in."""
        return item.opened.delivery

    def park(self, delivery: Delivery, error: Exception, traceback: str, tries: int) -> Done:
        """Set aside a delivery that cannot be handled."""
        sender = self._senders([delivery.exchange]).get(delivery.exchange)
        return park_delivery(self.session, sender, delivery, ticket(self.key(delivery), error, traceback, tries))

    def _senders(self, exchanges: Iterable[str]) -> dict[str, Sender]:
        rows = self.session.database.query("senders", exchanges=sorted(exchanges))
        return {row[0]: Sender(row[1], row[2], frozenset(row[3]), row[4], row[5], row[6]) for row in rows}

    def _items(self, opened: Opened) -> list[Item]:
        if opened.interchange is None:
            return [Item(opened, None, opened.id)]
        return [
            Item(opened, message, self.session.new_id(), kind.extract(message.element) if (kind := kind_of(message.kind)) else None)
            for message in opened.interchange.messages
        ]

    def _carry_on(self, plans: list[Plan]) -> None:
        """Decide all stages hosted here for the accepted ones, on facts fetched once for the round."""
        accepted = [(plan, _case(plan.item, plan.interchange, plan.outcome), plan.outcome)
                    for plan in plans if isinstance(plan.outcome, Accepted)]
        stages = self.session.stages
        facts = fetch(self.session.database, needs_of(stages.values()), [case for _, case, _ in accepted])
        for plan, case, outcome in accepted:
            received = replace(case, certificate=replace(case.certificate, state="RECEIVED"))
            plan.case = case
            plan.steps = [
                Step("intake", Decision(outcome.event)), *carry(received, facts[case.certificate.id], stages)]

    def _write(self, work: Work, plan: Plan, known: Known, done: Done) -> None:
        if plan.outcome == "again":
            self._repeat(work, plan, known)
            return
        _welcome(work, plan)
        if plan.outcome == "unreadable":
            return
        if isinstance(plan.outcome, Early):
            if not plan.item.opened.silent:  # nothing when the delivery is new
                self._repeat(work, replace(plan, first=plan.interchange), known)
            work.add("insert_early", plan.interchange, plan.item.position, plan.item.party, plan.outcome.minutes)
            return
        _add_row(work, plan)
        if plan.item.waited:
            work.add("delete_early", plan.interchange, plan.item.position)
        if isinstance(plan.outcome, Accepted):
            done.waiting.append(_advance_all(work, plan, plan.outcome))
        elif isinstance(plan.outcome, Refused):
            _refuse(work, plan, plan.outcome)
        elif plan.outcome == "reused":
            _refuse(work, plan, Refused("MSG_ID_REUSED", refusal("MSG_ID_REUSED", plan.item.message_id)))
        elif not isinstance(plan.outcome, str):
            plan.outcome.write(work, _context(plan))
        else:
            self._repeat(work, plan, known)
            answer_interchange(work, plan.interchange, "repeated")

    def _repeat(self, work: Work, plan: Plan, known: Known) -> None:
        """The newest receipt once more, byte-equal: no new state, no new receipt."""
        if plan.first in known.repeats:
            work.send_again(replace(known.repeats[plan.first], key=f"again:{self.session.new_id()}"))


def _line(plan: Plan, work: Work) -> dict[str, object]:
    """The canonical log line of one message: who, what, what became of it, and why."""
    opened, outcome = plan.item.opened, plan.outcome
    line: dict[str, object] = {
        "exchange": opened.delivery.exchange, "sha256": opened.sha256.hex()[:16], "interchange": str(plan.interchange),
        "message_id": plan.item.message_id, "outcome": outcome if isinstance(outcome, str) else type(outcome).__name__.lower()}
    if isinstance(outcome, Accepted):
        moved = work.certificates[outcome.certificate.id]
        found = dict.fromkeys(finding.code for step in plan.steps for finding in step.decision.findings)
        line |= {"certificate": str(moved.id), "invoice": moved.invoice, "state": moved.state, "findings": list(found)}
    elif isinstance(outcome, Refused):
        line["code"] = outcome.code
    elif opened.refusal:
        line["code"] = opened.refusal.code
    return line


def _one_a_certificate(plans: list[Plan]) -> tuple[list[Plan], list[Item]]:
    """The plans that may be written together, and the messages for the next round.

    Two messages may name one certificate differently, by number and by invoice: which it is shows in the facts only. The
    second is decided again when the first is committed.
    """
    taken: set[UUID] = set()
    now, later = list[Plan](), list[Item]()
    for plan in plans:
        subjects = frozenset() if isinstance(plan.outcome, str | Refused | Early) else touched(plan.outcome)
        if taken & subjects:
            later.append(plan.item)
        else:
            taken |= subjects
            now.append(plan)
    return now, later


def plan_for(item: Item, known: Known) -> Plan:
    """What will be done with one item, decided without the database."""
    seen = known.interchanges.get(item.delivery_key)
    interchange = seen[0] if seen else item.opened.id
    first = known.messages.get(item.message_key)
    if seen and (item.message is None or seen[2] or item.message.position in seen[1]):
        return Plan(item, interchange, "silent" if item.opened.silent else "again", first[0] if first else interchange)
    if item.message is None:
        return Plan(item, interchange, "unreadable")
    if first:
        return Plan(item, interchange, "repeated" if first[1] == item.message.digest else "reused", first[0])
    return Plan(item, interchange, _fate(item, known))


def _fate(item: Item, known: Known) -> Accepted | Refused | Early | Outcome:
    message, sender, kind, handling = item.message, item.opened.sender, kind_of(item.kind), handling_of(item.kind)
    if message is None or sender is None or kind is None or handling is None:
        return refused(item, "MESSAGE_KIND_UNKNOWN", "", item.kind)
    if barred := _barred(item, message, sender, kind):
        return barred
    if handling.form_first and (faults := form_faults(message.element)):
        return Refused("MESSAGE_INVALID", faults[0], more=faults[1:])
    outcome = handling.decide(item, known.facts, sender)
    if isinstance(outcome, Early) and item.expired:
        return refused(item, "CERTIFICATE_UNKNOWN", outcome.place, outcome.found)
    return outcome


def _barred(item: Item, message: Message, sender: Sender, kind: Kind) -> Refused | None:
    """Why this sender may not send this message at all; None when it may."""
    if sender.kind not in kind.senders:
        return refused(item, "KIND_NOT_ALLOWED", "", item.kind)
    if not sender.active:  # of a message that waited: a new delivery of such a sender is refused as a whole
        return refused(item, "ENTERPRISE_INACTIVE", "", sender.no)
    if not message.message_id:
        return refused(item, "MESSAGE_ID_MISSING", "MessageId", "")
    names_itself = message.registration_no or isinstance(item.value, Application)
    if sender.kind == "enterprise" and names_itself and not sender.named(message.registration_no):
        return refused(item, "IDENTITY_MISMATCH", "Applicant/RegistrationNo", message.registration_no)
    return None


def _wanted(plans: list[Plan], known: Known) -> Wanted:
    wanted = Wanted(
        inbox=[_inbox_claim(plan) for plan in plans if _claims_id(plan)],
        arrivals=_arrivals(plans, known),
        interchanges=[plan.interchange for plan in plans if plan.outcome != "again"],
        enterprises=[plan.item.opened.sender.no for plan in plans if plan.item.opened.sender],
        numbers=[number for plan in plans if (number := _number_wanted(plan))],
    )
    for plan in plans:
        if isinstance(plan.outcome, Accepted):
            wanted += plan.outcome.claims
        elif not isinstance(plan.outcome, str | Refused | Early):
            wanted += plan.outcome.wanted()
    return wanted


def _number_wanted(plan: Plan) -> tuple[str, str] | None:
    """The counter an approval in this round takes its number from."""
    if not isinstance(plan.outcome, Accepted) or plan.outcome.certificate.number:
        return None
    if not any(step.decision.event == "approve" for step in plan.steps):
        return None
    certificate = plan.outcome.certificate
    return certificate.enterprise, certificate_type(certificate.type).letter


def _claims_id(plan: Plan) -> bool:
    return not isinstance(plan.outcome, str | Early) and bool(plan.item.message_key)


def _inbox_claim(plan: Plan) -> InboxClaim:
    enterprise, message_id = plan.item.message_key or ("", "")
    return InboxClaim(enterprise, message_id, plan.item.identity, plan.item.digest)


def _arrivals(plans: list[Plan], known: Known) -> list[Arrival]:
    """The deliveries of this round that the archive does not have."""
    new: dict[UUID, Arrival] = {}
    for plan in plans:
        opened, interchange = plan.item.opened, plan.item.opened.interchange
        if plan.item.delivery_key not in known.interchanges:
            new[opened.id] = Arrival(
                opened.id, opened.delivery.exchange, opened.sha256, opened.delivery.body,
                opened.sender.no if opened.sender else None, interchange.branch if interchange else None,
                interchange.id if interchange else None, opened.refusal.code if opened.refusal else None,
                len(interchange.messages) if interchange else 0)
    return list(new.values())


def _must_have_won(work: Work, plan: Plan) -> None:
    """Raise LostRace when another worker was faster with the delivery, the message id, the invoice or the certificate."""
    if plan.outcome == "again":
        return
    if plan.interchange not in work.held.interchanges:
        raise LostRace("delivery")
    if _claims_id(plan) and plan.item.message_key not in work.held.inbox:
        raise LostRace("message id")
    if isinstance(plan.outcome, str | Refused | Early):
        return
    if lost := plan.outcome.lost(work.held):
        raise LostRace(lost)


def _welcome(work: Work, plan: Plan) -> None:
    """The technical answer to a new delivery: we have your bytes, or why nothing inside was read. Once a delivery."""
    opened = plan.item.opened
    if plan.interchange not in work.held.arrivals:
        return
    work.held.arrivals.discard(plan.interchange)
    if opened.sender is None:
        work.parked.append(unknown_sender(opened))
        return
    work.send(message_receipt(
        work, opened.refusal.code if opened.refusal else "BYTES_RECEIVED", plan.interchange, opened.sender.no,
        opened.sha256.hex(), interchange_id=opened.interchange.id if opened.interchange else None,
        findings=[opened.refusal] if opened.refusal else []))


def _add_row(work: Work, plan: Plan) -> None:
    message, sender, outcome = plan.item.message, plan.item.opened.sender, plan.outcome
    if message is None or sender is None:
        return
    disposition = outcome if isinstance(outcome, str) else _DISPOSITIONS.get(type(outcome), "done")
    work.messages.append(MessageRow(
        plan.item.identity, plan.interchange, message.position, sender.no, message.message_id, plan.item.digest, message.kind,
        disposition, _certificate_of(outcome), plan.first))


# what the message's row says of it; every other outcome is "done"
_DISPOSITIONS: dict[type, str] = {Accepted: "certificate", Refused: "refused"}


def _certificate_of(outcome: "str | Accepted | Refused | Early | Outcome") -> UUID | None:
    """The certificate that a message made or is about."""
    if isinstance(outcome, Accepted):
        return outcome.certificate.id
    return None if isinstance(outcome, str | Refused | Early) else outcome.certificate


def _refuse(work: Work, plan: Plan, outcome: Refused) -> None:
    opened, sender = plan.item.opened, plan.item.opened.sender
    work.send(message_receipt(
        work, outcome.code, plan.item.identity, sender.no if sender else "", opened.sha256.hex(),
        interchange_id=opened.interchange.id if opened.interchange else None, message_id=plan.item.message_id,
        invoice=outcome.invoice, certificate=outcome.certificate, findings=[outcome.finding, *outcome.more]))
    answer_interchange(work, plan.interchange, "refused")


def _advance_all(work: Work, plan: Plan, outcome: Accepted) -> Case:
    case, certificate = plan.case or _case(plan.item, plan.interchange, outcome), outcome.certificate
    application = outcome.application
    texts = searched(application)
    for step in plan.steps:
        certificate = advance(work, certificate, step.decision, step.stage, case.origin, texts)
    found = tuple(finding for step in plan.steps for finding in step.decision.findings)
    return replace(case, certificate=certificate, findings=found)


def _case(item: Item, interchange: UUID, outcome: Accepted) -> Case:
    element = item.message.element if item.message else None
    return Case(outcome.certificate, _origin(item, interchange), outcome.application, element)


def _origin(item: Item, interchange: UUID) -> Origin:
    opened = item.opened
    return Origin(item.identity, item.message_id, interchange, opened.interchange.id if opened.interchange else None,
                  opened.sha256.hex())


def _context(plan: Plan) -> Context:
    sender = plan.item.opened.sender
    return Context(_origin(plan.item, plan.interchange), plan.item.party, f"{sender.kind if sender else ''}:{plan.item.party}")
