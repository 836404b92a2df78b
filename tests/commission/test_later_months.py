"""What a month leads to afterwards: tranches, releases, clawbacks, carries, receivables."""

import pytest

from tests.commission.builders import (
    Json,
    cancel,
    card,
    of,
    posted,
    row,
    run,
    sale,
    scenario,
)

DEFERRED = {"rate": "0.40", "years": 3}
FULL_YEAR = [{"to_month": 12, "rate": "1.00"}]


def tranches(answer: Json) -> list[tuple[str, str, str]]:
    return [(each["due_on"], each["amount"], each["status"]) for each in answer["tranches"]]


def test_a_deferral_is_cut_into_equal_years_with_the_residue_in_the_later_ones() -> None:
    # 40 % of 100.00 is 40.00; 4,000 fen in three are 1,333, 1,333 and 1,334.
    answer = run(scenario(card("100.00", deferral=DEFERRED), sale("s1", "2026-03-10")))

    assert of(answer, "DEFER") == [("2026-03", "E1", "-40.00")]
    assert row(answer, "E1", "2026-03")["payable"] == "60.00"
    assert tranches(answer) == [
        ("2027-03-31", "13.33", "held"),
        ("2028-03-31", "13.33", "held"),
        ("2029-03-31", "13.34", "held"),
    ]


def test_the_deferred_share_is_never_below_its_floor() -> None:
    # 40 % of 0.01 is 0.4 fen and rounds up to a whole one.
    answer = run(scenario(card("0.01", deferral=DEFERRED), sale("s1", "2026-03-10")))

    assert of(answer, "DEFER") == [("2026-03", "E1", "-0.01")]
    assert [amount for _, amount, _ in tranches(answer)] == ["0.00", "0.00", "0.01"]


def test_what_is_deferred_is_what_cap_and_quality_left() -> None:
    # 60 x 40 = 2,400, capped to 2,000, weighed to 1,800; 40 % are 720, a third 240.
    rule = card("60.00", cap_period="2000.00", deferral=DEFERRED)
    quality = [{"employee": "E1", "period": "2026-03", "coefficient": "0.9"}]

    answer = run(scenario(rule, sale("s1", "2026-03-10", qty=40), quality=quality))

    assert of(answer, "DEFER") == [("2026-03", "E1", "-720.00")]
    assert [amount for _, amount, _ in tranches(answer)] == ["240.00", "240.00", "240.00"]


def test_a_tranche_is_released_in_the_month_of_its_day_and_not_before() -> None:
    rule = card("100.00", deferral=DEFERRED)

    answer = run(scenario(rule, sale("s1", "2026-03-10"), as_of="2028-03-31"))

    assert of(answer, "RELEASE") == [("2027-03", "E1", "13.33"), ("2028-03", "E1", "13.33")]
    assert [status for _, _, status in tranches(answer)] == ["released", "released", "held"]
    assert row(answer, "E1", "2027-03")["payable"] == "13.33"


def test_a_tranche_from_february_is_due_on_the_leap_day() -> None:
    # 0.80 in two years: the second is 2028, a leap year.
    rule = card("2.00", deferral={"rate": "0.40", "years": 2})

    answer = run(scenario(rule, sale("s1", "2026-02-28")))

    assert [due for due, _, _ in tranches(answer)] == ["2027-02-28", "2028-02-29"]


@pytest.mark.parametrize(
    ("cancelled_on", "taken"),
    [
        ("2026-02-28", ["-60.00"]),  # 31 January and one month is clamped to 28 February
        ("2026-03-01", ["-30.00"]),  # a day more is month 2
        ("2026-03-31", ["-30.00"]),  # 31 January and two months
        ("2026-04-01", []),  # past the last bracket nothing
    ],
)
def test_the_age_of_a_cancelled_sale_says_how_much_is_taken_back(
    cancelled_on: str, taken: list[str]
) -> None:
    brackets = [{"to_month": 1, "rate": "1.00"}, {"to_month": 2, "rate": "0.50"}]
    rule = card("60.00", clawback=brackets)

    answer = run(scenario(rule, sale("s1", "2026-01-31"), cancel("s1", cancelled_on)))

    assert [amount for _, _, amount in of(answer, "CLAWBACK")] == taken


