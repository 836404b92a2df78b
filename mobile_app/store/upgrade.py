"""Upgrade: a file of this device, as any version left it, gets the tables that this one works with.

Theory of operation. A file says in its meta which schema it has (none is 1: the first release did
not say) and the shape of its tables. One that bears both as this version has them is current, and
that is all it takes to open it. One of a newer schema is refused untouched. To any other the
missing tables, columns and indices are added, from the metadata and so from the registry; then the
named steps of each schema in between are taken. All of it is one transaction: a device that dies
in the middle opens the file as it was. Nothing is dropped or rewritten but by a step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from mobile_app.store.faults import NewerFile
from mobile_app.store.tables import outbox
from shared.sync.protocol import SCHEMA
from shared.tables import Additions, Present, additions, shape

Step = Callable[[Connection], None]
Steps = Mapping[int, tuple[Step, ...]]
"""Schema to what turns a file of the one before into it, once its tables are there."""
_FIRST: Final = 1


def _number_the_outbox(connection: Connection) -> None:
    """Let `device_seq` be the rowid, which as a BIGINT it was not: every look at it sorted."""
    columns = ", ".join(column.name for column in outbox.columns)
    run, dialect = connection.exec_driver_sql, connection.dialect
    run("ALTER TABLE outbox RENAME TO outbox_of_0_1")
    run(str(CreateTable(outbox).compile(dialect=dialect)))
    run(f"INSERT INTO outbox ({columns}) SELECT {columns} FROM outbox_of_0_1")  # noqa: S608
    run("DROP TABLE outbox_of_0_1")
    for index in outbox.indexes:
        run(str(CreateIndex(index).compile(dialect=dialect)))


MIRROR_STEPS: Final[Steps] = MappingProxyType({})
OUTBOX_STEPS: Final[Steps] = MappingProxyType({2: (_number_the_outbox,)})


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is current: what its meta says, and what was just added to it."""

    meta: Mapping[str, str]
    added: Additions


def bring_up(connection: Connection, metadata: MetaData, steps: Steps) -> Opened:
    """Make a file current, or a new one complete, in the transaction at hand.

    Raises: `NewerFile`, `DiskFull`; nothing is changed then.
    """
    found = _meta(connection)
    schema = int(found.get("schema", _FIRST))
    if schema > SCHEMA:
        raise NewerFile(schema, SCHEMA)
    current = {"schema": str(SCHEMA), "shape": shape(metadata)}
    if found.items() >= current.items():
        return Opened(found, Additions())
    present = _present(connection)
    added = additions(metadata, present)
    for statement in added.statements(connection.dialect):
        connection.exec_driver_sql(statement)
    if present.columns:
        _take_steps(connection, steps, schema)
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", list(current.items())
    )
    return Opened({**found, **current}, added)


def _take_steps(connection: Connection, steps: Steps, schema: int) -> None:
    for version in range(schema + 1, SCHEMA + 1):
        for step in steps.get(version, ()):
            step(connection)


def _meta(connection: Connection) -> dict[str, str]:
    known = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'meta'")
    if known.first() is None:
        return {}
    return dict(connection.exec_driver_sql("SELECT key, value FROM meta").all())


def _present(connection: Connection) -> Present:
    columns: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(
        "SELECT found.name, its.name FROM sqlite_schema AS found "
        "JOIN pragma_table_info(found.name) AS its WHERE found.type = 'table'"
    ):
        columns.setdefault(table, set()).add(column)
    indices = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'index'")
    return Present(columns, set(indices.scalars()))
