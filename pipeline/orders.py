"""Work orders: certificates that wait for a stage, announced on that stage's queue.

An order names a certificate, a version and a stage. One that is repeated or overtaken finds another version and is dropped:
only messages from outside need an inbox.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pipeline.advance import advance
from pipeline.answers import message_receipt
from pipeline.cases import cases_of
from pipeline.effects import hosted
from pipeline.facts import fetch
from pipeline.failures import ticket
from pipeline.handler import Done, Session, withhold
from pipeline.stage import Case, Step, carry, needs_of
from pipeline.transport import Delivery
from schemas.certificate_types import certificate_type
from store.database import Database
from store.wanted import Wanted
from store.work import Work


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An announced work order."""

    certificate: UUID
    version: int
    stage: str

    @property
    def key(self) -> str:
        """Under which its tries are counted."""
        return f"order:{self.certificate}:{self.version}"


def order_from(body: bytes) -> WorkOrder:
    """The order in a message of our own making."""
    data = json.loads(body)
    return WorkOrder(UUID(data["certificate"]), data["version"], data["stage"])


def order_body(certificate: object, version: object, stage: object) -> bytes:
    """The message that announces an order."""
    return json.dumps({"certificate": str(certificate), "version": version, "stage": stage}).encode()


class Orders:
    """The handler of the stages' work queues."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def key(self, delivery: Delivery) -> str:
        """Tries are counted under (certificate, version)."""
        return order_from(delivery.body).key

    def open(self, run: Sequence[Delivery], silent: bool) -> list[WorkOrder]:
        """The orders, each once."""
        return list(dict.fromkeys(order_from(delivery.body) for delivery in run))

    def due(self) -> list[WorkOrder]:
        """Nothing: the watchdog announces orders again."""
        return []

    def source(self, item: WorkOrder) -> Delivery:
        """The order as it would be announced."""
        return Delivery("", 0, 0, "", item.stage, order_body(item.certificate, item.version, item.stage), redelivered=True)

    def commit(self, ahead: list[WorkOrder]) -> Done:
        """Carry the certificates that still wait at the announced version; stages with an effect follow the commit."""
        cases = [case for case in load_cases(self.session.database, ahead) if hosted(self.session, case)]
        effects = [case for case in cases if (stage := hosted(self.session, case)) and stage.effect]
        plain = [case for case in cases if case not in effects]
        done = self._carry(plain) if plain else Done()
        done.waiting += effects
        return done

    def _carry(self, cases: list[Case]) -> Done:
        stages = self.session.stages
        facts = fetch(self.session.database, needs_of(stages.values()), cases)
        carried = [(case, carry(case, facts[case.certificate.id], stages)) for case in cases]
        done = Done()
        with self.session.store.work(_wanted(carried), self.session.owner) as work:
            work.sent = self.session.take_confirmed()
            for case, steps in carried:
                held = work.held.certificates.get(case.certificate.id)
                if held and held.version == case.certificate.version:
                    moved = _advance(work, replace(case, certificate=held), steps)
                    done.waiting.append(moved)
                    done.lines.append({"certificate": str(held.id), "stage": steps[0].stage, "state": moved.certificate.state})
            withhold(self.session, work, done)
        done.rows = work.rows_to_send()
        done.certificates = len(carried)
        return done

    def park(self, delivery: Delivery, error: Exception, traceback: str, tries: int) -> Done:
        """Set aside an order that cannot be handled; the certificate stays where it is until an operator acts."""
        order = order_from(delivery.body)
        cases = load_cases(self.session.database, [order])
        if not cases:
            return Done()
        case, failed = cases[0], ticket(order.key, error, traceback, tries)
        with self.session.store.work(_park_wanted(case), self.session.owner) as work:
            work.parked.append(failed.row(
                self.session.new_id(), "order", enterprise=case.certificate.enterprise, certificate=order.certificate,
                version=order.version, stage=order.stage))
            work.settled_attempts.append(order.key)
            work.send(told(work, case, "PARKED"))
        return Done(rows=work.rows_to_send())


def told(work: Work, case: Case, code: str) -> Any:
    """A receipt about a certificate that is not a transition, on the stream of the message it came from."""
    certificate, origin = case.certificate, case.origin
    return message_receipt(
        work, code, origin.message, certificate.enterprise, origin.sha256, interchange_id=origin.interchange_id,
        message_id=origin.message_id, invoice=certificate.invoice, certificate=certificate.id)


def _park_wanted(case: Case) -> Wanted:
    return Wanted(certificates=[case.certificate.id], interchanges=[case.origin.interchange],
                  enterprises=[case.certificate.enterprise], streams=[f"message:{case.origin.message}"])


def _advance(work: Work, case: Case, steps: list[Step]) -> Case:
    certificate = case.certificate
    work.settled_attempts.append(f"order:{certificate.id}:{certificate.version}")
    for step in steps:
        certificate = advance(work, certificate, step.decision, step.stage, case.origin)
    found = tuple(finding for step in steps for finding in step.decision.findings)
    return replace(case, certificate=certificate, findings=case.findings + found)


def _wanted(carried: list[tuple[Case, list[Step]]]) -> Wanted:
    return Wanted(
        certificates=[case.certificate.id for case, _ in carried],
        interchanges=[case.origin.interchange for case, _ in carried],
        enterprises=[case.certificate.enterprise for case, _ in carried],
        numbers=[
            (case.certificate.enterprise, certificate_type(case.certificate.type).letter) for case, steps in carried
            if case.certificate.number is None and any(step.decision.event == "approve" for step in steps)])


def load_cases(database: Database, orders: Sequence[WorkOrder]) -> list[Case]:
    """The certificates that are still at the version of their order, with content and findings, in one query."""
    versions = {order.certificate: order.version for order in orders}
    return [case for case in cases_of(database, versions) if case.certificate.version == versions[case.certificate.id]]
