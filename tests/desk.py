"""A worker's insides without a broker: hand bytes to the intake and look at what was committed."""

from dataclasses import dataclass, field
from datetime import date

from console.sampler import BRANCHES, FIRMS, Sample, sample
from console.wiring import STAGES
from gateway.intake import Intake
from pipeline.effects import finish
from pipeline.handler import Session
from pipeline.identity import new_id
from pipeline.orders import Orders
from pipeline.relay import become_owner
from pipeline.transport import Delivery
from store.database import Database, Row
from store.postgres import PostgresStore
from store.work import OutboxRow
from tests.services import World, register

TODAY = date.today()


@dataclass
class Desk:
    """One worker session on a test's database."""

    world: World
    session: Session
    intake: Intake
    owner: Database
    tags: int = 0
    rows: list[OutboxRow] = field(default_factory=list)

    def delivery(self, body: bytes, exchange: str, redelivered: bool = False) -> Delivery:
        """A delivery as the broker would hand it out."""
        self.tags += 1
        return Delivery(self.world.names.inbox, self.tags, 1, exchange, "", body, redelivered)

    def deliver(
        self, *samples: Sample | bytes, redelivered: bool = False, silent: bool = False, exchange: str = ""
    ) -> list[OutboxRow]:
        """Handle these as one run; the outbox rows that were written for sending, effects included."""
        run = [
            self.delivery(s if isinstance(s, bytes) else s.body, exchange or (
                self.world.names.enterprise_exchange(s.firm.record.no) if isinstance(s, Sample) else ""), redelivered)
            for s in samples]
        rows: list[OutboxRow] = []
        todo = self.intake.open(run, silent)
        while todo:
            done = self.intake.commit(todo)
            rows += done.rows
            rows += finish(self.session, done.waiting).rows
            todo = done.rest
        return rows

    def query(self, sql: str, *parameters: object) -> list[Row]:
        """Look at the database as its owner."""
        return self.owner.run(sql, parameters)

    def certificates(self) -> list[Row]:
        """(invoice, state, version, revision, number), by invoice."""
        return self.query("select invoice, state, version, revision, number from certificate order by invoice")

    def exchange(self, number: int = 0) -> str:
        """The exchange of the firm that sends sample `number`."""
        return self.world.names.enterprise_exchange(FIRMS[number % len(FIRMS)].record.no)


def make_desk(world: World, hosted: tuple[str, ...] = tuple(STAGES)) -> Desk:
    """A desk that hosts these stages, with the sampler's firms in the registry."""
    owner = world.database()
    register(owner, world.names, BRANCHES, (firm.record for firm in FIRMS))
    return Desk(world, session := another_session(world, hosted), Intake(session), owner)


def another_session(world: World, hosted: tuple[str, ...] = tuple(STAGES)) -> Session:
    """A second worker's session on the same database."""
    database = world.database("coedi_worker")
    database.connect()
    session = Session(PostgresStore(database), {name: STAGES[name](world.settings) for name in hosted}, new_id)
    session.owner = become_owner(database)
    return session


def clean(number: int = 0, **options: object) -> Sample:
    """A clean sample of today."""
    return sample(number, TODAY, **options)  # type: ignore[arg-type] # passed on


__all__ = ["Desk", "Orders", "another_session", "clean", "make_desk"]
