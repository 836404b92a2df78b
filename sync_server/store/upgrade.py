"""Upgrade: a database that an earlier version of the server left gets the tables of this one.

Theory of operation. The database's meta says which schema it has and the shape of its tables. One
that bears both as this version has them is current. One of a newer schema is refused untouched. To
any other the missing tables, columns and indices are added, from the metadata and so from the
registry; then the named steps of each schema in between are taken. All of it is one transaction,
on SQLite and on PostgreSQL, so that a server that dies in the middle finds it as it was.

A step is for what cannot be added: rows to move to where they belong now, a table to drop, a column
to retype. It finds all tables as this version has them, beside those that only earlier ones had.
It changes synced rows through the unit of work alone, else no device would hear of it. At the end,
what earlier versions set aside because they did not understand it is taken up.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, RowMapping, Table, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite

from shared.ids import derived_id
from shared.registry import REGISTRY
from shared.tables import Present, additions, shape
from sync_server.store.merge_steps import MergeSteps, Steps
from sync_server.store.merging import lead_on
from sync_server.store.said import Said, Sayings
from sync_server.store.schema import ENTITY_TABLES, SCHEMA_VERSION, merge, meta, metadata
from sync_server.store.take_up import take_up
from sync_server.store.unit_of_work import Actor, UnitOfWork

Step = Callable[[Connection], None]
_AT_ONCE: Final = 1_000
"""Rows in memory; a bank has millions of customers."""


def _make_way_for_conflicts(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE conflict RENAME TO conflict_of_0_1")


def _show_conflicts(connection: Connection) -> None:
    """Values that lost under 0.1.0 become conflicts that their people see and settle."""
    entity = REGISTRY["conflict"]
    rows = connection.exec_driver_sql("SELECT * FROM conflict_of_0_1").mappings().all()
    unit = UnitOfWork(
        connection, Actor("upgrade:conflicts"), max((r["at"] for r in rows), default=0)
    )
    for row in rows:
        table = ENTITY_TABLES.get(row["entity"])
        found = None if table is None else _record(connection, table, row["id"])
        if found is not None:
            document = entity.known(_conflict(row, found))
            unit.create(entity, document, found["scope_id"], to_json(document), None)
    unit.finish()


def _record(connection: Connection, table: Table, id: str) -> RowMapping | None:
    return connection.execute(select(table).where(table.c.id == id)).mappings().first()


def _conflict(row: RowMapping, record: RowMapping) -> dict[str, Any]:
    shared = ("entity", "field", "before", "lost", "won", "at")
    return {
        **{name: row[name] for name in shared},
        "id": derived_id("conflict", row["op_id"], row["field"]),
        "record_id": row["id"],
        "customer_id": record.get("customer_id", record["id"]),
        "lost_by": None,
        "won_by": row["employee_id"],
    }


def _drop_unasked_indices(connection: Connection) -> None:
    """Devices alone look visits up by these."""
    for name in ("ix_interaction_employee_id", "ix_interaction_occurred_at"):
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")


def _drop_short_index(connection: Connection) -> None:
    """The timeline's index begins with the customer, too."""
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_interaction_customer_id")


def _make_way_for_what_was_said(connection: Connection) -> None:
    if inspect(connection).has_table("customer_said"):
        connection.exec_driver_sql("ALTER TABLE customer_said RENAME TO customer_said_of_3")


def _seal_what_was_said(connection: Connection) -> None:
    """What systems said of customers stood in the clear up to here."""
    if not inspect(connection).has_table("customer_said_of_3"):
        return
    sayings = Sayings(connection)
    every = text("SELECT id_number, id_kind, source, as_of, fields FROM customer_said_of_3")
    with connection.execute(every.execution_options(yield_per=_AT_ONCE)) as rows:
        for some in rows.partitions():
            said = {
                (source, (kind, number)): Said(as_of, json.loads(fields))
                for number, kind, source, as_of, fields in some
            }
            sayings.keep(said)
    connection.exec_driver_sql("DROP TABLE customer_said_of_3")


def _make_way_for_merge_steps(connection: Connection) -> None:
    found = inspect(connection)
    columns = found.get_columns("merge_step") if found.has_table("merge_step") else []
    if any(each["name"] == "changed" for each in columns):
        connection.exec_driver_sql("DROP INDEX IF EXISTS ix_merge_step_row")
        connection.exec_driver_sql("ALTER TABLE merge_step RENAME TO merge_step_of_4")


