"""What a device says about a sale that was just made: the server's own figure, before it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.commission.engine import Estimate, computed, estimate
from shared.commission.facts import Facts, Sale, facts_of
from shared.commission.months import Period
from shared.commission.period import EmployeeMonth
from shared.commission.qualify import Held, Pending, Problem, Qualified, qualification
from shared.commission.scenario import read_scenario
from shared.ids import EmployeeId
from tests.commission.builders import Json, cancel, card, lent, loan, sale, scenario
from tests.commission.generate import scenario as random_scenario

E1_MARCH: EmployeeMonth = EmployeeId("E1"), Period("2026-03")


def facts(document: Json) -> Facts:
    some = read_scenario(document)
    return facts_of(some.rules, some.goals, some.events)


def known_and_new(rules: Json, *events: Json) -> tuple[Facts, Sale]:
    """Return the facts before the first sale of the events, and that sale."""
    everything = facts(scenario(rules, *events))
    return replace(everything, sales=everything.sales[1:]), everything.sales[0]


def test_an_estimate_is_what_the_sale_would_earn_on_top_of_the_month() -> None:
    # The month has 6,000; 9,000 more fill the first tier with 4,000: 200.00 + 400.00.
    known, new = known_and_new(
        loan(), lent("B", "2026-03-12", "9000.00"), lent("A", "2026-03-05", "6000.00")
    )

    priced = estimate(new, E1_MARCH, known)

    assert isinstance(priced, Estimate)
    assert (priced.earned, priced.change) == (60_000, 60_000)


def test_an_estimate_says_what_the_cap_and_the_deferral_leave_of_it() -> None:
    # 60.00 are earned, the cap of 100.00 leaves 40.00 of them, of which 16.00 are deferred.
    rule = card(cap_period="100.00", deferral={"rate": "0.40", "years": 3})
    known, new = known_and_new(rule, sale("b", "2026-03-12"), sale("a", "2026-03-05"))

    priced = estimate(new, E1_MARCH, known)

    assert isinstance(priced, Estimate)
    assert (priced.earned, priced.change) == (6_000, 2_400)


def test_a_sale_that_cannot_be_priced_is_answered_with_its_place() -> None:
    waiting = known_and_new(card(), sale("s", "2026-03-12", dates={}))
    wrong = known_and_new(card(), sale("s", "2026-03-12", product="BOND"))
    rivals = [sale(name, "2026-03-12", external_ref="C-1") for name in "ab"]
    gone = known_and_new(card(), sale("s", "2026-03-12"), cancel("s", "2026-03-13"))

    assert isinstance(estimate(waiting[1], E1_MARCH, waiting[0]), Pending)
    assert isinstance(estimate(wrong[1], E1_MARCH, wrong[0]), Problem)
    held, new = known_and_new(card(), *rivals)
    assert isinstance(estimate(new, E1_MARCH, held), Held)
    assert estimate(gone[1], E1_MARCH, gone[0]) is None


@given(st.integers(min_value=0, max_value=10**9))
def test_the_devices_estimate_is_the_servers_result_for_the_same_facts(seed: int) -> None:
    everything = facts(random_scenario(seed))
    outcome = computed(everything)
    for placed in qualification(everything).sales:
        known = tuple(each for each in everything.sales if each is not placed.sale)

        for whose in _payees(placed):
            priced = estimate(placed.sale, whose, replace(everything, sales=known))

            earned = [
                entry.amount
                for entry in outcome.entries
                if (entry.sale, entry.employee, entry.type) == (placed.sale.id, whose[0], "EARN")
            ]
            assert isinstance(priced, Estimate)
            assert priced.earned == sum(earned)


def _payees(placed: Qualified) -> list[EmployeeMonth]:
    return [(share.employee, placed.period) for share in placed.shares]
