"""Two workers, or a worker and a reviewer, meet over one certificate or filing: one wins, the other is told, nothing breaks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from console.sampler import FIRMS, Sample
from console.wiring import STAGES
from domain.errors import Refusal
from gateway import goods_checks
from gateway.intake import Intake
from pipeline.advance import advance
from pipeline.cases import cases_of
from pipeline.facts import fetch
from pipeline.handler import Session
from pipeline.orders import Orders
from pipeline.worker import Worker
from review_worker import claims, manual_review
from store.database import TryAgain
from store.wanted import Wanted
from tests.desk import Desk, another_session, clean, make_desk
from tests.faults.test_guards import FakeBroker
from tests.filing_messages import BRANCH, FIRM, broken_promises, decision, form_e, goods
from tests.services import World
from tests.trade import amendment, codes, interchange, review, void

ROUNDS = 20
Side = tuple[str, bytes] | Callable[[Session], object]  # a message on an exchange, or what a person does


class Starting(FakeBroker):
    """Hands out its one run when all the others are ready, too."""

    def __init__(self, together: threading.Barrier, runs: Sequence[list[Any]]) -> None:
        super().__init__(runs)
        self.together = together

    def take(self, count: int, size: int, timeout: float) -> list[Any]:
        if self.runs:
            self.together.wait()
        return super().take(count, size, timeout)


@dataclass
class Crew:
    """A desk that prepares and looks, and sessions that race."""

    desk: Desk
    sessions: list[Session]

    def race(self, *sides: Side) -> list[object]:
        """All sides at once, each in its own session; what people got or were refused. Nothing may leave a worker's loop."""
        together = threading.Barrier(len(sides))
        got: list[object] = [None] * len(sides)
        broken: list[BaseException] = []

        def run(at: int, side: Side) -> None:
            try:
                got[at] = self._person(together, at, side) if callable(side) else self._work(together, at, side)
            except BaseException as error:  # noqa: BLE001 # it is raised again below, in the test's own thread
                broken.append(error)

        threads = [threading.Thread(target=run, args=each) for each in enumerate(sides)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]
        assert self.desk.query("select error from parked") == []
        return got

    def _person(self, together: threading.Barrier, at: int, act: Callable[[Session], object]) -> object:
        together.wait()
        try:
            return act(self.sessions[at])
        except Refusal as refused:
            return refused

    def _work(self, together: threading.Barrier, at: int, message: tuple[str, bytes]) -> None:
        exchange, body = message
        runs = [[self.desk.delivery(body, exchange)]] if body else [[]]
        worker_of(self.desk.world, self.sessions[at], Starting(together, runs)).run()


def worker_of(world: World, session: Session, broker: FakeBroker) -> Worker:
    """The whole loop around a session."""
    handlers = {world.names.inbox: Intake(session), world.names.work: Orders(session)}
    return Worker(session, broker, broker, world.names, handlers, stopping=lambda: broker.idle)


@pytest.fixture
def crew(stored: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    kinds = {"FORME2": form_e()}
    known = goods_checks.type_of
    monkeypatch.setattr(goods_checks, "type_of", lambda code: kinds.get(code) or known(code))
    desk = make_desk(stored)
    made = Crew(desk, [another_session(stored, tuple(STAGES)) for _ in range(3)])
    yield made
    desk.owner.run("delete from outbox")
    assert broken_promises(desk.owner) == set()
    for session in (*made.sessions, desk.session):
        session.database.close()
    desk.owner.close()


def exchange_of(crew: Crew, sender: str = BRANCH) -> str:
    names = crew.desk.world.names
    return names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender)


def in_state(desk: Desk, invoice: str) -> tuple[str, int, Any, str | None]:
    """State, version, id and number of the newest certificate with this invoice."""
    [row] = desk.query("select state, version, id, number from certificate where invoice = %s order by id desc limit 1", invoice)
    return row[0], row[1], row[2], row[3]


