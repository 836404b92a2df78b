"""The audit of commission: the ledger's chain, and every statement against a full recomputation.

Records are read in pages by their number and employees one at a time, each in a transaction of its
own, so that a bank of any size is verified beside its running server in the memory of one employee.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from shared.commission.ledger import GENESIS, recorded
from shared.domain.crediting import entries_digest, posted_of
from shared.errors import Refusal
from shared.registry import REGISTRY, Document
from sync_server.commission.monthly import statement_rows
from sync_server.store.authority import hold_the_ledger
from sync_server.store.books import Books, everyone
from sync_server.store.closing import follow
from sync_server.store.database import Database
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.statements import bring_up, stands
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

_ENTRIES: Final = ENTITY_TABLES["commission_entry"]
_PAGE: Final = (
    select(*(_ENTRIES.c[name] for name in REGISTRY["commission_entry"].fields))
    .where(_ENTRIES.c.number >= bindparam("after"))
    .order_by(_ENTRIES.c.number)
    .limit(CHUNK)
)
_CLOSED: Final = (
    select(ENTITY_TABLES["pay_period"].c.digest)
    .where(ENTITY_TABLES["pay_period"].c.status == "closed")
    .order_by(ENTITY_TABLES["pay_period"].c.period.desc())
    .limit(1)
)
TOGETHER: Final = 20
"""Employees recomputed in one writing transaction; devices get in between."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found of the ledger: how many records follow, and the first that does not."""

    records: int
    broken_at: int | None


@dataclass(frozen=True, slots=True)
class Differing:
    """A statement that is not what its facts come to."""

    employee_id: str
    period: str


def chain(database: Database) -> Chain:
    """Follow the ledger from its first record to the digest that its last close named."""
    number, previous = 0, GENESIS
    while True:
        with database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(_PAGE, {"after": number})]
            head = connection.execute(_CLOSED).scalar()
        for row in rows:
            if row["number"] != number or not _follows(row, previous):
                return Chain(number, number)
            number, previous = number + 1, row["digest"]
        if len(rows) < CHUNK:
            is_whole = head is None or head == previous
            return Chain(number, None if is_whole else number)


def _follows(row: Document, previous: str) -> bool:
    try:
        record = posted_of(row)
        return record == recorded(record.entry, record.closed, record.approval, previous)
    except (Refusal, ValueError):
        return False


def differing(database: Database, now: int) -> Iterator[tuple[int, list[Differing]]]:
    """Compute everyone from scratch; yield, for each, how many statements, and those that differ.

    Closed statements are compared with what the ledger says of them.
    """
    with database.reading() as connection:
        employees = everyone(connection)
    for employee in employees:
        with database.reading() as connection:
            yield _compared(connection, employee, now)


def _compared(connection: Connection, employee: str, now: int) -> tuple[int, list[Differing]]:
    books = Books(connection, now)
    payee = books.payee(employee)
    if payee is None:
        return 0, []
    present = books.statements(payee)
    found = books.earned(payee)
    rows = statement_rows(payee.id, found, books.closed_through, present.keys(), now)
    wrong = [
        period
        for period, row in rows.items()
        if not (period not in present and _is_to_come(row))
        and not (stands(present.get(period), row) and _as_posted(present[period], row))
    ]
    return len(rows), [Differing(employee, period) for period in wrong]


def _is_to_come(row: Document) -> bool:
    """Whether a month has nothing of its own yet: its row comes with the first thing it has."""
    return row["status"] == "open" and row["digest"] == entries_digest(())


def _as_posted(present: Document, row: Document) -> bool:
    """Whether a statement has the figures; that a leaver owes is told of open months alone."""
    aside = ("computed_at", "receivable", "status")
    return all(present[name] == row[name] for name in row if name not in aside)


def recompute(database: Database, now: int) -> Iterator[int]:
    """Compute everyone's statements anew and write what differs; yield how many are done."""
    with database.reading() as connection:
        employees = everyone(connection)
    for start in range(0, len(employees), TOGETHER):
        some = employees[start : start + TOGETHER]
        database.write(lambda connection, some=some: _recomputed(connection, some, now))  # type: ignore[misc]
        yield start + len(some)


def _recomputed(connection: Connection, employees: list[str], now: int) -> None:
    unit = UnitOfWork(connection, Actor("job:commission"), now)
    hold_the_ledger(connection)
    months = bring_up(unit, employees)
    follow(unit, (), months)
    unit.finish()
