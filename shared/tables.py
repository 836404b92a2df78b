"""The tables of both sides, derived from the registry, so that a new field is added in one place.

A synced row carries, beside the entity's own fields, `version` (counts accepted writes) and
`scope_id`; each side adds what it keeps for itself.

A database that an earlier version made is brought to the same tables by adding what it lacks, on
both sides alike: `additions` says what that is. Nothing is ever dropped or retyped this way; that
takes a step with a name, in the `upgrade` module of the side.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Double,
    Index,
    MetaData,
    Table,
    Text,
    TextClause,
    false,
    text,
    true,
)
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from shared.registry import Entity, Field

_TYPES = {str: Text, int: BigInteger, float: Double, bool: Boolean}
_Default = str | TextClause | ColumnElement[bool] | None


def entity_table(
    entity: Entity,
    metadata: MetaData,
    own: Sequence[Column[object]],
    unasked: Collection[str] = (),
    walked_by: str = "id",
) -> Table:
    """Build the table of an entity with the keeping side's `own` columns at its end.

    `unasked` are indexed fields that the keeping side never looks rows up by: no index there.
    `walked_by` is the field by which the rows of a scope lie together.
    """
    table = Table(
        entity.name,
        metadata,
        *(
            _column(field, entity.defaults[field.name], index=field.name not in unasked)
            for field in entity.fields.values()
        ),
        Column("version", BigInteger, nullable=False),
        Column("scope_id", Text, nullable=False),
        *own,
    )
    Index(f"ix_{entity.name}_scope_{walked_by}", table.c.scope_id, table.c[walked_by])
    return table


def _column(field: Field, default: object, *, index: bool) -> Column[object]:
    return Column(
        field.name,
        _TYPES[field.python_type](),
        primary_key=field.name == "id",
        nullable=field.nullable,
        index=field.indexed and index,
        server_default=_server_default(default),
    )


def _server_default(default: object) -> _Default:
    """Say a field's default in SQL: rows that were there before the column have it, too."""
    if default is None or isinstance(default, str):
        return default
    if isinstance(default, bool):
        return true() if default else false()
    return text(repr(default))


@dataclass(frozen=True, slots=True)
class Present:
    """What a database has: its tables with their columns, and the names of its indices."""

    columns: Mapping[str, Collection[str]]
    indices: Collection[str]


@dataclass(frozen=True, slots=True)
class Additions:
    """What a database lacks of the tables it should have."""

    tables: tuple[Table, ...] = ()
    columns: tuple[Column[object], ...] = ()
    """Of tables that are there."""
    indices: tuple[Index, ...] = ()

    def statements(self, dialect: Dialect) -> Iterator[str]:
        """Yield the statements that add it all, tables before columns before indices."""
        for table in self.tables:
            yield str(CreateTable(table).compile(dialect=dialect))
        for column in self.columns:
            table_name = dialect.identifier_preparer.format_table(column.table)
            what = CreateColumn(column).compile(dialect=dialect)
            yield f"ALTER TABLE {table_name} ADD COLUMN {what}"
        for index in self.indices:
            yield str(CreateIndex(index).compile(dialect=dialect))


def additions(metadata: MetaData, present: Present) -> Additions:
    """Say what a database lacks.

    Raises ValueError for a column that rows which are there could have no value for.
    """
    tables = [table for table in metadata.sorted_tables if table.name not in present.columns]
    older = [table for table in metadata.sorted_tables if table.name in present.columns]
    columns = [
        _addable(column)
        for table in older
        for column in table.columns
        if column.name not in present.columns[table.name]
    ]
    indices = [
        index
        for table in metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
        if index.name not in present.indices
    ]
    return Additions(tuple(tables), tuple(columns), tuple(indices))


def _addable(column: Column[object]) -> Column[object]:
    if column.primary_key or column.unique:
        raise ValueError(f"{column} is a key, and rows that are there have no value for it")
    if not column.nullable and column.server_default is None:
        raise ValueError(f"{column} needs a default: rows that are there have no value for it")
    return column


def shape(metadata: MetaData) -> str:
    """Return a digest of tables, columns and indices: a database that bears it lacks nothing."""
    said = [
        (
            table.name,
            *map(_said, table.columns),
            *sorted(str(index.name) for index in table.indexes),
        )
        for table in metadata.sorted_tables
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _said(column: Column[object]) -> tuple[object, ...]:
    return column.name, type(column.type).__name__, column.nullable, column.primary_key