def prepared(crew: Crew, number: int, *events: str) -> tuple[Sample, tuple[str, int, Any, str | None]]:
    """A sample's certificate: issued, or brought from APPROVED by these events."""
    one = clean(number * len(FIRMS))  # always the same firm: its branch sends the decisions
    if not events:
        crew.desk.deliver(one)
    else:
        short = Desk(crew.desk.world, session := another_session(crew.desk.world, ("schema-check", "rule-check", "auto-review")),
                     Intake(session), crew.desk.owner)
        short.deliver(one)
        identity = in_state(crew.desk, one.invoice)[2]
        stage = STAGES["print"](crew.desk.world.settings)
        for event in events:
            [case] = cases_of(session.database, [identity])
            composed = stage.decide(case, fetch(session.database, stage.needs, [case])[identity])
            with session.store.work(Wanted(certificates=[identity], enterprises=[one.firm.record.no])) as work:
                said = replace(composed, event=event, reasons=("TEST",))
                advance(work, work.held.certificates[identity], said, "print", case.origin)
        session.database.close()
    return one, in_state(crew.desk, one.invoice)


def about(one: Sample, kind: str, message_id: str, number: str | None, more: str = "") -> tuple[str, bytes]:
    """A message of the enterprise about its certificate, by number or invoice."""
    named = f"<CertificateNo>{number}</CertificateNo>" if number else f"<InvoiceNo>{one.invoice}</InvoiceNo>"
    body = f"<{kind}><MessageId>{message_id}</MessageId><Certificate>{named}</Certificate>{more}</{kind}>"
    return one.firm.record.no, interchange(message_id, one.firm.record.no, body)


def sent(crew: Crew, sender: str, body: bytes) -> tuple[str, bytes]:
    return exchange_of(crew, sender), body


def test_an_amendment_against_the_void_of_its_original(crew: Crew) -> None:
    for n in range(ROUNDS):
        one, (_, _, original, number) = prepared(crew, n)
        firm = one.firm.record.no
        crew.race(sent(crew, firm, amendment(one, f"A-{n}", number or "", 1)), sent(crew, BRANCH, void(number or "", f"V-{n}")))
        [(now,)] = crew.desk.query("select state from certificate where id = %s", original)
        new = crew.desk.query("select state from certificate where replaces = %s", original)
        told = set(codes(crew.desk, f"A-{n}") + codes(crew.desk, f"V-{n}"))
        if now == "SUPERSEDED":
            assert new == [("ISSUED",)] and "STATE_NOT_ALLOWED" in told
        else:  # the amendment is refused, or waits for a person who learns why
            assert now == "VOID" and (("ORIGINAL_NOT_ISSUED" in told and new == []) or new == [("PENDING_REVIEW",)])


def test_two_amendments_of_one_original(crew: Crew) -> None:
    for n in range(ROUNDS):
        one, (_, _, original, number) = prepared(crew, n)
        firm = one.firm.record.no
        crew.race(*(sent(crew, firm, amendment(one, f"{m}-{n}", number or "", 1)) for m in ("A", "B")))
        assert crew.desk.query("select state from certificate where replaces = %s", original) == [("ISSUED",)]
        told = codes(crew.desk, f"A-{n}") + codes(crew.desk, f"B-{n}")
        assert len({"REVISION_STALE", "AMENDMENT_UNDER_WAY"} & set(told)) == 1
        assert told.count("ISSUED") == told.count("SUPERSEDED") == 1


@pytest.mark.parametrize("by_message", [True, False])
def test_a_withdrawal_against_an_approval(crew: Crew, by_message: bool) -> None:
    for n in range(ROUNDS):
        one, (state, version, identity, number) = prepared(crew, n, "recall")
        assert state == "PENDING_REVIEW"
        firm = one.firm.record.no

        def by_person(session: Session, identity: Any = identity, version: int = version) -> object:
            return manual_review.approve(session.store, identity, "wang", version)

        approval: Side = sent(crew, BRANCH, review(one.invoice, firm, version, message_id=f"R-{n}")) if by_message else by_person
        withdrawal = sent(crew, *about(one, "Withdrawal", f"W-{n}", number))
        approved = crew.race(approval, withdrawal)[0]
        won, told = in_state(crew.desk, one.invoice)[0], codes(crew.desk, f"W-{n}")
        assert (won, told) in (("WITHDRAWN", ["WITHDRAWAL_DONE"]), ("APPROVED", ["STATE_NOT_ALLOWED"]))
        if by_message:
            assert (codes(crew.desk, f"R-{n}") == ["REVIEW_DONE"]) == (won == "APPROVED")
        else:
            assert isinstance(approved, Refusal) == (won == "WITHDRAWN")


