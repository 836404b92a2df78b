"""What must be true once the faults have ended; each violation is one line for people."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mobile_app.store.bridge import reading
from mobile_app.store.device_store import DeviceStore
from shared.registry import REGISTRY
from sync_server.store.database import Database
from sync_server.store.scopes import granted
from tests.faults.bank import Kit

Saved = tuple[str, str]
"""The ids of a visit and of the task that was saved with it."""
Rows = dict[tuple[str, str], tuple[Any, ...]]


def unsound(store: DeviceStore) -> list[str]:
    """Return what SQLite finds wrong in a device's two files."""
    found = []
    for name, engine in zip(("mirror", "outbox"), store._engines, strict=True):
        with reading(engine) as connection:
            said = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        found += [f"{name} file: {line}" for line in said if line != "ok"]
    return found


def forgotten(store: DeviceStore, saved: Iterable[Saved]) -> list[str]:
    """Return the acknowledged saves that a device's outbox does not hold."""
    gone = _flat(saved) - kept_ids(store)
    return [f"an acknowledged save is gone from its device: {id}" for id in gone]


def kept_ids(store: DeviceStore) -> set[str]:
    """Return the ids of all records that a device's outbox has ever been given."""
    with reading(store._engines[1]) as connection:
        return set(_column(connection, "SELECT id FROM outbox"))


def hidden(store: DeviceStore, saved: Iterable[Saved]) -> list[str]:
    """Return the acknowledged visits that their own device does not show."""
    with reading(store._engines[0]) as connection:
        shown = set(_column(connection, "SELECT id FROM interaction"))
    return [f"saved here and not shown: {visit}" for visit, _ in saved if visit not in shown]


def waiting(store: DeviceStore) -> int:
    """Return how many operations are still on their way, in either direction."""
    counts = store._outbox.counts()
    return counts.get("pending", 0) + counts.get("acked", 0)


def in_the_end(
    database: Database, kits: Sequence[Kit], saved: Mapping[str, Sequence[Saved]]
) -> list[str]:
    """Hold the server and its devices, all of them quiet, against what was acknowledged.

    `saved` are the acknowledged saves of each device.
    """
    found = list(lost(database, saved))
    for kit in kits:
        with kit.opened() as store:
            found += unsound(store)
            found += forgotten(store, saved.get(kit.identity.device_id, ()))
            found += _unlike(database, kit, store)
    return found


def lost(database: Database, saved: Mapping[str, Sequence[Saved]]) -> Iterator[str]:
    """Yield the acknowledged saves that the server's record does not hold exactly once."""
    with database.reading() as connection:
        logged = Counter(_column(connection, "SELECT id FROM change_log WHERE op = 'put'"))
        op_ids = Counter(_column(connection, "SELECT op_id FROM change_log"))
        rows = Counter(_column(connection, "SELECT id FROM interaction"))
        rows += Counter(_column(connection, "SELECT id FROM task"))
    for id in (id for pairs in saved.values() for id in _flat(pairs)):
        if rows[id] != 1 or logged[id] != 1:
            yield f"{id} is {rows[id]} times in its table and {logged[id]} times in the log"
    yield from (f"an operation counted twice: {id}" for id in op_ids if id and op_ids[id] > 1)


def _unlike(database: Database, kit: Kit, store: DeviceStore) -> Iterator[str]:
    """Compare a device's mirror with the server's rows of its scopes, and its verdicts with its."""
    with database.reading() as connection:
        scopes = granted(connection, kit.identity.employee.id)
        wanted = _rows(connection, scopes)
        verdicts = set(_column(connection, "SELECT op_id FROM applied_op"))
        verdicts |= set(_column(connection, "SELECT op_id FROM change_log"))
    with reading(store._engines[0]) as connection:
        here = _rows(connection)
    with reading(store._engines[1]) as connection:
        ops = connection.exec_driver_sql("SELECT op_id, id, state FROM outbox").all()
    for key in here.keys() ^ wanted.keys():
        yield f"{key} is only {'on the device' if key in here else 'at the server'}"
    yield from (f"{key} differs" for key in here.keys() & wanted.keys() if here[key] != wanted[key])
    for op in ops:
        if op.state != "done":
            yield f"{op.id} came to rest as {op.state}"
        elif op.op_id not in verdicts:
            yield f"{op.id} was acknowledged by a server that does not know it"


def _rows(connection: Connection, scopes: Collection[str] | None = None) -> Rows:
    found: Rows = {}
    for name, entity in REGISTRY.items():
        if name == "device_state":  # says when a device was last seen, so it is always a step ahead
            continue
        columns = ", ".join(["id", "scope_id", "version", *entity.fields])
        for row in connection.exec_driver_sql(f"SELECT {columns} FROM {name}"):
            if scopes is None or row[1] in scopes:
                found[name, row[0]] = tuple(int(v) if isinstance(v, bool) else v for v in row)
    return found


def _column(connection: Connection, sql: str) -> list[Any]:
    return list(connection.exec_driver_sql(sql).scalars())


def _flat(saved: Iterable[Saved]) -> set[str]:
    return {id for pair in saved for id in pair}
