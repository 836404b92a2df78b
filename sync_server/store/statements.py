"""Statements: brought up to the facts, in the transaction that changed them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from shared.commission.months import Period
from shared.domain.crediting import Earnings
from shared.registry import REGISTRY, Document
from sync_server.commission.monthly import statement_rows
from sync_server.store.books import Books, Payee, everyone
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import CHUNK, UnitOfWork

_STATEMENT: Final = REGISTRY["statement"]
_MOMENT: Final = "computed_at"


def whom(connection: Connection, written: Mapping[str, Collection[str]]) -> set[str]:
    """Return whose statements change with rules, goals or employees that were written."""
    rules = documents(connection, REGISTRY["commission_rule"], written.get("commission_rule", ()))
    if any(row["status"] == "approved" for row in rules.values()):
        return set(everyone(connection))
    found = {
        str(row["employee_id"])
        for name in ("target", "quality")
        for row in documents(connection, REGISTRY[name], written.get(name, ())).values()
    }
    employees = set(written.get("employee", ()))
    return found | (employees & set(everyone(connection)) if employees else set())


def bring_up(unit: UnitOfWork, employees: Iterable[str]) -> set[Period]:
    """Compute employees' statements anew and write those that differ; return their months."""
    wanted = sorted(employees)
    if not wanted:
        return set()
    books, touched = Books(unit.connection, unit.now), set[Period]()
    for payee in filter(None, map(books.payee, wanted)):
        touched |= write(unit, books, payee, books.earned(payee))
    return touched


def write(unit: UnitOfWork, books: Books, payee: Payee, found: Earnings) -> set[Period]:
    """Write an employee's statements where they differ from the record's; return their months."""
    present = books.statements(payee)
    rows = statement_rows(payee.id, found, books.closed_through, present.keys(), unit.now)
    changed = {period: row for period, row in rows.items() if not stands(present.get(period), row)}
    documents = list(changed.values())
    for start in range(0, len(documents), CHUNK):
        unit.import_rows(_STATEMENT, documents[start : start + CHUNK])
    return set(changed)


def stands(present: Document | None, row: Document) -> bool:
    """Whether a statement in the record says what was computed, or is closed."""
    if present is None:
        return False
    if present["status"] == "closed":
        return True
    return all(present[name] == row[name] for name in row if name != _MOMENT)