def test_a_decision_of_the_branchs_system_against_reviewers_who_claim_and_approve(crew: Crew) -> None:
    for n in range(ROUNDS):
        one, (_, version, identity, _) = prepared(crew, n, "recall")

        def claims_and_approves(session: Session, identity: Any = identity, version: int = version) -> object:
            claim = claims.claim(session.database, "wang", subject=identity)
            return manual_review.approve(session.store, identity, "wang", version, token=claim.token if claim else None)

        def returns(session: Session, identity: Any = identity, version: int = version) -> object:
            return manual_review.send_back(session.store, identity, "li", version, "no")

        body = review(one.invoice, one.firm.record.no, version, message_id=f"R-{n}")
        people = crew.race(sent(crew, BRANCH, body), claims_and_approves, returns)[1:]
        state, after, *_ = in_state(crew.desk, one.invoice)
        [told] = codes(crew.desk, f"R-{n}")
        winners = (told == "REVIEW_DONE") + sum(not isinstance(each, Refusal) for each in people)
        assert (winners, after) == (1, version + 1), (told, people)
        assert state == ("RETURNED" if not isinstance(people[1], Refusal) else "APPROVED")


def test_two_goods_filings_of_one_subject(crew: Crew) -> None:
    for n in range(ROUNDS):
        name = f"PUMPS {n}"
        crew.race(*(sent(crew, FIRM, goods(f"{m}-{n}", NameEn=name)) for m in ("A", "B")))
        assert crew.desk.query("select count(*) from filing where content ->> 'name_en' = %s", name) == [(1,)]
        told = codes(crew.desk, f"A-{n}") + codes(crew.desk, f"B-{n}")
        assert (told.count("FILING_DUPLICATE"), told.count("FILING_TAKEN")) == (1, 1)


def test_a_decision_on_goods_against_their_withdrawal(crew: Crew) -> None:
    for n in range(ROUNDS):
        crew.desk.deliver(goods(f"G-{n}", NameEn=f"PUMPS {n}"), exchange=exchange_of(crew, FIRM))
        [(at, version)] = crew.desk.query("select id, version from filing where content ->> 'name_en' = %s", f"PUMPS {n}")
        crew.race(sent(crew, BRANCH, decision(f"D-{n}", at, version)), sent(crew, FIRM, goods(f"W-{n}", Withdraws=str(at))))
        [(state, after)] = crew.desk.query("select state, version from filing where id = %s", at)
        told = codes(crew.desk, f"D-{n}")[0]
        assert (state, told, after) in (("WITHDRAWN", "STALE_VERSION", version + 1), ("WITHDRAWN", "FILING_DECIDED", version + 2))


@pytest.mark.parametrize("kind", ["PrintReport", "LocalPrintRequest"])
def test_paper_against_the_void_of_its_certificate(crew: Crew, kind: str) -> None:
    """What is granted or noted was so before the certificate was void: nothing is done on a void one."""
    crew.desk.owner.run("update enterprise set local_print = true")
    more = "<Result>PRINTED</Result><Copies>1</Copies>" if kind == "PrintReport" else "<Copies>1</Copies>"
    table = "print_report" if kind == "PrintReport" else "local_print"
    for n in range(ROUNDS):
        one, (_, _, identity, number) = prepared(crew, n)
        crew.race(sent(crew, *about(one, kind, f"P-{n}", number, more)), sent(crew, BRANCH, void(number or "", f"V-{n}")))
        assert in_state(crew.desk, one.invoice)[0] == "VOID"
        done = crew.desk.query(
            f"select p.at < t.at from {table} p join transition t using (certificate) where certificate = %s and state = 'VOID'",
            identity)
        assert done == ([] if codes(crew.desk, f"P-{n}") == ["STATE_NOT_ALLOWED"] else [(True,)])