def test_a_clawback_goes_to_the_original_payees_by_the_original_split() -> None:
    # 60.00 at 70/30 is 42.00 / 18.00; half of it comes back, from the one who left too.
    rule = card("60.00", clawback=[{"to_month": 12, "rate": "0.50"}])
    sold = sale("s1", "2026-03-10", [["E1", 7000], ["E2", 3000]])
    left = {"kind": "leave", "employee": "E2", "on": "2026-05-01"}

    answer = run(scenario(rule, sold, left, cancel("s1", "2026-06-10")))

    assert of(answer, "CLAWBACK") == [("2026-06", "E1", "-21.00"), ("2026-06", "E2", "-9.00")]


def test_a_clawback_takes_unpaid_tranches_first_and_the_next_due_first() -> None:
    # A quarter of 100.00 is 25.00: the tranche of 2027 whole, 11.67 of the next one's 13.33.
    rule = card("100.00", deferral=DEFERRED, clawback=[{"to_month": 6, "rate": "0.25"}])
    events = [sale("s1", "2026-03-10"), cancel("s1", "2026-08-10")]

    answer = run(scenario(rule, *events, as_of="2029-03-31"))

    assert of(answer, "CLAWBACK") == [("2026-08", "E1", "-25.00")]
    assert of(answer, "RELEASE") == [
        ("2026-08", "E1", "13.33"),
        ("2026-08", "E1", "11.67"),
        ("2028-03", "E1", "1.66"),
        ("2029-03", "E1", "13.34"),
    ]
    assert row(answer, "E1", "2026-08")["closing_carry"] == "0.00"
    assert tranches(answer) == [
        ("2027-03-31", "13.33", "forfeited"),
        ("2028-03-31", "11.67", "forfeited"),
        ("2028-03-31", "1.66", "released"),
        ("2029-03-31", "13.34", "released"),
    ]


def test_a_forfeited_tranche_says_that_it_is_and_for_which_sale() -> None:
    rule = card("100.00", deferral=DEFERRED, clawback=FULL_YEAR)

    answer = run(scenario(rule, sale("s1", "2026-03-10"), cancel("s1", "2026-08-10")))

    lost = [entry for entry in answer["entries"] if entry["type"] == "RELEASE"]
    assert {entry["trace"]["reason"] for entry in lost} == {"forfeit"}
    assert [(entry["sale"], entry["ref"]) for entry in lost] == [
        ("s1", "2026-03/1"),
        ("s1", "2026-03/2"),
        ("s1", "2026-03/3"),
    ]


def test_only_the_rest_of_a_clawback_lowers_what_is_payable() -> None:
    # 100.00 comes back, 40.00 of it was never paid: 60.00 are owed.
    rule = card("100.00", deferral=DEFERRED, clawback=FULL_YEAR)

    answer = run(scenario(rule, sale("s1", "2026-03-10"), cancel("s1", "2026-08-10")))

    august = row(answer, "E1", "2026-08")
    assert (august["clawed"], august["released"]) == ("-100.00", "40.00")
    assert (august["payable"], august["closing_carry"]) == ("0.00", "-60.00")


def test_a_tranche_that_was_paid_is_not_forfeited_again() -> None:
    # Cancelled in June 2027: 13.33 were released in March, 26.67 are still held.
    rule = card("100.00", deferral=DEFERRED, clawback=[{"to_month": 18, "rate": "1.00"}])
    events = [sale("s1", "2026-03-10"), cancel("s1", "2027-06-01")]

    answer = run(scenario(rule, *events))

    assert of(answer, "RELEASE") == [
        ("2027-03", "E1", "13.33"),
        ("2027-06", "E1", "13.33"),
        ("2027-06", "E1", "13.34"),
    ]
    assert row(answer, "E1", "2027-06")["closing_carry"] == "-73.33"


