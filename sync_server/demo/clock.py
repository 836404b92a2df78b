"""Moments and ids of the demo: the branch's wall clock, and ids born at the moment of a record."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from uuid import UUID

from shared.ids import Millis, uuid7

BEIJING = timezone(timedelta(hours=8))
"""China has one zone and no summer time; a fixed offset needs no zone database."""

MINUTE = 60_000
HOUR = 60 * MINUTE


def moment(day: date, hour: int = 0, minute: int = 0) -> Millis:
    """Return the moment of a wall-clock time in Beijing."""
    return Millis(round(datetime.combine(day, time(hour, minute), BEIJING).timestamp() * 1000))


def day_of(when: int) -> date:
    """Return the day in Beijing that a moment falls on."""
    return datetime.fromtimestamp(when / 1000, UTC).astimezone(BEIJING).date()


def new_id(rng: Random, when: int) -> str:
    """Return the id of a record made at this moment."""
    return uuid7(Millis(when), rng.randbytes(10))


def born_at(record_id: str) -> Millis:
    """Read the moment at which a record was made from its id."""
    return Millis(UUID(record_id).int >> 80)


def next_workday(day: date) -> date:
    """Return the day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
