"""What is learned of how a customer likes to be turned to, and what is not known yet."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.preference import (
    HALF_LIFE_DAYS,
    LEAST,
    LEAST_AT,
    OURS,
    Contact,
    preference,
)

NOW = 1_795_500_000_000
"""A Tuesday, 24 November 2026, 14:00 in Beijing."""
DAY = 86_400_000
HOUR = 3_600_000
OUTCOMES = ("interested", "follow_up", "done", "declined", "not_met")

contacts = st.lists(
    st.builds(
        Contact,
        st.sampled_from((*OURS, "counter", "call_centre")),
        st.sampled_from(OUTCOMES),
        st.integers(NOW - 500 * DAY, NOW + 5 * DAY),
    ),
    max_size=40,
)


def calls(
    n: int, outcome: str = "interested", channel: str = "call", ago: int = 7
) -> list[Contact]:
    """Contacts a week apart, each on the same weekday and at the same hour."""
    return [Contact(channel, outcome, NOW - (place + 1) * ago * DAY) for place in range(n)]


def test_two_contacts_say_nothing_yet_and_a_third_does() -> None:
    assert preference(calls(2), NOW).best is None

    best = preference(calls(3), NOW).best

    assert best is not None
    assert (best.of, best.n, best.reached, best.good) == ("call", 3, 3, 3)


def test_one_lucky_visit_does_not_beat_calls_that_mostly_work() -> None:
    found = preference([*calls(8), *calls(1, "declined"), *calls(1, channel="visit")], NOW)

    assert found.best is not None
    assert found.best.of == "call"


def test_what_ended_well_lately_weighs_more_than_what_did_long_ago() -> None:
    before = [Contact("visit", "done", NOW - 2 * HALF_LIFE_DAYS * DAY + DAY) for _ in range(4)]
    lately = calls(4)

    found = preference([*before, *lately], NOW)

    assert [each.of for each in found.channels] == ["call", "visit"]


def test_a_customer_who_is_not_met_at_home_is_not_visited_first() -> None:
    found = preference([*calls(6, "not_met", "visit"), *calls(3, "follow_up", "wechat")], NOW)

    assert found.best is not None
    assert (found.best.of, found.channels[-1].reached) == ("wechat", 0)


def test_a_customer_who_came_to_the_counter_has_said_nothing_of_our_channels() -> None:
    assert preference(calls(9, channel="counter"), NOW).n == 0


def test_a_year_ago_is_forgotten() -> None:
    assert preference([Contact("call", "done", NOW - 365 * DAY)] * 5, NOW).n == 0


def test_the_best_time_is_the_one_at_which_they_answer() -> None:
    afternoon = calls(5)
    morning = [
        Contact("call", "not_met", NOW - (7 * place + 8) * DAY - 5 * HOUR) for place in range(5)
    ]

    found = preference([*afternoon, *morning], NOW)

    assert found.band is not None
    assert found.weekday is not None
    assert (found.band.of, found.band.n) == ("afternoon", 5)
    assert (found.weekday.of, found.weekday.n) == ("1", 5)


def test_a_time_that_was_never_compared_is_not_the_best() -> None:
    found = preference(calls(9), NOW)

    assert (found.band, found.weekday) == (None, None)


def test_a_channel_in_which_they_were_never_met_is_not_preferred() -> None:
    found = preference(calls(9, "not_met"), NOW)

    assert (found.n, found.best) == (9, None)


def test_a_time_at_which_nobody_ever_answered_is_not_the_best() -> None:
    tuesdays = calls(5, "not_met")
    wednesdays = [Contact("call", "done", each.at + DAY + 5 * HOUR) for each in calls(4)]

    found = preference([*tuesdays, *wednesdays], NOW)

    assert (found.weekday, found.band) == (None, None)
    assert preference([*tuesdays, *calls(5, "not_met", ago=8)], NOW).weekday is None


@given(contacts)
def test_nothing_is_preferred_that_rests_on_too_little(found: list[Contact]) -> None:
    learned = preference(found, NOW)

    assert learned.best is None or (learned.best.n >= LEAST and learned.best.reached)
    for time in (learned.weekday, learned.band):
        assert time is None or (time.n >= LEAST_AT and time.reached)
    assert sum(each.n for each in learned.channels) == learned.n
    for each in learned.channels:
        assert 0 <= each.good <= each.reached <= each.n
        assert 0 < each.share < 1


@given(contacts, st.randoms())
def test_the_order_in_which_contacts_arrived_does_not_matter(
    found: list[Contact], random: Random
) -> None:
    other = list(found)
    random.shuffle(other)

    assert preference(other, NOW) == preference(found, NOW)


@given(contacts, st.sampled_from(OURS))
def test_a_good_end_never_lowers_a_channel(found: list[Contact], channel: str) -> None:
    def share(contacts: list[Contact]) -> float:
        habits = {each.of: each.share for each in preference(contacts, NOW).channels}
        return habits.get(channel, 0.4)

    assert share([*found, Contact(channel, "done", NOW)]) > share(found) - 1e-9
