"""How fast the server keeps commission: one sale confirmed, and a branch's month closed.

Through the store, on SQLite, and each figure is a whole durable transaction: the event, the sale,
its shares, the statement, the change log and the commit.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection

from bench.report import Report, percentile
from shared.domain.pay_period import period_id
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW, a_customer, a_unit, an_employee
from shared.testing.selling import a_commission_rule, a_product, a_sale, terms
from sync_server.store.audit import chain, differing
from sync_server.store.authority import credit
from sync_server.store.core_events import CoreEvent, take_events
from sync_server.store.database import Database, open_sqlite
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

EMPLOYEES: Final = 200
SALES_EACH: Final = 100
CONFIRMED: Final = 200
PATIENCE_S: Final = 30
"""How long a device waits for an answer."""
_DAY: Final = "2026-11-05"
_TERMS: Final = terms(
    cap_period="5000.00",
    accelerators=[{"min_attainment": "1.20", "multiplier": "1.2"}],
    clawback=[{"to_month": 6, "rate": "1.00"}],
    deferral={"rate": "0.40", "years": 3},
)
_Result = TypeVar("_Result")


def measure(report: Report) -> None:
    """Measure a branch of 200 employees with 100 sales each."""
    report.section(f"Commission at the server ({EMPLOYEES} employees, {SALES_EACH} sales each)")
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        database = open_sqlite(Path(folder) / "server.db")
        sales, taken = _timed(lambda: _branch(database))
        report.add(f"{len(sales):,} sales imported and priced", f"{taken:.1f} s")
        _confirm(report, database, sales)
        _close(report, database)
        database.close()


def _confirm(report: Report, database: Database, sales: list[str]) -> None:
    """Have the bank correct sales one by one, each of another employee."""
    step = len(sales) // CONFIRMED
    taken = [
        1_000 * _timed(lambda sale=sale: _say(database, sale))[1]  # type: ignore[misc]
        for sale in sales[:: step + 1]
    ]
    priced = [1_000 * _repriced(database, sale) for sale in sales[1 :: step + 1]]
    report.at_most("one sale's shares and statement anew, p50", percentile(priced, 0.5), 5, "ms")
    report.add("one sale confirmed, to the commit, p50", f"{percentile(taken, 0.5):.2f} ms")
    report.add("one sale confirmed, to the commit, p95", f"{percentile(taken, 0.95):.2f} ms")


def _close(report: Report, database: Database) -> None:
    _, taken = _timed(lambda: _work(database, _closing))
    report.at_most("the month closed, in one transaction", taken, PATIENCE_S, "s")
    found, taken = _timed(lambda: chain(database))
    report.add(f"its {found.records:,} records verified", f"{taken:.1f} s")
    wrong, taken = _timed(lambda: [each for _, some in differing(database, NOW) for each in some])
    report.add("every statement held against a full computation", f"{taken:.1f} s")
    report.at_most("statements that differ", len(wrong), 0, "of all")


def _branch(database: Database) -> list[str]:
    """Make the branch; every sale has been activated already."""
    unit = a_unit("head_office", None)
    people = [an_employee(str(unit["id"])) for _ in range(EMPLOYEES)]
    customers = [a_customer(str(each["id"])) for each in people]
    card = a_product()
    rule = a_commission_rule("maker", str(unit["id"]), status="approved", terms=_TERMS)
    for entity, rows in (
        ("org_unit", [unit]),
        ("employee", people),
        ("customer", customers),
        ("product", [card]),
        ("commission_rule", [rule]),
    ):
        _bring(database, entity, rows)
    sales = [
        a_sale(
            str(customer["id"]),
            str(who["id"]),
            str(card["id"]),
            status="confirmed",
            activated_on=_DAY,
            confirmed_at=NOW,
        )
        for who, customer in zip(people, customers, strict=True)
        for _ in range(SALES_EACH)
    ]
    for start in range(0, len(sales), CHUNK):
        _bring(database, "sale", sales[start : start + CHUNK])
    return [str(sale["id"]) for sale in sales]


def _bring(database: Database, entity: str, rows: list[Document]) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.import_rows(REGISTRY[entity], rows)
        credit(unit)

    _work(database, work)


def _say(database: Database, sale: str) -> None:
    event = CoreEvent(sale, None, sale, "ACTIVATED", date(2026, 11, 6), qty=2)
    _work(database, lambda unit: take_events(unit, [event]))


def _repriced(database: Database, sale: str) -> float:
    """Change one sale; return the seconds that everything which follows from it takes."""

    def work(unit: UnitOfWork) -> float:
        entity = REGISTRY["sale"]
        row = documents(unit.connection, entity, [sale])[sale]
        unit.import_rows(entity, [{**row, "qty": 3}])
        return _timed(lambda: credit(unit))[1]

    return _work(database, work)


def _closing(unit: UnitOfWork) -> None:
    entity = REGISTRY["pay_period"]
    id = period_id("2026-11")
    period = documents(unit.connection, entity, [id])[id]
    step = {"status": "closing", "employee_id": "maker", "checker_id": "checker"}
    unit.import_rows(entity, [{**period, **step}])
    credit(unit)


def _work(database: Database, do: Callable[[UnitOfWork], _Result]) -> _Result:
    def work(connection: Connection) -> _Result:
        unit = UnitOfWork(connection, Actor("import:bench"), NOW)
        result = do(unit)
        unit.finish()
        return result

    return database.write(work)


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started
