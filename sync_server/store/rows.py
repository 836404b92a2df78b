"""Reading synced rows for a decision: locked in one order, so that writers never wait in a ring."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    RowMapping,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from shared.errors import refused
from shared.registry import Document, Entity, ScopeRule
from sync_server.store.schema import ENTITY_TABLES, sync_clock, tombstone

_BUMP: Final = update(sync_clock).values(seq=sync_clock.c.seq + 1).returning(sync_clock.c.seq)
_HEAD: Final = select(sync_clock.c.seq)
MERGED: Final = "merged:"
"""The scope of a customer who was merged into another, whose id follows; no device holds it."""
_POSTGRESQL: Final[Dialect] = postgresql.dialect()  # type: ignore[no-untyped-call]
_WORTH_A_COPY: Final = 20
"""Rows; below, the trip to the server that a COPY takes more costs what it saves."""


def document_in(entity: Entity, row: Mapping[str, Any] | RowMapping) -> Document:
    """Return the document that a row holds."""
    return {name: row[name] for name in entity.fields}


def document_of(record: Any) -> Document:
    """Return a record as its row; `asdict` would copy each of its primitives by its type."""
    return {name: getattr(record, name) for name in type(record).__slots__}


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


def replace_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows as `insert_rows`, each of another key, or put them in place of those that have
    their keys."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        columns = tuple(table.columns.keys())
        statement = f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM "  # noqa: S608
        whole = statement + _unnested(table, columns) + _in_place(table)
        connection.exec_driver_sql(whole, _by_columns(rows))
    else:
        statement = _insert_text(table, connection.dialect.paramstyle)
        connection.exec_driver_sql(statement + _in_place(table), list(rows))


def update_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Update these columns of rows, whose ids come last, each once; as text, for the reason inserts
    are."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_update_all_text(table, columns), _by_columns(rows))
    else:
        connection.exec_driver_sql(_update_text(table, columns), list(rows))


@cache
def _update_text(table: Table, columns: tuple[str, ...]) -> str:
    said = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE {table.name} SET {said} WHERE id = ?"  # noqa: S608


@cache
def _update_all_text(table: Table, columns: tuple[str, ...]) -> str:
    """A statement a row took PostgreSQL's server several times as long."""
    said = ", ".join(f"{name} = said.{name}" for name in columns)
    of = _unnested(table, (*columns, "id"))
    return f"UPDATE {table.name} SET {said} FROM {of} WHERE {table.name}.id = said.id"  # noqa: S608


@cache
def _unnested(table: Table, columns: tuple[str, ...]) -> str:
    """Say as PostgreSQL does: these columns' values, an array of each, as rows named `said`."""
    types = (table.c[name].type.compile(_POSTGRESQL) for name in columns)
    arrays = ", ".join(f"%s::{each}[]" for each in types)
    return f"unnest({arrays}) AS said({', '.join(columns)})"


def _by_columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(map(list, zip(*rows, strict=True)))


def _mark(paramstyle: str) -> str:
    return "?" if paramstyle == "qmark" else "%s"


@cache
def _insert_text(table: Table, paramstyle: str) -> str:
    mark = _mark(paramstyle)
    names = table.columns.keys()
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


@cache
def _in_place(table: Table) -> str:
    keys = ", ".join(table.primary_key.columns.keys())
    others = (each.name for each in table.columns if not each.primary_key)
    said = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {said}"