def test_the_report_of_a_form_against_the_void_of_the_certificate_that_waits_for_it(crew: Crew) -> None:
    for n in range(ROUNDS):
        one, (_, _, _, number) = prepared(crew, n, "print-on-paper")
        printed = f"<Result>PRINTED</Result><Copies>1</Copies><FormSerial>S{n}</FormSerial>"
        firm, body = about(one, "PrintReport", f"P-{n}", number, printed)
        report = body.replace(f"<Sender>{firm}<".encode(), f"<Sender>{BRANCH}<".encode())
        crew.race(sent(crew, BRANCH, report), sent(crew, BRANCH, void(number or "", f"V-{n}")))
        assert codes(crew.desk, f"P-{n}") == ["PRINT_NOTED"]
        assert (in_state(crew.desk, one.invoice)[0], codes(crew.desk, f"V-{n}")) in (
            ("ISSUED", ["STATE_NOT_ALLOWED"]), ("VOID", ["VOID_DONE"]))


def test_one_message_at_two_workers(crew: Crew) -> None:
    one, (_, _, _, number) = prepared(crew, 0)
    for n in range(ROUNDS):
        question = sent(crew, *about(one, "StatusEnquiry", f"Q-{n}", number))
        crew.race(question, question)
        assert codes(crew.desk, f"Q-{n}") == ["STATUS"]
        filing = sent(crew, FIRM, goods(f"G-{n}", NameEn=f"PUMPS {n}"))
        crew.race(filing, filing)
        assert codes(crew.desk, f"G-{n}").count("FILING_TAKEN") == 1


def test_a_message_that_came_early_is_tried_by_two_workers_while_its_application_arrives(crew: Crew) -> None:
    """... and sent again by its sender in the same moment."""
    soon = "update early_message set retry_at = clock_timestamp()"
    for n in range(ROUNDS):
        one = clean(n * len(FIRMS))
        early = sent(crew, *about(one, "StatusEnquiry" if n % 2 else "Withdrawal", f"E-{n}", None))
        amended = amendment(one, f"A-{n}", "", 1)
        crew.desk.deliver(early[1], exchange=early[0])
        crew.desk.deliver(amended, exchange=sent(crew, one.firm.record.no, b"")[0])
        crew.desk.owner.run(soon)
        resent = early if n % 3 else ("", b"")
        crew.race((sent(crew, one.firm.record.no, one.body)), resent, ("", b""))
        crew.desk.owner.run(soon)
        crew.race(("", b""), ("", b""))
        crew.desk.owner.run(soon)
        crew.race(("", b""), ("", b""))
        assert len(codes(crew.desk, f"E-{n}")) == 1, codes(crew.desk, f"E-{n}")
        assert crew.desk.query("select m.message_id from early_message join interchange i on i.id = interchange"
                               " join message m on m.interchange = i.id") == []
    assert crew.desk.query("select count(*) from early_message") == [(0,)]


def test_a_deadlocks_victim_tries_again_in_the_effects_and_however_often_it_is_one(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing leaves the loop: not from recording an effect, and not when a round was the victim more than five times."""
    session, one = crew.sessions[0], clean()
    losses = iter([*["intake"] * 7, None, *["effect"] * 2, None])
    work = session.store.work

    def unlucky(*arguments: Any) -> Any:
        if next(losses, None):
            raise TryAgain("deadlock detected")
        return work(*arguments)

    monkeypatch.setattr(session.store, "work", unlucky)
    monkeypatch.setattr("pipeline.worker.time.sleep", lambda seconds: None)
    broker = FakeBroker([[crew.desk.delivery(one.body, exchange_of(crew, one.firm.record.no))]])
    worker_of(crew.desk.world, session, broker).run()
    assert in_state(crew.desk, one.invoice)[0] == "ISSUED"
    assert next(losses, None) is None
    assert len(broker.acknowledged) == 1
