"""Who stayed with the bank from one evening to another, by the history of states."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer_state import State
from shared.domain.retention import (
    WITH_US,
    Kept,
    Move,
    Stood,
    Time,
    moves,
    retention,
    standings,
    states_on,
    time_of,
)

BEGIN, END = "2026-09-30", "2026-10-31"


def stood(id: str, *changes: tuple[State, str]) -> list[Stood]:
    return [Stood(id, state, since) for state, since in changes]


HISTORY = [
    *stood("stays", ("stable", "2026-08-01"), ("at_risk", "2026-10-05")),
    *stood("lost", ("stable", "2026-08-01"), ("lost", "2026-10-31")),
    *stood("sleeps", ("at_risk", "2026-08-01"), ("dormant", "2026-10-10")),
    *stood("back", ("lost", "2026-08-01"), ("won_back", "2026-10-10")),
    *stood("returned", ("stable", "2026-08-01"), ("lost", "2026-10-02"), ("won_back", END)),
    *stood("comes", ("potential", "2026-08-01"), ("new", "2026-10-10")),
    *stood("later", ("stable", "2026-08-01"), ("lost", "2026-11-01")),
    *stood("first_seen", ("stable", "2026-10-15")),
]
TIERS = {"stays": "gold", "lost": "gold", "sleeps": "basic", "back": "basic"}


def test_who_is_with_the_bank_on_both_evenings_stayed() -> None:
    found = retention(HISTORY, TIERS, BEGIN, END)

    assert found is not None
    assert (found.total.begun, found.total.stayed) == (5, 3)
    assert found.left == ("lost", "sleeps")
    assert found.by_state == (Kept("stable", 4, 3), Kept("at_risk", 1, 0))
    assert found.by_tier == (Kept("gold", 2, 1), Kept("basic", 1, 0))


def test_who_was_gone_and_is_there_again_was_won_back() -> None:
    found = retention(HISTORY, TIERS, BEGIN, END)

    assert found is not None
    assert found.won_back == ("back",)


def test_a_history_that_begins_later_is_told_from_its_first_evening() -> None:
    found = retention(stood("a", ("new", "2026-10-03"), ("lost", "2026-10-20")), {}, BEGIN, END)

    assert found is not None
    assert (found.since, found.total) == ("2026-10-03", Kept("", 1, 0))


def test_nothing_is_said_where_no_state_was_known_before_the_end() -> None:
    assert retention([], {}, BEGIN, END) is None
    assert retention(stood("a", ("new", END)), {}, BEGIN, END) is None


def test_of_nobody_there_is_no_share() -> None:
    found = retention(stood("a", ("potential", "2026-08-01")), {}, BEGIN, END)

    assert found is not None
    assert found.total.share is None


def test_moves_count_who_is_known_on_both_evenings() -> None:
    before, after = states_on(HISTORY, BEGIN), states_on(HISTORY, END)

    assert moves(before, after) == {
        Move("stable", "at_risk"): 1,
        Move("stable", "lost"): 1,
        Move("at_risk", "dormant"): 1,
        Move("lost", "won_back"): 1,
        Move("stable", "won_back"): 1,
        Move("potential", "new"): 1,
    }


def test_where_customers_stand_how_that_changed_and_who_came_to_stand_worse() -> None:
    found = standings(HISTORY, BEGIN, END)

    assert (found.n, found.is_compared) == (8, True)
    assert {state: found.net(state) for state in ("stable", "at_risk", "lost", "potential")} == {
        "stable": -2,
        "at_risk": 0,
        "lost": 0,
        "potential": -1,
    }
    assert found.worse == (("stays", "at_risk"), ("sleeps", "dormant"), ("lost", "lost"))
    assert not standings(HISTORY, "2026-07-01", END).is_compared
    assert standings(HISTORY, "2026-07-01", END).worse == ()


@pytest.mark.parametrize(
    ("name", "today", "expected"),
    [
        ("this_month", "2026-11-28", ("2026-10-31", "2026-11-28")),
        ("last_month", "2026-11-28", ("2026-09-30", "2026-10-31")),
        ("this_quarter", "2026-11-28", ("2026-09-30", "2026-11-28")),
        ("last_quarter", "2026-11-28", ("2026-06-30", "2026-09-30")),
        ("last_quarter", "2026-01-01", ("2025-09-30", "2025-12-31")),
        ("this_month", "2026-01-01", ("2025-12-31", "2026-01-01")),
    ],
)
def test_a_time_begins_with_the_evening_before_it(
    name: Time, today: str, expected: tuple[str, str]
) -> None:
    assert time_of(name, date.fromisoformat(today)) == expected


_STATES: st.SearchStrategy[State] = st.sampled_from(
    ["potential", "new", "stable", "at_risk", "dormant", "lost", "won_back"]
)
_DAYS = st.integers(1, 30).map(lambda day: f"2026-10-{day:02}")
_HISTORIES = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(_DAYS, _STATES, min_size=1, max_size=4)
).map(
    lambda some: [Stood(id, state, day) for id, days in some.items() for day, state in days.items()]
)


@given(history=_HISTORIES)
def test_who_begins_a_time_is_who_ended_the_one_before(history: list[Stood]) -> None:
    tiers = dict.fromkeys("abcdef", "gold")
    first = retention(history, tiers, "2026-10-01", "2026-10-15")
    second = retention(history, tiers, "2026-10-15", "2026-10-30")

    for found in filter(None, (first, second)):
        assert found.total.begun == found.total.stayed + len(found.left)
        for parts in (found.by_state, found.by_tier):
            assert sum(each.begun for each in parts) == found.total.begun
            assert sum(each.stayed for each in parts) == found.total.stayed
    if first and second:
        held = sum(state in WITH_US for state in states_on(history, "2026-10-15").values())
        assert first.total.stayed + len(first.won_back) <= held == second.total.begun
