"""What holds for every plan and every history, on random scenarios and random numbers."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.commission.engine import computed, computed_from, simulate, touched
from shared.commission.entries import Entry
from shared.commission.exact import canonical, round_fen, split_fen, times
from shared.commission.facts import Closed, Facts, facts_of
from shared.commission.ledger import broken_at
from shared.commission.months import Period, add_months, age_in_months, later_period
from shared.commission.period import EmployeeMonth, Outcome, by_employee_month, employee_month
from shared.commission.qualify import qualification
from shared.commission.rules import Rule
from shared.commission.scenario import answer_to, read_scenario
from shared.commission.tiers import cumulative, slices
from shared.money import Fen
from tests.commission.builders import Json, card, loan, posted, run, sale
from tests.commission.generate import scenario

Seeds = st.integers(min_value=0, max_value=10**9)
Amounts = st.integers(min_value=0, max_value=10**12).map(Fen)


@st.composite
def splits(draw: st.DrawFn) -> list[int]:
    """Draw basis points that sum to 10,000."""
    cuts = draw(st.lists(st.integers(1, 9_999), max_size=6, unique=True))
    ends = [0, *sorted(cuts), 10_000]
    return [high - low for low, high in pairwise(ends)]


def only_rule(document: Json) -> Rule:
    return read_scenario({"plan": {"rules": [document]}, "events": []}).rules[0]


MARGINAL = only_rule(loan())
TOP_RATE = max(tier.rate for tier in MARGINAL.tiers or ())


@given(Amounts, splits())
def test_a_split_sums_to_the_fen_and_nobody_is_a_fen_from_their_share(
    total: Fen, shares: list[int]
) -> None:
    parts = split_fen(total, shares)

    assert sum(parts) == total
    assert all(abs(p * 10_000 - total * bp) < 10_000 for p, bp in zip(parts, shares, strict=True))


@given(Amounts, splits())
def test_the_split_of_a_reversal_is_the_exact_mirror(total: Fen, shares: list[int]) -> None:
    mirrored = split_fen(Fen(-total), shares)

    assert mirrored == tuple(-part for part in split_fen(total, shares))


@given(Amounts, Amounts)
def test_marginal_tiers_have_no_gap(before: Fen, more: Fen) -> None:
    after = Fen(before + more)

    assert sum(each.amount for each in slices(MARGINAL, before, after)) == more


@given(Amounts)
def test_marginal_tiers_have_no_cliff(amount: Fen) -> None:
    step = cumulative(MARGINAL, Fen(amount + 1)) - cumulative(MARGINAL, amount)

    assert 0 <= step <= 1


@given(st.sampled_from([1_000_000, 3_000_000]), st.integers(-200, 200))
def test_marginal_tiers_are_continuous_at_their_boundaries(boundary: int, off: int) -> None:
    at = cumulative(MARGINAL, Fen(boundary))

    assert abs(cumulative(MARGINAL, Fen(boundary + off)) - at) <= abs(off) * TOP_RATE + 1


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero_and_never_off_by_more_than_a_half(
    above: int, below: int
) -> None:
    rounded = round_fen(above, below)

    assert 2 * abs(rounded * below - above) <= below
    assert abs(rounded * below) >= abs(above) or 2 * abs(rounded * below - above) < below
    assert round_fen(-above, below) == -rounded


@given(Amounts, st.decimals(0, 3, places=4))
def test_a_product_is_rounded_like_the_exact_one(amount: Fen, rate: Decimal) -> None:
    exact = amount * Fraction(rate)

    assert times(amount, Fraction(rate)) == floor(exact + Fraction(1, 2))


@given(st.lists(Amounts, min_size=1, max_size=8))
def test_a_month_earns_the_same_however_its_amount_was_sold(parts: list[Fen]) -> None:
    ends = [sum(parts[:count]) for count in range(len(parts) + 1)]
    steps = [cumulative(MARGINAL, Fen(b)) - cumulative(MARGINAL, Fen(a)) for a, b in pairwise(ends)]

    assert sum(steps) == cumulative(MARGINAL, Fen(ends[-1]))


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 400))
def test_the_age_of_a_sale_is_the_first_month_that_reaches_the_cancellation(
    day: date, days: int
) -> None:
    until = day.fromordinal(day.toordinal() + days)

    age = age_in_months(day, until)

    assert add_months(day, age) >= until
    assert age == 0 or add_months(day, age - 1) < until


@given(splits(), st.integers(1, 9_999_999))
def test_a_full_clawback_is_the_mirror_of_what_was_earned(shares: list[int], fen: int) -> None:
    price = f"{fen // 100}.{fen % 100:02d}"
    who = [[f"E{index}", bp] for index, bp in enumerate(shares)]
    rule = card(price, clawback=[{"to_month": 12, "rate": "1.00"}])
    cancelled = {"kind": "cancel", "sale": "s", "on": "2026-05-01"}
    events = [sale("s", "2026-03-10", who), cancelled]

    entries = posted(run({"plan": {"rules": [rule]}, "events": events}))

    earned = {who: amount for _, who, _, kind, amount in entries if kind == "EARN"}
    clawed = {who: amount for _, who, _, kind, amount in entries if kind == "CLAWBACK"}
    assert {who: f"-{amount}" for who, amount in earned.items() if amount != "0.00"} == clawed


@given(Seeds, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_between_two_closes(seed: int, chance: Random) -> None:
    document = scenario(seed)

    shuffled = {**document, "events": _shuffled(document["events"], chance)}

    assert run(shuffled) == run(document)


def _shuffled(events: list[Json], chance: Random) -> list[Json]:
    """Shuffle the events between closes; a scenario has at most one decision about anything."""
    parts: list[list[Json]] = [[]]
    for event in events:
        if event["kind"] == "close":
            parts += [[event], []]
        else:
            parts[-1].append(event)
    for part in parts:
        chance.shuffle(part)
    return [event for part in parts for event in part]


@given(Seeds)
def test_what_was_posted_for_a_closed_month_never_changes_by_a_byte(seed: int) -> None:
    document = scenario(seed)
    before: list[bytes] = []
    for count in range(len(document["events"]) + 1):
        some = read_scenario(_without_loose_ends(document, count))
        answer = simulate(some)
        records = [canonical(record.entry.as_json()) for record in answer.ledger.records]

        assert records[: len(before)] == before
        assert set(records) <= {canonical(entry.as_json()) for entry in answer.entries}
        assert broken_at(answer.ledger) is None
        before = records


def _without_loose_ends(document: Json, count: int) -> Json:
    """Cut a document after some events; one that speaks of a later sale is left out."""
    events = document["events"][:count]
    sales = {event["id"] for event in events if event["kind"] == "sale"}
    refs = {event.get("external_ref") for event in events if event["kind"] == "sale"}
    kept = [
        event
        for event in events
        if not (event["kind"] == "cancel" and event["sale"] not in sales)
        and not (event["kind"] == "approve_split" and event["external_ref"] not in refs)
    ]
    return {**document, "events": kept}


@given(Seeds)
def test_closing_months_moves_money_between_months_but_neither_makes_nor_loses_any(
    seed: int,
) -> None:
    document = scenario(seed) | {"as_of": "2040-12-31"}
    never = [event for event in document["events"] if event["kind"] != "close"]

    assert _by_employee(run(document)) == _by_employee(run({**document, "events": never}))


def _by_employee(answer: Json) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for _, who, _, _, amount in posted(answer):
        sums[who] += round(float(amount) * 100)
    return {who: fen for who, fen in sums.items() if fen}


@given(Seeds)
def test_recomputing_only_what_a_fact_touches_gives_what_computing_everything_gives(
    seed: int,
) -> None:
    some = read_scenario(scenario(seed))
    known: dict[EmployeeMonth, Outcome] = {}
    before = facts_of(some.rules, some.goals, ())
    for count in range(1, len(some.events) + 1):
        after = facts_of(some.rules, some.goals, some.events[:count])
        _recompute(known, before, after)

        assert _entries(known.values()) == _entries([computed(after)])
        before = after


def _recompute(known: dict[EmployeeMonth, Outcome], before: Facts, after: Facts) -> None:
    old, new = qualification(before).sales, qualification(after).sales
    changed = [each for each in old if each not in new], [each for each in new if each not in old]
    months = by_employee_month(new)
    for whose in touched(*changed):
        known[whose] = employee_month(whose, months.get(whose, []), after.goals)


def _entries(outcomes: Iterable[Outcome]) -> list[Entry]:
    entries = (entry for outcome in outcomes for entry in outcome.entries)
    return sorted(entries, key=lambda entry: entry.order)


@given(Seeds)
def test_a_statement_carries_on_from_the_one_before(seed: int) -> None:
    rows = simulate(read_scenario(scenario(seed))).statements

    for one, next_one in pairwise(rows):
        if one.employee == next_one.employee:
            assert next_one.period == later_period(Period(one.period), 1)
            assert next_one.opening_carry == one.closing_carry
    assert all(row.payable + row.closing_carry == row.due for row in rows)
    assert all(row.payable >= 0 >= row.closing_carry for row in rows)


@given(Seeds)
def test_tranches_always_sum_to_what_was_deferred(seed: int) -> None:
    some = read_scenario(scenario(seed))
    outcome = computed(facts_of(some.rules, some.goals, some.events))

    deferred = -sum(entry.amount for entry in outcome.entries if entry.type == "DEFER")
    assert sum(tranche.amount for tranche in outcome.tranches) == deferred
    assert sum(each.amount for each in outcome.entries if each.type == "RELEASE") == deferred


@given(Seeds)
def test_the_same_input_has_the_same_digests_however_its_keys_are_ordered(seed: int) -> None:
    document = scenario(seed)
    one = answer_to(json.dumps(document).encode())
    other = answer_to(json.dumps(document, sort_keys=True, indent=3).encode())

    assert one == other


@given(Seeds)
def test_a_result_with_another_amount_has_another_digest(seed: int) -> None:
    document = scenario(seed)
    dearer = json.loads(json.dumps(document).replace('"60.00"', '"61.00"'))
    one = answer_to(json.dumps(document).encode())
    other = answer_to(json.dumps(dearer).encode())

    same: Callable[[str], bool] = lambda key: one[key] == other[key]  # type: ignore[literal-required]  # noqa: E731
    assert same("input_digest") == (dearer == document)
    assert same("result_digest") == same("entries") == (one["entries"] == other["entries"])


@given(Seeds)
def test_a_close_is_no_fact_that_a_computation_looks_at(seed: int) -> None:
    some = read_scenario(scenario(seed))
    facts = facts_of(some.rules, some.goals, some.events)
    open_only = tuple(event for event in some.events if not isinstance(event, Closed))

    assert facts == facts_of(some.rules, some.goals, open_only)
    assert computed_from(qualification(facts).sales, facts.goals) == computed(facts)
