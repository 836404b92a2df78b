"""Every customer's value, brought up to the facts through the real store, month after month."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from shared.domain import Account
from shared.domain.account import AccountKind, account_id
from shared.domain.customer_value import value_id
from shared.errors import Refusal
from shared.registry import REGISTRY, Document
from shared.testing.builders import a_customer, a_unit, an_employee, an_interaction, new_id
from sync_server.customer.models import in_force, read_model
from sync_server.demo.clock import MINUTE, moment
from sync_server.store.assessing import assess, assess_daily
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork
from sync_server.store.valuing import bring_model
from tests.server.sql_store import SqlStore, empty

MODEL = json.loads((Path(__file__).parent / "value_model.json").read_text(encoding="utf-8"))


class ValuedBank:
    def __init__(self, database: Database) -> None:
        self.database = database
        unit, self.lin = a_unit("head_office", None), new_id()
        self.customer = a_customer(self.lin)
        self.id = str(self.customer["id"])
        self.bring("org_unit", unit)
        self.bring("employee", an_employee(str(unit["id"]), id=self.lin))
        self.bring("customer", self.customer)

    def bring(self, entity: str, *documents: Document, at: int = 0) -> None:
        with self.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:test"), at)
            unit.import_rows(REGISTRY[entity], documents)
            unit.finish()

    def holds(self, kind: AccountKind, yuan: int, rate: str | None = None) -> None:
        account = Account(
            account_id("core", kind), self.id, kind, "产品", "0001", "core", yuan * 100, 0, rate
        )
        self.bring("account", asdict(account))

    def visited(self, day: date, minutes: int, channel: str = "visit", **fields: Any) -> Document:
        at = moment(day, 10)
        known = {"channel": channel, "occurred_at": at, "started_at": at}
        visit = an_interaction(self.id, self.lin, **known, ended_at=at + minutes * MINUTE, **fields)
        self.bring("interaction", visit)
        return visit

    def visited_by_correction(self, wrong: Document, minutes: int, **fields: Any) -> None:
        ended = int(str(wrong["started_at"])) + minutes * MINUTE
        said = {"supersedes": wrong["id"], "ended_at": ended, **fields}
        self.bring("interaction", wrong | {"id": new_id()} | said)

    def assessed(self, day: date) -> Document:
        assert list(assess(self.database, moment(day, 20))) == [1]
        return SqlStore(self.database).rows("customer_value")[value_id(self.id)].document

    def seq(self) -> int:
        return SqlStore(self.database).rows("customer_value")[value_id(self.id)].version


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ValuedBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "fieldbook.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield ValuedBank(database)
    database.close()


def test_the_worked_customer_comes_out_to_the_fen(bank: ValuedBank) -> None:
    bank.holds("time_deposit", 820_000, "0.0155")
    bank.holds("demand", 35_000, "0.0005")
    for number in range(4):
        bank.visited(date(2026, 3, number + 1), 45)
    for number in range(12):
        bank.visited(date(2026, 4, number + 1), 6, "call")
    for number in range(20):
        bank.visited(date(2026, 5, number + 1), 0, "counter")

    value = bank.assessed(date(2026, 6, 30))

    assert (value["revenue"], value["cost"], value["contribution"], value["ratio"]) == (
        522_750,
        49_800,
        472_950,
        "10.50",
    )
    assert value["tier"] == "silver"


def test_what_was_more_than_a_year_ago_costs_nothing(bank: ValuedBank) -> None:
    bank.visited(date(2025, 3, 1), 45)

    assert bank.assessed(date(2026, 6, 30))["cost"] == 0


@pytest.mark.parametrize("minutes", [-600, 24 * 60 + 1])
def test_a_visit_during_which_the_clock_was_set_counts_as_not_measured(
    bank: ValuedBank, minutes: int
) -> None:
    bank.visited(date(2026, 3, 1), 20)
    bank.visited(date(2026, 3, 2), minutes)

    assert bank.assessed(date(2026, 3, 31))["cost"] == 20 * 150


def test_a_visit_that_was_put_right_costs_and_scores_what_the_correction_says(
    bank: ValuedBank,
) -> None:
    wrong = bank.visited(date(2026, 6, 1), 450, satisfaction=5)
    before = bank.assessed(date(2026, 6, 2))
    bank.visited_by_correction(wrong, 45, satisfaction=None)

    after = bank.assessed(date(2026, 6, 3))

    assert (before["cost"], after["cost"]) == (67_500, 6_750)
    assert "satisfaction" in str(before["reasons"])
    assert "satisfaction" not in str(after["reasons"])


def test_a_night_in_which_nothing_happened_writes_nothing(bank: ValuedBank) -> None:
    bank.holds("demand", 35_000)
    bank.assessed(date(2026, 6, 29))
    before = bank.seq()

    bank.assessed(date(2026, 6, 30))

    assert bank.seq() == before


def test_the_same_facts_give_the_same_digest(bank: ValuedBank) -> None:
    bank.holds("demand", 35_000)
    first = bank.assessed(date(2026, 6, 29))
    bank.holds("demand", 36_000)
    other = bank.assessed(date(2026, 6, 29))
    bank.holds("demand", 35_000)

    assert other["digest"] != first["digest"]
    assert bank.assessed(date(2026, 6, 30))["digest"] == first["digest"]


def test_a_server_assesses_everyone_once_a_day(bank: ValuedBank) -> None:
    bank.holds("demand", 35_000)
    today, tomorrow = moment(date(2026, 6, 29), 20), moment(date(2026, 6, 30), 1)
    assess_daily(bank.database, today)
    first = bank.seq()
    bank.holds("demand", 36_000)

    assess_daily(bank.database, today)
    assert bank.seq() == first
    assess_daily(bank.database, tomorrow)
    assert bank.seq() == first + 1


def test_the_tier_falls_with_the_ladder_and_not_with_the_balance(bank: ValuedBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    top = bank.assessed(date(2026, 1, 31))
    bank.holds("time_deposit", 0)

    months = [bank.assessed(date(2026, month, 28)) for month in range(2, 10)]

    assert top["tier"] == "gold"
    assert [each["tier"] for each in months] == ["gold"] * 6 + ["basic"] * 2
    assert [each["below"] for each in months] == [0, 1, 2, 3, 4, 5, 0, 0]


def test_a_month_counts_as_below_the_line_when_it_is_over(bank: ValuedBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.assessed(date(2026, 1, 31))
    bank.holds("time_deposit", 0)
    days = [(2, 1), (2, 28), (3, 1), (3, 31), (4, 1), (4, 30), (5, 1)]

    found = [bank.assessed(date(2026, month, day)) for month, day in days]

    assert {each["tier"] for each in found} == {"gold"}
    assert [each["below"] for each in found] == [0, 0, 1, 1, 2, 2, 3]


def test_a_clock_that_is_behind_ends_no_month_again(bank: ValuedBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.assessed(date(2026, 3, 31))
    bank.holds("time_deposit", 0)
    bank.assessed(date(2026, 4, 30))
    begun = bank.assessed(date(2026, 5, 1))

    behind = bank.assessed(date(2026, 4, 30))
    again = bank.assessed(date(2026, 5, 1))

    assert (begun["period"], begun["below"]) == ("2026-05", 1)
    assert [(each["period"], each["below"]) for each in (behind, again)] == [("2026-05", 1)] * 2


def test_a_line_that_is_reached_again_clears_the_watch_at_once(bank: ValuedBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.assessed(date(2026, 1, 31))
    bank.holds("time_deposit", 0)
    for month in range(2, 6):
        bank.assessed(date(2026, month, 28))
    bank.holds("time_deposit", 5_000_000, "0.0100")
    cleared = bank.assessed(date(2026, 5, 29))
    bank.holds("time_deposit", 0)

    assert (cleared["tier"], cleared["below"]) == ("gold", 0)
    assert bank.assessed(date(2026, 5, 30))["below"] == 3, "the month ended below the line"
    assert bank.assessed(date(2026, 6, 1))["below"] == 4


def test_within_a_month_a_tier_follows_the_facts_both_ways(bank: ValuedBank) -> None:
    bank.assessed(date(2026, 1, 31))
    bank.holds("time_deposit", 5_000_000, "0.0100")
    assert bank.assessed(date(2026, 2, 10))["tier"] == "gold"
    bank.holds("time_deposit", 0)

    assert bank.assessed(date(2026, 2, 11))["tier"] == "basic"


def test_the_latest_score_that_a_customer_gave_counts(bank: ValuedBank) -> None:
    bank.visited(date(2026, 3, 1), 5, satisfaction=5)
    bank.visited(date(2026, 3, 2), 5, satisfaction=3)

    assert json.loads(str(bank.assessed(date(2026, 3, 31))["reasons"])) == [["satisfaction", 30]]


def test_a_banks_own_model_is_in_force_from_its_day_on(bank: ValuedBank) -> None:
    bank.holds("demand", 100_000, "0")
    model = {**MODEL, "number": 2, "since": "2026-07-01", "funds": {"demand": "0.0300"}}
    bring_model(bank.database, json.dumps(model), "admin", 0)

    assert bank.assessed(date(2026, 6, 30))["revenue"] == 210_000
    assert bank.assessed(date(2026, 7, 1))["revenue"] == 300_000


def test_a_version_that_is_there_is_never_replaced(bank: ValuedBank) -> None:
    text = json.dumps({**MODEL, "number": 2})
    bring_model(bank.database, text, "admin", 0)

    with pytest.raises(Refusal, match="model_wrong"):
        bring_model(bank.database, text, "admin", 0)


def test_the_file_of_the_first_model_says_what_the_code_says() -> None:
    model = read_model(json.dumps(MODEL))

    assert in_force([], date(2026, 6, 30)) == model


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minute", "1.5"),
        ("minute", 150),
        ("since", "2026-02-30"),
        ("funds", {"demand": "2.1 %"}),
        ("funds", {"shoebox": "0.02"}),
        ("lines", {"basic": 0, "silver": 250, "gold": 200, "platinum": 750}),
        ("lines", {"basic": 0}),
        ("assets_points", [["50000.00", 50], ["200000.00", 100]]),
        ("unheard", 1),
    ],
)
def test_a_model_that_is_wrong_is_refused_with_its_place(field: str, value: object) -> None:
    with pytest.raises(Refusal) as refused:
        read_model(json.dumps({**MODEL, field: value}))

    assert refused.value.code == "model_wrong"
    assert str(refused.value.fields["path"]).startswith(field)


def test_the_commands_assess_and_bring_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = ValuedBank(open_sqlite(tmp_path / "fieldbook.db"))
    bank.database.close()
    file = tmp_path / "model.json"
    file.write_text(json.dumps({**MODEL, "number": 7}), encoding="utf-8")

    assert main(["value", "model", str(file), "--data", str(tmp_path)]) == 0
    assert "Version 7" in capsys.readouterr().out
    assert main(["value", "assess", "--data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"customers": 1}
    assert main(["value", "model", str(file), "--data", str(tmp_path)]) != 0
    assert "model is wrong" in capsys.readouterr().err