def among(column: ColumnElement[Any], *, is_postgresql: bool) -> ColumnElement[bool]:
    """Say that a column's text is one of those that `look_up` is given, as one parameter.

    A parameter for each cost 15 us a value, for Core wrote the statement anew each time.
    """
    if is_postgresql:
        return column == any_(bindparam("wanted", type_=ARRAY(Text)))
    listed = func.json_each(bindparam("wanted", type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def look_up(
    connection: Connection, values: Collection[str], make: Callable[..., Executable], *what: Any
) -> Sequence[Any]:
    """Return the rows of a statement made with `among`, by a function that makes it only once.

    `make` is given `what` and whether it is for PostgreSQL. To build such a statement takes Core
    200 us, ten times what the database needs for it.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    wanted = sorted(values)
    parameter = wanted if is_postgresql else to_json(wanted).decode()
    statement = make(*what, is_postgresql=is_postgresql)
    return connection.execute(statement, {"wanted": parameter}).all()


@cache
def _current(table: Table, *, is_postgresql: bool) -> Select[Any]:
    condition = among(table.c.id, is_postgresql=is_postgresql)
    return select(table).where(condition).order_by(table.c.id).with_for_update()


@cache
def _read(table: Table, *, is_postgresql: bool) -> Select[Any]:
    return select(table).where(among(table.c.id, is_postgresql=is_postgresql))


@cache
def _homes(*, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES["customer"]
    condition = among(table.c.id, is_postgresql=is_postgresql)
    columns = select(table.c.id, table.c.scope_id)
    return columns.where(condition).order_by(table.c.id).with_for_update(read=True)


@cache
def _graves(name: str, *, is_postgresql: bool) -> Select[Any]:
    condition = among(tombstone.c.id, is_postgresql=is_postgresql)
    return select(tombstone.c.entity, tombstone.c.id).where(tombstone.c.entity == name, condition)


@cache
def _there(table: Table, *, is_postgresql: bool) -> Select[Any]:
    return select(table.c.id).where(among(table.c.id, is_postgresql=is_postgresql)).limit(1)


def row_scope(entity: Entity, document: Document, homes: Mapping[str, str]) -> str:
    """Return the scope that a row belongs to."""
    if entity.scope is ScopeRule.GLOBAL:
        return "global"
    if entity.name == "customer" and document["merged_into"] is not None:
        return f"{MERGED}{document['merged_into']}"
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
    found = look_up(connection, ids, _current, ENTITY_TABLES[entity.name])
    names = ENTITY_TABLES[entity.name].columns.keys()
    return {row.id: dict(zip(names, row, strict=True)) for row in found}


def standing_rows(
    connection: Connection, entity: Entity, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Read rows by id, without a lock."""
    if not ids:
        return {}
    names = ENTITY_TABLES[entity.name].columns.keys()
    found = look_up(connection, ids, _read, ENTITY_TABLES[entity.name])
    return {row.id: dict(zip(names, row, strict=True)) for row in found}


def locked_rows(
    connection: Connection, entity: Entity, ids: Sequence[str], read: Mapping[str, dict[str, Any]]
) -> Mapping[str, dict[str, Any]]:
    """Return rows by id that this writing transaction has `read`, locked as by `current_rows`.

    Where the database locks rows they may have changed since, and are read anew; SQLite's writer is
    alone.
    """
    if connection.dialect.name == "postgresql":
        return current_rows(connection, entity, ids)
    return read


def documents(connection: Connection, entity: Entity, ids: Collection[str]) -> dict[str, Document]:
    """Read the documents of rows by id, without a lock."""
    if not ids:
        return {}
    found = look_up(connection, ids, _read, ENTITY_TABLES[entity.name])
    # The table has the entity's fields first, in their order; `version` and the rest come after.
    return {row.id: dict(zip(entity.fields, row, strict=False)) for row in found}


def customer_scopes(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the scope that holds each of these customers, and keep it from moving meanwhile.

    That of one who was merged is where what is theirs belongs now: the scope of who goes on.
    """
    return customer_homes(connection, ids)[0]


def customer_homes(
    connection: Connection, ids: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the scopes of customers as `customer_scopes`, and who goes on for those merged."""
    if not ids:
        return {}, {}
    homes, survivors = dict(look_up(connection, set(ids), _homes)), dict[str, str]()
    while merged := _merged(homes):
        survivors |= merged
        found = dict(look_up(connection, set(merged.values()), _homes))
        homes |= {id: found[survivor] for id, survivor in merged.items()}
    return homes, survivors


def _merged(homes: Mapping[str, str]) -> dict[str, str]:
    return {id: home.removeprefix(MERGED) for id, home in homes.items() if home.startswith(MERGED)}


def buried(
    connection: Connection, ids: Mapping[str, Collection[str]]
) -> frozenset[tuple[str, str]]:
    """Return those (entity, id) that were deleted, of `ids` by entity."""
    found = [look_up(connection, some, _graves, name) for name, some in ids.items() if some]
    return frozenset(chain.from_iterable(found))


def known_ids(connection: Connection, ids: Mapping[str, Collection[str]]) -> bool:
    """Whether a row with one of these `ids`, by entity, is there or was deleted."""
    for name, some in ids.items():
        if look_up(connection, some, _there, ENTITY_TABLES[name]):
            return True
    return bool(buried(connection, ids))