def test_a_tranche_is_still_unpaid_in_the_month_that_it_falls_due() -> None:
    rule = card("100.00", deferral=DEFERRED, clawback=[{"to_month": 18, "rate": "0.10"}])
    events = [sale("s1", "2026-03-10"), cancel("s1", "2027-03-02")]

    # 10.00 are forfeited of the 13.33 that fall due on 31 March, and 3.33 are released.
    assert of(run(scenario(rule, *events)), "RELEASE") == [
        ("2027-03", "E1", "3.33"),
        ("2027-03", "E1", "10.00"),
    ]


def test_sales_of_one_month_forfeit_the_same_tranches_in_the_order_of_cancellation() -> None:
    # Two sales of 50.00 defer 40.00; the first clawback takes 13.33 + 11.67, the second the rest.
    rule = card("50.00", deferral=DEFERRED, clawback=[{"to_month": 12, "rate": "0.50"}])
    sales = [sale("a", "2026-03-10"), sale("b", "2026-03-11")]

    answer = run(scenario(rule, *sales, cancel("b", "2026-05-01"), cancel("a", "2026-06-01")))

    forfeits = [each for each in posted(answer) if each[3] == "RELEASE"]
    # Each takes 25.00 of 13.33 + 13.33 + 13.34; the second finds 1.66 and 13.34.
    assert forfeits == [
        ("2026-05", "E1", "b", "RELEASE", "13.33"),
        ("2026-05", "E1", "b", "RELEASE", "11.67"),
        ("2026-06", "E1", "a", "RELEASE", "1.66"),
        ("2026-06", "E1", "a", "RELEASE", "13.34"),
    ]
    assert row(answer, "E1", "2026-06")["closing_carry"] == "-10.00"


def test_tranches_of_another_month_or_rule_are_left_alone() -> None:
    rule = card("100.00", deferral=DEFERRED, clawback=FULL_YEAR)
    sales = [sale("march", "2026-03-10"), sale("april", "2026-04-10")]

    answer = run(scenario(rule, *sales, cancel("march", "2026-05-01")))

    lost = {each["period"] for each in answer["tranches"] if each["status"] == "forfeited"}
    assert lost == {"2026-03"}


def test_a_debt_is_carried_until_later_pay_has_settled_it() -> None:
    # Earns 60.00, gives 60.00 back in May, earns 45.00 in June and July: 0, then 30.00.
    rules = [card("60.00", clawback=FULL_YEAR), card("45.00", id="b", product="B")]
    events = [sale("s1", "2026-03-10"), cancel("s1", "2026-05-10")]
    events += [sale(f"b{month}", f"2026-0{month}-01", product="B") for month in (6, 7)]

    answer = run(scenario(rules, *events))

    pay = [
        (each["period"], each["payable"], each["closing_carry"]) for each in answer["statements"]
    ]
    assert pay == [
        ("2026-03", "60.00", "0.00"),
        ("2026-04", "0.00", "0.00"),
        ("2026-05", "0.00", "-60.00"),
        ("2026-06", "0.00", "-15.00"),
        ("2026-07", "30.00", "0.00"),
    ]
    assert row(answer, "E1", "2026-06")["opening_carry"] == "-60.00"


def test_what_someone_owes_after_leaving_is_marked_as_a_receivable() -> None:
    rule = card("60.00", clawback=FULL_YEAR)
    left = {"kind": "leave", "employee": "E1", "on": "2026-06-15"}
    events = [sale("s1", "2026-03-10"), cancel("s1", "2026-05-10"), left]

    answer = run(scenario(rule, *events, as_of="2026-07-31"))

    marked = [each["period"] for each in answer["statements"] if each.get("receivable")]
    assert marked == ["2026-06", "2026-07"]