def _seal_merge_steps(connection: Connection) -> None:
    """What merges keep for a split stood in the clear up to here."""
    if not inspect(connection).has_table("merge_step_of_4"):
        return
    kept = MergeSteps(connection)
    every = text("SELECT merge_id, entity, id, changed FROM merge_step_of_4")
    with connection.execute(every.execution_options(yield_per=_AT_ONCE)) as rows:
        for some in rows.partitions():
            merges: dict[str, Steps] = {}
            for merge_id, entity, id, changed in some:
                merges.setdefault(merge_id, Steps(merge_id)).add(entity, id, json.loads(changed))
            kept.keep(merges.values())
    connection.exec_driver_sql("DROP TABLE merge_step_of_4")


def _lead_chains_on(connection: Connection) -> None:
    """Who was merged into somebody merged in turn led nowhere on devices up to here."""
    last = connection.execute(select(func.max(merge.c.at))).scalar()
    unit = UnitOfWork(connection, Actor("upgrade:chains"), last or 0)
    lead_on(unit)
    unit.finish()


def _drop_walk_by_digests(connection: Connection) -> None:
    """The accounts of a scope are walked by customer."""
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_account_scope_id")


def _drop_indices_of_all(connection: Connection) -> None:
    """Nobody looks rows up by these here, or by those alone that say something."""
    of = {
        "account": ("matures_on",),
        "alert": ("due_at",),
        "customer": ("merged_into",),
        "identifier": ("last_four", "valid_until"),
    }
    for table, columns in of.items():
        for column in columns:
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS ix_{table}_{column}")


FIRST: Final[Mapping[int, tuple[Step, ...]]] = MappingProxyType(
    {
        2: (_make_way_for_conflicts,),
        4: (_make_way_for_what_was_said,),
        5: (_make_way_for_merge_steps,),
    }
)
"""Schema to what must be done before its tables are added."""
STEPS: Final[Mapping[int, tuple[Step, ...]]] = MappingProxyType(
    {
        2: (_show_conflicts, _drop_unasked_indices),
        3: (_drop_short_index,),
        4: (_seal_what_was_said, _drop_walk_by_digests),
        5: (_seal_merge_steps, _lead_chains_on),
        6: (_drop_indices_of_all,),
    }
)
"""Schema to what turns a database of the one before into it, in this order."""
_UPSERT: Final[Mapping[str, Callable[..., Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class SchemaMismatch(Exception):
    """The database was written by a newer version of the server; it was left untouched."""


def bring_up(connection: Connection) -> Mapping[str, str]:
    """Make a database current, or a new one complete; return its meta, empty for a new one.

    Raises: `SchemaMismatch`; nothing is changed then.
    """
    found = _meta(connection)
    schema = int(found.get("schema_version", 0))
    if schema > SCHEMA_VERSION:
        raise SchemaMismatch(
            f"A newer version of the server wrote this database (schema {schema}; this version "
            f"knows up to {SCHEMA_VERSION})"
        )
    current = {"schema_version": str(SCHEMA_VERSION), "shape": shape(metadata)}
    if found.items() >= current.items():
        return found
    if found:
        _take_steps(connection, FIRST, schema)
    for statement in additions(metadata, _present(connection)).statements(connection.dialect):
        connection.exec_driver_sql(statement)
    if found:
        _take_steps(connection, STEPS, schema)
        take_up(connection)
    _write_meta(connection, current)
    return {**found, **current} if found else {}


def _take_steps(connection: Connection, steps: Mapping[int, tuple[Step, ...]], schema: int) -> None:
    for version in range(schema + 1, SCHEMA_VERSION + 1):
        for step in steps.get(version, ()):
            step(connection)


def _meta(connection: Connection) -> dict[str, str]:
    if not inspect(connection).has_table(meta.name):
        return {}
    return dict(connection.execute(select(meta.c.key, meta.c.value)).all())


def _write_meta(connection: Connection, values: Mapping[str, str]) -> None:
    statement = _UPSERT[connection.dialect.name](meta)
    statement = statement.on_conflict_do_update(
        index_elements=[meta.c.key], set_={"value": statement.excluded.value}
    )
    connection.execute(statement, [{"key": key, "value": value} for key, value in values.items()])


def _present(connection: Connection) -> Present:
    found = inspect(connection)
    columns = {
        table: {column["name"] for column in columns}
        for (_, table), columns in found.get_multi_columns().items()
    }
    indices = {str(index["name"]) for each in found.get_multi_indexes().values() for index in each}
    return Present(columns, indices)
