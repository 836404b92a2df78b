"""Leaving: whoever's last day has passed signs in nowhere any more, though no file says so again.

Once a day, those whose last day has passed since the day it was last done for: whoever the bank
says is active after it, in a file that came later, stays so.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select

from shared.domain.days import bank_day
from shared.registry import REGISTRY, Document
from sync_server.store.authority import hold_the_ledger
from sync_server.store.database import Database
from sync_server.store.rows import document_in
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.scopes import refresh_scopes
from sync_server.store.turned import LEAVERS, how_far, note
from sync_server.store.unit_of_work import Actor, UnitOfWork

_EMPLOYEE: Final = REGISTRY["employee"]


def let_leavers_go(database: Database, now: int) -> None:
    """End what those may who have left, if that was not done yet today."""
    database.write(lambda connection: _let_go(connection, now))


def _let_go(connection: Connection, now: int) -> None:
    today, last = bank_day(now).isoformat(), how_far(connection, LEAVERS)
    if last == today:
        return
    hold_the_ledger(connection)  # before any row, as an import does that says who left
    leavers = _who_left(connection, last, today)
    if leavers:
        unit = UnitOfWork(connection, Actor("job:leaving"), now)
        unit.import_rows(_EMPLOYEE, [each | {"active": False} for each in leavers])
        unit.finish()
        refresh_scopes(connection)
    note(connection, LEAVERS, today)


def _who_left(connection: Connection, last: str | None, today: str) -> list[Document]:
    """Return who is active though their last day is over since `last`, or ever."""
    table = ENTITY_TABLES[_EMPLOYEE.name]
    wanted: list[ColumnElement[Any]] = [table.c.active, table.c.left_on < today]
    if last is not None:
        wanted.append(table.c.left_on >= last)
    found = connection.execute(select(table).where(*wanted).order_by(table.c.id))
    return [document_in(_EMPLOYEE, row) for row in found.mappings()]
