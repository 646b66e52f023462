"""The operator's page 运行: stages with their backlog, what is parked, stuck or unsent, and the health of services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.web import health, plots
from console.web.asking import OPERATORS, PUBLIC, Ask, File, Route, View
from console.web.health import Word
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import DatabaseGone
from store import operations as asked
from store.operations import STAGES, FullQueue, Group, ReplayRow, Sample, Stuck, Unsent

MINUTES = 60
STUCK_SHOWN = 50
LIVE_SECONDS = 2.0  # a count of a large backlog is not made for every look
WATCHERS, AUDITORS = OPERATORS | {"auditor"}, frozenset({"auditor", "administrator"})

# stage -> (zh, en, state whose patience says what is too long, where a person sees what waits)
_STAGES: dict[str, tuple[str, str, str, str]] = {
    "intake": ("接收", "Intake", "", ""),
    "schema-check": ("格式检查", "Schema check", "RECEIVED", ""),
    "rule-check": ("规则检查", "Rule check", "SCHEMA_CHECKED", ""),
    "auto-review": ("自动审核", "Auto review", "RULES_CHECKED", ""),
    "review": ("人工审核", "Review", "PENDING_REVIEW", "/queues/review"),
    "print": ("打印", "Print", "AWAIT_PRINT", "/queues/print"),
    "issued": ("已发证", "Issued", "", ""),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the way. waiting: now, None where it is not known (intake: on the broker, of all branches); oldest: seconds;
    rate: moved on a minute, over the last five; minutes: moved on in each of the last 60, None where nobody counted; late: the
    oldest waits longer than its state allows."""

    name: str
    zh: str
    en: str
    to: str
    waiting: int | None
    oldest: int | None
    rate: float
    minutes: tuple[int | None, ...]
    late: bool
    command: str

    @property
    def path(self) -> str:
        """The minutes as a plot."""
        return plots.line(self.minutes, 5)


@dataclass(frozen=True, slots=True)
class ParkedGroup:
    """Open tickets that failed in the same way. trend: shape, zh, en."""

    group: Group
    trend: tuple[str, str, str]

    @property
    def path(self) -> str:
        """How many came in each of the last 24 hours, as a plot."""
        return plots.line(self.group.hours, 3)


@dataclass(frozen=True, slots=True)
class Operations:
    """The whole page. at: the database's time; sampled: the newest minute that was counted; most_unsent: counted no further."""

    at: datetime
    sampled: datetime | None
    issued_today: int
    stages: tuple[Stage, ...]
    groups: tuple[ParkedGroup, ...]
    stuck: tuple[Stuck, ...]
    unsent: tuple[Unsent, ...]
    most_unsent: int
    full: tuple[FullQueue, ...]
    replays: tuple[ReplayRow, ...]
    health: tuple[Word, ...]
    branch: str
    may_audit: bool


def operations(ask: Ask) -> View:
    """Everything an operator of this branch looks at in the morning."""
    database, branch = ask.database, ask.branch
    version, used, most, now = asked.database_health(database)
    samples, _ = asked.recent_samples(database, branch)
    groups = asked.parked_groups(database, branch)
    words = _health(ask, samples, now, health.database(version, used, most))
    return View("operations.html", Operations(
        now, max((one.at for one in samples), default=None), asked.passed_today(database, branch, "issued"),
        tuple(_stages(ask, samples, now)), tuple(ParkedGroup(group, plots.trend(group.hours)) for group in groups),
        asked.stuck(database, branch, CERTIFICATE.state("AWAIT_PRINT").patience_minutes or 0, STUCK_SHOWN),
        asked.unsent(database, branch), asked.OUTBOX_CAP - 1, asked.full_queues(database, branch), asked.replays(database, branch),
        words, branch, ask.may(AUDITORS)))


def _health(ask: Ask, samples: Sequence[Sample], now: datetime, of_database: Word) -> tuple[Word, ...]:
    alive = [one for one in samples if one.alone and one.stage == "relay"]
    workers = [one.waiting for one in samples if one.alone and one.stage == "work"]
    active = any(one.passed for one in samples)
    found = (
        health.broker(ask.house), of_database, health.disk(ask.house.settings.documents),
        health.relay(alive[-1].at if alive else None, now, alive[-1].waiting if alive else 0, workers[-2:]),
        health.checkpoint(asked.newest_checkpoint(ask.database), now, active))
    return tuple(health.noted(ask.house, word) for word in found if word)


def _stages(ask: Ask, samples: Sequence[Sample], now: datetime) -> list[Stage]:
    live = health.remembered(
        ask.house, ("stages", ask.branch), LIVE_SECONDS, lambda: asked.stages_now(ask.database, ask.branch))
    counted = {one.at for one in samples if one.alone and one.stage == "relay"}
    latest = (now - timedelta(seconds=5)).replace(second=0, microsecond=0)
    minutes = [latest - timedelta(minutes=back) for back in range(MINUTES - 1, -1, -1)]
    found = []
    for name in STAGES:
        passed = {one.at: one.passed for one in samples if one.stage == name and not one.alone}
        plot = tuple(passed.get(at, 0) if at in counted else None for at in minutes)
        waiting, oldest = live.get(name, (0, None))
        found.append(_stage(ask, name, waiting, oldest, plot))
    return found


def _stage(ask: Ask, name: str, waiting: int, oldest: int | None, plot: tuple[int | None, ...]) -> Stage:
    zh, en, state, to = _STAGES[name]
    patience = CERTIFICATE.state(state).patience_minutes if state else None
    known: int | None = waiting
    if name == "intake":
        known = health.watch(ask.house).inbox
    elif name == "issued":
        known = None
    recent = [one for one in plot[-5:] if one is not None]
    late = oldest is not None and patience is not None and oldest > patience * 60
    command = f"coedi work {name}" if late and name not in ("review", "print") else ""
    return Stage(name, zh, en, to, known, oldest, round(sum(recent) / len(recent), 1) if recent else 0.0, plot, late, command)


def alive(ask: Ask) -> File:
    """For a load balancer: 200 when the database answers, else 503. A connection that died while nobody used it is opened again."""
    try:
        asked.answers(ask.database)
    except DatabaseGone:
        asked.answers(ask.database)
    return File(b"ok\n", "text/plain; charset=utf-8", inline=True)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/operations", "operations", operations, WATCHERS, "运行状况", "How the stages and services do", gives=Operations,
          repeats=True),
    Route("GET", "/healthz", "healthz", alive, PUBLIC, "数据库是否可用", "Whether the database answers", gives_file="text/plain",
          api=False),
)
