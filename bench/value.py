"""A night's work: everyone's value, churn points and state, by the number of customers."""

import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bench.report import Report
from shared.domain import Account
from shared.domain.account import account_id
from shared.ids import derived_id
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW, a_customer, a_unit, an_employee, an_interaction
from sync_server.store.assessing import assess
from sync_server.store.database import Database, open_sqlite
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

SIZES: Final = (10_000, 100_000)
MOST_S: Final = 60
_MANAGER: Final = derived_id("manager")


def measure(report: Report) -> None:
    """Measure the first assessment, which writes everyone, and a night that writes nobody."""
    report.section(
        "A night: value, points and state from three accounts and two contacts each (SQLite)"
    )
    per_customer = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            database = open_sqlite(Path(folder) / "fieldbook.db")
            _fill(database, size)
            first, second = _taken(database), _taken(database)
            database.close()
        per_customer.append(first / size)
        report.at_most(f"{size:,} customers, everyone written", first, MOST_S, "s")
        report.at_most(f"{size:,} customers, nothing new", second, MOST_S, "s")
    growth = per_customer[-1] / per_customer[0]
    report.add("per customer, the larger bank beside the smaller", f"{growth:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report.add("memory of the process at its highest, whatever was measured", f"{peak} MiB")


def _taken(database: Database) -> float:
    began = time.perf_counter()
    for _ in assess(database, NOW):
        pass
    return time.perf_counter() - began


def _fill(database: Database, size: int) -> None:
    unit = a_unit("head_office", None)
    _bring(database, "org_unit", [unit])
    _bring(database, "employee", [an_employee(str(unit["id"]), id=_MANAGER)])
    for start in range(0, size, CHUNK):
        customers = [a_customer(_MANAGER) for _ in range(start, min(start + CHUNK, size))]
        ids = [str(each["id"]) for each in customers]
        _bring(database, "customer", customers)
        _bring(database, "account", [row for id in ids for row in _accounts(id)])
        _bring(database, "interaction", [row for id in ids for row in _contacts(id)])


def _bring(database: Database, entity: str, rows: list[Document]) -> None:
    for start in range(0, len(rows), CHUNK):
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:bench"), NOW)
            unit.import_rows(REGISTRY[entity], rows[start : start + CHUNK])
            unit.finish()


def _accounts(customer: str) -> Iterator[Document]:
    for kind, rate in (("demand", "0.0005"), ("time_deposit", "0.0110"), ("loan", "0.0435")):
        known: Any = {"kind": kind, "name": "产品", "last_four": "0001", "source": "core"}
        id = account_id("core", customer + kind)
        yield asdict(Account(id, customer, balance=12_345_600, as_of=NOW, rate=rate, **known))


def _contacts(customer: str) -> Iterator[Document]:
    for channel in ("visit", "call"):
        at = {"occurred_at": NOW - 60_000, "started_at": NOW - 60_000, "ended_at": NOW}
        yield an_interaction(customer, _MANAGER, channel=channel, satisfaction=4, **at)
