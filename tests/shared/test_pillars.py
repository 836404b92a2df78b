"""A month by process, satisfaction and cost, compared with the same days of the month before."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commission.months import Period
from shared.domain.days import bank_day
from shared.domain.pillars import (
    Planned,
    Satisfaction,
    Span,
    by_employee,
    process,
    satisfaction,
    serving,
    span_before,
    span_of,
    within,
)
from shared.domain.serving import Prices, Worked
from shared.money import Fen

TODAY = date(2026, 11, 28)
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
PRICES = Prices(Fen(150), {"counter": Fen(600)})


def worked(**fields: Any) -> Worked:
    known: dict[str, Any] = {
        "customer_id": "c1", "employee_id": "e1", "channel": "visit", "outcome": "done",
        "at": OCTOBER.since, "spent": 60_000, "score": None, "purpose": "deposit",
    }  # fmt: skip
    return Worked(**(known | fields))


@pytest.mark.parametrize(
    ("period", "today", "span", "before"),
    [
        ("2026-11", "2026-11-28", ("2026-11-01", "2026-11-28"), ("2026-10-01", "2026-10-28")),
        ("2026-10", "2026-11-28", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        ("2026-03", "2026-03-30", ("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        ("2026-02", "2026-02-28", ("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")),
        ("2026-01", "2026-01-01", ("2026-01-01", "2026-01-01"), ("2025-12-01", "2025-12-01")),
    ],
)
def test_a_month_that_is_not_over_is_compared_with_the_same_days_before(
    period: str, today: str, span: tuple[str, str], before: tuple[str, str]
) -> None:
    found = span_of(Period(period), date.fromisoformat(today))

    assert tuple(map(str, found)) == span
    assert tuple(map(str, span_before(found))) == before


@given(day=st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_span_holds_its_days_in_beijing_and_no_others(day: date) -> None:
    span = span_of(Period(day.isoformat()[:7]), day)

    assert bank_day(span.since) == span.first
    assert bank_day(span.since - 1) < span.first
    assert bank_day(span.until - 1) == span.last
    assert bank_day(span.until) > span.last
    assert str(bank_day(span.since - 1)) == span.evening_before


def test_contacts_of_a_time_are_those_between_its_moments() -> None:
    edges = [OCTOBER.since - 1, OCTOBER.since, OCTOBER.until - 1, OCTOBER.until]

    found = within([worked(at=at) for at in edges], OCTOBER)

    assert [each.at for each in found] == edges[1:3]


def test_the_plan_is_what_was_due_in_the_time_and_was_not_dropped() -> None:
    tasks = [
        Planned("e1", "2026-10-01", "done"),
        Planned("e1", "2026-10-31", "open"),
        Planned("e1", "2026-10-15", "dropped"),
        Planned("e1", "2026-11-01", "done"),
    ]

    found = process([], tasks, [], OCTOBER, TODAY)

    assert (found.planned, found.kept, found.kept_share) == (2, 1, Fraction(1, 2))


def test_what_is_due_today_counts_once_it_is_done() -> None:
    tasks = [Planned("e1", "2026-10-31", status) for status in ("open", "done")]

    found = process([], tasks, [], OCTOBER, OCTOBER.last)

    assert (found.planned, found.kept) == (1, 1)


def test_a_gold_customer_counts_once_and_only_if_met() -> None:
    contacts = [
        worked(customer_id="g1"),
        worked(customer_id="g1", channel="call"),
        worked(customer_id="g2", channel="wechat", outcome="not_met"),
        worked(customer_id="other"),
    ]

    found = process(contacts, [], ["g1", "g2", "g3", "g4"], OCTOBER, TODAY)

    assert (found.gold, found.gold_met, found.gold_share) == (4, 1, Fraction(1, 4))
    assert (found.visits, found.calls, found.others, found.contacts) == (2, 1, 1, 4)


def test_of_nothing_there_is_no_share() -> None:
    found = process([], [], [], OCTOBER, TODAY)

    assert (found.kept_share, found.gold_share) == (None, None)
    assert (Satisfaction(()).median, Satisfaction(()).low_share) == (None, None)


@pytest.mark.parametrize(
    ("scores", "median", "low"),
    [
        ([5], 5, 0),
        ([5, 4], Fraction(9, 2), 0),
        ([1, 3, 5], 3, 2),
        ([3, 3, 4, 5], Fraction(7, 2), 2),
    ],
)
def test_the_median_of_two_middle_scores_is_between_them(
    scores: list[int], median: Fraction, low: int
) -> None:
    found = satisfaction([worked(score=score) for score in (*scores, None)])

    assert (found.n, found.median, found.low) == (len(scores), median, low)


def test_what_has_no_price_is_counted_and_not_guessed() -> None:
    contacts = [
        worked(spent=90_000),
        worked(spent=None),
        worked(channel="counter", spent=None),
        worked(channel="mail", spent=None),
    ]

    found = serving(contacts, PRICES)

    assert (found.contacts, found.minutes, found.unmeasured) == (4, 2, 1)
    assert (found.cost, found.unpriced) == (300 + 600, 1)
    assert serving(contacts, Prices()).unpriced == 4


@given(
    contacts=st.lists(
        st.builds(
            Worked,
            st.just("c1"),
            st.sampled_from(["e1", "e2", ""]),
            st.sampled_from(["visit", "call", "counter", "mail"]),
            st.just("done"),
            st.just(OCTOBER.since),
            st.none() | st.integers(0, 10_000_000),
            st.none(),
            st.just("deposit"),
        ),
        max_size=20,
    )
)
def test_the_team_costs_what_its_people_cost(contacts: list[Worked]) -> None:
    parts = by_employee(contacts, lambda each: each.employee_id)
    found = [serving(some, PRICES) for some in parts.values()]

    whole = serving(contacts, PRICES)

    for name in ("contacts", "minutes", "unmeasured", "cost", "unpriced"):
        assert getattr(whole, name) == sum(getattr(each, name) for each in found)
