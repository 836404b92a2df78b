"""What an account manager is advised to do next, and what nobody is ever advised."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Product
from shared.domain.action_answer import ACTION_RULES, SILENT_DAYS, is_silenced
from shared.domain.days import bank_day
from shared.domain.next_action import Facts, Shelf, Signal, of_portfolio, product_for, signals
from shared.domain.sale import is_fit, may_sell
from shared.errors import Refusal
from shared.registry import REGISTRY, Act, Document
from shared.testing.builders import a_customer, new_id
from shared.testing.selling import a_product, a_wealth_product

NOW = 1_795_500_000_000
TODAY = bank_day(NOW)
DAY = 86_400_000
QUIET = Facts("c1", met=6, last_met_at=NOW - 30 * DAY)
"""A customer of whom there is nothing to say."""


def days_ago(days: int) -> int:
    return NOW - days * DAY


def on(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def rules(**fields: Any) -> list[str]:
    return [each.rule for each in signals(replace(QUIET, **fields), TODAY, NOW)]


def one(**fields: Any) -> Signal:
    [found] = signals(replace(QUIET, **fields), TODAY, NOW)
    return found


def test_of_a_customer_who_lacks_nothing_nothing_is_said() -> None:
    assert rules() == []


def test_money_that_matures_is_spoken_of_in_the_days_before() -> None:
    found = one(matures_on=on(20), maturing=82_000_000)

    assert (found.rule, found.amount, found.days) == ("maturing", 82_000_000, 20)
    assert (found.since, found.until) == (TODAY + timedelta(days=6), TODAY + timedelta(days=20))


def test_the_sooner_it_matures_and_the_more_it_is_the_more_it_presses() -> None:
    soon, later = one(matures_on=on(2), maturing=1), one(matures_on=on(9), maturing=1)

    assert soon.points > later.points
    assert one(matures_on=on(9), maturing=10**8).points > later.points


@pytest.mark.parametrize("days", [-1, 31])
def test_what_matured_or_matures_much_later_is_no_reason(days: int) -> None:
    assert rules(matures_on=on(days), maturing=82_000_000) == []


@pytest.mark.parametrize(
    ("demand", "assets", "is_idle"),
    [
        (10_000_000, 20_000_000, True),
        (10_000_000, 20_000_001, False),
        (9_999_999, 9_999_999, False),
    ],
)
def test_half_of_everything_in_demand_deposits_is_idle(
    demand: int, assets: int, is_idle: bool
) -> None:
    assert rules(demand=demand, assets=assets) == (["idle"] if is_idle else [])


def test_a_need_that_was_said_waits_for_an_offer() -> None:
    said = {"need": "liquidity", "need_at": days_ago(20)}

    assert one(**said).rule == "need"
    assert rules(**said, offered_at=days_ago(20)) == []
    assert rules(**said, offered_at=days_ago(21)) == ["need"]
    assert rules(need="liquidity", need_at=days_ago(90)) == []


def test_a_turn_of_life_comes_before_another_need() -> None:
    event, need = (one(need=need, need_at=days_ago(5)) for need in ("education", "growth"))

    assert (event.rule, event.need, need.rule) == ("life_event", "education", "need")
    assert event.points > need.points


def test_someone_who_was_dissatisfied_is_followed_up_until_they_were_met() -> None:
    low = {"score": 2, "scored_at": days_ago(4), "last_met_at": days_ago(4)}

    assert one(**low).until == TODAY + timedelta(days=2)
    assert rules(**{**low, "last_met_at": days_ago(3)}) == []
    assert rules(**{**low, "score": 3}) == []
    assert rules(**{**low, "scored_at": days_ago(60), "last_met_at": days_ago(60)}) == []


def test_a_customer_who_was_just_met_rests_but_for_their_dissatisfaction() -> None:
    met = {"last_met_at": days_ago(1), "demand": 10**8, "assets": 10**8, "churn": 40}

    assert rules(**met) == []
    assert rules(**met, score=1, scored_at=days_ago(1)) == ["satisfaction"]


def test_who_may_leave_comes_first_then_who_is_dissatisfied_then_the_rest() -> None:
    assert rules(
        churn=1,
        score=2,
        scored_at=days_ago(40),
        matures_on=on(0),
        maturing=10**9,
        need="housing",
        need_at=days_ago(40),
        demand=10**9,
        assets=10**9,
        below=5,
        met=1,
        last_met_at=days_ago(100),
    ) == ["retain", "satisfaction", "maturing", "life_event", "tier_watch", "idle", "service_floor"]


@pytest.mark.parametrize(
    ("met", "last", "is_due"), [(1, 90, True), (1, 89, False), (2, 200, False), (0, None, True)]
)
def test_everyone_is_met_twice_a_year(met: int, last: int | None, is_due: bool) -> None:
    at = None if last is None else days_ago(last)

    assert rules(met=met, last_met_at=at) == (["service_floor"] if is_due else [])


def test_three_months_below_the_line_are_a_reason() -> None:
    assert rules(below=2) == []
    assert one(below=3).rule == "tier_watch"


# The whole portfolio

money = st.integers(0, 10**12)
moments = st.none() | st.integers(NOW - 400 * DAY, NOW)
everyone = st.lists(
    st.builds(
        Facts,
        customer_id=st.uuids().map(str),
        met=st.integers(0, 9),
        last_met_at=moments,
        matures_on=st.none() | st.integers(-5, 60).map(on),
        maturing=money,
        demand=money,
        assets=money,
        need=st.none() | st.sampled_from(["housing", "growth", "other"]),
        need_at=moments,
        offered_at=moments,
        score=st.none() | st.integers(1, 5),
        scored_at=moments,
        below=st.integers(0, 5),
        churn=st.integers(0, 200),
        silenced=st.frozensets(st.sampled_from(ACTION_RULES)),
    ),
    max_size=12,
    unique_by=lambda each: each.customer_id,
)


@given(everyone, st.integers(1, 5))
def test_nobody_is_advised_what_was_answered_and_nobody_twice(
    found: list[Facts], most: int
) -> None:
    silenced = {each.customer_id: each.silenced for each in found}

    advised = of_portfolio(found, TODAY, NOW, most)

    assert len(advised) <= most
    assert len({each.customer_id for each in advised}) == len(advised)
    for each in advised:
        assert each.rule not in silenced[each.customer_id]
        assert each.since <= each.until
        assert each.until >= TODAY


@given(everyone)
def test_those_who_bring_the_most_leave_a_place_for_who_is_met_too_rarely(
    found: list[Facts],
) -> None:
    rare = [
        each
        for each in found
        if [s.rule for s in signals(each, TODAY, NOW)[:1]] == ["service_floor"]
    ]

    advised = of_portfolio(found, TODAY, NOW, 3)

    assert (not rare) or any(each.rule == "service_floor" for each in advised)


@given(everyone)
def test_the_order_in_which_customers_are_looked_at_does_not_matter(found: list[Facts]) -> None:
    assert of_portfolio(found, TODAY, NOW, 3) == of_portfolio(found[::-1], TODAY, NOW, 3)


def test_an_answer_silences_for_sixty_days() -> None:
    assert is_silenced(days_ago(SILENT_DAYS) + 1, NOW)
    assert not is_silenced(days_ago(SILENT_DAYS), NOW)


# What is offered


def products(*documents: Document) -> tuple[Product, ...]:
    return tuple(Product(**each) for each in documents)  # type: ignore[arg-type]


DEPOSIT = a_product("DEP-1Y", line="deposit")
DEPOSIT_3 = a_product("DEP-3Y", line="deposit")
CALM = a_wealth_product("WM-R1", risk_grade="R1")
BOLD = a_wealth_product("WM-R3", risk_grade="R3")
IDLE = Signal("c1", "idle", 34, TODAY, TODAY, amount=10**8)


def offered(
    customer: Document, *documents: Document, signal: Signal = IDLE, **how: Any
) -> str | None:
    shelf = Shelf(products(*documents), how.get("bought", {}), how.get("had", frozenset()))
    found = product_for(signal, shelf, customer, TODAY)
    return None if found is None else found.code


def a_person(**fields: Any) -> Document:
    known = {"birth_date": "1980-01-01", "risk_grade": "R2", "risk_valid_until": on(100)}
    return a_customer(new_id(), **{**known, **fields})


def test_idle_money_is_offered_what_the_grade_allows() -> None:
    assert offered(a_person(), DEPOSIT, BOLD, CALM) == "WM-R1"
    assert offered(a_person(risk_grade=None), DEPOSIT, BOLD, CALM) == "DEP-1Y"


def test_a_grade_that_has_run_out_allows_nothing_risky() -> None:
    assert offered(a_person(risk_valid_until=on(-1)), CALM, DEPOSIT) == "DEP-1Y"


def test_nobody_of_sixty_five_is_offered_anything_risky() -> None:
    old = a_person(birth_date="1949-07-08", risk_grade="R5")

    assert offered(old, CALM, DEPOSIT) == "DEP-1Y"
    assert offered(old, CALM) is None


def test_what_is_no_longer_sold_or_was_had_is_not_offered() -> None:
    ended = a_wealth_product("WM-R0", risk_grade="R1", valid_until=on(-1))

    assert offered(a_person(), ended, DEPOSIT) == "DEP-1Y"
    assert offered(a_person(), CALM, DEPOSIT, had=frozenset({str(CALM["id"])})) == "DEP-1Y"


def test_of_several_the_one_that_their_like_took_most_is_offered() -> None:
    often = {str(DEPOSIT_3["id"]): 4, str(DEPOSIT["id"]): 1}
    maturing = replace(IDLE, rule="maturing")

    assert offered(a_person(), DEPOSIT, DEPOSIT_3, signal=maturing) == "DEP-1Y"
    assert offered(a_person(), DEPOSIT, DEPOSIT_3, signal=maturing, bought=often) == "DEP-3Y"


@pytest.mark.parametrize("rule", ["retain", "satisfaction", "tier_watch", "service_floor"])
def test_a_reason_that_is_about_the_customer_offers_nothing(rule: Any) -> None:
    assert offered(a_person(), DEPOSIT, CALM, signal=replace(IDLE, rule=rule)) is None


grades = st.none() | st.sampled_from(["R1", "R2", "R3", "R4", "R5"])


@given(
    grade=grades,
    wanted=grades,
    born=st.dates(date(1930, 1, 1), date(2005, 1, 1)),
    until=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    line=st.sampled_from(["deposit", "wealth", "fund", "insurance", "loan"]),
)
def test_what_is_fit_could_be_sold_without_any_special_path(
    grade: Any, wanted: Any, born: date, until: date | None, line: Any
) -> None:
    customer = a_person(
        risk_grade=grade,
        birth_date=born.isoformat(),
        risk_valid_until=until.isoformat() if until else None,
    )
    document = a_product("P", line=line, risk_grade=wanted, field_mode="on_site")
    sale = REGISTRY["sale"].known(
        {
            "id": "s",
            "customer_id": customer["id"],
            "employee_id": "e",
            "product_id": document["id"],
            "occurred_at": NOW,
            "qty": 1,
            "status": "submitted",
        }
    )

    def is_sold() -> bool:
        related: dict[str, Document | None] = {
            "product_id": document,
            "customer_id": customer,
            "employee_id": {"joined_on": None},
        }
        try:
            may_sell(Act(sale, None, related, "e", NOW))
        except Refusal:
            return False
        return True

    [product] = products(document)
    assert is_fit(product, customer, TODAY) == is_sold()
