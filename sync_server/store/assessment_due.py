"""Who is to be assessed anew before the next day: what they are assessed by has changed.

Kept by the transaction that changed it, and taken off by the one that assesses: what a server was
stopped in is due when it runs again.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.sql.dml import ReturningDelete

from sync_server.store.rows import among, look_up, replace_rows
from sync_server.store.schema import assessment_due
from sync_server.store.unit_of_work import UnitOfWork

_DUE: Final = assessment_due.c


def ask_to_assess(unit: UnitOfWork, customers: Collection[str]) -> None:
    """Have these customers assessed as soon as this transaction is committed."""
    replace_rows(unit.connection, assessment_due, [(id, unit.now) for id in sorted(customers)])


def who_is_due(connection: Connection, most: int) -> list[str]:
    """Return at most so many of those who are due."""
    return list(connection.execute(select(_DUE.customer_id).limit(most)).scalars())


def take_off(connection: Connection, customers: Collection[str]) -> None:
    """Note that these are assessed in this transaction, by what it reads from here on."""
    look_up(connection, customers, _taken_off)


@cache
def _taken_off(*, is_postgresql: bool) -> ReturningDelete[Any]:
    mine = among(_DUE.customer_id, is_postgresql=is_postgresql)
    return delete(assessment_due).where(mine).returning(_DUE.customer_id)
