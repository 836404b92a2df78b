"""Each day: who may leave, where each customer stands, and the alerts that follow."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from shared.domain import Account
from shared.domain.account import account_id
from shared.domain.churn_risk import churn_id, points_of
from shared.money import Fen
from shared.registry import Document
from shared.testing.around import a_case, an_alert
from shared.testing.builders import a_customer
from sync_server.demo.clock import moment
from sync_server.store.assessing import TOGETHER, assess
from sync_server.store.daily_flows import Flow, keep_flows
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.sql_store import SqlStore, empty
from tests.server.test_valuing import ValuedBank

DAY = date(2026, 6, 15)
YUAN = 100


class StandingBank(ValuedBank):
    """A bank with one customer, whose accounts and flows are told day by day."""

    def held(self, yuan: int, **fields: Any) -> None:
        known = {"kind": "demand", "opened_on": "2020-01-05", **fields}
        id = account_id("core", str(known["kind"]))
        account = Account(id, self.id, name="产品", last_four="1", source="core",
                          balance=yuan * YUAN, as_of=0, **known)  # fmt: skip
        self.bring("account", asdict(account))

    def flowed(self, day: date, inflow: int = 0, outflow: int = 0) -> None:
        with self.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:test"), 0)
            flow = Flow(Fen(inflow * YUAN), Fen(outflow * YUAN))
            keep_flows(unit, {(account_id("core", "demand"), day.isoformat()): flow})

    def day(self, day: date) -> None:
        for _ in assess(self.database, moment(day, 20)):
            pass

    def states(self) -> list[Document]:
        rows = SqlStore(self.database).rows("customer_state").values()
        return sorted((row.document for row in rows), key=lambda each: str(each["since"]))

    def risk(self) -> Any:
        return SqlStore(self.database).rows("churn_risk").get(churn_id(self.id))

    def alerts(self, kind: str) -> list[Document]:
        rows = SqlStore(self.database).rows("alert").values()
        found = [row.document for row in rows if row.document["kind"] == kind]
        return sorted(found, key=lambda each: str(each["day"]))

    def leaves(self, day: date) -> None:
        """Nine tenths go, and the customer says what they think."""
        self.flowed(day, outflow=900_000)
        self.held(100_000)
        self.visited(day, 20, satisfaction=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StandingBank]:
    database: Database
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "fieldbook.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield StandingBank(database)
    database.close()


def test_a_customer_who_is_well_has_a_state_and_no_risk(bank: StandingBank) -> None:
    bank.held(1_000_000)
    bank.visited(DAY, 20)

    bank.day(DAY)

    [state] = bank.states()
    assert (state["state"], state["before"], state["cause"]) == ("stable", None, "settled")
    assert bank.risk() is None
    assert bank.alerts("churn") == []


def test_who_may_leave_is_told_with_every_reason_once(bank: StandingBank) -> None:
    bank.held(1_000_000)
    bank.visited(DAY, 20)
    bank.day(DAY)
    bank.leaves(DAY + timedelta(days=1))

    for days in (1, 2, 3):
        bank.day(DAY + timedelta(days=days))

    [_, state] = bank.states()
    assert (state["state"], state["before"], state["cause"], state["evidence"]) == (
        "at_risk",
        "stable",
        "churn_points",
        "70",
    )
    risk = bank.risk()
    assert (risk.version, risk.document["points"]) == (1, 70)
    assert [tuple(each) for each in points_of(str(risk.document["reasons"]))] == [
        ("assets_down", 50, 80),
        ("low_satisfaction", 20, 1),
    ]
    [alert] = bank.alerts("churn")
    assert (alert["status"], alert["day"]) == ("open", "2026-06-16")
    assert alert["evidence"] == risk.document["reasons"]


def test_an_alert_of_leaving_is_taken_back_when_the_risk_is_over_and_comes_again(
    bank: StandingBank,
) -> None:
    bank.held(1_000_000)
    bank.day(DAY)
    bank.leaves(DAY + timedelta(days=1))
    bank.day(DAY + timedelta(days=1))
    back = DAY + timedelta(days=40)
    bank.flowed(back, inflow=900_000)
    bank.held(1_000_000)
    bank.visited(back, 20, satisfaction=5)

    bank.day(back)

    assert [each["status"] for each in bank.alerts("churn")] == ["withdrawn"]
    assert [each["state"] for each in bank.states()] == ["stable", "at_risk", "won_back"]
    assert bank.risk().document["points"] == 0
    bank.leaves(back + timedelta(days=2))
    bank.day(back + timedelta(days=2))
    assert [each["status"] for each in bank.alerts("churn")] == ["withdrawn", "open"]


def test_points_that_cross_the_line_twice_on_a_day_are_told_of_as_they_are_now(
    bank: StandingBank,
) -> None:
    bank.held(1_000_000)
    bank.day(DAY)
    bank.leaves(DAY)
    bank.day(DAY)
    bank.flowed(DAY, outflow=0)
    bank.held(1_000_000)
    bank.visited(DAY, 21, satisfaction=5)
    bank.day(DAY)
    assert [each["status"] for each in bank.alerts("churn")] == ["withdrawn"]

    bank.flowed(DAY, outflow=900_000)
    bank.held(100_000)
    bank.visited(DAY, 22, satisfaction=1)
    bank.bring("service_case", a_case(bank.id))
    bank.day(DAY)

    [alert] = bank.alerts("churn")
    assert (alert["status"], alert["severity"]) == ("open", "high")
    assert alert["evidence"] == bank.risk().document["reasons"]


def test_between_the_lines_an_alert_stays(bank: StandingBank) -> None:
    bank.held(1_000_000)
    bank.leaves(DAY)
    bank.day(DAY)
    bank.visited(DAY + timedelta(days=1), 20, satisfaction=5)

    bank.day(DAY + timedelta(days=1))

    assert bank.risk().document["points"] == 50
    assert [each["status"] for each in bank.alerts("churn")] == ["open"]


def test_a_tier_that_is_about_to_fall_is_told_once_and_taken_back_at_the_line(
    bank: StandingBank,
) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 1, 31))
    bank.holds("time_deposit", 0)
    for month in (2, 3, 4):
        bank.day(date(2026, month, 28))
    assert bank.alerts("downgrade") == []

    for day in (1, 2):
        bank.day(date(2026, 5, day))

    [alert] = bank.alerts("downgrade")
    tier, score, line, months = from_json(str(alert["evidence"]))
    assert (tier, months, alert["status"]) == ("gold", 3, "open")
    assert score < line == 500
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 5, 3))
    assert [each["status"] for each in bank.alerts("downgrade")] == ["withdrawn"]


def test_a_value_that_touched_its_line_for_a_night_is_told_of_again(bank: StandingBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 1, 31))
    bank.holds("time_deposit", 0)
    for month in (2, 3, 4, 5):
        bank.day(date(2026, month, 25))
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 5, 26))
    assert [each["status"] for each in bank.alerts("downgrade")] == ["withdrawn"]

    bank.holds("time_deposit", 0)
    bank.day(date(2026, 5, 27))

    assert [each["status"] for each in bank.alerts("downgrade")] == ["open"]


def test_a_tier_that_rises_instead_is_no_longer_about_to_fall(bank: StandingBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 1, 31))
    bank.holds("time_deposit", 0)
    for month in (2, 3, 4, 5):
        bank.day(date(2026, month, 28))
    assert [each["status"] for each in bank.alerts("downgrade")] == ["open"]

    bank.holds("time_deposit", 50_000_000, "0.0100")
    bank.day(date(2026, 6, 28))

    assert [each["status"] for each in bank.alerts("downgrade")] == ["withdrawn"]


def test_a_tier_that_fell_stays_told_of(bank: StandingBank) -> None:
    bank.holds("time_deposit", 5_000_000, "0.0100")
    bank.day(date(2026, 1, 31))
    bank.holds("time_deposit", 0)

    for month in range(2, 10):
        bank.day(date(2026, month, 28))

    assert [each["status"] for each in bank.alerts("downgrade")] == ["open"]


def test_an_open_complaint_counts_until_it_is_resolved(bank: StandingBank) -> None:
    bank.held(1_000_000)
    bank.visited(DAY, 20)
    case = a_case(bank.id)
    bank.bring("service_case", case, a_case(bank.id, kind="question"))
    bank.day(DAY)
    assert points_of(str(bank.risk().document["reasons"]))[0][:] == ("complaint", 20, 1)
    bank.bring("service_case", {**case, "status": "resolved", "resolution": "已退费"})

    bank.day(DAY + timedelta(days=1))

    assert bank.risk().document["points"] == 0


def test_more_customers_than_one_transaction_are_all_assessed(bank: StandingBank) -> None:
    bank.bring("customer", *(a_customer(bank.lin) for _ in range(TOGETHER)))

    bank.day(DAY)

    assert len(bank.states()) == TOGETHER + 1
    assert {each["state"] for each in bank.states()} == {"potential"}


def test_loans_that_are_drawn_and_paid_are_no_money_that_left(bank: StandingBank) -> None:
    bank.held(1_000_000)
    bank.held(0, kind="loan")
    with bank.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:test"), 0)
        keep_flows(unit, {(account_id("core", "loan"), "2026-06-01"): Flow(Fen(0), Fen(10**8))})
    bank.visited(DAY, 20)

    bank.day(DAY)

    assert bank.risk() is None


@pytest.mark.parametrize(("status", "points"), [("open", ["matured_left"]), ("withdrawn", [])])
def test_money_that_was_renewed_before_its_day_has_not_left(
    bank: StandingBank, status: str, points: list[str]
) -> None:
    bank.held(900_000)
    day = (DAY - timedelta(days=10)).isoformat()
    alert = an_alert(bank.id, kind="maturity", day=day, amount=500_000 * YUAN, status=status)
    bank.bring("alert", alert)
    bank.flowed(DAY - timedelta(days=5), outflow=300_000)

    bank.day(DAY)

    found = bank.risk()
    reasons = [] if found is None else points_of(found.document["reasons"])
    assert [each[0] for each in reasons if each[0] == "matured_left"] == points
