"""The demo's three months, lived through the real paths: what a user of the demo finds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.domain import ServiceCase, Task
from shared.domain.channels import GROUPS
from shared.domain.customer_value import TIERS
from shared.domain.days import bank_period
from shared.domain.service_case import is_late
from shared.domain.task import promise
from shared.registry import Document
from sync_server.demo import Bank
from sync_server.demo.clock import HOUR, moment
from sync_server.demo.phrases import is_for_the_customer
from sync_server.demo.seed import seed
from sync_server.store.audit import chain, differing
from sync_server.store.database import Database, open_sqlite
from tests.server.sql_store import SqlStore

TODAY = date(2026, 11, 27)
NOW = moment(TODAY, 9)


class Seeded:
    def __init__(self, database: Database, bank: Bank) -> None:
        self.database, self.bank = database, bank
        self.store = SqlStore(database)
        self.of = {one.employee_no: one.id for one in bank.employees}

    def rows(self, entity: str, **wanted: Any) -> list[Document]:
        found = (row.document for row in self.store.rows(entity).values())
        return [row for row in found if all(row[name] == wanted[name] for name in wanted)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    path: Path = tmp_path_factory.mktemp("demo") / "fieldbook.db"
    database = open_sqlite(path)
    yield Seeded(database, seed(database, TODAY, NOW, lambda _: None))
    database.close()


def test_two_months_are_closed_by_two_people_and_the_present_one_is_open(demo: Seeded) -> None:
    months = {str(row["period"]): row for row in demo.rows("pay_period")}

    assert {name: row["status"] for name, row in months.items()} == {
        "2026-09": "closed",
        "2026-10": "closed",
        "2026-11": "open",
    }
    for name in ("2026-09", "2026-10"):
        assert months[name]["employee_id"] == demo.of["SV002"]
        assert months[name]["checker_id"] == demo.of["SV001"]
        closed_on = bank_period(int(str(months[name]["closed_at"])))
        assert closed_on == {"2026-09": "2026-10", "2026-10": "2026-11"}[name]


def test_what_a_month_says_of_itself_is_the_sum_of_its_statements(demo: Seeded) -> None:
    for month in demo.rows("pay_period"):
        payable = [
            int(str(row["payable"])) for row in demo.rows("statement", period=month["period"])
        ]

        assert (month["payable"], month["employees"]) == (sum(payable), len(payable))


def test_every_manager_has_earned_something_in_every_month(demo: Seeded) -> None:
    statements = {
        (str(row["employee_id"]), str(row["period"])): int(str(row["earned"]))
        for row in demo.rows("statement")
    }
    managers = [one.id for one in demo.bank.employees if one.role == "account_manager"]

    assert set(statements) == {
        (who, month) for who in managers for month in ("2026-09", "2026-10", "2026-11")
    }
    assert all(earned > 0 for earned in statements.values())


def test_the_ledger_is_whole_and_every_statement_is_as_computed_from_scratch(
    demo: Seeded,
) -> None:
    ledger = chain(demo.database)
    compared = list(differing(demo.database, NOW))

    assert ledger.records > 0
    assert ledger.broken_at is None
    assert sum(count for count, _ in compared) == len(demo.rows("statement"))
    assert not [each for _, wrong in compared for each in wrong]


def test_what_came_after_a_close_is_adjusted_and_a_card_given_back_is_clawed(
    demo: Seeded,
) -> None:
    assert demo.rows("commission_entry", type="ADJUST")
    [lin] = demo.rows("statement", employee_id=demo.of["AM001"], period="2026-11")
    assert int(str(lin["clawed"])) < 0


def test_everyones_queue_has_something_in_it(demo: Seeded) -> None:
    [offer] = demo.rows("sale_share", status="offered")
    [disputed] = demo.rows("sale_share", status="disputed")
    contested = demo.rows("sale_share", status="contested")
    [objection] = demo.rows("dispute", status="open")
    [draft] = demo.rows("commission_rule", status="draft")

    assert offer["employee_id"] == demo.of["AM001"]
    assert disputed["employee_id"] == demo.of["AM004"]
    assert {row["employee_id"] for row in contested} == {demo.of["AM001"], demo.of["AM002"]}
    assert (objection["employee_id"], objection["period"]) == (demo.of["AM001"], "2026-10")
    assert draft["employee_id"] == demo.of["PM001"]


def test_a_rule_changed_at_the_beginning_of_the_present_month(demo: Seeded) -> None:
    versions = demo.rows("commission_rule", rule="card-gold", status="approved")

    assert sorted(int(str(row["number"])) for row in versions) == [1, 2]


def test_what_owners_were_alerted_of_is_handled_but_for_the_last_days(demo: Seeded) -> None:
    alerts = demo.rows("alert")
    waiting = [alert for alert in alerts if alert["status"] == "open"]

    assert len(waiting) < len(alerts) / 2
    assert min(str(alert["day"]) for alert in waiting) >= "2026-11-22"
    assert all(alert["handled_at"] for alert in alerts if alert not in waiting)
    assert [alert["severity"] for alert in waiting if alert["kind"] == "abnormal_flow"] == ["high"]


def test_every_manager_has_a_case_of_every_kind_of_progress(demo: Seeded) -> None:
    owner_of = {one.id: one.owner_id for one in demo.bank.customers}
    managers = {one.id for one in demo.bank.employees if one.role == "account_manager"}
    cases = [ServiceCase(**row) for row in demo.rows("service_case")]  # type: ignore[arg-type]

    def owners(some: Iterable[ServiceCase]) -> set[str]:
        return {owner_of[each.customer_id] for each in some}

    assert owners(each for each in cases if each.status == "closed") == managers
    assert owners(each for each in cases if each.status == "waiting_for_customer") == managers
    assert owners(each for each in cases if is_late(each, NOW)) == managers
    due = [each for each in cases if not is_late(each, NOW) and each.due_at < NOW + 24 * HOUR]
    assert owners(each for each in due if each.status == "working") == managers
    assert {each.source for each in cases} == {None, "客服系统"}
    assert {row["case_id"] for row in demo.rows("case_step")} <= {each.id for each in cases}


def test_who_called_yesterday_is_to_be_called_back_today(demo: Seeded) -> None:
    tasks = demo.rows("task", title="回电", due=TODAY.isoformat())
    managers = [one for one in demo.bank.employees if one.role == "account_manager"]

    assert len(tasks) == len(managers)
    assert all("大额存单" in str(task["reason"]) for task in tasks)


def test_every_manager_kept_a_promise_and_is_late_with_one(demo: Seeded) -> None:
    owner_of = {one.id: one.owner_id for one in demo.bank.customers}
    managers = {one.id for one in demo.bank.employees if one.role == "account_manager"}
    became: dict[str | None, set[str]] = {}
    for row in demo.rows("task"):
        task = Task(**row)  # type: ignore[arg-type]
        # What stands under 我们答应您的 must be something that is done for them.
        assert not task.promised or is_for_the_customer(task.title), task.title
        became.setdefault(promise(task, TODAY.isoformat()), set()).add(owner_of[task.customer_id])

    assert became["kept"] == became["late"] == managers


def test_everyones_value_was_assessed_and_some_stand_on_every_step(demo: Seeded) -> None:
    values = demo.rows("customer_value")

    assert len(values) == len(demo.bank.customers)
    assert {row["tier"] for row in values} == set(TIERS)
    assert {row["period"] for row in values} == {"2026-11"}


def test_some_are_at_risk_some_have_left_and_some_came_back(demo: Seeded) -> None:
    since: dict[str, Any] = {}
    for row in sorted(demo.rows("customer_state"), key=lambda each: str(each["since"])):
        since[str(row["customer_id"])] = row["state"]
    stands = Counter(since.values())

    assert len(since) == len(demo.bank.customers)
    assert stands["at_risk"] == 2 * stands["won_back"] == 12
    assert stands["lost"] == 3
    seen = {one.customer_id for one in demo.bank.contacts}
    assert not [id for id, state in since.items() if state in ("at_risk", "lost") and id in seen]


def test_customers_come_to_the_counter_and_that_costs(demo: Seeded) -> None:
    came = [row for row in demo.rows("interaction") if row["source"]]
    costs = [str(row["lines"]) for row in demo.rows("customer_value")]

    assert {row["channel"] for row in came} == {
        "call_centre", "counter", "online", "self_service", "sms",
    }  # fmt: skip
    assert {row["purpose"] for row in came} == {"service", "complaint"}
    assert any('["contacts","counter"' in lines for lines in costs)


@pytest.mark.parametrize("today", [date(2026, 5, 1), date(2026, 3, 2), date(2026, 8, 31)])
def test_it_can_be_made_on_any_day(today: date, tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "fieldbook.db")
    seed(database, today, moment(today) + HOUR, lambda _: None)
    closed = [row.document for row in SqlStore(database).rows("pay_period").values()]
    database.close()

    assert sorted(str(row["status"]) for row in closed)[:2] == ["closed", "closed"]


def test_customers_who_are_met_have_contacts_of_every_group_of_channels(demo: Seeded) -> None:
    """Of each manager some, told of by the call centre and by other systems of the bank."""
    owner = {one.id: one.owner_id for one in demo.bank.customers}
    rows = demo.rows("interaction")
    met = {owner[str(row["customer_id"])] for row in rows if row["channel"] == "visit"}
    for group in GROUPS.values():
        through = {owner[str(row["customer_id"])] for row in rows if row["channel"] in group}
        assert through >= met
    told = {(str(row["source"]), str(row["channel"])) for row in rows if row["source"]}
    assert {channel for _, channel in told} >= {"call_centre", "counter", "self_service", "online"}
    assert ("客服系统", "call_centre") in told


def test_prospects_are_answered_in_every_way_that_the_rules_have(demo: Seeded) -> None:
    first, second = demo.of["AM001"], demo.of["AM002"]
    mine = Counter(str(row["status"]) for row in demo.rows("prospect", employee_id=first))
    [contest] = demo.rows("prospect_contest")
    claimed = demo.rows("prospect", contest_id=contest["id"])

    assert mine == {"claimed": 2, "declined": 1, "lost": 1}
    assert {row["employee_id"]: row["status"] for row in claimed} == {
        first: "claimed",
        second: "contested",
    }
    assert {row["employee_id"] for row in demo.rows("prospect", status="claimed")} == {
        who for number, who in demo.of.items() if number.startswith("AM")
    }
