"""The branch's calendar, a month at a time: public holidays, and days that its administrators set open or closed."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from console.web.asking import ADMINISTRATORS, READERS, Ask, BadInput, Done, Field, Route, View
from console.web.pages.policy import BRANCH, book_of, branch_of
from domain.calendar import Calendar
from review_worker.policies import holidays
from store.people import audit
from store.policies import BranchDay, branch_days, set_day

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_STATES = {"open": True, "closed": False, "usual": None}
_TOLD = {"open": ("上班", "open"), "closed": ("休息", "closed"), "usual": ("按全国日历", "as the national calendar says")}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month view. own: what the branch has set, None where it follows the national calendar."""

    day: date
    open: bool
    holiday: bool
    this_month: bool
    today: bool
    own: BranchDay | None


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks of a month, Monday first; before, after: the months beside it, yyyy-mm; known_until: the last public holiday on
    the list, after which none are known."""

    branch: str
    month: str
    before: str
    after: str
    weeks: tuple[tuple[Day, ...], ...]
    known_until: date | None
    opens: str
    closes: str
    may_change: bool


def month(ask: Ask) -> View:
    """The month that is asked for, by default this one."""
    branch, today = branch_of(ask), ask.database.query("today")[0][0]
    first = _first(ask.given.get("month", ""), today)
    own = {one.day: one for one in branch_days(ask.database, branch, first - timedelta(7))}
    works, shut = book_of(ask).calendar_for(branch), holidays()
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = tuple(tuple(_day(day, first, today, works, shut, own) for day in week) for week in weeks)
    return View("policy_calendar.html", Month(
        branch, f"{first:%Y-%m}", f"{first - timedelta(1):%Y-%m}", f"{first + timedelta(31):%Y-%m}", days, max(shut, default=None),
        f"{works.opens:%H:%M}", f"{works.closes:%H:%M}", ask.may(ADMINISTRATORS)))


def change(ask: Ask) -> Done:
    """Say whether the branch works on a day."""
    branch, day, state, note = branch_of(ask), ask.given["day"], ask.given["state"], ask.given.get("note", "")
    with ask.database.transaction():
        set_day(ask.database, day, _STATES[state], branch, note, ask.who)
        audit(ask.database, ask.who, "policy calendar", branch, day.isoformat(), state=state, note=note)
    zh, en = _TOLD[state]
    return Done(f"/policy/calendar?month={day:%Y-%m}&branch={branch}", None, (f"{day} {zh}", f"{day} is {en}"))


def _first(text: str, today: date) -> date:
    if not text:
        return today.replace(day=1)
    found = _MONTH.fullmatch(text)
    if found is None:
        raise BadInput({"month": ("月份应为 yyyy-mm", "must be a month, yyyy-mm")})
    return date(int(found[1]), int(found[2]), 1)


def _day(
    day: date, first: date, today: date, works: Calendar, shut: frozenset[date], own: dict[date, BranchDay]
) -> Day:
    set_here = own.get(day)
    is_open = set_here.open if set_here else works.works(day)
    return Day(day, is_open, day in shut, day.month == first.month, day == today, set_here)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/policy/calendar", "calendar", month, READERS, "分会工作日历", "The branch's calendar", (
        BRANCH, Field("month", longest=7, zh="月份", en="month")), Month),
    Route("POST", "/policy/calendar", "calendar-set", change, ADMINISTRATORS, "设定工作日或休息日", "Set a day open or closed", (
        BRANCH, Field("day", "date", required=True, zh="日期", en="day"),
        Field("state", "choice", required=True, choices=tuple(_STATES), zh="上班或休息", en="open, closed or usual"),
        Field("note", longest=100, zh="说明", en="note"))),
)
