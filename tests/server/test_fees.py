"""Fees from files: kept once, corrected in place, and part of what a customer contributes."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from shared.domain.customer_value import value_id
from shared.registry import Document
from shared.testing.builders import NOW
from sync_server.store.assessing import assess, assess_due
from sync_server.store.database import Database
from sync_server.store.schema import fee
from tests.server.account_bank import FEES, AccountBank, account, an_id_card
from tests.server.importing import TODAY, states, told


@pytest.fixture
def bank(database: Database) -> AccountBank:
    """A customer with an account that is open and one that is closed."""
    bank = AccountBank(database)
    bank.accounts(
        account("6001", balance="0.00", **bank.hers),
        account("6009", balance="0.00", closed_on="2026-11-16", **bank.hers),
    )
    return bank


def kept(bank: AccountBank) -> list[tuple[str, int, str]]:
    with bank.database.reading() as connection:
        found = connection.execute(select(fee).order_by(fee.c.day, fee.c.kind, fee.c.amount))
        return [(row.kind, row.amount, row.day) for row in found]


def valued(bank: AccountBank) -> Document:
    for _ in assess(bank.database, NOW):
        pass
    return bank.store.rows("customer_value")[value_id(str(bank.customer["id"]))].document


def test_a_fee_is_kept_by_its_number_and_corrected_in_place(bank: AccountBank) -> None:
    first = bank.fees(
        "core,6001,wealth,320.00,2026-11-16,F-1", "core,6001,理财,8.00,2026-11-16,F-2"
    )
    again = bank.fees("core,60 01,wealth,320.00,2026-11-16,F-1")
    corrected = bank.fees("core,6001,fund,300.00,2026-11-15,F-1")

    assert [states(each) for each in (first, again, corrected)] == [
        {"applied": 2},
        {"known": 1},
        {"changed": 1},
    ]
    assert kept(bank) == [("fund", 30_000, "2026-11-15"), ("wealth", 800, "2026-11-16")]


def test_who_a_fee_is_taken_from_is_worth_less_at_once(bank: AccountBank) -> None:
    number = an_id_card(5)
    other = bank.customer_named("周怀瑾")
    bank.identify(other, number)
    bank.accounts(account("6002", balance="0.00", id_kind="id_card", id_number=number))
    bank.fees("core,6001,wealth,320.00,2026-11-16,F-1")
    assess_due(bank.database, NOW)

    bank.fees("core,6002,wealth,320.00,2026-11-16,F-1")
    assess_due(bank.database, NOW)

    worth = bank.store.rows("customer_value")
    whose = (str(bank.customer["id"]), other)
    assert [worth[value_id(id)].document["revenue"] for id in whose] == [0, 32_000]


def test_a_fee_without_a_number_is_the_one_of_its_item_in_the_month(bank: AccountBank) -> None:
    bank.fees("core,6001,account,10.00,2026-10-31,", "core,6001,account,10.00,2026-11-01,")

    assert states(bank.fees("core,6001,account,12.00,2026-11-17,")) == {"changed": 1}
    assert kept(bank) == [("account", 1_000, "2026-10-31"), ("account", 1_200, "2026-11-17")]


def test_one_number_of_two_systems_is_two_fees(bank: AccountBank) -> None:
    bank.accounts(account("7001", source="cards", **bank.hers))

    bank.fees("core,6001,card,1.00,2026-11-16,F-1", "cards,7001,card,2.00,2026-11-16,F-1")

    assert [amount for _, amount, _ in kept(bank)] == [100, 200]


def test_json_lines_say_the_same_as_csv(bank: AccountBank) -> None:
    bank.fees("core,6001,wealth,320.00,2026-11-16,F-1")
    line = {
        "来源系统": "core",
        "账号": "6001",
        "费用项目": "理财",
        "金额": "320.00",
        "日期": "2026-11-16",
        "费用编号": "F-1",
    }

    assert states(bank.takes("fees", json.dumps(line, ensure_ascii=False))) == {"known": 1}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("core,6404,wealth,1.00,2026-11-16,F-1", "row_unknown"),
        ("card,6001,wealth,1.00,2026-11-16,F-1", "row_unknown"),
        ("core,6001,shoes,1.00,2026-11-16,F-1", "row_value"),
        ("core,6001,wealth,-1.00,2026-11-16,F-1", "row_amount"),
        ("core,6001,wealth,1.0,2026-11-16,F-1", "row_amount"),
        ("core,6001,wealth,,2026-11-16,F-1", "row_lacks"),
        ("core,6001,wealth,1.00,2026-11-19,F-1", "row_future"),
        ("core,6001,wealth,1.00,16.11.2026,F-1", "row_value"),
        ("core,6001,wealth,1.00,2026-11-16", "row_cells"),
    ],
)
def test_a_wrong_row_is_told_by_its_line_and_the_others_count(
    bank: AccountBank, row: str, code: str
) -> None:
    good = ("core,6001,wealth,1.00,2026-11-15,F-8", "core,6001,wealth,2.00,2026-11-14,F-9")
    report = bank.fees(good[0], row, good[1])

    assert told(report) == [(3, code)]
    assert len(kept(bank)) == 2


# What they do to a customer's value


def test_a_year_of_fees_over_all_accounts_is_contributed_whole(bank: AccountBank) -> None:
    year_ago = date.fromisoformat(TODAY) - timedelta(days=365)
    bank.fees(
        f"core,6001,wealth,320.00,{TODAY},F-1",
        "core,6001,wealth,80.00,2026-03-01,F-2",
        "core,6009,account,10.00,2026-03-31,",
        f"core,6001,wealth,9000.00,{year_ago},F-3",
        f"core,6001,fund,0.50,{year_ago + timedelta(days=1)},F-4",
    )

    value = valued(bank)

    lines = json.loads(str(value["lines"]))
    assert [line for line in lines if line[0] == "fee"] == [
        ["fee", "account", 1_000, "1", 1_000],
        ["fee", "fund", 50, "1", 50],
        ["fee", "wealth", 40_000, "1", 40_000],
    ]
    assert (value["revenue"], value["fees_until"]) == (41_050, TODAY)


def test_a_fee_that_was_taken_back_is_no_revenue(bank: AccountBank) -> None:
    bank.fees("core,6001,wealth,320.00,2026-11-16,F-1")
    before = valued(bank)["revenue"]
    bank.fees("core,6001,wealth,0.00,2026-11-16,F-1")

    assert (before, valued(bank)["revenue"]) == (32_000, 0)


def test_fees_concern_no_device(bank: AccountBank) -> None:
    row = "core,6001,wealth,320.00,2026-11-16,F-1"

    assert bank.takes_and_pokes("fees", f"{FEES}\n{row}")[1] == []
