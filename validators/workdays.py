"""Working days: Monday to Friday without public holidays, of the years whose holidays are known."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

_SATURDAY = 5


class Deadline(NamedTuple):
    """The last of some working days: `early` if only Saturdays and Sundays are free, `late` with the public holidays too.

    known: the holidays of all years in between are in the list. Between early and late the list alone decides.
    """

    early: date
    late: date
    known: bool


@lru_cache(maxsize=1024)
def deadline(begin: date, working_days: int, holidays: frozenset[str]) -> Deadline:
    """The day that lies this many working days after `begin`; holidays: yyyy-mm-dd."""
    early = _after(begin, working_days, frozenset())
    late = _after(begin, working_days, holidays)
    years = {day[:4] for day in holidays}
    return Deadline(early, late, {str(begin.year), str(late.year)} <= years)


def _after(day: date, working_days: int, holidays: frozenset[str]) -> date:
    ahead = working_days
    while ahead > 0 and day < date.max:  # a sender may write any date
        day += timedelta(1)
        ahead -= day.weekday() < _SATURDAY and day.isoformat() not in holidays
    return day
