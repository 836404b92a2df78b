"""Closed months: they never change, and what they should have been is adjusted in an open one."""

from dataclasses import replace

import pytest

from shared.commission.engine import simulate
from shared.commission.ledger import GENESIS, Approval, Ledger, broken_at
from shared.commission.scenario import read_scenario
from shared.errors import Refusal
from shared.ids import EmployeeId
from shared.money import Fen
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
    run,
    sale,
    scenario,
)

DEFERRED = {"rate": "0.40", "years": 3}
FULL_YEAR = [{"to_month": 12, "rate": "1.00"}]


def ledger_of(document: Json) -> Ledger:
    return simulate(read_scenario(document)).ledger


def dispute(decision: Json | None = None) -> list[Json]:
    """Build one claim, the close of March, and the rival claim that comes too late."""
    return [
        sale("a", "2026-03-10", "E1", external_ref="C-1"),
        close("2026-03"),
        sale("b", "2026-03-10", "E2", external_ref="C-1"),
    ]


DECISION: Json = {
    "kind": "approve_split",
    "external_ref": "C-1",
    "shares": [["E1", 6000], ["E2", 4000]],
}


def test_a_late_sale_moves_its_month_through_the_tiers_and_is_adjusted() -> None:
    # With B: 300.00 / 600.00 / 1,700.00; March was closed with A 300.00 and C 1,480.00.
    a, c = lent("A", "2026-03-05", "6000.00"), lent("C", "2026-03-20", "20000.00")
    b = lent("B", "2026-03-12", "9000.00")

    answer = run(scenario(loan(), a, c, close("2026-03"), b))

    adjusted = [each for each in posted(answer) if each[3] == "ADJUST"]
    assert adjusted == [
        ("2026-04", "E1", "B", "ADJUST", "600.00"),
        ("2026-04", "E1", "C", "ADJUST", "220.00"),
    ]
    assert row(answer, "E1", "2026-04")["payable"] == "820.00"


def test_an_adjustment_refers_to_the_month_it_corrects_and_says_old_and_new() -> None:
    a, c = lent("A", "2026-03-05", "6000.00"), lent("C", "2026-03-20", "20000.00")
    b = lent("B", "2026-03-12", "9000.00")

    entry = run(scenario(loan(), a, c, close("2026-03"), b))["entries"][-1]

    assert (entry["sale"], entry["ref"]) == ("C", "2026-03")
    assert entry["trace"]["formula"] == "1,700.00 - 1,480.00 = 220.00"


def test_an_adjustment_that_was_closed_itself_is_not_made_again() -> None:
    late = [sale("b", "2026-03-12"), close("2026-04"), sale("c", "2026-03-13"), close("2026-06")]

    answer = run(scenario(card(), sale("a", "2026-03-10"), close("2026-03"), *late))

    assert of(answer, "ADJUST") == [("2026-04", "E1", "60.00"), ("2026-05", "E1", "60.00")]


def test_closing_a_month_closes_every_earlier_one() -> None:
    events = [sale("a", "2026-02-10"), close("2026-03"), sale("b", "2026-01-10")]

    assert of(run(scenario(card(), *events)), "ADJUST") == [("2026-04", "E1", "60.00")]


def test_closing_a_closed_month_again_changes_nothing() -> None:
    once = [sale("a", "2026-03-10"), close("2026-03"), sale("b", "2026-03-11")]

    assert run(scenario(card(), *once, close("2026-02"))) == run(scenario(card(), *once))


def test_an_adjustment_carries_its_own_deferral_and_is_not_deferred_again() -> None:
    # 100.00 late: its month would have deferred 40.00 more, so 60.00 are paid and 40.00 held.
    rule = card("100.00", deferral=DEFERRED)
    events = [sale("a", "2026-03-10"), close("2026-03"), sale("b", "2026-03-11")]

    answer = run(scenario(rule, *events))

    assert of(answer, "ADJUST") == [("2026-04", "E1", "-40.00"), ("2026-04", "E1", "100.00")]
    assert [each["amount"] for each in answer["tranches"]] == ["26.66", "26.67", "26.67"]


def test_a_sale_cancelled_in_its_own_closed_month_is_taken_back() -> None:
    events = [sale("a", "2026-03-10"), close("2026-03"), cancel("a", "2026-03-20")]

    assert of(run(scenario(card(), *events)), "ADJUST") == [("2026-04", "E1", "-60.00")]


def test_a_cancellation_that_arrives_after_its_month_was_closed_is_an_adjustment() -> None:
    events = [sale("a", "2026-03-10"), close("2026-05"), cancel("a", "2026-04-20")]

    answer = run(scenario(card(clawback=FULL_YEAR), *events))

    assert of(answer, "CLAWBACK") == []
    assert of(answer, "ADJUST") == [("2026-06", "E1", "-60.00")]


def test_a_rule_replaced_in_an_open_month_is_recomputed() -> None:
    new = {"kind": "rule", "replaces": "card", "rule": card("45.00", version=2)}

    answer = run(scenario(card(), sale("a", "2026-03-10"), new))

    assert [(e["type"], e["version"], e["amount"]) for e in answer["entries"]] == [
        ("EARN", 2, "45.00")
    ]


