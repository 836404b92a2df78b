"""Reading synced rows for a decision: locked in one order, so that writers never wait in a ring."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Table, select, tuple_, update

from shared.errors import refused
from shared.registry import Document, Entity, ScopeRule
from sync_server.store.schema import ENTITY_TABLES, sync_clock, tombstone

_BUMP: Final = update(sync_clock).values(seq=sync_clock.c.seq + 1).returning(sync_clock.c.seq)
_HEAD: Final = select(sync_clock.c.seq)


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
    if rows:
        connection.exec_driver_sql(_insert_text(table, connection.dialect.paramstyle), list(rows))


@cache
def _insert_text(table: Table, paramstyle: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    names = [column.name for column in table.columns]
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


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
        select(table).where(table.c.id.in_(sorted(ids))).order_by(table.c.id).with_for_update()
    )
    return {row["id"]: dict(row) for row in connection.execute(statement).mappings()}


def customer_scopes(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the scope that holds each of these customers, and keep it from moving meanwhile."""
    if not ids:
        return {}
    table = ENTITY_TABLES["customer"]
    statement = (
        select(table.c.id, table.c.scope_id)
        .where(table.c.id.in_(sorted(set(ids))))
        .order_by(table.c.id)
        .with_for_update(read=True)
    )
    return dict(connection.execute(statement).all())


def buried(connection: Connection, keys: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return those of the (entity, id) that were deleted."""
    wanted = list(keys)
    if not wanted:
        return frozenset()
    columns = tombstone.c.entity, tombstone.c.id
    found = connection.execute(select(*columns).where(tuple_(*columns).in_(wanted)))
    return frozenset(found.all())
