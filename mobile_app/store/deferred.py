"""Deferred rows: what a newer server said of the shared record and this app does not understand.

A row of an unknown entity, or with unknown columns, is kept whole as it came, and leaves the device
as the row leaves that it is. An app whose tables are others than those of the app that was here
before reads all of them once more, as if they came just now; what it still does not understand is
deferred again.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pydantic_core import from_json, to_json

from mobile_app.store.dbapi import Connection as Driver
from shared.registry import REGISTRY, Document
from shared.sync.protocol import Row

_AT_ONCE: Final = 1_000
_KEEP: Final = (
    "INSERT OR REPLACE INTO deferred_row (entity, id, scope_id, doc, version, epoch) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_SWEEP: Final = "DELETE FROM deferred_row WHERE scope_id = ? AND coalesce(epoch, 0) < ?"
_NEXT: Final = (
    "SELECT entity, id, scope_id, doc, version, epoch FROM deferred_row "
    "WHERE (entity, id) > (?, ?) ORDER BY entity, id LIMIT ?"
)


class Deferred(NamedTuple):
    """A deferred row; 0.1.0 kept neither version nor epoch."""

    entity: str
    id: str
    scope: str
    document: Document
    version: int | None
    epoch: int | None


def is_strange(row: Row) -> bool:
    """Whether this version does not know the entity of a row, or all of its columns."""
    entity = REGISTRY.get(row["entity"])
    return entity is None or not row["doc"].keys() <= entity.fields.keys()


def keep(driver: Driver, rows: Sequence[Row], epoch: int) -> None:
    """Keep rows whole for the version that will understand them."""
    if rows:
        driver.run_many(
            _KEEP,
            [
                (row["entity"], row["id"], row["scope"], to_json(row["doc"]), row["version"], epoch)
                for row in rows
            ],
        )


def sweep(driver: Driver, scope: str, epoch: int) -> None:
    """After a whole walk through a scope: what it did not come upon is gone."""
    driver.run(_SWEEP, (scope, epoch))


def any_kept(driver: Driver) -> bool:
    """Whether there are deferred rows at all."""
    return bool(driver.ask("SELECT 1 FROM deferred_row LIMIT 1"))


def kept(driver: Driver) -> Iterator[list[Deferred]]:
    """Yield all of them, some at a time; those at hand may be changed meanwhile."""
    after = ("", "")
    while rows := driver.ask(_NEXT, (*after, _AT_ONCE)):
        after = rows[-1][:2]
        yield [
            Deferred(entity, id, scope, from_json(doc), *rest)
            for entity, id, scope, doc, *rest in rows
        ]
