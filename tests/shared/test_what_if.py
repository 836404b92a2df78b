"""A drafted rule is tried on a month that is over; every figure here was worked out by hand."""

from datetime import date
from typing import Any

from pydantic_core import to_json

from shared.commission.facts import Goals
from shared.commission.months import Period
from shared.commission.rules import Rule
from shared.domain import SaleShare
from shared.domain.commission_rule import Overlap, read_terms, rules_in_force
from shared.domain.what_if import Gap, difference, faults, gaps, sorted_differences, tried
from shared.ids import EmployeeId
from shared.testing.selling import terms

OCTOBER = Period("2026-10")
E1, E2 = EmployeeId("e1"), EmployeeId("e2")


def rule(name: str = "card", number: int = 1, **fields: Any) -> Rule:
    return read_terms(terms(name, number, **fields))


def share(number: int, employee: str = "e1", **fields: Any) -> SaleShare:
    known: dict[str, Any] = {
        "id": f"x{number}",
        "employee_id": employee,
        "sale_id": f"s{number}",
        "seller_id": employee,
        "customer_label": "刘*兰",
        "product_id": "p1",
        "product_code": "CARD",
        "occurred_at": 1_791_500_000_000,
        "shares": to_json([[employee, 10_000]]).decode(),
        "sale_status": "confirmed",
        "qty": 1,
        "events": '{"ACTIVATED":"2026-10-09"}',
        "status": "own",
    }
    return SaleShare(**{**known, **fields})


def compared(draft: Rule, *shares: SaleShare, employee: EmployeeId = E1) -> tuple[int, int]:
    before = (rule(),)
    found = difference(employee, shares, (before, tried(before, draft, OCTOBER)), Goals(), OCTOBER)
    return found.before.earned, found.after.earned


def test_a_lower_price_loses_the_difference_for_each_piece() -> None:
    draft = rule(number=2, unit_price="45.00", **{"from": "2026-12-01"})

    assert compared(draft, share(1, qty=7)) == (42_000, 31_500)


def test_a_draft_is_tried_on_the_month_before_its_first_day() -> None:
    in_force = (rule(to="2026-11-01"), rule(number=2, unit_price="50.00", **{"from": "2026-11-01"}))
    draft = rule(number=3, unit_price="70.00", **{"from": "2027-01-01"})

    [only] = tried(in_force, draft, OCTOBER)

    assert (only.version, only.since, only.until) == (3, date(2026, 10, 1), None)


def test_sales_of_other_months_are_left_out() -> None:
    draft = rule(number=2, unit_price="45.00")
    other = share(2, events='{"ACTIVATED":"2026-09-30"}')

    assert compared(draft, share(1), other) == (6_000, 4_500)


def test_a_cap_takes_what_is_above_it() -> None:
    draft = rule(number=2, cap_period="100.00")

    assert compared(draft, share(1, qty=7)) == (42_000, 10_000)


def test_a_deferral_is_told_apart_from_what_is_earned() -> None:
    before = (rule(),)
    draft = rule(number=2, deferral={"rate": "0.40", "years": 3})

    found = difference(
        E1, [share(1, qty=7)], (before, tried(before, draft, OCTOBER)), Goals(), OCTOBER
    )

    assert (found.change, found.before.deferred, found.after.deferred) == (0, 0, 16_800)


def test_a_joint_sale_is_counted_by_ones_own_part() -> None:
    draft = rule(number=2, unit_price="100.00")
    both = to_json([["e1", 7_000], ["e2", 3_000]]).decode()

    assert compared(draft, share(1, "e2", shares=both), employee=E2) == (1_800, 3_000)


def test_a_sale_that_two_rules_see_cannot_be_compared_and_says_why() -> None:
    before = (rule(),)
    draft = rule("card-b", 1, unit_price="45.00")

    found = difference(E1, [share(1)], (before, tried(before, draft, OCTOBER)), Goals(), OCTOBER)

    assert [each.code for each in found.problems] == ["two_rules"]


def test_who_loses_most_stands_first_and_who_cannot_be_told_last() -> None:
    before, draft = (rule(),), rule(number=2, unit_price="45.00")
    rules = before, tried(before, draft, OCTOBER)
    nobody = rules[0], (*rules[1], rule("other"))
    some = [
        difference(E1, [share(1)], rules, Goals(), OCTOBER),
        difference(E2, [share(2, "e2", qty=3)], rules, Goals(), OCTOBER),
        difference(EmployeeId("e3"), [share(3, "e3")], nobody, Goals(), OCTOBER),
    ]

    found = sorted_differences(some)

    assert [(each.employee, each.change) for each in found[:2]] == [("e2", -4_500), ("e1", -1_500)]
    assert found[2].problems


def test_a_new_version_of_a_rule_overlaps_nothing() -> None:
    assert faults([rule()], rule(number=2, **{"from": "2026-12-01"})) == []


def test_a_second_rule_of_a_product_is_an_overlap() -> None:
    assert faults([rule()], rule("card-b", 1, **{"from": "2026-12-01"})) == [
        Overlap("CARD", date(2026, 12, 1), ("card", "card-b"))
    ]


def test_a_version_that_ends_leaves_a_gap() -> None:
    draft = rule(number=2, **{"from": "2026-12-01", "to": "2027-01-01"})

    assert faults([rule()], draft) == [Gap("CARD", date(2027, 1, 1), None)]


def test_a_gap_between_two_rules_is_found_and_one_that_was_there_before_is_no_fault() -> None:
    plan = [rule(to="2026-03-01"), rule("card-b", 1, **{"from": "2026-04-01"})]

    assert gaps(rules_in_force(plan)) == [Gap("CARD", date(2026, 3, 1), date(2026, 4, 1))]
    assert faults(plan, rule("card-b", 2, **{"from": "2026-06-01"})) == []


def test_a_gap_that_only_becomes_shorter_is_no_fault() -> None:
    ended = [rule(to="2026-03-01")]

    assert faults(ended, rule("card-b", 1, **{"from": "2026-06-01"})) == []
    assert faults(ended, rule(number=2, **{"from": "2026-06-01"})) == []
