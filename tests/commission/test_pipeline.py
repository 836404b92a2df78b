"""What a sale pays in its own month: recognition, price, tiers, split, targets, cap, quality."""

import pytest

from tests.commission.builders import (
    Json,
    cancel,
    card,
    lent,
    loan,
    of,
    posted,
    row,
    rule,
    run,
    sale,
    scenario,
)

MARCH = "2026-03"
FAST = {"min_attainment": "1.20", "multiplier": "1.2"}


def target(value: str, product: str = "CARD", employee: str = "E1") -> Json:
    return {"employee": employee, "product": product, "period": MARCH, "value": value}


def amounts(answer: Json, kind: str = "EARN") -> list[str]:
    return [amount for _, _, amount in of(answer, kind)]


def test_a_card_pays_its_price() -> None:
    answer = run(scenario(card("60.00"), sale("s1", "2026-03-10", qty=7)))

    assert posted(answer) == [(MARCH, "E1", "s1", "EARN", "420.00")]


def test_half_a_fen_is_rounded_away_from_zero() -> None:
    ins = rule("INS", "RATE", rate="0.5")

    answer = run(scenario(ins, sale("s1", "2026-03-10", product="INS", qty=None, amount="0.01")))

    assert amounts(answer) == ["0.01"]


def test_the_date_that_counts_is_the_rules_event_and_never_the_capture() -> None:
    prices = [card("60.00", to="2026-04-01"), card("45.00", version=2) | {"from": "2026-04-01"}]
    offline = sale("s1", "2026-04-03", captured="2026-03-31")

    assert posted(run(scenario(prices, offline))) == [("2026-04", "E1", "s1", "EARN", "45.00")]


def test_an_interval_ends_the_day_before_its_end() -> None:
    prices = [card("60.00", to="2026-04-01"), card("45.00", version=2) | {"from": "2026-04-01"}]
    last, first = sale("a", "2026-03-31"), sale("b", "2026-04-01")

    assert amounts(run(scenario(prices, last, first))) == ["60.00", "45.00"]


def test_a_sale_whose_event_has_not_happened_waits() -> None:
    waiting = sale("s1", "2026-03-10", dates={"APPLIED": "2026-03-10"})

    answer = run(scenario(card(), waiting))

    assert answer["pending"] == [{"sale": "s1", "waiting_for": "ACTIVATED"}]
    assert answer["entries"] == []


def test_a_waiting_sale_that_is_cancelled_waits_no_longer() -> None:
    waiting = sale("s1", "2026-03-10", dates={})

    answer = run(scenario(card(), waiting, cancel("s1", "2026-03-11")))

    assert (answer["pending"], answer["entries"]) == ([], [])


@pytest.mark.parametrize(
    ("rules", "changes", "code"),
    [
        ([card()], {"product": "BOND"}, "no_rule"),
        ([card(to="2026-03-10")], {}, "no_rule"),
        ([card(), card(id="other")], {}, "two_rules"),
        ([card()], {"qty": None}, "no_quantity"),
        ([loan()], {"product": "LOAN"}, "no_amount"),
    ],
)
def test_a_sale_that_cannot_be_computed_is_an_error_and_the_rest_goes_on(
    rules: list[Json], changes: Json, code: str
) -> None:
    rest = rule("INS", "UNIT", unit_price="1.00")
    good = sale("good", "2026-03-10", product="INS")

    answer = run(scenario([*rules, rest], sale("bad", "2026-03-10", **changes), good))

    assert [(each["sale"], each["code"]) for each in answer["errors"]] == [("bad", code)]
    assert posted(answer) == [(MARCH, "E1", "good", "EARN", "1.00")]


def test_a_total_is_rounded_before_it_is_split() -> None:
    # 0.10 at 5 % is 0.005, rounded 0.01; the halves of 0.01 are 0.01 and 0.00.
    ins = rule("INS", "RATE", rate="0.05")
    joint = sale("s1", MARCH + "-10", [["E1", 5000], ["E2", 5000]], product="INS", amount="0.10")

    assert amounts(run(scenario(ins, joint))) == ["0.01", "0.00"]


def test_an_amount_is_split_before_it_goes_through_each_owners_tiers() -> None:
    # 20,000 at 60/40: 12,000 earns 500 + 160, 8,000 earns 400; as a whole it were 1,300.
    joint = lent("L", "2026-03-05", "20000.00", [["E1", 6000], ["E2", 4000]])

    assert amounts(run(scenario(loan(), joint))) == ["660.00", "400.00"]


def test_a_month_of_tiers_begins_at_zero_again() -> None:
    march, april = lent("A", "2026-03-31", "10000.00"), lent("B", "2026-04-01", "10000.00")

    assert amounts(run(scenario(loan(), march, april))) == ["500.00", "500.00"]


