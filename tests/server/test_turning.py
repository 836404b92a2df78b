"""The turn of the month: nobody has to do anything for a month to have its statements."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.days import bank_day, bank_period
from shared.testing.builders import NOW
from shared.testing.selling import a_commission_rule, terms
from sync_server.store.database import Database, open_sqlite
from sync_server.store.turned import MATURITIES, STATEMENTS, turned_to
from sync_server.turning import WORKS, take_turn, turn
from tests.server.selling_bank import SellingBank

A_YEAR_MS = 366 * 24 * 3_600_000


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[SellingBank]:
    bank = SellingBank(open_sqlite(tmp_path / "fieldbook.db"))
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
    deferring = terms("card", 2, deferral={"rate": "0.40", "years": 3})
    bank.bring("commission_rule", {**rule, "terms": deferring})
    yield bank
    bank.database.close()


def test_what_is_released_in_a_month_has_its_statement_when_the_month_begins(
    bank: SellingBank,
) -> None:
    bank.activate(bank.sell(bank.lin), "2026-11-03")
    later = bank_period(NOW + A_YEAR_MS)
    assert bank.paid(bank.lin, later) == 0

    turn(bank.database, NOW + A_YEAR_MS)

    assert (bank.paid(bank.lin, later), turned_to(bank.database, STATEMENTS)) == (800, later)


def test_a_month_is_turned_once(bank: SellingBank) -> None:
    turn(bank.database, NOW)
    bank.activate(bank.sell(bank.lin), "2026-11-03")
    with bank.database.writing() as connection:
        connection.exec_driver_sql("UPDATE statement SET payable = 1")

    turn(bank.database, NOW)

    assert bank.paid(bank.lin, bank_period(NOW)) == 1


def test_what_fails_in_one_turn_keeps_no_other_from_its_own(
    bank: SellingBank, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_database: Database, now: int) -> None:
        raise ZeroDivisionError(now)

    for work in (broken, *WORKS):
        take_turn(work, bank.database, NOW)

    assert turned_to(bank.database, STATEMENTS) == bank_period(NOW)
    assert turned_to(bank.database, MATURITIES) == bank_day(NOW).isoformat()
    assert "failed in broken" in caplog.text
