"""When a deadline in office hours ends: nine to five on working days, Shanghai."""

from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import OFFICE, Calendar

# the holidays of early October 2026, and a Saturday that is worked for them
OCTOBER = Calendar(frozenset(date(2026, 10, day) for day in (1, 2, 5, 6, 7)), frozenset({date(2026, 10, 10)}))


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE)


@pytest.mark.parametrize(("start", "minutes", "end"), [
    ("2026-11-18 10:00", 60, "2026-11-18 11:00"),  # a Wednesday
    ("2026-11-18 09:00", 480, "2026-11-18 17:00"),  # a whole day ends in the evening, not on the next morning
    ("2026-11-18 16:30", 60, "2026-11-19 09:30"),
    ("2026-11-18 10:00", 480, "2026-11-19 10:00"),
    ("2026-11-18 05:00", 30, "2026-11-18 09:30"),  # before the office opens
    ("2026-11-18 21:00", 30, "2026-11-19 09:30"),  # after it closed
    ("2026-11-18 17:00", 1, "2026-11-19 09:01"),
    ("2026-11-20 16:00", 120, "2026-11-23 10:00"),  # over a weekend
    ("2026-11-21 12:00", 15, "2026-11-23 09:15"),  # on a Saturday
    ("2026-11-18 10:00", 0, "2026-11-18 10:00"),
    ("2026-11-18 20:00", 0, "2026-11-19 09:00"),  # at once is when the office opens
    ("2026-12-31 16:00", 120, "2027-01-01 10:00"),  # over the end of the year: no holiday is known
])
def test_minutes_pass_in_the_office_alone(start: str, minutes: int, end: str) -> None:
    assert Calendar().after(at(start), minutes) == at(end)


@pytest.mark.parametrize(("start", "minutes", "end"), [
    ("2026-09-30 16:00", 120, "2026-10-08 10:00"),
    ("2026-10-03 12:00", 60, "2026-10-08 10:00"),
    ("2026-10-09 16:00", 120, "2026-10-10 10:00"),  # the worked Saturday
    ("2026-10-10 16:00", 120, "2026-10-12 10:00"),
])
def test_holidays_are_passed_over_and_worked_weekends_count(start: str, minutes: int, end: str) -> None:
    assert OCTOBER.after(at(start), minutes) == at(end)


def test_the_clock_of_the_sender_does_not_matter() -> None:
    utc = at("2026-11-18 16:30").astimezone(timezone(timedelta(hours=-7)))
    assert Calendar().after(utc, 60) == at("2026-11-19 09:30")


def test_a_day_that_is_open_and_closed_is_open() -> None:
    assert Calendar(frozenset({date(2026, 11, 18)}), frozenset({date(2026, 11, 18)})).works(date(2026, 11, 18))


def test_a_calendar_without_open_days_ends_after_a_year() -> None:
    never = Calendar(frozenset(date(2026, 1, 1) + timedelta(n) for n in range(800)))
    assert never.after(at("2026-01-05 10:00"), 60).date() == date(2027, 1, 6)


STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(OFFICE))


@given(start=STARTS, minutes=st.integers(0, 20_000), more=st.integers(0, 20_000))
def test_more_minutes_never_end_earlier_and_every_end_is_in_the_office(start: datetime, minutes: int, more: int) -> None:
    end, later = OCTOBER.after(start, minutes), OCTOBER.after(start, minutes + more)
    assert start <= end <= later
    assert OCTOBER.works(end.date())
    assert time(9) <= end.time() <= time(17)


@given(start=STARTS, first=st.integers(1, 5_000), second=st.integers(0, 5_000))
def test_waiting_twice_is_waiting_for_the_sum(start: datetime, first: int, second: int) -> None:
    halfway = OCTOBER.after(start, first)
    assert OCTOBER.after(halfway, second) in (OCTOBER.after(start, first + second), _next_opening(halfway))


def _next_opening(moment: datetime) -> datetime:
    """Nothing more to wait for at closing time: it is still that moment, or the next morning for whoever comes then."""
    return OCTOBER.after(moment + timedelta(minutes=1), 0) if moment.time() == time(17) else moment
