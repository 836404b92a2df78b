"""The shared rows: what the mirror holds of the shared record, without its user's work on top.

Where an overlay stands, the shared row is its base; everywhere else it is the mirror's row. Rows
are read by id in short transactions, so that the screens can write in between: laying an overlay
or settling it changes where a shared row stands, never what it is.
"""

from collections.abc import Sequence
from typing import Final

from pydantic_core import from_json
from sqlalchemy import Connection

from shared.registry import REGISTRY
from shared.sync.verify import SharedRow

READ_ROWS: Final = 2_000
"""At once: some 20 ms in a browser, with their digests."""


def shared_rows(
    connection: Connection, entity: str, names: Sequence[str], after: str
) -> tuple[Sequence[SharedRow], str | None]:
    """Return (scope, id, version, *values) of rows by id, and where to go on; None at the end."""
    columns = ", ".join(("scope_id", "id", "version", *names))
    sql = f"SELECT {columns} FROM {entity} WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
    rows = connection.exec_driver_sql(sql, (after, READ_ROWS)).all()
    going = rows[-1].id if len(rows) == READ_ROWS else None
    bases = _bases(connection, entity, names, after, going)
    if not bases:
        return rows, going
    plain = [row for row in rows if row.id not in bases]
    return [*plain, *(base for base in bases.values() if base is not None)], going


def _bases(
    connection: Connection, entity: str, names: Sequence[str], after: str, upto: str | None
) -> dict[str, SharedRow | None]:
    """Return the shared rows beneath overlays by id; None where the record has no such row yet."""
    sql = "SELECT scope_id, id, version, doc FROM row_base WHERE entity = ? AND id > ?"
    values = [entity, after]
    if upto is not None:
        sql, values = f"{sql} AND id <= ?", [*values, upto]
    found: dict[str, SharedRow | None] = {}
    for scope, id, version, doc in connection.exec_driver_sql(sql, tuple(values)):
        if doc is None:
            found[id] = None
            continue
        document = REGISTRY[entity].known(from_json(doc))
        found[id] = (scope, id, version, *(document[name] for name in names))
    return found
