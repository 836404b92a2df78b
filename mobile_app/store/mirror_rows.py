"""The mirror's rows: how a shared row is written to its table and read back as a document."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

import shared.domain  # noqa: F401  (declares the entities)
from shared.registry import REGISTRY, Document, Entity
from shared.sync.protocol import Row

Key = tuple[str, str]
"""(entity, id)"""


def _put_statement(entity: Entity) -> str:
    names = [*entity.fields, "version", "scope_id", "epoch"]
    values = ", ".join("?" * len(names))
    changes = ", ".join(f"{name}=excluded.{name}" for name in names if name != "id")
    return (
        f"INSERT INTO {entity.name} ({', '.join(names)}) VALUES ({values}) "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {changes}"
    )


def _row_query(entity: Entity) -> str:
    names = [*entity.fields, "version", "scope_id", "epoch"]
    return f"SELECT {', '.join(names)} FROM {entity.name} WHERE id = ?"  # noqa: S608


ROW: Final = {name: _row_query(entity) for name, entity in REGISTRY.items()}
"""Entity to the query of one row by id: its values, then version, scope and epoch."""
_FLAGS: Final = {
    name: [field.name for field in entity.fields.values() if field.python_type is bool]
    for name, entity in REGISTRY.items()
}
PUT: Final = {name: _put_statement(entity) for name, entity in REGISTRY.items()}
"""Entity to the statement that writes a row with version, scope and epoch."""
_VALUES: Final = {name: itemgetter(*entity.fields) for name, entity in REGISTRY.items()}


def last_word(rows: Iterable[Row]) -> tuple[dict[str, list[Row]], list[Row]]:
    """Reduce a page to what finally holds for each row: rows to put, rows to remove.

    A row that leaves one of our scopes for another of them stays. One that came to a scope within
    this page and left it again is gone from wherever it was before.
    """
    final: dict[Key, Row] = {}
    for row in rows:
        key = row["entity"], row["id"]
        present = final.get(key)
        if row["op"] != "leave" or present is None:
            final[key] = row
        elif present["op"] == "put" and present["scope"] == row["scope"]:
            final[key] = {**row, "op": "delete"}
    puts: dict[str, list[Row]] = {}
    for row in final.values():
        if row["op"] == "put":
            puts.setdefault(row["entity"], []).append(row)
    return puts, [row for row in final.values() if row["op"] != "put"]


def values_of(name: str, document: Document) -> tuple[Any, ...]:
    """Return a document's values in the order of the columns."""
    try:
        return tuple(_VALUES[name](document))
    except KeyError:
        return tuple(_VALUES[name](REGISTRY[name].known(document)))


def document_of(name: str, values: Sequence[Any]) -> Document:
    """A row's columns as a document: SQLite keeps a flag as a number."""
    document: Document = dict(zip(REGISTRY[name].fields, values, strict=True))
    for flag in _FLAGS[name]:
        document[flag] = None if document[flag] is None else bool(document[flag])
    return document
