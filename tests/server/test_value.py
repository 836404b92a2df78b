"""What a customer is worth in a year, line by line, and how a tier is kept and lost."""

from dataclasses import astuple, replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Account
from shared.domain.account import account_id
from shared.domain.customer_value import TIERS, Tier
from shared.domain.serving import Effort
from shared.money import Fen
from sync_server.customer.ladder import Standing, after, began, during
from sync_server.customer.models import FIRST
from sync_server.customer.value import Contribution, contribution, score

YEARS_WORK = (Effort("visit", 4, 180), Effort("call", 12, 72), Effort("counter", 20))


def an_account(kind: str, yuan: int, rate: str | None = None, **fields: object) -> Account:
    return Account(
        account_id("core", f"{kind}{yuan}"),
        "customer",
        kind,  # type: ignore[arg-type]
        "产品",
        "0001",
        "core",
        yuan * 100,
        0,
        rate,
        **fields,  # type: ignore[arg-type]
    )


def amounts(found: Contribution) -> dict[tuple[str, str], int]:
    return {(line.part, line.of): line.amount for line in found.lines}


def test_the_worked_customer_contributes_4729_50() -> None:
    accounts = [
        an_account("time_deposit", 820_000, "0.0155"),
        an_account("demand", 35_000, "0.0005"),
    ]

    found = contribution(accounts, YEARS_WORK, {}, FIRST)

    assert amounts(found) == {
        ("spread", "time_deposit"): 451_000,
        ("spread", "demand"): 71_750,
        ("minutes", "visit"): -27_000,
        ("minutes", "call"): -10_800,
        ("contacts", "counter"): -12_000,
    }
    assert (found.revenue, found.cost, found.total, found.ratio) == (
        522_750,
        49_800,
        472_950,
        "10.50",
    )


def test_a_loan_earns_above_the_price_of_money_and_may_be_lost() -> None:
    found = contribution([an_account("loan", 1_000_000, "0.0450")], (), {}, FIRST)

    assert amounts(found) == {("spread", "loan"): 1_950_000, ("loss", "loan"): -1_000_000}
    assert found.ratio is None


def test_a_closed_account_and_a_channel_without_a_price_count_for_nothing() -> None:
    closed = an_account("demand", 35_000, closed_on="2026-01-01")

    assert contribution([closed], [Effort("mail", 3)], {}, replace(FIRST, pieces={})).lines == ()


@pytest.mark.parametrize("kind", ["demand", "time_deposit", "loan", "card"])
def test_an_account_whose_rate_nobody_said_earns_nothing_and_is_told_of(kind: str) -> None:
    found = contribution([an_account(kind, 10_000)], (), {}, replace(FIRST, losses={}))

    assert [astuple(line) for line in found.lines] == [("unrated", kind, 1_000_000, "0", 0)]
    assert (found.total, found.ratio) == (0, None)


def test_a_kind_without_a_price_of_money_needs_no_rate() -> None:
    assert contribution([an_account("fund", 10_000)], (), {}, FIRST).lines == ()


def test_a_rate_of_nought_is_a_rate() -> None:
    found = contribution([an_account("demand", 10_000, "0")], (), {}, FIRST)

    assert amounts(found) == {("spread", "demand"): 21_000}


def test_fees_are_earned_whole() -> None:
    assert contribution([], (), {"card": Fen(12_345)}, FIRST).revenue == 12_345


def test_a_score_says_what_gave_its_points() -> None:
    found = contribution([an_account("time_deposit", 820_000, "0.0155")], (), {}, FIRST)

    scored = score(found, Fen(82_000_000), 3, 5, FIRST)

    assert scored.points == sum(points for _, points in scored.reasons)
    assert [name for name, _ in scored.reasons] == [
        "contribution",
        "assets",
        "breadth",
        "satisfaction",
    ]


@given(st.integers(-(10**9), 10**11), st.integers(0, 10**12), st.integers(0, 9))
def test_more_of_anything_never_lowers_a_tier(total: int, assets: int, kinds: int) -> None:
    def tier_at(total: int, assets: int, kinds: int) -> int:
        fees = {"all": Fen(total)}
        found = contribution([], (), fees, FIRST)
        return TIERS.index(score(found, Fen(assets), kinds, None, FIRST).tier)

    least = tier_at(total, assets, kinds)
    assert least <= tier_at(total + 10**8, assets, kinds)
    assert least <= tier_at(total, assets + 10**8, kinds)
    assert least <= tier_at(total, assets, kinds + 1)


# The ladder


def walk(standing: Standing, *reached: Tier) -> list[tuple[str, bool]]:
    steps: list[tuple[str, bool]] = []
    for tier in reached:
        standing = after(standing, tier)
        steps.append((standing.tier, standing.is_watched))
    return steps


def test_up_is_at_once() -> None:
    assert walk(began("basic"), "gold") == [("gold", False)]


def test_down_takes_three_months_and_three_of_watching() -> None:
    low: list[Tier] = ["basic"] * 6

    assert walk(began("gold"), *low) == [
        ("gold", False),
        ("gold", False),
        ("gold", True),
        ("gold", True),
        ("gold", True),
        ("basic", False),
    ]


def test_the_fall_is_to_the_best_of_the_last_six_months() -> None:
    months: list[Tier] = ["basic", "basic", "silver", "basic", "basic", "basic"]

    assert walk(began("gold"), *months)[-1] == ("silver", False)


def test_one_good_month_clears_the_watch() -> None:
    assert walk(began("gold"), "basic", "basic", "basic", "gold", "basic") == [
        ("gold", False),
        ("gold", False),
        ("gold", True),
        ("gold", False),
        ("gold", False),
    ]


def test_a_month_that_is_running_clears_the_watch_and_counts_nothing() -> None:
    watched = Standing("gold", 3, ("gold", "basic", "basic", "basic"))

    assert during(watched, "basic") == replace(watched, reached=(*watched.reached, "basic"))
    assert during(watched, "gold") == Standing("gold", 0, (*watched.reached, "gold"))
    assert during(watched, "platinum").tier == "platinum"


@given(st.lists(st.sampled_from(TIERS), min_size=1, max_size=40))
def test_nobody_stands_below_what_they_reached_this_month(reached: list[Tier]) -> None:
    standing = began(reached[0])
    for tier in reached[1:]:
        standing = after(standing, tier)
        assert TIERS.index(standing.tier) >= TIERS.index(tier)
        assert len(standing.reached) <= 6


def test_a_model_is_in_force_from_its_day() -> None:
    assert FIRST.since <= date(2026, 1, 1)
    assert FIRST.funds["time_deposit"] == Fraction("0.0210")


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_has_its_line(tier: Tier) -> None:
    assert FIRST.lines[tier] >= 0
