"""Months, as commission counts them: a period is a calendar month, an age is a number of months.

A day that a month lacks is its last one: 31 January and one month is 28 or 29 February.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import NewType

Period = NewType("Period", str)
"""A calendar month, "2026-03"; as text it sorts by time."""


def period_of(day: date) -> Period:
    """Return the month that a day lies in."""
    return Period(day.isoformat()[:7])


def later_period(period: Period, months: int) -> Period:
    """Return the month that many months after another."""
    year, month = divmod(_count(period) + months, 12)
    return Period(f"{year:04d}-{month + 1:02d}")


def last_day(period: Period) -> date:
    """Return the last day of a month."""
    year, month = int(period[:4]), int(period[5:])
    return date(year, month, monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last one."""
    end = last_day(later_period(period_of(day), months))
    return end.replace(day=min(day.day, end.day))


def age_in_months(since: date, until: date) -> int:
    """Return the smallest n >= 0 with `since` and n months not before `until`."""
    months = max(0, _count(period_of(until)) - _count(period_of(since)))
    return months if add_months(since, months) >= until else months + 1


def periods_through(first: Period, last: Period) -> Iterator[Period]:
    """Yield every month from `first` to `last`, both included."""
    for months in range(_count(last) - _count(first) + 1):
        yield later_period(first, months)


def _count(period: Period) -> int:
    return int(period[:4]) * 12 + int(period[5:]) - 1