def test_a_rule_replaced_after_the_close_posts_the_difference() -> None:
    new = {"kind": "rule", "replaces": "card", "rule": card("45.00", version=2)}

    answer = run(scenario(card(), sale("a", "2026-03-10"), close("2026-03"), new))

    assert [(e["period"], e["type"], e["version"], e["amount"]) for e in answer["entries"]] == [
        ("2026-03", "EARN", 1, "60.00"),
        ("2026-04", "ADJUST", 2, "-15.00"),
    ]


def test_a_replacement_retires_every_interval_of_its_rule() -> None:
    old = [card("60.00", to="2026-02-01"), card("50.00", version=2) | {"from": "2026-02-01"}]
    new = {"kind": "rule", "replaces": "card", "rule": card("45.00", version=3)}
    sales = [sale("a", "2026-01-10"), sale("b", "2026-02-10")]

    answer = run(scenario(old, *sales, new))

    assert [amount for _, _, amount in of(answer, "EARN")] == ["45.00", "45.00"]


def test_a_dispute_about_a_closed_month_takes_back_what_was_posted() -> None:
    answer = run(scenario(card(), *dispute()))

    assert of(answer, "EARN", "ADJUST") == [("2026-03", "E1", "60.00"), ("2026-04", "E1", "-60.00")]
    assert answer["held"] == [{"external_ref": "C-1", "sales": ["a", "b"]}]


def test_a_decided_dispute_about_a_closed_month_posts_the_approved_shares() -> None:
    answer = run(scenario(card(), *dispute(), DECISION))

    # 60.00 were posted to E1; 36.00 and 24.00 are right.
    assert of(answer, "ADJUST") == [("2026-04", "E1", "-24.00"), ("2026-04", "E2", "24.00")]


def test_a_dispute_that_outlasts_a_close_gives_back_what_it_took() -> None:
    answer = run(scenario(card(), *dispute(), close("2026-04"), DECISION))

    assert of(answer, "ADJUST") == [
        ("2026-04", "E1", "-60.00"),
        ("2026-05", "E1", "36.00"),
        ("2026-05", "E2", "24.00"),
    ]


def test_everything_at_once_is_right_to_the_fen() -> None:
    """Split, tiers, deferral, close, a new rule, a late sale, a cancellation, a leaver."""
    terms = {"deferral": DEFERRED, "clawback": [{"to_month": 6, "rate": "0.50"}]}
    steps = ["0", "10000", "0.05"], ["10000", "30000", "0.09"], ["30000", None, "0.10"]
    new = {"kind": "rule", "replaces": "loan", "rule": loan(*steps, version=2, **terms)}
    joint = lent("L1", "2026-03-05", "20000.00", [["E1", 6000], ["E2", 4000]])
    left = {"kind": "leave", "employee": "E2", "on": "2026-08-31"}
    events = [joint, lent("L2", "2026-03-20", "10000.00"), close("2026-03"), new]

    answer = run(scenario(loan(**terms), *events, left, cancel("L1", "2026-09-01")))

    # E1 closed with 660 + 800 - 584; now it is 680 + 900 - 632 (40 % of 1,580).
    assert row(answer, "E1", "2026-03")["payable"] == "876.00"
    assert row(answer, "E1", "2026-04")["adjusted"] == "72.00"
    # Half of 680.00 is clawed and covered by 210.66 + 129.34 of the tranches.
    assert row(answer, "E1", "2026-09")["clawed"] == "-340.00"
    assert row(answer, "E1", "2026-09")["released"] == "340.00"
    # E2 earned 400, deferred 160; half of 400 comes back, 40.00 more than was held.
    assert row(answer, "E2", "2026-09")["closing_carry"] == "-40.00"
    assert row(answer, "E2", "2026-09")["receivable"] is True
    held = [(t["due_on"], t["amount"]) for t in answer["tranches"] if t["status"] == "held"]
    assert held == [("2028-03-31", "81.33"), ("2029-03-31", "210.67")]


def test_the_ledger_is_a_chain_from_the_first_record_to_the_last() -> None:
    ledger = ledger_of(scenario(card(), sale("a", "2026-03-10"), close("2026-03")))

    assert [record.previous for record in ledger.records] == [GENESIS]
    assert broken_at(ledger) is None


@pytest.mark.parametrize("altered", [0, 1, 2])
def test_an_altered_record_breaks_the_chain_where_it_stands(altered: int) -> None:
    sales = [sale(name, "2026-03-10") for name in "abc"]
    ledger = ledger_of(scenario(card(), *sales, close("2026-03")))
    records = list(ledger.records)
    entry = replace(records[altered].entry, amount=Fen(1))
    records[altered] = replace(records[altered], entry=entry)

    assert broken_at(replace(ledger, records=tuple(records))) == altered


def test_a_record_left_out_breaks_the_chain() -> None:
    sales = [sale(name, "2026-03-10") for name in "abc"]
    ledger = ledger_of(scenario(card(), *sales, close("2026-03")))
    without = (ledger.records[0], ledger.records[2])

    assert broken_at(replace(ledger, records=without)) == 1


def test_nobody_checks_a_close_that_they_made() -> None:
    maker = EmployeeId("E1")

    with pytest.raises(Refusal, match="not_permitted"):
        Approval(maker, maker)
