"""Days: the bank counts them in Beijing, whatever zone a device or a server is set to."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

from pydantic.types import StringConstraints

from shared.commission.months import Period

DAY_MS: Final = 24 * 3_600_000
_BEIJING_MS: Final = 8 * 3_600_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FRIDAY: Final = 4

PeriodText = Annotated[str, StringConstraints(pattern=r"^(19|2[0-9])[0-9][0-9]-(0[1-9]|1[0-2])$")]
"""A calendar month, "2026-03"."""


def bank_day(at: int) -> date:
    """Return the calendar day in Beijing of a moment (ms)."""
    return date.fromordinal(_EPOCH + (at + _BEIJING_MS) // DAY_MS)


def hour_of_day(at: int) -> int:
    """Return the hour in Beijing of a moment (ms), 0 to 23."""
    return (at + _BEIJING_MS) % DAY_MS // 3_600_000


def bank_period(at: int) -> Period:
    """Return the calendar month in Beijing of a moment (ms)."""
    return Period(bank_day(at).isoformat()[:7])


def first_moment(period: Period) -> int:
    """Return the moment at which a month begins in Beijing (ms)."""
    begun = datetime.fromisoformat(f"{period}-01T00:00:00+08:00")
    return round(begun.timestamp() * 1000)


def working_days_after(day: date, days: int) -> date:
    """Return the day so many working days later; Saturdays and Sundays do not count.

    Public holidays do: a term that is a little short is met, one that is too long is not noticed.
    """
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() > _FRIDAY:
            day += timedelta(days=1)
    return day


def working_day_from(day: date) -> date:
    """Return the day, or the Monday after it where it is a Saturday or a Sunday."""
    return day if day.weekday() <= _FRIDAY else working_days_after(day, 1)


def age_on(birth_date: str, day: date) -> int:
    """Return how many years old someone is on a day; one of 29 February has it on 1 March."""
    born = date.fromisoformat(birth_date)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