def test_a_slab_pays_the_whole_amount_the_rate_it_reached() -> None:
    # 6,000 x 5 % = 300; then 15,000 x 8 % = 1,200, less the 300 that were earned.
    slab = loan(kind="TIER_SLAB")
    a, b = lent("A", "2026-03-05", "6000.00"), lent("B", "2026-03-12", "9000.00")

    assert amounts(run(scenario(slab, b, a))) == ["300.00", "900.00"]


@pytest.mark.parametrize(("amount", "paid"), [("9999.99", "500.00"), ("10000.00", "800.00")])
def test_the_upper_end_of_a_slab_belongs_to_the_next_one(amount: str, paid: str) -> None:
    answer = run(scenario(loan(kind="TIER_SLAB"), lent("A", "2026-03-05", amount)))

    assert amounts(answer) == [paid]


def test_sales_fill_the_tiers_by_their_dates_and_only_then_by_their_ids() -> None:
    # First 10,000 at 5 %, whoever that is; then 10,000 at 8 %.
    later, earlier = lent("a", "2026-03-20", "10000.00"), lent("b", "2026-03-05", "10000.00")
    same_day = lent("c", "2026-03-20", "10000.00")

    answer = run(scenario(loan(), later, earlier, same_day))

    earned = {entry[2]: entry[4] for entry in posted(answer)}
    assert earned == {"b": "500.00", "a": "800.00", "c": "800.00"}


def test_two_versions_of_a_rule_in_one_month_fill_the_same_tiers() -> None:
    # 8,000 under version 1: 400. Version 2 pays 20 % from 10,000 on: 2,000 x 5 % + 8,000 x 20 %.
    newer = loan(["0", "10000", "0.05"], ["10000", None, "0.20"], version=2)
    rules = [loan(to="2026-03-16"), newer | {"from": "2026-03-16"}]
    a, b = lent("A", "2026-03-05", "8000.00"), lent("B", "2026-03-20", "10000.00")

    assert amounts(run(scenario(rules, a, b))) == ["400.00", "1700.00"]


@pytest.mark.parametrize(("pieces", "paid"), [(3, "21.60"), (2, "12.00")])
def test_only_the_highest_threshold_that_is_reached_counts(pieces: int, paid: str) -> None:
    # Of a target of 2: three are 150 %, paid 3 x 6.00 x 1.2; two are 100 %, paid 2 x 6.00 x 1.0.
    steps = [{"min_attainment": "0.5", "multiplier": "1.0"}, FAST]
    rules = card("6.00", accelerators=steps)

    answer = run(scenario(rules, sale("s", "2026-03-10", qty=pieces), targets=[target("2")]))

    assert amounts(answer) == [paid]


def test_without_a_target_nothing_accelerates() -> None:
    answer = run(scenario(card("5.00", accelerators=[FAST]), sale("s1", "2026-03-10", qty=900)))

    assert amounts(answer) == ["4500.00"]


def test_the_target_counts_by_its_own_share_where_one_was_agreed() -> None:
    # Of 12 cards E1 is paid half but counts all 12 against a target of 10: 6 x 5.00 x 1.2.
    joint = sale("s1", "2026-03-10", [["E1", 5000, 10_000], ["E2", 5000, 0]], qty=12)
    targets = [target("10"), target("6", employee="E2")]

    answer = run(scenario(card("5.00", accelerators=[FAST]), joint, targets=targets))

    assert amounts(answer) == ["36.00", "30.00"]


def test_one_who_only_shares_the_target_is_posted_nothing() -> None:
    joint = sale("s1", "2026-03-10", [["E1", 10_000, 0], ["E2", 0, 10_000]])

    assert posted(run(scenario(card(), joint))) == [(MARCH, "E1", "s1", "EARN", "60.00")]


def test_a_target_in_yuan_counts_fen_that_the_split_does_not_round() -> None:
    # Half of 0.03 is 0.015: 150 % of 0.01, exactly the threshold.
    steps = [{"min_attainment": "1.5", "multiplier": "2"}]
    ins = rule("INS", "RATE", rate="1", accelerators=steps)
    joint = sale("s", "2026-03-01", [["E1", 5000], ["E2", 5000]], product="INS", amount="0.03")
    targets = [target("0.01", "INS", who) for who in ("E1", "E2")]

    # The fen split 0.02 / 0.01, and both reached their target.
    assert amounts(run(scenario(ins, joint, targets=targets))) == ["0.04", "0.02"]


