"""What is usual for a customer, and from where on a flow is not."""

from datetime import date
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.usual import LEAST, Usual, severity_of, usual, window_before
from shared.money import Fen

AMOUNTS = st.lists(st.integers(1, 10**11), max_size=60)


def test_without_a_history_fifty_thousand_yuan_are_abnormal() -> None:
    assert usual([]) == Usual(Fen(0), Fen(0), 0)
    assert usual([]).threshold == 5_000_000


def test_the_line_is_six_spreads_above_the_customers_own_median() -> None:
    learned = usual([4_000_000, 5_000_000, 6_000_000, 7_000_000, 100_000_000])

    assert (learned.median, learned.mad, learned.days) == (6_000_000, 1_000_000, 5)
    assert learned.threshold == 6_000_000 + 8_895_600


def test_days_without_a_flow_teach_nothing() -> None:
    assert usual([0, 300, 0, 500, 700]).days == 3


def test_one_outlier_does_not_hide_the_next() -> None:
    quiet = [200_000, 250_000, 300_000] * 10

    assert usual([*quiet, 500_000_000]).threshold == LEAST


@given(AMOUNTS)
def test_the_median_is_that_of_the_textbook_rounded_down(amounts: list[int]) -> None:
    learned = usual(amounts)

    if amounts:
        assert learned.median == int(median(amounts))
    assert learned.threshold >= LEAST


@given(AMOUNTS, st.randoms())
def test_the_order_of_days_does_not_matter(amounts: list[int], random: object) -> None:
    shuffled = list(amounts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert usual(shuffled) == usual(amounts)


@pytest.mark.parametrize(
    ("amount", "before", "severity"),
    [
        (50, 100, "urgent"),
        (49, 100, "high"),
        (20, 100, "high"),
        (19, 100, "normal"),
        (10, 0, "urgent"),
    ],
)
def test_the_share_of_all_assets_says_how_severe_a_flow_is(
    amount: int, before: int, severity: str
) -> None:
    assert severity_of(Fen(amount), Fen(before)) == severity


def test_a_day_is_not_part_of_its_own_normal() -> None:
    assert window_before(date(2026, 11, 27)) == (date(2025, 11, 27), date(2026, 11, 26))
