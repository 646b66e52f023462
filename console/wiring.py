"""Composition root: which stage is which function, and how a process is put together from settings.

What a process is made of is imported when it is made: most verbs only need the database, and start in half the time.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from console.settings import Settings
from domain.errors import BadSetting
from store.database import Database
from store.migrate import pending

if TYPE_CHECKING:
    from pipeline.handler import Handler
    from pipeline.relay import Relay
    from pipeline.stage import Stage
    from pipeline.worker import Worker
    from review_worker.policies import Policies

INTAKE = "intake"


def _schema_check(settings: Settings) -> "Stage":
    from validators.stages import SCHEMA_CHECK

    return SCHEMA_CHECK


def _rule_check(settings: Settings) -> "Stage":
    from validators.stages import RULE_CHECK

    return RULE_CHECK


def _auto_review(settings: Settings) -> "Stage":
    from review_worker import auto_review
    from review_worker.policy import load_policy

    return auto_review.stage(load_policy(settings.policy))


def _print(settings: Settings) -> "Stage":
    from print_worker import compose
    from print_worker.folder import Folder

    return compose.stage(Folder(settings.documents))


# name -> how it is made from settings, in the order of the way: the one table of stages
STAGES: dict[str, "Callable[[Settings], Stage]"] = {
    "schema-check": _schema_check,
    "rule-check": _rule_check,
    "auto-review": _auto_review,
    "print": _print,
}
WORK = (INTAKE, *STAGES)


def database(settings: Settings, role: str = "coedi_operator", name: str = "coedi") -> Database:
    """A connected database with an up-to-date schema; raises DatabaseGone or BadSetting with the remedy."""
    opened = Database(settings.database_url, role, name)
    opened.connect()
    if missing := pending(opened):
        raise BadSetting(f"the database lacks {len(missing)} migration(s) ({', '.join(missing)}); run: coedi migrate")
    return opened


def review_policies(settings: Settings, opened: Database) -> "Policies":
    """The review policies and calendars in force, as this session knows them; raises RulesUnusable."""
    from review_worker.policies import policies_of
    from review_worker.policy import load_policy

    return policies_of(opened, load_policy(settings.policy))


def look_at_broker(settings: Settings) -> None:
    """Raises BrokerGone when RabbitMQ does not answer, QueueGone when its objects were not made."""
    from domain.errors import QueueGone
    from pipeline.rabbit import depths
    from pipeline.topology import Names

    inbox = Names(settings.prefix).inbox
    if inbox not in depths(settings.amqp_url, [inbox]):
        raise QueueGone(f"the queue {inbox} does not exist on the broker; run: coedi topology apply")


def worker(settings: Settings, hosted: Iterable[str], stopping: Callable[[], bool]) -> "Worker":
    """A worker process that hosts these stages; raises BrokerGone or DatabaseGone when a service does not answer."""
    from gateway.intake import Intake
    from pipeline.dead_letters import DeadLetters
    from pipeline.handler import Session
    from pipeline.identity import new_id
    from pipeline.orders import Orders
    from pipeline.rabbit import RabbitConsumer, RabbitPublisher
    from pipeline.topology import Names
    from pipeline.worker import Worker
    from store.postgres import PostgresStore
    from store.rule_packs import reference
    from validators.rulebook import rulebook

    hosted = list(hosted)
    names = Names(settings.prefix)
    opened = database(settings, "coedi_worker", "coedi work")
    rulebook(reference(opened))  # a stored pack that this version cannot read stops us here, before a message is taken
    review_policies(settings, opened)  # the same for a policy in force
    session = Session(PostgresStore(opened), {name: STAGES[name](settings) for name in hosted if name in STAGES}, new_id)
    handlers: dict[str, Handler] = {}
    if INTAKE in hosted:
        handlers[names.inbox] = Intake(session)
        handlers[names.dead] = DeadLetters(session)
    for name in session.stages:
        handlers[names.stage_queue(name)] = Orders(session)
    publisher = RabbitPublisher(settings.amqp_url)
    consumer = RabbitConsumer(settings.amqp_url, list(handlers))
    return Worker(session, consumer, publisher, names, handlers, stopping)


def relay(settings: Settings, shard: int, shards: int) -> "tuple[Relay, list[Callable[[], None]]]":
    """A relay and the chores it does between turns: the watchdogs run in the first shard only."""
    from pipeline.rabbit import RabbitPublisher, depths
    from pipeline.relay import Relay
    from pipeline.sampling import sample
    from pipeline.topology import Names
    from pipeline.watchdog import announce_again, every, quietly, report_overdue, report_overdue_filings
    from store.checkpoint import checkpoint_if_due
    from store.postgres import PostgresStore

    opened = database(settings, "coedi_worker", "coedi relay")
    inbox = Names(settings.prefix).inbox
    made = Relay(opened, RabbitPublisher(settings.amqp_url), Names(settings.prefix), shard, shards)
    if shard:
        return made, []
    store = PostgresStore(opened)
    return made, [
        every(60.0, quietly(lambda: checkpoint_if_due(opened, settings.state_dir))),
        every(5.0, quietly(lambda: announce_again(opened))),
        every(5.0, quietly(lambda: report_overdue(store))),
        every(60.0, quietly(lambda: report_overdue_filings(store))),
        every(10.0, quietly(lambda: sample(opened, lambda: depths(settings.amqp_url, [inbox]).get(inbox, (None, 0))[0]))),
    ]
