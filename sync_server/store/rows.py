"""Reading synced rows for a decision: locked in one order, so that writers never wait in a ring."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from shared.errors import refused
from shared.registry import Document, Entity, ScopeRule
from sync_server.store.schema import ENTITY_TABLES, sync_clock, tombstone

_BUMP: Final = update(sync_clock).values(seq=sync_clock.c.seq + 1).returning(sync_clock.c.seq)
_HEAD: Final = select(sync_clock.c.seq)
_WORTH_A_COPY: Final = 20
"""Rows; below, the trip to the server that a COPY takes more costs what it saves."""


def bump(connection: Connection) -> int:
    """Advance the clock row and return the new seq; its lock is held until the commit."""
    return int(connection.execute(_BUMP).scalar_one())


def head(connection: Connection) -> int:
    """Return the seq of the last committed transaction that this snapshot sees."""
    return int(connection.execute(_HEAD).scalar_one())


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of the table's columns.

    As text: of a batch's time Core took half to turn a dict a row into what the driver wants.
    """
    if len(rows) >= _WORTH_A_COPY and connection.dialect.name == "postgresql":
        _copy_rows(connection, table, rows)
    elif rows:
        connection.exec_driver_sql(_insert_text(table, connection.dialect.paramstyle), list(rows))


def _copy_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows as PostgreSQL's driver does it fastest; errors are those of a statement."""
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table.name} ({', '.join(table.columns.keys())}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(statement, None, error, driver.Error) from error


@cache
def _insert_text(table: Table, paramstyle: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    names = table.columns.keys()
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


def among(
    connection: Connection, column: Column[Any], values: Collection[str]
) -> ColumnElement[bool]:
    """Say that a column's text is one of `values`, however many, as one parameter.

    A parameter for each cost 15 us a value, for Core wrote the statement anew each time.
    """
    wanted = sorted(values)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(wanted, ARRAY(Text)))
    listed = func.json_each(to_json(wanted).decode()).table_valued("value")
    return column.in_(select(listed.c.value))


def row_scope(entity: Entity, document: Document, homes: Mapping[str, str]) -> str:
    """Return the scope that a row belongs to."""
    if entity.scope is ScopeRule.GLOBAL:
        return "global"
    if entity.of_customer:
        customer = str(document["customer_id"])
        if customer not in homes:
            raise refused("unknown_customer")
        return homes[customer]
    return f"{entity.scope}:{document[entity.scope_key]}"


def current_rows(
    connection: Connection, entity: Entity, ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Fetch rows by id, locked in the order of their ids where the database locks rows."""
    table = ENTITY_TABLES[entity.name]
    statement = (
        select(table)
        .where(among(connection, table.c.id, ids))
        .order_by(table.c.id)
        .with_for_update()
    )
    return {row["id"]: dict(row) for row in connection.execute(statement).mappings()}


def customer_scopes(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the scope that holds each of these customers, and keep it from moving meanwhile."""
    if not ids:
        return {}
    table = ENTITY_TABLES["customer"]
    statement = (
        select(table.c.id, table.c.scope_id)
        .where(among(connection, table.c.id, set(ids)))
        .order_by(table.c.id)
        .with_for_update(read=True)
    )
    return dict(connection.execute(statement).all())


def buried(
    connection: Connection, ids: Mapping[str, Collection[str]]
) -> frozenset[tuple[str, str]]:
    """Return those (entity, id) that were deleted, of `ids` by entity."""
    if not any(ids.values()):
        return frozenset()
    wanted = [
        and_(tombstone.c.entity == name, among(connection, tombstone.c.id, some))
        for name, some in ids.items()
        if some
    ]
    found = connection.execute(select(tombstone.c.entity, tombstone.c.id).where(or_(*wanted)))
    return frozenset(found.all())


def known_ids(connection: Connection, ids: Mapping[str, Collection[str]]) -> bool:
    """Whether a row with one of these `ids`, by entity, is there or was deleted."""
    for name, some in ids.items():
        table = ENTITY_TABLES[name]
        there = select(table.c.id).where(among(connection, table.c.id, some)).limit(1)
        if connection.execute(there).first():
            return True
    return bool(buried(connection, ids))
