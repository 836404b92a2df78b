"""Merge steps: what a merge changed in each row, field by field; a split goes back over them.

They are a second copy of names, telephones and addresses beside the record, which nobody looks at
but a split. So each is sealed as a whole: see `store.sealing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from shared.domain.provenance import Origin, read, written
from shared.registry import Document, Entity
from sync_server.store.rows import document_in, insert_rows
from sync_server.store.schema import merge, merge_step
from sync_server.store.sealing import Sealing, own_key

Changed = dict[str, tuple[Any, Any]]
"""Field to what it was and what it became."""
RowKey = tuple[str, str]
"""Entity and id."""
Joined = RowMapping
"""One merge, as its table has it."""


class Steps:
    """What one merge has changed so far, by row."""

    def __init__(self, merge_id: str) -> None:
        self.merge_id = merge_id
        self.rows: dict[RowKey, Changed] = {}

    def add(self, entity: str, id: str, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Note fields of a row, each with what it was and what it became."""
        self.rows.setdefault((entity, id), {}).update(changed)

    def compare(self, entity: Entity, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Note what differs between two states of a row."""
        changed = differing(apart(entity, before), apart(entity, after))
        if changed:
            self.add(entity.name, str(before["id"]), changed)


class MergeSteps:
    """What merges have changed, as the database keeps it, inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(own_key(connection), b"merge steps")

    def keep(self, merges: Iterable[Steps]) -> None:
        """Keep what merges have changed."""
        rows = [
            (steps.merge_id, *key, self._seal(changed, (steps.merge_id, *key)))
            for steps in merges
            for key, changed in steps.rows.items()
        ]
        insert_rows(self._connection, merge_step, rows)

    def note(self, merge_id: str, key: RowKey, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Note fields of a row also for a merge that is kept already, and perhaps of this row."""
        row = self._row(merge_id, key)
        if row is not None:
            self._replace(row, self._opened(row) | dict(changed))
            return
        steps = Steps(merge_id)
        steps.add(*key, changed)
        self.keep([steps])

    def go_on(self, found: Joined, key: RowKey, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Note what has become of a row's fields since as if the merge itself had done it last."""
        if not changed:
            return
        row = self._row(found["id"], key)
        known = {} if row is None else self._opened(row)
        noted: Changed = {}
        for name, (was, now) in changed.items():
            first, then = known.get(name, (was, was))
            if then != was:  # another merge, or somebody, has built on it
                self.tell_other(found, key, name, first, then)
            noted[name] = (first if then == was else was, now)
        self.note(found["id"], key, noted)

    def first(self, entity: str, id: str) -> Changed | None:
        """Return what the first merge that stands has changed in a row; None where none has."""
        standing = self._standing((entity, id))
        return self._opened(standing[0]) if standing else None

    def beneath(self, key: RowKey, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a row would say without the merges that made its values what they are."""
        before = {
            name: was
            for row in self._standing(key)
            for name, (was, now) in self._opened(row).items()
            if values.get(name) == now
        }
        return {**values, **before}

    def lay(
        self, key: RowKey, values: Mapping[str, Any], beneath: Mapping[str, tuple[Any, Any]]
    ) -> None:
        """Note what else a row would say now without the merges that made its values."""
        for row in self._standing(key) if beneath else ():
            changed = self._opened(row)
            laid = {
                name: (own, changed[name][1])
                for name, (_, own) in beneath.items()
                if name in changed and changed[name][1] == values.get(name)
            }
            self._replace(row, changed | laid)

    def of(self, merge_id: str) -> dict[str, dict[str, Changed]]:
        """Return what a merge has changed, by entity and id, in their order."""
        own = select(merge_step).where(merge_step.c.merge_id == merge_id)
        found: dict[str, dict[str, Changed]] = {}
        for row in self._connection.execute(own.order_by(merge_step.c.entity, merge_step.c.id)):
            found.setdefault(row.entity, {})[row.id] = self._opened(row)
        return found

    def tell_other(self, found: Joined, key: RowKey, field: str, before: Any, after: Any) -> bool:
        """Tell another merge what the field was before this one; False if none built on it.

        One that was made later comes first.
        """
        others = [row for row in self._standing(key) if row.merge_id != found["id"]]
        for row in sorted(others, key=lambda each: (each.at < found["at"], each.at)):
            changed = self._opened(row)
            if field in changed and changed[field][0] == after:
                self._replace(row, changed | {field: (before, changed[field][1])})
                return True
        return False

    def _standing(self, key: RowKey) -> Sequence[Any]:
        """Return what the merges that stand have changed in a row, with when each was made."""
        mine = merge_step.c.entity == key[0], merge_step.c.id == key[1]
        found = (
            select(merge_step, merge.c.at)
            .join(merge, merge.c.id == merge_step.c.merge_id)
            .where(*mine, merge.c.split_at.is_(None))
            .order_by(merge.c.at)
        )
        return self._connection.execute(found).all()

    def _row(self, merge_id: str, key: RowKey) -> Any:
        own = merge_step.c
        mine = own.merge_id == merge_id, own.entity == key[0], own.id == key[1]
        return self._connection.execute(select(merge_step).where(*mine)).first()

    def _replace(self, row: Any, changed: Changed) -> None:
        own = merge_step.c
        mine = own.merge_id == row.merge_id, own.entity == row.entity, own.id == row.id
        sealed = self._seal(changed, (row.merge_id, row.entity, row.id))
        self._connection.execute(update(merge_step).where(*mine).values(sealed=sealed))

    def _seal(self, changed: Changed, whose: tuple[str, str, str]) -> bytes:
        return self._sealing.seal(changed, _name(whose))

    def _opened(self, row: Any) -> Changed:
        name = _name((row.merge_id, row.entity, row.id))
        changed: Changed = self._sealing.opened(bytes(row.sealed), name)
        return changed


def _name(whose: tuple[str, str, str]) -> str:
    """Return under what a step is sealed: given to another merge or row it does not open."""
    return " ".join(whose)


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changed:
    """Return which values are others, each as what it was and what it became; None for none."""
    return {
        name: (old.get(name), new.get(name))
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    }


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
