"""Daily flows from files, and the alert that an abnormal one raises in the same transaction."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from shared.domain.alert import due_at
from shared.testing.builders import NOW
from sync_server.customer.alarms import between_own
from sync_server.store.database import Database
from sync_server.store.schema import daily_flow
from tests.server.account_bank import FLOWS, AccountBank, account
from tests.server.importing import TODAY, in_chunks, states, told


@pytest.fixture
def bank(database: Database) -> AccountBank:
    """A customer with 200,000 yuan in two accounts."""
    bank = AccountBank(database)
    bank.accounts(
        account("6001", balance="150000.00", **bank.hers),
        account("6002", balance="50000.00", kind="time_deposit", **bank.hers),
        account(
            "6009", balance="0.00", opened_on="2020-01-01", closed_on="2026-11-16", **bank.hers
        ),
    )
    return bank


def kept(bank: AccountBank) -> list[tuple[str, int, int]]:
    with bank.database.reading() as connection:
        found = connection.execute(select(daily_flow).order_by(daily_flow.c.day))
        return [(row.day, row.inflow, row.outflow) for row in found]


# What is kept


def test_a_flow_is_kept_by_account_and_day(bank: AccountBank) -> None:
    first = bank.flows("core,6001,2026-11-17,0.00,120.50", "core,6001,2026-11-16,5.00,0.00")
    again = bank.flows("core,60 01,2026-11-17,0.00,120.50")
    corrected = bank.flows("core,6001,2026-11-17,0.00,120.00")

    assert [states(each) for each in (first, again, corrected)] == [
        {"applied": 2},
        {"known": 1},
        {"changed": 1},
    ]
    assert kept(bank) == [("2026-11-16", 500, 0), ("2026-11-17", 0, 12_000)]


def test_a_day_that_stands_twice_in_a_file_counts_as_it_stands_last(bank: AccountBank) -> None:
    report = bank.flows("core,6001,2026-11-17,1.00,0.00", "core,6001,2026-11-17,2.00,0.00")

    assert states(report) == {"applied": 1, "changed": 1}
    assert kept(bank) == [("2026-11-17", 200, 0)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("core,6404,2026-11-17,0.00,1.00", "row_unknown"),
        ("card,6001,2026-11-17,0.00,1.00", "row_unknown"),
        ("core,6009,2026-11-17,0.00,1.00", "row_account_closed"),
        ("core,6001,2026-11-19,0.00,1.00", "row_future"),
        ("core,6001,2026-11-17,0.00,-1.00", "row_amount"),
        ("core,6001,2026-11-17,,1.00", "row_lacks"),
        ("core,6001,17.11.2026,0.00,1.00", "row_value"),
        ("core,6001,2026-11-17,0.00", "row_cells"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_others_go_in(
    bank: AccountBank, row: str, code: str
) -> None:
    report = bank.flows("core,6001,2026-11-15,1.00,0.00", row, "core,6001,2026-11-14,1.00,0.00")

    assert told(report) == [(3, code)]
    assert len(kept(bank)) == 2


def test_a_flow_on_the_day_on_which_the_account_was_closed_counts(bank: AccountBank) -> None:
    assert states(bank.flows("core,6009,2026-11-16,0.00,60000.00")) == {"applied": 1}
    assert len(bank.alerts()) == 1


def test_a_row_for_an_account_that_comes_later_is_replayed(bank: AccountBank) -> None:
    row = "core,6003,2026-11-17,0.00,1.00"
    assert told(bank.flows(row)) == [(2, "row_unknown")]
    bank.accounts(account("6003", **bank.hers))

    assert states(bank.flows(row)) == {"applied": 1}


# What is abnormal


def test_a_large_withdrawal_is_an_alert_with_her_own_normal_beside_it(bank: AccountBank) -> None:
    bank.usual_year()

    bank.flows(f"core,6001,{TODAY},0.00,80000.00", f"core,6002,{TODAY},0.00,20000.00")

    [alert] = bank.alerts()
    assert (alert["kind"], alert["direction"], alert["day"]) == ("abnormal_flow", "out", TODAY)
    assert (alert["amount"], alert["assets"]) == (10_000_000, 30_000_000)
    assert (alert["median"], alert["threshold"], alert["days"]) == (200_000, 5_000_000, 100)
    assert (alert["severity"], alert["raised_at"]) == ("high", NOW)
    assert alert["due_at"] == due_at(NOW, "high")
    assert alert["evidence"] == bank.account_now("6001")["id"]


def test_half_of_all_she_had_is_urgent(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,200000.00")

    [alert] = bank.alerts()
    assert (alert["severity"], alert["due_at"]) == ("urgent", due_at(NOW, "urgent"))


def test_money_that_comes_in_is_looked_at_as_well(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},50000.00,0.00")

    [alert] = bank.alerts()
    assert (alert["direction"], alert["assets"]) == ("in", 15_000_000)


def test_what_is_usual_for_her_or_small_is_no_alert(bank: AccountBank) -> None:
    bank.usual_year(amount="400000.00")

    bank.flows(f"core,6001,{TODAY},49999.99,390000.00")

    assert bank.alerts() == []


def test_the_past_teaches_and_raises_nothing(bank: AccountBank) -> None:
    bank.usual_year(amount="900000.00")
    last = date.fromisoformat(TODAY) - timedelta(days=8)
    bank.flows(f"core,6001,{last},0.00,99000000.00")
    assert bank.alerts() == []

    bank.flows(f"core,6001,{last + timedelta(days=1)},0.00,99000000.00")

    assert len(bank.alerts()) == 1


def test_the_same_file_again_raises_nothing_more(bank: AccountBank) -> None:
    row = f"core,6001,{TODAY},0.00,80000.00"
    bank.flows(row)
    before = bank.store.head()

    bank.flows(row)

    assert bank.store.head() == before
    assert len(bank.alerts()) == 1


def test_a_sum_that_grows_is_the_same_alert_with_its_figures(bank: AccountBank) -> None:
    bank.flows(f"core,6002,{TODAY},0.00,50000.00")
    bank.flows(f"core,6001,{TODAY},0.00,300000.00")

    [alert] = bank.alerts()
    assert (alert["amount"], alert["severity"]) == (35_000_000, "urgent")
    assert alert["due_at"] == due_at(NOW, "urgent")


def test_a_correction_below_the_line_takes_the_alert_back_and_one_above_opens_it_again(
    bank: AccountBank,
) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,80000.00")

    assert states(bank.flows(f"core,6001,{TODAY},0.00,8.00")) == {"changed": 1}
    assert [alert["status"] for alert in bank.alerts()] == ["withdrawn"]
    bank.flows(f"core,6001,{TODAY},0.00,70000.00")

    [alert] = bank.alerts()
    assert (alert["status"], alert["amount"]) == ("open", 7_000_000)


def test_a_correction_that_is_still_above_the_line_leaves_the_alert(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,80000.00", "core,6001,2026-11-16,70000.00,0.00")
    before = bank.alerts()

    bank.flows(f"core,6001,{TODAY},0.00,50000.00")

    assert bank.alerts() == before


# Between her own accounts


def test_what_she_moves_between_her_own_accounts_is_no_alert(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,150000.00", f"core,6002,{TODAY},150000.00,0.00")

    assert bank.alerts() == []


def test_what_leaves_by_way_of_another_account_of_hers_is_told_once(bank: AccountBank) -> None:
    bank.flows(f"core,6002,{TODAY},0.00,90000.00", f"core,6001,{TODAY},90000.00,90000.00")

    [alert] = bank.alerts()
    assert (alert["direction"], alert["amount"]) == ("out", 9_000_000)


def test_what_comes_and_goes_on_one_account_is_not_between_two(bank: AccountBank) -> None:
    bank.flows(f"core,6001,{TODAY},90000.00,90000.00")

    assert sorted(str(alert["direction"]) for alert in bank.alerts()) == ["in", "out"]


def test_what_comes_to_another_account_later_may_be_other_money_and_leaves_the_alert(
    bank: AccountBank,
) -> None:
    bank.flows(f"core,6001,{TODAY},0.00,150000.00")
    bank.now += 1

    bank.flows(f"core,6002,{TODAY},150000.00,0.00")

    [alert] = bank.alerts()
    assert (alert["direction"], alert["status"]) == ("out", "open")


def test_the_rest_of_a_file_takes_back_what_its_first_part_raised(
    bank: AccountBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "flows", 1)

    bank.flows(f"core,6001,{TODAY},0.00,150000.00", f"core,6002,{TODAY},150000.00,0.00")

    assert [alert["status"] for alert in bank.alerts()] == ["withdrawn"]


def test_what_leaves_after_all_of_a_day_that_was_between_her_own_is_told(
    bank: AccountBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "flows", 1)
    bank.flows(f"core,6001,{TODAY},0.00,90000.00", f"core,6002,{TODAY},90000.00,0.00")

    bank.now += 1
    bank.flows(f"core,6002,{TODAY},90000.00,800000.00")

    [alert] = bank.alerts()
    assert (alert["status"], alert["amount"], alert["severity"]) == ("open", 80_000_000, "urgent")
    assert alert["due_at"] == due_at(bank.now, "urgent")


@pytest.mark.parametrize("kind", ["loan", "card"])
def test_a_loan_moves_her_money_only_where_it_is_paid_out(bank: AccountBank, kind: str) -> None:
    bank.accounts(account("6005", kind=kind, **bank.hers))
    bank.flows(f"core,6005,{TODAY},0.00,900000.00")
    assert bank.alerts() == []

    bank.flows(f"core,6001,{TODAY},900000.00,0.00")

    assert [alert["direction"] for alert in bank.alerts()] == ["in"]


_THREE = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=3)


@given(_THREE)
def test_as_much_is_between_own_accounts_as_can_be(moved: list[tuple[int, int]]) -> None:
    """Tried out: every way in which three accounts can pay each other."""
    pairs = list(permutations(range(3), 2))

    def is_possible(paid: Sequence[int]) -> bool:
        sent, came = [0] * 3, [0] * 3
        for (source, target), amount in zip(pairs, paid, strict=True):
            sent[source] += amount
            came[target] += amount
        fits = zip(moved, came, sent, strict=True)
        return all(into <= inflow and out <= outflow for (inflow, outflow), into, out in fits)

    best = max(sum(paid) for paid in product(range(3), repeat=6) if is_possible(paid))

    inflow, outflow = (sum(each) for each in zip(*moved, strict=True))
    assert between_own(inflow, outflow, max(sum(each) for each in moved)) == best


def test_a_thousand_rows_of_one_day_are_one_alert(bank: AccountBank) -> None:
    numbers = [str(70_000 + place) for place in range(1_000)]
    bank.accounts(*(account(number, **bank.hers) for number in numbers))

    report, pokes = bank.takes_and_pokes(
        "flows", "\n".join([FLOWS, *(f"core,{each},{TODAY},0.00,100.00" for each in numbers), ""])
    )

    assert states(report) == {"applied": 1_000}
    [alert] = bank.alerts()
    assert alert["amount"] == 10_000_000
    assert [poke.scopes for poke in pokes] == [frozenset({f"portfolio:{bank.lin['id']}"})]


def test_flows_without_an_alert_concern_no_device(bank: AccountBank) -> None:
    assert bank.takes_and_pokes("flows", f"{FLOWS}\ncore,6001,{TODAY},1.00,1.00\n")[1] == []
