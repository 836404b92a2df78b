"""Where the rules left a choice: what was chosen (docs/commission.md), one test for each."""

import re
from pathlib import Path

from shared.commission.scenario import answer_to
from tests.commission.builders import (
    Json,
    cancel,
    card,
    close,
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

DOCUMENT = Path(__file__).parents[2] / "docs" / "commission.md"
DEFERRED = {"rate": "0.40", "years": 3}
TARGET = {"employee": "E1", "product": "CARD", "period": "2026-03", "value": "2"}
DOUBLE = [{"min_attainment": "1", "multiplier": "2"}]


def claims() -> list[Json]:
    return [
        sale("a", "2026-03-10", "E1", external_ref="C-1"),
        sale("b", "2026-03-10", "E2", external_ref="C-1"),
    ]


def approve(*shares: list[object]) -> Json:
    return {"kind": "approve_split", "external_ref": "C-1", "shares": list(shares)}


def test_the_example_of_the_document_is_a_scenario_that_runs() -> None:
    example = re.search(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)

    assert example is not None
    answer = answer_to(example[1].encode())
    # 60.00 at 60/40, half of it back in month 8; E2 left and 2.40 are not covered by tranches.
    assert answer["statements"][-1]["closing_carry"] == "-2.40"
    assert answer["statements"][-1]["receivable"] is True


def test_a_sale_without_any_date_waits_for_the_first_event_of_the_plan() -> None:
    rules = [card(recognise_on="FUNDED", to="2026-03-01"), card(version=2) | {"from": "2026-03-01"}]

    answer = run(scenario(rules, sale("s1", "2026-03-10", dates={})))

    assert answer["pending"] == [{"sale": "s1", "waiting_for": "FUNDED"}]


def test_a_sale_cancelled_before_its_month_never_was() -> None:
    answer = run(scenario(card(), sale("s1", "2026-04-10"), cancel("s1", "2026-03-20")))

    assert answer["entries"] == []


def test_cancelling_one_claim_does_not_end_a_dispute() -> None:
    answer = run(scenario(card(), *claims(), cancel("b", "2026-03-11")))

    assert (answer["entries"], len(answer["held"])) == ([], 1)


def test_cancelling_the_claim_that_lost_changes_nothing() -> None:
    decided = [*claims(), approve(["E1", 6000], ["E2", 4000])]

    answer = run(scenario(card(), *decided, cancel("b", "2026-03-11")))

    assert [amount for _, _, amount in of(answer, "EARN")] == ["36.00", "24.00"]


def test_an_approval_for_a_single_claim_applies_to_it() -> None:
    answer = run(scenario(card(), claims()[0], approve(["E3", 10_000])))

    assert posted(answer) == [("2026-03", "E3", "a", "EARN", "60.00")]


def test_the_smaller_id_is_the_smaller_text() -> None:
    rivals = [sale(name, "2026-03-10", external_ref="C-1") for name in ("s2", "s10")]

    answer = run(scenario(card(), *rivals, approve(["E1", 10_000])))

    assert [entry["sale"] for entry in answer["entries"]] == ["s10"]


def test_the_last_sale_of_a_month_says_which_version_caps_and_defers_it() -> None:
    # 100.00 + 100.00 under a cap of 150.00 in version 2; version 1 has none.
    newer = card("100.00", version=2, cap_period="150.00", deferral=DEFERRED)
    rules = [card("100.00", to="2026-03-16"), newer | {"from": "2026-03-16"}]

    answer = run(scenario(rules, sale("b", "2026-03-20"), sale("a", "2026-03-10")))

    assert [(e["type"], e["version"], e["amount"]) for e in answer["entries"]] == [
        ("EARN", 1, "100.00"),
        ("EARN", 2, "100.00"),
        ("CAP_TRIM", 2, "-50.00"),
        ("DEFER", 2, "-60.00"),
    ]


def test_attainment_counts_sales_under_another_rule_of_the_product() -> None:
    # One card under each rule, together the target of 2: only the second rule accelerates.
    rules = [
        card("60.00", id="old", to="2026-03-16"),
        card("45.00", id="new", accelerators=DOUBLE) | {"from": "2026-03-16"},
    ]
    sales = [sale("a", "2026-03-10"), sale("b", "2026-03-20")]

    answer = run(scenario(rules, *sales, targets=[TARGET]))

    assert sorted(amount for _, _, amount in of(answer, "EARN")) == ["60.00", "90.00"]


def test_a_sale_cancelled_in_a_later_month_still_counts_towards_its_months_target() -> None:
    sales = [sale("a", "2026-03-10"), sale("b", "2026-03-20"), cancel("b", "2026-05-01")]

    answer = run(scenario(card(accelerators=DOUBLE), *sales, targets=[TARGET]))

    assert [amount for _, _, amount in of(answer, "EARN")] == ["120.00", "120.00"]


def test_a_sale_too_small_to_pay_is_posted_at_zero() -> None:
    # 0.01 x 1 % is a hundredth of a fen.
    answer = run(
        scenario(
            rule("INS", "RATE", rate="0.01"),
            sale("s1", "2026-03-10", product="INS", amount="0.01"),
        )
    )

    assert posted(answer) == [("2026-03", "E1", "s1", "EARN", "0.00")]


def test_two_closed_months_corrected_at_once_are_two_adjustments() -> None:
    new = {"kind": "rule", "replaces": "card", "rule": card("61.00", version=2)}
    sales = [sale("a", "2026-02-10"), sale("b", "2026-03-10")]

    answer = run(scenario(card(), *sales, close("2026-03"), new))

    adjusted = [(e["period"], e["ref"]) for e in answer["entries"] if e["type"] == "ADJUST"]
    assert adjusted == [("2026-04", "2026-02"), ("2026-04", "2026-03")]


def test_an_adjustment_names_the_newest_version_that_it_corrects_towards() -> None:
    # In March 2027 version 1 releases 40.00 of 2026, and version 2 defers 40.00 of each sale.
    one_year = {"rate": "0.40", "years": 1}
    old, new = (card("100.00", version=number, deferral=one_year) for number in (1, 2))
    rules = [old | {"to": "2027-01-01"}, new | {"from": "2027-01-01"}]
    sales = [sale("a", "2026-03-10"), sale("b", "2027-03-10")]

    answer = run(scenario(rules, *sales, close("2027-03"), sale("c", "2027-03-11")))

    adjusted = [(e["version"], e["amount"]) for e in answer["entries"] if e["type"] == "ADJUST"]
    assert adjusted == [(2, "-40.00"), (2, "100.00")]


def test_an_earlier_day_ends_the_statements_but_not_the_entries() -> None:
    sales = [sale("a", "2026-03-10"), sale("b", "2026-05-10")]

    answer = run(scenario(card(), *sales, as_of="2026-04-30"))

    assert [each["period"] for each in answer["statements"]] == ["2026-03", "2026-04"]
    assert [entry["period"] for entry in answer["entries"]] == ["2026-03", "2026-05"]


def test_a_cancellation_may_arrive_before_its_sale() -> None:
    events = [sale("s1", "2026-03-10"), cancel("s1", "2026-04-01")]
    plan = card(clawback=[{"to_month": 1, "rate": "1.00"}])

    assert run(scenario(plan, *reversed(events))) == run(scenario(plan, *events))


def test_the_same_rule_twice_is_two_rules() -> None:
    answer = run(scenario([card(), card()], sale("s1", "2026-03-10")))

    assert [each["code"] for each in answer["errors"]] == ["two_rules"]


def test_a_month_that_a_falling_slab_left_with_nothing_defers_nothing() -> None:
    # 10 % of 1,000 is 100.00; from 1,000.01 on a slab pays nothing: the second sale takes it back.
    slab = loan(["0", "1000.01", "0.10"], ["1000.01", None, "0"], kind="TIER_SLAB")
    sales = [lent("a", "2026-03-01", "1000.00"), lent("b", "2026-03-02", "1.00")]

    answer = run(scenario(slab | {"deferral": DEFERRED}, *sales))

    assert [amount for _, _, amount in of(answer, "EARN", "DEFER")] == ["100.00", "-100.00"]
    assert row(answer, "E1", "2026-03")["payable"] == "0.00"
