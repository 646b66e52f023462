"""What happened before: the exporter's certificates by month, and the life of this one as a timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from store.desk import CAP, Exporter, Returned, Step

MONTHS = 12
WIDTH, HEIGHT = 120, 28  # of the plot, in units of its own

# states by what the reviewer wants to know of an exporter
_GROUPS: Mapping[str, str] = {
    "ISSUED": "issued", "SUPERSEDED": "issued", "RETURNED": "returned", "VOID": "void", "WITHDRAWN": "withdrawn",
}
# who moves certificates by themselves
ACTORS: Mapping[str, tuple[str, str]] = {
    "schema-check": ("格式校验", "schema check"), "rule-check": ("规则校验", "rule check"),
    "auto-review": ("自动审核", "automatic review"), "print": ("合成", "composing"), "intake": ("接收", "intake"),
    "gateway": ("接收", "intake"), "watchdog": ("超时监视", "watchdog"),
}


@dataclass(frozen=True, slots=True)
class Month:
    """Certificates that came in a month: how many were issued, went back, became void, and all."""

    first: date
    issued: int
    returned: int
    void: int
    all: int


@dataclass(frozen=True, slots=True)
class History:
    """The exporter's newest certificates, this one left out. capped: there are more than were counted; months: the last twelve, of
    which those are left out that were not counted to their end; plot: path of all of them; bad: of those that went back or became
    void."""

    issued: int
    returned: int
    void: int
    withdrawn: int
    under_way: int
    total: int
    capped: bool
    months: tuple[Month, ...]
    plot: str
    bad: str
    newest_returned: tuple[Returned, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """A line of the timeline. zh, en: who; delivery: "sent", "waiting" (in the outbox) or "refused" (a receipt queue was full);
    findings: how many; reasons: as stored."""

    version: int
    revision: int
    at: datetime
    actor: str
    zh: str
    en: str
    event: str
    state: str
    receipt: str
    feed_no: int
    delivery: str
    unsent: tuple[str, ...]
    reasons: tuple[str, ...]
    findings: int


def history(found: Exporter, today: date) -> History:
    """The counts, and the months up to today's, the oldest first."""
    totals: dict[str, int] = {}
    for (_, state), count in found.months.items():
        group = _GROUPS.get(state, "under_way")
        totals[group] = totals.get(group, 0) + count
    total = sum(totals.values())
    begun = min((month for month, _ in found.months), default=today) if total >= CAP else date.min
    months = tuple(_month(found, first) for first in _last_months(today) if first > begun)
    most = max((month.all for month in months), default=0) or 1
    return History(
        totals.get("issued", 0), totals.get("returned", 0), totals.get("void", 0), totals.get("withdrawn", 0),
        totals.get("under_way", 0), total, total >= CAP, months, plot=_path([month.all for month in months], most),
        bad=_path([month.returned + month.void for month in months], most), newest_returned=found.returned)


def _month(found: Exporter, first: date) -> Month:
    counts = {state: count for (month, state), count in found.months.items() if month == first}
    issued = sum(count for state, count in counts.items() if _GROUPS.get(state) == "issued")
    return Month(first, issued, counts.get("RETURNED", 0), counts.get("VOID", 0), sum(counts.values()))


def _last_months(today: date) -> list[date]:
    newest = today.year * 12 + today.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(newest - MONTHS + 1, newest + 1)]


def _path(counts: Sequence[int], most: int) -> str:
    """A line through the counts, as the data of an SVG path."""
    step = WIDTH / max(1, len(counts) - 1)
    return "M" + " L".join(f"{at * step:.4g} {HEIGHT - 1 - (HEIGHT - 2) * count / most:.4g}" for at, count in enumerate(counts))


def timeline(steps: tuple[Step, ...], names: Mapping[str, str]) -> tuple[StepView, ...]:
    """The lines, each with who in words; names: "1100B0/wang" -> as colleagues call them."""
    return tuple(_line(step, names) for step in steps)


def _line(step: Step, names: Mapping[str, str]) -> StepView:
    zh, en = actor_words(step.actor, names)
    delivery = "sent" if not step.unsent else "refused" if step.refusals else "waiting"
    return StepView(
        step.version, step.revision, step.at, step.actor, zh, en, step.event, step.state, step.receipt, step.feed_no, delivery,
        step.unsent, tuple(step.detail.get("reasons", ())), len(step.detail.get("findings", ())))


def actor_words(actor: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Who moved it, for people: a stage by its words, a person by the name that colleagues use."""
    if actor in ACTORS:
        return ACTORS[actor]
    kind, _, who = actor.partition(":")
    shown = names.get(who, who) if who else kind
    return {"reviewer": (f"审核员 {shown}", f"reviewer {shown}"), "operator": (f"运维 {shown}", f"operator {shown}"),
            "enterprise": (f"企业 {shown}", f"enterprise {shown}"), "branch": (f"分会 {shown}", f"branch {shown}"),
            }.get(kind, (shown, shown))
