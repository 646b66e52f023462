"""A review desk for tests: certificates that wait on the terms asked for, and reviewers who see their own branch only."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from console.sampler import FIRMS, Sample
from domain.calendar import DeskTerms
from domain.certificate import Decision, Document
from domain.errors import Refusal
from pipeline.advance import advance
from pipeline.cases import cases_of
from store.database import Database
from store.postgres import PostgresStore
from store.wanted import Wanted
from tests.desk import Desk, clean, make_desk
from tests.filing_messages import broken_promises
from tests.services import World

BRANCH = FIRMS[0].record.branch
WANG, LI, ZHAO = (f"{BRANCH}/{name}" for name in ("wang", "li", "zhao"))
VERSION = 4  # at which a referred certificate waits
DESTINATION = "DESTINATION: 目的国须人工审核 / a person looks at GERMANY"
ORDINARY = DeskTerms()
TWO = DeskTerms(eyes=2, eyes_reason="AMOUNT")


@dataclass
class ReviewDesk:
    """What waits, and who may look at it."""

    desk: Desk
    sent: int = 0

    @property
    def world(self) -> World:
        """Settings and database."""
        return self.desk.world

    def sample(self, number: int) -> Sample:
        """The sample behind the certificate that was referred as this one; all are of one firm and branch."""
        return clean(number * len(FIRMS))

    def refer(self, count: int = 1, terms: DeskTerms = ORDINARY, reasons: Sequence[str] = (DESTINATION,)) -> list[UUID]:
        """So many certificates that wait on these terms, in the order of their samples."""
        samples = [self.sample(self.sent + number) for number in range(count)]
        self.sent += count
        for at in range(0, count, 50):
            self.desk.deliver(*samples[at:at + 50])
        rows = self.desk.query("select invoice, id from certificate where state = 'RULES_CHECKED'")
        ids = {row[0]: row[1] for row in rows}
        self.advance(list(ids.values()), Decision("refer", reasons=tuple(reasons), terms=terms), "auto-review")
        return [ids[sample.invoice] for sample in samples]

    def issue(self, count: int = 1) -> list[UUID]:
        """So many certificates that are issued, without a file."""
        ids = self.refer(count)
        self.advance(ids, Decision("approve", reasons=("REVIEWED",)), f"reviewer:{WANG}")
        self.advance(ids, Decision("issue"), "print", lambda one: Document("pdf", "00" * 32, f"{one}.pdf", 1, 1))
        return ids

    def advance(
        self, ids: list[UUID], decision: Decision, actor: str, document: Callable[[UUID], Document | None] = lambda _: None
    ) -> None:
        """The same move for all of them, each with its document, in one transaction."""
        store = self.desk.session.store
        firm = FIRMS[0].record.no
        cases = cases_of(store.database, ids)
        wanted = Wanted(
            certificates=ids, enterprises=[firm], interchanges=[case.origin.interchange for case in cases], numbers=[(firm, "C")])
        with store.work(wanted) as work:
            for case in cases:
                identity = case.certificate.id
                advance(work, work.held.certificates[identity], replace(decision, document=document(identity)), actor, case.origin)

    def state(self, certificate: UUID) -> str:
        """Where it stands."""
        [(state,)] = self.desk.query("select state from certificate where id = %s", certificate)
        return str(state)

    def audit(self, subject: UUID) -> list[tuple[str, str]]:
        """(actor, action) of what was done to it at the desk."""
        rows = self.desk.query("select actor, action from audit where subject = %s order by id", str(subject))
        return [(row[0], row[1]) for row in rows]


@contextmanager
def review_desk(stored: World) -> Iterator[ReviewDesk]:
    """A desk in a world of its own; when it closes, every promise of the doctor holds."""
    desk = make_desk(stored, ("schema-check", "rule-check"))
    yield ReviewDesk(desk)
    assert broken_promises(desk.owner) == set()
    desk.session.database.close()
    desk.owner.close()


def sees(world: World, branch: str = BRANCH) -> Database:
    """A connection as the console has it: it sees one branch."""
    database = world.database("coedi_console")
    database.run("select set_config('coedi.branch', %s, false)", (branch,))
    return database


@contextmanager
def seats(world: World, count: int) -> Iterator[list[PostgresStore]]:
    """So many reviewers' connections."""
    stores = [PostgresStore(sees(world)) for _ in range(count)]
    yield stores
    for store in stores:
        store.database.close()


def race(rounds: int, *sides: Callable[[int], object], prepare: Callable[[], None] | None = None) -> list[tuple[object, ...]]:
    """All sides at once in each round: what each got, or was refused. prepare: what is done before each round."""
    together = threading.Barrier(len(sides), prepare)
    got: list[list[object]] = [[None] * len(sides) for _ in range(rounds)]
    broken: list[BaseException] = []

    def run(at: int, side: Callable[[int], object]) -> None:
        try:
            for number in range(rounds):
                together.wait()
                try:
                    got[number][at] = side(number)
                except Refusal as refused:
                    got[number][at] = refused
        except threading.BrokenBarrierError:
            return
        except BaseException as error:  # noqa: BLE001 # it is raised again below, in the test's own thread
            broken.append(error)
            together.abort()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(sides)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return [tuple(each) for each in got]