def test_a_cap_trims_the_month_once_and_quality_weighs_what_is_left() -> None:
    quality = [{"employee": "E1", "period": MARCH, "coefficient": "0.9"}]
    sales = [sale("a", "2026-03-10", qty=20), sale("b", "2026-03-11", qty=20)]

    answer = run(scenario(card("60.00", cap_period="2000.00"), *sales, quality=quality))

    # 1,200 + 1,200 - 400 = 2,000; 2,000 x (0.9 - 1) = -200.
    assert amounts(answer, "CAP_TRIM") == ["-400.00"]
    assert amounts(answer, "QUALITY") == ["-200.00"]
    assert row(answer, "E1", MARCH)["payable"] == "1800.00"


def test_a_sale_cancelled_in_its_own_month_never_was() -> None:
    answer = run(scenario(card(), sale("s1", "2026-03-01"), cancel("s1", "2026-03-31")))

    assert (answer["entries"], answer["statements"]) == ([], [])


def test_a_disputed_sale_posts_nothing_and_is_shown_as_held() -> None:
    rivals = [
        sale(name, "2026-03-10", who, external_ref="C-1") for name, who in (("a", "E"), ("b", "F"))
    ]

    answer = run(scenario(card(), *reversed(rivals)))

    assert answer["entries"] == []
    assert answer["held"] == [{"external_ref": "C-1", "sales": ["a", "b"]}]


def test_an_approved_split_pays_one_sale_and_the_last_decision_counts() -> None:
    rivals = [
        sale(name, "2026-03-10", who, external_ref="C-1") for name, who in (("a", "E"), ("b", "F"))
    ]
    approve = [
        {"kind": "approve_split", "external_ref": "C-1", "shares": [["E", first], ["F", rest]]}
        for first, rest in ((5000, 5000), (6000, 4000))
    ]

    answer = run(scenario(card(), rivals[0], *approve, rivals[1]))

    assert posted(answer) == [
        (MARCH, "E", "a", "EARN", "36.00"),
        (MARCH, "F", "a", "EARN", "24.00"),
    ]
    assert answer["held"] == []


@pytest.mark.parametrize(
    ("rules", "sold", "formula"),
    [
        (
            card("60.00"),
            sale("s", "2026-03-10", [["E1", 7000], ["E2", 3000]], qty=7),
            "7 张 x 60.00 x 70 % = 294.00",
        ),
        (
            rule("INS", "RATE", rate="0.0120"),
            sale("s", "2026-03-10", product="INS", amount="50000.00"),
            "50,000.00 x 1.2 % = 600.00",
        ),
        (
            rule("DEP", "PER_10K", unit_price="8.00", whole_units=True),
            sale("s", "2026-03-10", product="DEP", amount="1234567.89"),
            "123 万 x 8.00 = 984.00",
        ),
        (
            loan(),
            lent("s", "2026-03-10", "15000.00"),
            "10,000.00 x 5 % + 5,000.00 x 8 % = 900.00",
        ),
        (
            card("5.00", accelerators=[FAST]),
            sale("s", "2026-03-10", qty=12),
            "12 张 x 5.00 x 1.2 = 72.00",
        ),
    ],
)
def test_an_entry_says_in_plain_words_how_it_came_about(
    rules: Json, sold: Json, formula: str
) -> None:
    answer = run(scenario(rules, sold, targets=[target("10")]))

    assert answer["entries"][0]["trace"]["formula"] == formula


def test_a_trace_names_its_rule_its_inputs_its_steps_and_its_tiers() -> None:
    a, b = lent("A", "2026-03-05", "6000.00"), lent("B", "2026-03-12", "9000.00")

    trace = run(scenario(loan(version=4), a, b))["entries"][1]["trace"]

    assert (trace["engine"], trace["rule"], trace["version"]) == ("2", "loan", 4)
    assert trace["inputs"]["amount"] == "9000.00"
    assert [step["step"] for step in trace["steps"]] == ["qualify", "tier"]
    assert trace["steps"][1]["text"] == "900.00 on 15,000.00 less 300.00 on 6,000.00 = 600.00"
    assert trace["tiers"] == [
        {"from": "0.00", "to": "10000.00", "rate": "5 %", "amount": "4000.00"},
        {"from": "10000.00", "to": "30000.00", "rate": "8 %", "amount": "5000.00"},
    ]


def test_the_inputs_of_a_trace_hold_every_number_of_its_words() -> None:
    lent_in_parts = lent("s", "2026-03-10", "15000.00", [["E1", 7000], ["E2", 3000]])

    given = run(scenario(loan(), lent_in_parts))["entries"][0]["trace"]["inputs"]

    assert (given["total"], given["part"], given["due"]) == ("15000.00", "10500.00", "540.00")
    assert (given["before"], given["paid_before"], given["paid_after"]) == (
        "0.00",
        "0.00",
        "540.00",
    )
    assert (given["recognise_on"], given["since"]) == ("ACTIVATED", "2026-01-01")
