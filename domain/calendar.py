"""Office hours: when a deadline in working time ends."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE = ZoneInfo("Asia/Shanghai")
_SATURDAY = 5
_LONGEST = 366  # days: a calendar without open days must not hold anybody up


@dataclass(frozen=True, slots=True)
class Calendar:
    """Monday to Friday between two hours of the day in Shanghai.

    closed: public holidays, and days on which the branch is closed; open: weekend days that are worked (调休).
    """

    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    opens: time = time(9)
    closes: time = time(17)

    def works(self, day: date) -> bool:
        """Whether the office is open on this day."""
        return day in self.open or (day.weekday() < _SATURDAY and day not in self.closed)

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment at which `minutes` of office time have passed since `start` (aware)."""
        ahead, now = timedelta(minutes=minutes), start.astimezone(OFFICE)
        for _ in range(_LONGEST):
            begin = max(now, datetime.combine(now.date(), self.opens, OFFICE))
            end = datetime.combine(now.date(), self.closes, OFFICE)
            if self.works(now.date()) and begin < end:
                if begin + ahead <= end:
                    return begin + ahead
                ahead -= end - begin
            now = datetime.combine(now.date() + timedelta(1), time(0), OFFICE)
        return now


@dataclass(frozen=True, slots=True)
class DeskTerms:
    """On what terms a person decides. minutes: of office time until the deadline; eyes: persons that have to approve, and why;
    senior: only a senior reviewer is offered it."""

    minutes: int = 8 * 60
    eyes: int = 1
    eyes_reason: str = ""
    senior: bool = False
    calendar: Calendar = Calendar()


# of whatever waits without a policy's word
USUAL = DeskTerms()
