"""Merge steps: what a merge changed in each row, field by field; a split goes back over them."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, RowMapping, select, update

from shared.domain.provenance import Origin, read, written
from shared.registry import Document, Entity
from sync_server.store.rows import insert_rows
from sync_server.store.schema import merge, merge_step

Changed = dict[str, tuple[Any, Any]]
"""Field to what it was and what it became."""


class Steps:
    """What one merge has changed so far, by row."""

    def __init__(self, merge_id: str) -> None:
        self.merge_id = merge_id
        self.rows: dict[tuple[str, str], Changed] = {}

    def add(self, entity: str, id: str, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Note fields of a row, each with what it was and what it became."""
        self.rows.setdefault((entity, id), {}).update(changed)

    def compare(self, entity: Entity, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Note what differs between two states of a row."""
        old, new = apart(entity, before), apart(entity, after)
        changed = {
            name: (old.get(name), new.get(name))
            for name in old | new
            if old.get(name) != new.get(name)
        }
        if changed:
            self.add(entity.name, str(before["id"]), changed)


def write_steps(connection: Connection, steps: Steps) -> None:
    """Keep what a merge has changed."""
    rows = [
        (steps.merge_id, entity, id, to_json(changed).decode())
        for (entity, id), changed in steps.rows.items()
    ]
    insert_rows(connection, merge_step, rows)


def steps_of(connection: Connection, merge_id: str) -> dict[str, dict[str, Changed]]:
    """Return what a merge has changed, by entity and id, in their order."""
    own = select(merge_step).where(merge_step.c.merge_id == merge_id)
    found: dict[str, dict[str, Changed]] = {}
    for step in connection.execute(own.order_by(merge_step.c.entity, merge_step.c.id)):
        found.setdefault(step.entity, {})[step.id] = from_json(step.changed)
    return found


def tell_later(
    connection: Connection,
    found: RowMapping,
    key: tuple[str, str],
    field: str,
    before: Any,
    after: Any,
) -> bool:
    """Tell a later merge what the field was before this one; False if none built on it."""
    name, id = key
    later = (
        select(merge_step.c.merge_id, merge_step.c.changed)
        .join(merge, merge.c.id == merge_step.c.merge_id)
        .where(merge_step.c.entity == name, merge_step.c.id == id, merge.c.split_at.is_(None))
        .where(merge.c.id != found["id"], merge.c.at >= found["at"])
    )
    for merge_id, text in connection.execute(later).all():
        changed: Changed = from_json(text)
        if field not in changed or changed[field][0] != after:
            continue
        changed[field] = (before, changed[field][1])
        own = merge_step.c.merge_id == merge_id, merge_step.c.entity == name, merge_step.c.id == id
        told = update(merge_step).where(*own).values(changed=to_json(changed).decode())
        connection.execute(told)
        return True
    return False


def apart(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row that merges change one by one; a provenance has one a line."""
    document = document_in(entity, row)
    if entity.name != "provenance":
        return document
    lines = {name: list(origin) for name, origin in read(str(document.pop("fields"))).items()}
    return document | lines


def together(entity: Entity, values: Mapping[str, Any]) -> Document:
    """Return the document of values that stand `apart`."""
    if entity.name != "provenance":
        return dict(values)
    own = {name: values[name] for name in entity.fields if name != "fields"}
    lines = {
        name: Origin(*line) for name, line in values.items() if name not in own and line is not None
    }
    return own | {"fields": written(lines)}


def document_in(entity: Entity, row: Mapping[str, Any]) -> Document:
    """Return the document that a row holds."""
    return {name: row[name] for name in entity.fields}
