"""Where a customer stands follows from facts, by one table, and nobody flips from day to day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Account
from shared.domain.churn_risk import AT_RISK, CALM, ChurnReason
from shared.domain.customer_state import State
from sync_server.customer.churn import RULES, churn_points
from sync_server.customer.facts import Facts, Matured, Moved, window_of
from sync_server.customer.states import LINES, TRANSITIONS, Change, first_state, next_state

TODAY = date(2026, 11, 18)
WAN = 1_000_000


def account(balance: int = 20 * WAN, **fields: Any) -> Account:
    known = {"kind": "demand", "opened_on": "2024-01-05", **fields}
    return Account(
        "a", "c", name="活期", last_four="1", source="core", balance=balance, as_of=0, **known
    )


def facts(*accounts: Account, **fields: Any) -> Facts:
    known = {"last_contact": TODAY - timedelta(days=10), **fields}
    return Facts(TODAY, window_of(TODAY), accounts or (account(),), **known)


def months(*moved: tuple[int, int]) -> dict[str, Moved]:
    """What moved, this month first."""
    pairs = zip(window_of(TODAY), moved, strict=False)
    return {month: Moved(*each) for month, each in pairs if each != (0, 0)}


def points(known: Facts) -> dict[str, tuple[int, int]]:
    return {each.reason: (each.points, each.figure) for each in churn_points(known)}


# Points


def test_nothing_speaks_for_a_customer_leaving_who_is_well() -> None:
    assert points(facts()) == {}


@pytest.mark.parametrize(
    ("left", "given"), [(29, None), (30, (30, 30)), (55, (40, 50)), (95, (50, 80))]
)
def test_assets_that_leave_count_by_bands(left: int, given: tuple[int, int] | None) -> None:
    known = facts(account((100 - left) * WAN), moved=months((0, 0), (0, left * WAN)))

    assert points(known).get("assets_down") == given


def test_a_small_sum_that_leaves_is_no_sign() -> None:
    assert points(facts(account(0), moved=months((0, WAN - 1)))) == {}


def test_a_salary_that_stopped_counts_and_one_that_is_late_by_days_does_not() -> None:
    paid, nothing = (800_000, 0), (0, 0)

    assert points(facts(moved=months(nothing, nothing, paid, paid, paid)))["inflow_stopped"] == (
        25,
        0,
    )
    assert points(facts(moved=months(nothing, paid, paid, paid, paid))) == {}
    assert points(facts(moved=months(nothing, nothing, paid, nothing, paid))) == {}


def test_money_that_matured_and_left_counts_and_what_was_placed_again_does_not() -> None:
    matured = [Matured("2026-10-20", 10 * WAN)]
    gone, moved_over = months((0, 0), (10 * WAN, 16 * WAN)), months((0, 0), (10 * WAN, 10 * WAN))

    assert points(facts(account(90 * WAN), matured=matured, moved=gone)) == {
        "matured_left": (25, 50)
    }
    assert points(facts(account(90 * WAN), matured=matured, moved=moved_over)) == {}


@pytest.mark.parametrize(
    ("days", "tier", "given"),
    [
        (179, "silver", None),
        (180, "silver", (15, 180)),
        (359, "silver", (15, 180)),
        (360, "basic", (25, 360)),
        (90, "gold", (15, 90)),
        (180, "platinum", (25, 180)),
    ],
)
def test_silence_counts_sooner_for_who_is_worth_more(
    days: int, tier: Any, given: tuple[int, int] | None
) -> None:
    known = facts(last_contact=TODAY - timedelta(days=days), tier=tier)

    assert points(known).get("no_contact") == given


def test_a_low_score_a_complaint_and_closed_accounts_count() -> None:
    closed = account(0, closed_on="2026-11-01")

    known = facts(account(), closed, closed, satisfaction=2, complaints=1)

    assert points(known) == {
        "low_satisfaction": (20, 2),
        "complaint": (20, 1),
        "products_closed": (20, 2),
    }
    assert points(facts(account(), account(0, closed_on="2026-08-01"))) == {}


def test_who_holds_nothing_any_more_is_no_risk() -> None:
    assert points(facts(account(0, closed_on="2026-11-01"), satisfaction=1)) == {}


def test_every_reason_can_be_given() -> None:
    moved = months((0, 0), (0, 90 * WAN), (WAN, 0), (WAN, 0), (WAN, 0))
    known = facts(
        account(10 * WAN), account(0, closed_on="2026-11-01"), moved=moved, satisfaction=1,
        complaints=1, last_contact=None, matured=[Matured("2026-10-20", 10 * WAN)],
    )  # fmt: skip

    assert set(points(known)) == set(get_args(ChurnReason))


# States


def test_the_first_state_follows_from_what_is_held() -> None:
    silent = facts(account(99_999), last_contact=None)
    opened = (TODAY - timedelta(days=20)).isoformat()
    grown = facts(account(60 * WAN), moved=months((12 * WAN, 0)))

    assert first_state(replace(facts(), accounts=()), 0) == Change("potential", "no_account", "")
    assert first_state(facts(account(closed_on="2026-11-01")), 0) == Change(
        "lost", "all_closed", "2026-11-01"
    )
    assert first_state(silent, 0).state == "dormant"
    assert first_state(facts(), 65) == Change("at_risk", "churn_points", "65")
    assert first_state(facts(account(opened_on=opened)), 0) == Change(
        "new", "account_opened", opened
    )
    assert first_state(grown, 0) == Change("growing", "growth", "25")
    assert first_state(facts(), 0).state == "stable"
    assert first_state(facts(account(opened_on=None)), 0) == Change("stable", "settled", "")


def after(state: State, known: Facts, score: int = 0, rested: int = 400) -> Change | None:
    return next_state(state, TODAY - timedelta(days=rested), known, score)


def test_risk_begins_at_one_line_and_ends_at_another() -> None:
    assert after("stable", facts(), AT_RISK) == Change("at_risk", "churn_points", "60")
    assert after("stable", facts(), AT_RISK - 1) is None
    assert after("at_risk", facts(), CALM) is None
    assert after("at_risk", facts(), CALM - 1) == Change("won_back", "recovered", "39")
    assert after("at_risk", facts(), 0, rested=LINES.rest_days - 1) is None


def test_growth_begins_at_one_line_and_ends_at_another() -> None:
    def grown(percent: int) -> Facts:
        return facts(account((100 + percent) * WAN), moved=months((percent * WAN, 0)))

    assert after("stable", grown(20)) == Change("growing", "growth", "20")
    assert after("stable", grown(19)) is None
    assert after("growing", grown(5)) is None
    assert after("growing", grown(4)) == Change("stable", "growth_over", "4")


def test_who_comes_back_is_won_back_and_settles() -> None:
    closed = facts(account(0, closed_on="2026-11-01"))
    paid_in = facts(account(WAN), moved=months((WAN, 0)))

    assert after("stable", closed) == Change("lost", "all_closed", "2026-11-01")
    assert after("lost", closed) is None
    assert after("lost", facts()) == Change("won_back", "returned", str(20 * WAN))
    assert after("dormant", paid_in) == Change("won_back", "active_again", str(WAN))
    assert after("won_back", facts(), rested=90) == Change("stable", "settled", "90")
    assert after("won_back", facts(), rested=89) is None


def test_a_prospect_who_opens_an_account_is_new_and_settles_in_half_a_year() -> None:
    known = facts(account(opened_on="2026-11-18"))

    assert after("potential", known) == Change("new", "account_opened", "2026-11-18")
    assert after("new", known) is None
    assert after("new", facts()) == Change("stable", "settled", "1048")


def test_of_one_day_there_is_one_change() -> None:
    assert after("stable", facts(), 100, rested=0) is None


def test_every_state_can_be_reached_and_left() -> None:
    states = set(get_args(State))

    assert {each.after for each in TRANSITIONS} == states - {"potential"}
    assert {state for each in TRANSITIONS for state in each.before} == states


_FACTS = st.builds(
    lambda balance, opened, moved, contact, score, complaints: facts(
        account(balance, opened_on=opened),
        moved=months(*moved) or None,
        last_contact=None if contact is None else TODAY - timedelta(days=contact),
        satisfaction=score,
        complaints=complaints,
    ),
    st.sampled_from([0, 99_999, WAN, 20 * WAN]),
    st.sampled_from(["2024-01-05", "2026-09-01", None]),
    st.lists(st.tuples(st.sampled_from([0, WAN]), st.sampled_from([0, WAN, 9 * WAN])), max_size=6),
    st.none() | st.integers(0, 400),
    st.none() | st.integers(1, 5),
    st.integers(0, 2),
)


@given(known=_FACTS, state=st.sampled_from(get_args(State)))
def test_while_the_facts_stay_a_state_comes_to_rest(known: Facts, state: State) -> None:
    score = sum(each.points for each in churn_points(known))
    seen = [state]
    for _ in range(6):
        change = next_state(seen[-1], TODAY - timedelta(days=400), known, score)
        if change is None:
            break
        assert change.state not in seen[1:], "it goes round in a ring"
        seen.append(change.state)
    else:
        raise AssertionError(f"it never rests: {seen}")


@given(known=_FACTS)
def test_points_are_the_sum_of_their_reasons_and_each_is_said_once(known: Facts) -> None:
    given_points = churn_points(known)

    assert len({each.reason for each in given_points}) == len(given_points)
    assert all(each.points > 0 for each in given_points)
    assert RULES.number == LINES.number == 1
