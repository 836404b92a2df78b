"""Rot: rows of a tablet's mirror that are no longer what the server said, as a bad disk makes them.

Only what the tablet holds of the shared record rots: where the user's own work stands on top, the
row beneath.
"""

from collections.abc import Callable
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from shared.sync.ruling import Key, Row
from tests.sync.world import Tablet

STAINED: Final = {
    "customer": "contact_note",
    "device_state": "pending",
    "employee": "name",
    "interaction": "note",
    "org_unit": "name",
    "review": "text",
    "task": "title",
}
"""A field of each entity that no rule looks at."""


def change(connection: Connection, key: Key) -> None:
    """A value is another one."""
    entity, id = key
    base = _base(connection, key)
    if base is None:
        sql = f"UPDATE {entity} SET {STAINED[entity]} = '7' WHERE id = ?"
        connection.exec_driver_sql(sql, (id,))
    else:
        document = {**from_json(base), STAINED[entity]: "7"}
        _update_base(connection, key, "doc", to_json(document))


def age(connection: Connection, key: Key) -> None:
    """The version is another one."""
    if _base(connection, key) is None:
        connection.exec_driver_sql(
            f"UPDATE {key[0]} SET version = version + 7 WHERE id = ?", (key[1],)
        )
    else:
        _update_base(connection, key, "version", 77)


def lose(connection: Connection, key: Key) -> None:
    """The row is gone."""
    if _base(connection, key) is None:
        connection.exec_driver_sql(f"DELETE FROM {key[0]} WHERE id = ?", (key[1],))
    connection.exec_driver_sql("DELETE FROM row_base WHERE entity = ? AND id = ?", key)


WAYS: Final[dict[str, Callable[[Connection, Key], None]]] = {
    "changed": change,
    "of another version": age,
    "lost": lose,
}


def rot(tablet: Tablet, key: Key, way: str) -> None:
    """Let a shared row of a tablet rot."""
    mirror, _ = tablet.store._engines
    with mirror.begin() as connection:
        WAYS[way](connection, key)
    tablet.rotten.add(key)


def keep(tablet: Tablet, key: Key, row: Row, scope: str) -> None:
    """Let a tablet have a row that is not of its scopes, as if it had never heard that it left."""
    entity, _ = key
    names = [*row.document, "version", "scope_id", "epoch"]
    marks = ", ".join("?" * len(names))
    values: list[Any] = [*row.document.values(), row.version, scope, 1]
    mirror, _ = tablet.store._engines
    with mirror.begin() as connection:
        sql = f"INSERT INTO {entity} ({', '.join(names)}) VALUES ({marks})"
        connection.exec_driver_sql(sql, tuple(values))
    tablet.rotten.add(key)


def _base(connection: Connection, key: Key) -> bytes | None:
    sql = "SELECT doc FROM row_base WHERE entity = ? AND id = ?"
    found: bytes | None = connection.exec_driver_sql(sql, key).scalar()
    return found


def _update_base(connection: Connection, key: Key, name: str, value: Any) -> None:
    sql = f"UPDATE row_base SET {name} = ? WHERE entity = ? AND id = ?"
    connection.exec_driver_sql(sql, (value, *key))
