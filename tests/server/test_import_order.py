"""The order in which a file goes in: by customer, and as if it went in as it stands."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shared.domain.account import account_id
from sync_server.adapters import load as loading
from sync_server.adapters.report import State
from sync_server.store.database import Database, open_sqlite
from sync_server.store.schema import change_log
from tests.server.account_bank import AccountBank, account, an_id_card
from tests.server.importing import in_chunks, states, told

ORDERS = (2, 3, 4)


class Bank(AccountBank):
    """The branch with three customers, each of whom has an identity card."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.names = {str(self.customer["id"]): "2"}
        for order in ORDERS[1:]:
            id = self.customer_named(f"客户{order}")
            self.identify(id, an_id_card(order))
            self.names[id] = str(order)

    def times_logged(self) -> Counter[str]:
        """Return how often each customer stands in the change log because of files."""
        with self.database.reading() as connection:
            found = connection.execute(
                select(change_log.c.id).where(
                    change_log.c.entity == "customer", change_log.c.actor == "import:core"
                )
            )
            return Counter(self.names[row.id] for row in found)

    def deposits(self) -> dict[str, object]:
        """Return what each customer's deposits come to."""
        rows = self.store.rows("customer")
        return {name: rows[id].document["deposit_balance"] for id, name in self.names.items()}

    def holdings(self) -> dict[str, tuple[str, object]]:
        """Return whose each account is, and its balance."""
        rows = self.store.rows("account")
        return {
            id: (self.names[str(row.document["customer_id"])], row.document["balance"])
            for id, row in rows.items()
        }


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


def of(order: int) -> dict[str, str]:
    return {"id_kind": "id_card", "id_number": an_id_card(order)}


def test_customers_whose_accounts_are_scattered_are_brought_once_each(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "accounts", 2)

    report = bank.accounts(
        *(account(f"{number}{order}", **of(order)) for number in (60, 61) for order in ORDERS)
    )

    assert states(report) == {"applied": 6}
    # The first two lines, of the first two customers, are those that show how much is new.
    assert bank.times_logged() == {"2": 2, "3": 2, "4": 1}


def test_a_file_that_says_little_new_goes_in_as_it_stands(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "accounts", 6)
    known = [account(f"60{order}", **of(order)) for order in ORDERS]
    bank.accounts(*known)

    def unasked(*_: object) -> None:
        raise AssertionError("it was brought into order")

    monkeypatch.setattr(loading, "in_order", unasked)
    news = [account("602", balance=f"{yuan}.00", **of(2)) for yuan in (7, 8)]
    report = bank.accounts(*known, *known[1:], news[0], *known[1:], *known[1:], known[2], news[1])

    assert states(report) == {"known": 10, "changed": 2}


@pytest.mark.parametrize("orders", [(2, 4), (4, 2)])
def test_whoever_claims_an_account_first_has_it_wherever_they_stand_in_the_record(
    bank: Bank, orders: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chunks(monkeypatch, "accounts", 1)

    report = bank.accounts(*(account(**of(order)) for order in orders))

    assert told(report) == [(3, "row_other_customer")]
    assert bank.holdings()[account_id("core", "6001")][0] == str(orders[0])


def test_a_row_without_a_customer_finds_the_account_that_an_earlier_line_brought(
    bank: Bank,
) -> None:
    report = bank.accounts(account(**of(3)), account(balance="7.00"))

    assert told(report) == [(3, "changed")]
    assert bank.holdings()[account_id("core", "6001")] == ("3", 700)


def test_lines_are_told_in_their_own_order(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    in_chunks(monkeypatch, "accounts", 1)

    report = bank.accounts(
        account("6001", balance="1", **of(4)),
        account("6002", balance="1", **of(2)),
        "neither a row",
        account("6003", balance="1", **of(3)),
    )

    assert told(report) == [
        (2, "row_amount"),
        (3, "row_amount"),
        (4, "row_cells"),
        (5, "row_amount"),
    ]


ROWS = st.lists(
    st.builds(
        account,
        st.sampled_from(["6001", "6002", "60 03", "6003", "?"]),
        balance=st.sampled_from(["1.00", "2.00", "3.00", "x"]),
        as_of=st.sampled_from(["2026-11-16", "2026-11-17"]),
        kind=st.sampled_from(["demand", "time_deposit"]),
    )
    | st.builds(
        lambda number, order, balance: account(number, balance=balance, **of(order)),
        st.sampled_from(["6001", "6002", "6003", "60 03"]),
        st.sampled_from(ORDERS),
        st.sampled_from(["1.00", "2.00", "3.00"]),
    )
    | st.just("no row"),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_a_file_comes_to_what_its_rows_come_to_one_by_one(rows: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        in_chunks(monkeypatch, "accounts", 3)
        whole = Bank(open_sqlite(Path(folder) / "whole.db"))
        single = Bank(open_sqlite(Path(folder) / "single.db"))

        report = whole.accounts(*rows)
        reports = [single.accounts(row) for row in rows]

        assert told(report) == [
            (line, what) for line, each in enumerate(reports, 2) for _, what in told(each)
        ]
        assert all(
            report.counts[state] == sum(each.counts[state] for each in reports) for state in State
        )
        assert whole.holdings() == single.holdings()
        assert whole.deposits() == single.deposits()
        whole.database.close()
        single.database.close()
