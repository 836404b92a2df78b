"""Customers in five equal parts: sums to the fen, ties, few customers, and the two lines."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.quintiles import FIFTHS, Fifth, Weighed, fifths


def weighed(id: str, revenue: int, serving: int, loss: int = 0) -> Weighed:
    return Weighed(id, revenue - serving - loss, revenue, serving, loss)


def ratios(*pairs: tuple[int, int]) -> list[Fifth]:
    """Fifths of one customer each, by revenue and cost."""
    return list(fifths(weighed(f"c{n}", *pair) for n, pair in enumerate(pairs)))


_MONEY = st.integers(-(10**13), 10**13)
_VALUES = st.lists(st.tuples(_MONEY, st.integers(0, 10**9), st.integers(0, 10**12)), max_size=60)


@given(values=_VALUES)
def test_sums_and_shares_of_the_fifths_are_those_of_all_customers(
    values: list[tuple[int, int, int]],
) -> None:
    some = [weighed(f"c{n:02}", *each) for n, each in enumerate(values)]

    found = fifths(some)

    assert len(found) == (FIFTHS if len(some) >= FIFTHS else 0)
    for name in ("contribution", "revenue", "serving", "loss"):
        total = sum(getattr(each, name) for each in some) if found else 0
        assert sum(getattr(each, name) for each in found) == total
    assert all(each.revenue - each.cost == each.contribution for each in found)
    for name in ("revenue_share", "cost_share"):
        shares = [getattr(each, name) for each in found]
        assert None in shares or not shares or sum(shares) == 1


@given(values=_VALUES)
def test_fifths_are_equal_but_for_one_and_nobody_is_worth_more_than_one_above(
    values: list[tuple[int, int, int]],
) -> None:
    found = fifths(weighed(f"c{n:02}", *each) for n, each in enumerate(values))

    sizes = [each.n for each in found]
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert all(one.least >= next_.most for one, next_ in pairwise(found))
    assert len({id for each in found for id in each.customers}) == sum(sizes)


@given(order=st.permutations([weighed(f"c{n:02}", 1_000, 0) for n in range(11)]))
def test_a_cut_through_equals_is_the_same_in_whatever_order_they_come(order: list[Weighed]) -> None:
    assert [each.customers[0] for each in fifths(order)] == [
        "c00", "c02", "c04", "c06", "c08",
    ]  # fmt: skip


def test_four_customers_are_no_fifths() -> None:
    assert fifths(weighed(f"c{n}", n, 0) for n in range(4)) == ()


def test_a_mean_is_rounded_half_away_from_zero() -> None:
    found = fifths(weighed(f"c{n}", -1 if n == 9 else 0, 0) for n in range(10))

    assert [each.mean for each in found] == [0, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("revenue", "cost", "reading"),
    [(600, 100, "above"), (599, 100, "below"), (500, 0, None), (0, 100, "below")],
)
def test_the_top_fifth_brings_six_times_what_it_costs_or_less(
    revenue: int, cost: int, reading: str | None
) -> None:
    rest = [(revenue - cost - n, 0) for n in range(1, 5)]

    assert ratios((revenue, cost), *rest)[0].reading == reading


@pytest.mark.parametrize(
    ("revenue", "cost", "reading"),
    [
        (100, 400, "within"),
        (100, 300, "within"),
        (100, 401, "below"),
        (101, 300, "above"),
        (-5, 100, "below"),
        (0, 0, None),
    ],
)
def test_the_bottom_fifth_costs_three_to_four_times_what_it_brings(
    revenue: int, cost: int, reading: str | None
) -> None:
    found = ratios((900, 1), (900, 2), (900, 3), (900, 4), (revenue, cost))

    assert [each.reading for each in found] == ["above", None, None, None, reading]


def test_what_a_fifth_costs_is_serving_and_expected_loss_together() -> None:
    [top, *_] = fifths(weighed(f"c{n}", 1_200 - n, 100, 100) for n in range(5))

    assert (top.cost, top.ratio, top.reading) == (200, Fraction(6), "above")


def test_shares_are_unknown_where_all_customers_together_bring_nothing() -> None:
    found = fifths(weighed(f"c{n}", -n, 0) for n in range(5))

    assert {(each.revenue_share, each.cost_share) for each in found} == {(None, None)}
