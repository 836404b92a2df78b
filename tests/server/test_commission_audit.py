"""Verification: the chain shows every change, increments come to what a full computation does."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldbook.__main__ import main
from shared.testing.builders import NOW
from shared.testing.selling import a_commission_rule, terms
from sync_server.store.audit import chain, differing, recompute
from sync_server.store.database import open_postgresql, open_sqlite
from tests.server.selling_bank import APRIL, MARCH, SellingBank, told
from tests.server.sql_store import empty


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SellingBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "fieldbook.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield SellingBank(database)
    database.close()


def run(bank: SellingBank, statement: str) -> None:
    with bank.database.writing() as connection:
        connection.exec_driver_sql(statement)


def wrong(bank: SellingBank) -> list[str]:
    return [each.period for _, some in differing(bank.database, NOW) for each in some]


def closed(bank: SellingBank) -> None:
    """Close April with four records."""
    for who in (bank.lin, bank.zhou) * 2:
        bank.activate(bank.sell(who))
    bank.review_and_close(APRIL)


def test_a_whole_ledger_is_found_whole(bank: SellingBank) -> None:
    closed(bank)

    found = chain(bank.database)

    assert (found.records, found.broken_at, wrong(bank)) == (4, None, [])


@pytest.mark.parametrize(
    ("tampering", "at"),
    [
        ("UPDATE commission_entry SET amount = amount + 1 WHERE number = 2", 2),
        ("UPDATE commission_entry SET trace = '{}' WHERE number = 1", 1),
        ("UPDATE commission_entry SET checker_id = maker_id WHERE number = 3", 3),
        ("UPDATE commission_entry SET employee_id = 'another' WHERE number = 0", 0),
        ("DELETE FROM commission_entry WHERE number = 1", 1),
        ("DELETE FROM commission_entry WHERE number = 3", 3),
    ],
)
def test_a_ledger_that_was_tampered_with_is_broken_there(
    bank: SellingBank, tampering: str, at: int
) -> None:
    closed(bank)

    run(bank, tampering)

    assert chain(bank.database).broken_at == at


def test_a_statement_that_was_tampered_with_is_named_and_computed_anew(bank: SellingBank) -> None:
    bank.activate(bank.sell(bank.lin))
    run(bank, f"UPDATE statement SET payable = payable + 1 WHERE period = '{APRIL}'")
    assert wrong(bank) == [APRIL]

    assert list(recompute(bank.database, NOW)) == [1]

    assert (wrong(bank), bank.paid(bank.lin)) == ([], 6_000)


def test_a_closed_statement_that_was_tampered_with_is_named(bank: SellingBank) -> None:
    closed(bank)

    run(bank, "UPDATE statement SET payable = payable + 1")

    assert APRIL in wrong(bank)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = SellingBank(open_sqlite(tmp_path / "fieldbook.db"))
    closed(bank)

    assert main(["commission", "verify", "--data", str(tmp_path)]) == 0
    assert "4 records" in capsys.readouterr().out
    run(bank, "UPDATE commission_entry SET amount = 1 WHERE number = 2")
    assert main(["commission", "verify", "--data", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["broken_at"] == 2
    assert main(["commission", "recompute", "--data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"employees": 2}
    bank.database.close()


@pytest.mark.parametrize("task", ["verify", "recompute"])
def test_a_folder_without_a_database_is_not_called_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], task: str
) -> None:
    assert main(["commission", task, "--data", str(tmp_path)]) != 0

    assert "There is no fieldbook.db" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# Increments and a computation from scratch

RULE = {
    "clawback": [{"to_month": 6, "rate": "1"}],
    "deferral": {"rate": "0.40", "years": 3},
    "cap_period": "100.00",
}
DAYS = st.sampled_from(["2026-03-05", "2026-03-31", "2026-04-01", "2026-05-20"])
PEOPLE = st.sampled_from(["lin", "zhou"])
STEPS = st.one_of(
    st.tuples(st.just("sell"), PEOPLE, st.integers(0, 3), st.booleans()),
    st.tuples(st.just("told"), st.integers(0, 3), DAYS, st.integers(1, 3)),
    st.tuples(st.just("gone"), st.integers(0, 3), DAYS),
    st.tuples(st.just("answer"), st.integers(0, 9), st.sampled_from(["accepted", "disputed"])),
    st.tuples(st.just("decide"), st.integers(0, 9), st.integers(1, 9_999)),
    st.tuples(st.just("close"), st.sampled_from([MARCH, APRIL])),
)


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=3, max_size=14))
def test_increments_come_to_what_a_computation_from_scratch_does(steps: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        bank = SellingBank(open_sqlite(Path(folder) / "fieldbook.db"))
        rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
        bank.bring("commission_rule", {**rule, "terms": terms("card", 2, **RULE)})
        final: dict[str, Any] = {}
        for step in steps:
            _take(bank, *step)
            rows = bank.rows("statement")
            now = {str(row["id"]): row for row in rows if row["status"] == "closed"}
            assert all(now[id] == row for id, row in final.items()), "a closed month changed"
            final = now
            assert wrong(bank) == []
        assert chain(bank.database).broken_at is None
        bank.database.close()


def test_a_contest_takes_the_clawback_of_its_sale_out_too(bank: SellingBank) -> None:
    rule = a_commission_rule(bank.head, bank.unit, number=2, status="approved")
    bank.bring("commission_rule", {**rule, "terms": terms("card", 2, **RULE)})
    bank.sell(bank.lin, "C-1")
    bank.say(told("ACTIVATED", "2026-03-05", ref="C-1"))
    bank.say(told("CANCELLED", "2026-04-10", ref="C-1"))
    assert bank.statement(bank.lin)["clawed"] == -6_000

    bank.sell(bank.zhou, "C-1")

    assert bank.statement(bank.lin)["clawed"] == 0
    assert wrong(bank) == []


@settings(max_examples=20)
@given(st.permutations(["sell 1", "sell 2", "told 1", "told 2", "gone 1", "rule"]))
def test_the_order_of_arrival_does_not_matter(order: list[str]) -> None:
    with TemporaryDirectory() as folder:
        bank = SellingBank(open_sqlite(Path(folder) / "fieldbook.db"))
        steps: dict[str, Any] = {
            "sell 1": lambda: bank.sell(bank.lin, "C-1"),
            "sell 2": lambda: bank.sell(bank.lin, "C-2"),
            "told 1": lambda: bank.say(told("ACTIVATED", "2026-03-05", ref="C-1")),
            "told 2": lambda: bank.say(told("ACTIVATED", "2026-04-05", ref="C-2", qty=3)),
            "gone 1": lambda: bank.say(told("CANCELLED", "2026-04-20", ref="C-1")),
            "rule": lambda: bank.bring(
                "commission_rule",
                a_commission_rule(
                    bank.head,
                    bank.unit,
                    number=2,
                    status="approved",
                    terms=terms("card", 2, clawback=[{"to_month": 6, "rate": "0.5"}]),
                ),
            ),
        }
        for name in order:
            steps[name]()

        assert [bank.paid(bank.lin, period) for period in (MARCH, APRIL)] == [6_000, 15_000]
        assert wrong(bank) == []
        bank.database.close()


def _take(bank: SellingBank, kind: str, *what: Any) -> None:
    """Take one step, where it can be taken."""
    shares = sorted(bank.rows("sale_share"), key=lambda row: str(row["id"]))
    if kind == "sell":
        who, ref, is_joint = what
        bank.sell(getattr(bank, who), f"C-{ref}", shares=bank.split() if is_joint else "")
    elif kind == "told":
        ref, day, qty = what
        bank.say(told("ACTIVATED", day, ref=f"C-{ref}", key=f"{ref}", qty=qty))
    elif kind == "gone":
        ref, day = what
        bank.say(told("CANCELLED", day, ref=f"C-{ref}", key=f"gone {ref}"))
    elif kind == "close":
        if any(row["period"] == what[0] for row in bank.rows("pay_period")):
            bank.review(what[0])
            bank.close(what[0])
    elif shares:
        share = shares[what[0] % len(shares)]
        sale, who = str(share["sale_id"]), str(share["employee_id"])
        if kind == "answer":
            bank.answer(who, sale, what[1], "不对")
        else:
            bank.decide(sale, who, {bank.lin: what[1], bank.zhou: 10_000 - what[1]})
