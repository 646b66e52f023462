"""Today 今日信息: what waits and what happened, as numbers that lead to their lists; and the numbers beside the menu."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from console.web.asking import READERS, Ask, Route, View
from store import lists
from store.lists import Counts, Desk, Waiting, Wish
from store.lists import Today as Happened
from store.search import SHANGHAI

MOST_SHOWN = 20
KEPT_SECONDS = 5.0  # numbers are asked for again after that


@dataclass(frozen=True, slots=True)
class Today:
    """waiting: what waits; happened: since midnight in Shanghai; mine: what the person holds; late: what is past its deadline."""

    day: str
    waiting: Counts
    happened: Happened
    desk: Desk
    mine: tuple[Waiting, ...]
    late: tuple[Waiting, ...]
    most: int = lists.MOST


@dataclass(frozen=True, slots=True)
class Menu:
    """The numbers beside the menu; `most` and more is shown as "999+"."""

    counts: Counts
    most: int = lists.MOST


def today(ask: Ask) -> View:
    """The numbers, and what is urgent for this person."""
    now = datetime.now(UTC)
    mine = lists.waiting(ask.database, ask.branch, Wish(kinds=_ALL, who=ask.who, holder=ask.who), MOST_SHOWN)
    late = lists.waiting(ask.database, ask.branch, Wish(kinds=_ALL, who=ask.who, overdue=True), MOST_SHOWN)
    return View("today.html", Today(
        now.astimezone(SHANGHAI).date().isoformat(), _counts(ask),
        kept(ask, "today", lambda: lists.today(ask.database, ask.branch, now)),
        lists.desk(ask.database, ask.branch, ask.who), tuple(mine), tuple(late)))


def counts(ask: Ask) -> View:
    """The numbers beside the menu."""
    return View("today_counts.html", Menu(_counts(ask)))


def kept(ask: Ask, name: str, read: Callable[[], Any]) -> Any:
    """What `read` gave for this branch some seconds ago, so that many open pages cost no more than one."""
    key = f"{name} {ask.branch}"
    at, value = ask.house.remembered.get(key, (0.0, None))
    if value is None or time.monotonic() - at > KEPT_SECONDS:
        value = read()
        ask.house.remembered[key] = time.monotonic(), value
    return value


def _counts(ask: Ask) -> Counts:
    return lists.counts(ask.database, ask.branch)


_ALL = ("certificate", "goods", "registration")
ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "today", today, READERS, "今日信息", "Today", gives=Today),
    Route("GET", "/counts", "counts", counts, READERS, "菜单旁的数字", "The numbers beside the menu", gives=Menu, repeats=True),
)
