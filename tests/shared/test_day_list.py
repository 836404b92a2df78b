"""The day's list: whom it proposes to turn to, and in which order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer import Stage
from shared.domain.day_list import (
    BIRTHDAY_DAYS,
    SILENT_DAYS,
    Candidate,
    days_to_birthday,
    propose,
    silent_days,
)
from shared.testing.builders import NOW

DAY_MS = 86_400_000
TODAY = date(2026, 11, 24)


def candidate(
    id: str = "c", stage: Stage = "discovery", *, born: str | None = None, quiet: int | None = None
) -> Candidate:
    return Candidate(id, stage, born, None if quiet is None else NOW - quiet * DAY_MS)


def proposed(*candidates: Candidate, most: int = 6) -> list[tuple[str, str, int]]:
    found = propose(candidates, TODAY, NOW, most)
    return [(each.customer_id, each.reason, each.days) for each in found]


@pytest.mark.parametrize("stage", SILENT_DAYS)
def test_a_customer_is_silent_when_the_days_of_their_stage_have_passed(stage: Stage) -> None:
    limit = SILENT_DAYS[stage]

    assert proposed(candidate(stage=stage, quiet=limit - 1)) == []
    assert proposed(candidate(stage=stage, quiet=limit)) == [("c", "silent", limit)]


def test_who_was_never_contacted_is_not_silent() -> None:
    assert proposed(candidate(quiet=None)) == []


def test_the_silence_most_over_its_due_stands_first() -> None:
    slow = candidate("slow", "discovery", quiet=61)
    hot = candidate("hot", "marketing", quiet=28)

    assert [id for id, _, _ in proposed(slow, hot)] == ["hot", "slow"]


def test_who_refuses_to_be_sold_to_is_not_called_for_a_birthday() -> None:
    near = candidate("near", born="1950-11-26", quiet=10)
    quiet = candidate("quiet", "discovery", born="1950-11-26", quiet=61)

    found = propose([near, quiet], TODAY, NOW, 6, spared={"near", "quiet"})

    assert [(each.customer_id, each.reason) for each in found] == [("quiet", "silent")]


def test_a_birthday_stands_before_every_silence() -> None:
    near = candidate("near", born="1950-11-26", quiet=10)

    assert proposed(candidate("quiet", quiet=90), near) == [
        ("near", "birthday", 2),
        ("quiet", "silent", 90),
    ]


def test_who_was_just_called_is_not_called_again_for_their_birthday() -> None:
    assert proposed(candidate(born="1950-11-24", quiet=BIRTHDAY_DAYS)) == []


def test_a_birthday_of_29_february_is_kept_on_1_march() -> None:
    assert days_to_birthday("1952-02-29", date(2027, 2, 28)) == 1
    assert days_to_birthday("1952-02-29", date(2028, 2, 28)) == 1


def test_no_more_are_proposed_than_were_asked_for() -> None:
    assert len(proposed(*[candidate(f"{each}", quiet=90) for each in range(9)], most=4)) == 4


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2100, 1, 1)))
def test_the_next_birthday_is_at_most_a_year_away(born: date, today: date) -> None:
    ahead = days_to_birthday(born.isoformat(), today)

    assert ahead is not None
    assert 0 <= ahead <= 366
    day = today + timedelta(ahead)
    assert (day.month, day.day) in {(born.month, born.day), (3, 1)}


@given(st.integers(0, 2**45))
def test_a_contact_of_the_future_is_no_silence(ahead: int) -> None:
    assert silent_days(NOW + ahead, NOW) == 0
