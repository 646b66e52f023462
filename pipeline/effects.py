"""Stages with an effect outside the database: T1 is committed, the effect happens with no transaction open, T2 records it.

After a crash between the two, the withheld work order of T1 is sent by the relay and the effect happens again; it must
therefore be one that can be repeated (a file of the same bytes). What cannot be taken back (paper) is claimed first.
"""

from collections.abc import Iterable

from domain.certificate import Decision
from domain.certificate_lifecycle import CERTIFICATE
from pipeline.advance import advance
from pipeline.facts import fetch
from pipeline.failpoints import reach
from pipeline.handler import Done, Session
from pipeline.stage import Case, Stage, needs_of
from store.wanted import Wanted


def finish(session: Session, cases: Iterable[Case]) -> Done:
    """Let the hosted stage that each certificate waits for do its work, then record it in one transaction.

    A certificate that moved meanwhile is left alone: its version is another one.
    """
    staged = [(case, stage) for case in cases if (stage := hosted(session, case))]
    facts = fetch(session.database, needs_of(stage for _, stage in staged), [case for case, _ in staged])
    reach("between-t1-and-t2")
    decided = [(case, stage, stage.decide(case, facts[case.certificate.id])) for case, stage in staged]
    return record(session, decided)


def hosted(session: Session, case: Case) -> Stage | None:
    """The stage hosted here that the certificate waits for."""
    state = case.certificate.state
    return session.stages.get(CERTIFICATE.state(state).waits_for or "") if state else None


def record(session: Session, decided: list[tuple[Case, Stage, Decision]]) -> Done:
    """T2: lock, compare versions, advance those that did not move."""
    done = Done()
    if not decided:
        return done
    wanted = Wanted(
        certificates=[one for case, _, _ in decided for one in (case.certificate.id, case.certificate.replaces) if one],
        enterprises=[case.certificate.enterprise for case, _, _ in decided])
    with session.store.work(wanted, session.owner) as work:
        work.sent = session.take_confirmed()
        for case, stage, decision in decided:
            held = work.held.certificates.get(case.certificate.id)
            if held and held.version == case.certificate.version:
                moved = advance(work, held, decision, stage.name, case.origin)
                done.lines.append(
                    {"certificate": str(moved.id), "stage": stage.name, "decision": decision.event, "state": moved.state})
                work.settled_attempts.append(f"order:{held.id}:{held.version}")
                done.certificates += 1
    done.rows = work.rows_to_send()
    return done
