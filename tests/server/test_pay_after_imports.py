"""Targets, quality and people that are imported: they change whom they are about, and nobody else,
and a month that was closed never."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from shared.commission.months import Period
from shared.registry import Document
from shared.testing.builders import NOW
from shared.testing.selling import a_commission_rule, terms
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.store.database import open_postgresql, open_sqlite
from tests.server.selling_bank import APRIL, MARCH, MAY, SellingBank
from tests.server.sql_store import empty

TERMS = {
    "accelerators": [{"min_attainment": "1", "multiplier": "1.5"}],
    "clawback": [{"to_month": 6, "rate": "1"}],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SellingBank]:
    """Two managers with a card in March, which is closed, and one in April, which is not."""
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "server.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    bank = SellingBank(database)
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
    bank.bring("commission_rule", {**rule, "terms": terms("card", 2, **TERMS)})
    for who in (bank.lin, bank.zhou):
        bank.activate(bank.sell(who), "2026-03-05")
        bank.activate(bank.sell(who), "2026-04-05")
    bank.review_and_close(MARCH)
    yield bank
    database.close()


def bring(bank: SellingBank, kind: str, header: str, *rows: str) -> frozenset[str]:
    """Import a file that changes something; return the scopes that are told of it."""
    told: set[str] = set()
    content = BytesIO("\n".join([header, *rows, ""]).encode())
    report = load(
        bank.database,
        kind_named(kind),
        content,
        Sender("planning", NOW),
        lambda _, poke: told.update(poke.scopes if poke else ()),
    )
    assert report.counts[State.APPLIED] + report.counts[State.CHANGED] == len(rows), report
    return frozenset(told)


def number(bank: SellingBank, who: str) -> str:
    return str(bank.row("employee", who)["employee_no"])


def target(bank: SellingBank, who: str, period: Period, value: int) -> frozenset[str]:
    row = f"{number(bank, who)},CARD,{period},{value}"
    return bring(bank, "targets", "employee_no,product_code,period,value", row)


def quality(bank: SellingBank, who: str, period: Period, coefficient: str) -> frozenset[str]:
    row = f"{number(bank, who)},{period},{coefficient}"
    return bring(bank, "quality", "employee_no,period,coefficient", row)


def days(bank: SellingBank, who: str, joined: str, left: str = "") -> frozenset[str]:
    row = f"{number(bank, who)},{joined},{left},true"
    return bring(bank, "employees", "employee_no,joined_on,left_on,active", row)


def statements(bank: SellingBank) -> dict[tuple[str, str], Document]:
    rows = bank.rows("statement")
    return {(str(row["employee_id"]), str(row["period"])): row for row in rows}


def test_a_target_reaches_its_own_open_month_and_no_other(bank: SellingBank) -> None:
    before = statements(bank)

    told = target(bank, bank.lin, APRIL, 1)

    after = statements(bank)
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (9_000, 6_000)
    assert {key for key in after if after[key] != before.get(key)} == {(bank.lin, APRIL)}
    assert told == {f"portfolio:{bank.lin}"}


def test_a_quality_coefficient_reaches_its_own_open_month_and_no_other(bank: SellingBank) -> None:
    before = statements(bank)

    told = quality(bank, bank.zhou, APRIL, "0.9")

    after = statements(bank)
    assert (bank.paid(bank.lin), bank.paid(bank.zhou)) == (6_000, 5_400)
    assert {key for key in after if after[key] != before.get(key)} == {(bank.zhou, APRIL)}
    assert told == {f"portfolio:{bank.zhou}"}


def test_what_comes_for_a_closed_month_is_an_adjustment_of_the_next(bank: SellingBank) -> None:
    before, ledger = statements(bank), bank.ledger()

    target(bank, bank.lin, MARCH, 1)
    quality(bank, bank.zhou, MARCH, "0.9")

    after = statements(bank)
    assert bank.ledger() == ledger
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {(bank.lin, APRIL), (bank.zhou, APRIL)}
    assert (after[bank.lin, APRIL]["adjusted"], bank.paid(bank.lin)) == (3_000, 9_000)
    assert (after[bank.zhou, APRIL]["adjusted"], bank.paid(bank.zhou)) == (-600, 5_400)


def test_a_goal_that_is_corrected_back_leaves_no_trace(bank: SellingBank) -> None:
    before = statements(bank)
    quality(bank, bank.lin, MARCH, "0.5")
    quality(bank, bank.lin, APRIL, "0.5")

    quality(bank, bank.lin, MARCH, "1")
    quality(bank, bank.lin, APRIL, "1")

    assert statements(bank) == before


def test_when_someone_joined_changes_no_statement(bank: SellingBank) -> None:
    before = statements(bank)

    days(bank, bank.lin, "2026-02-01")

    assert statements(bank) == before


def test_what_one_owes_who_leaves_is_a_receivable_of_open_months(bank: SellingBank) -> None:
    for who in (bank.lin, bank.zhou):
        sold = [row for row in bank.rows("sale") if row["employee_id"] == who]
        for sale in sold:
            bank.cancel(str(sale["id"]), "2026-05-20")
    before = statements(bank)
    assert [before[who, MAY]["closing_carry"] for who in (bank.lin, bank.zhou)] == [-12_000] * 2

    days(bank, bank.lin, "2025-01-01", "2026-04-30")

    after = statements(bank)
    changed = {key for key in after if after[key] != before.get(key)}
    assert all(who == bank.lin and period > MARCH for who, period in changed)
    owed = {period for (who, period), row in after.items() if row["receivable"] and who == bank.lin}
    assert min(owed) == MAY
    assert not any(row["receivable"] for (who, _), row in after.items() if who == bank.zhou)
