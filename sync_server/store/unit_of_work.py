"""The unit of work: the only way in which synced rows change, for devices, imports and people.

It gathers rows, writes them, and as its last act bumps the clock row and appends to the change
log. Because the bump is last and holds the clock row's lock until the commit, the order of `seq`
is the order of commits and the order in which readers see them, on SQLite and PostgreSQL alike.
(Measured on PostgreSQL with 8 writers: bumped first 77 transactions/s, bumped last 702.)
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, delete, select, text, update

from shared.domain.actors import is_job
from shared.domain.record_change import owner_changed
from shared.errors import refused
from shared.registry import REGISTRY, Document, Entity
from shared.sync.plain import NewRecord
from shared.sync.protocol import complaint
from sync_server.store.rows import (
    bump,
    current_rows,
    customer_scopes,
    insert_rows,
    replace_rows,
    row_scope,
    update_rows,
)
from sync_server.store.schema import ENTITY_TABLES, change_log, field_history, tombstone

CHUNK: Final = 1_000
"""Rows of one back-office transaction: short enough for devices to get in between."""
GARBAGE_AFTER: Final = 50_000
"""Allocations between two collections, in a process that writes much: a batch makes tens of
thousands of objects and no cycles, and Python's usual 700 cost a tenth of its time."""
NOTICE_BYTES: Final = 7_999
"""PostgreSQL refuses a longer notice; one without its scopes concerns everyone."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: an employee on a device, or a job by its name, such as `import:accounts`."""

    name: str
    device_id: str | None = None


@dataclass(slots=True)
class UnitOfWork:
    """The rows that one server transaction changes. Call `finish` before the commit."""

    connection: Connection
    actor: Actor
    now: int
    scopes: set[str] = field(default_factory=set)
    """Scopes that someone must be told of after the commit."""
    _inserts: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _updates: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _narrow: dict[tuple[str, ...], list[tuple[Any, ...]]] = field(default_factory=dict)
    """Updates by entity and columns, version and id last: an import changes two of thirty, and
    the others' indices need no work. They are flushed with the import that made them, so no other
    change overtakes them."""
    _deletes: dict[str, list[str]] = field(default_factory=dict)
    _history: list[tuple[Any, ...]] = field(default_factory=list)
    _log: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of the change log but for their seq and ord."""

    def create(
        self, entity: Entity, document: Document, scope: str, encoded: bytes, op_id: str | None
    ) -> None:
        """Write a new row as version 1."""
        row = (*entity.values(document), 1, scope)
        self._inserts.setdefault(entity.name, []).append(row)
        self._append(entity.name, str(document["id"]), scope, "put", 1, encoded, op_id)

    def create_all(self, records: Sequence[NewRecord]) -> None:
        """Write new rows as `create` does; told apart from it because a batch has a thousand."""
        actor, device, now = self.actor.name, self.actor.device_id, self.now
        for entity, document, scope, *_ in records:
            self._inserts.setdefault(entity.name, []).append((*entity.values(document), 1, scope))
        self._log += [
            (scope, entity.name, document["id"], "put", 1, encoded, actor, device, op_id, now)
            for entity, document, scope, encoded, op_id in records
        ]
        self.scopes.update([record.scope for record in records])

    def change(
        self,
        entity: Entity,
        document: Document,
        scope: str,
        version: int,
        encoded: bytes,
        op_id: str | None = None,
        fields: Iterable[str] = (),
    ) -> None:
        """Write a row's next version; `fields` are those whose value is another now."""
        id = str(document["id"])
        row = {**document, "version": version, "scope_id": scope, "key": id}
        del row["id"]
        self._updates.setdefault(entity.name, []).append(row)
        self._append(entity.name, id, scope, "put", version, encoded, op_id)
        self._note(entity, document, version, fields)

    def _note(
        self, entity: Entity, document: Document, version: int, fields: Iterable[str]
    ) -> None:
        actor, now = self.actor.name, self.now
        self._history += [
            (
                entity.name,
                document["id"],
                name,
                version,
                to_json(document[name]).decode(),
                actor,
                now,
            )
            for name in fields
            if name in entity.noted
        ]

    def remove(
        self, entity: Entity, id: str, scope: str, version: int, op_id: str | None = None
    ) -> None:
        """Delete a row; its id stays taken."""
        self._deletes.setdefault(entity.name, []).append(id)
        self._append(entity.name, id, scope, "delete", version, None, op_id)

    def leave(self, entity: Entity, id: str, scope: str, version: int) -> None:
        """Tell the holders of `scope` that a row is no longer theirs."""
        self._append(entity.name, id, scope, "leave", version, None, None)

    def import_rows(
        self,
        entity: Entity,
        documents: Iterable[Document],
        present: Mapping[str, Mapping[str, Any]] | None = None,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        """Write rows that the bank's own systems say, new or changed; unchanged ones are left.

        `present` and `homes` are the rows as they stand and their customers' scopes, where the
        caller has locked them already. Raises Refusal `unfit` for a document that does not fit; at
        most CHUNK documents.
        """
        complete = [entity.known(document) for document in documents]
        try:
            entity.many.validate_python(complete)
        except ValidationError as error:
            path, problem = complaint(error)
            raise refused("unfit", path=f"{entity.name}/{path}", problem=problem) from None
        if present is None:
            present = current_rows(self.connection, entity, [str(row["id"]) for row in complete])
        if homes is None:
            customers = [str(row["customer_id"]) for row in complete] if entity.of_customer else []
            homes = customer_scopes(self.connection, customers)
        for document in complete:
            self._import_row(entity, document, present, homes)
        self.flush()

    def _import_row(
        self,
        entity: Entity,
        document: Document,
        present: Mapping[str, Mapping[str, Any]],
        homes: Mapping[str, str],
    ) -> None:
        scope = row_scope(entity, document, homes)
        row = present.get(str(document["id"]))
        if row is None:
            self.create(entity, document, scope, to_json(document), None)
            return
        if row["scope_id"] != scope:
            self._rehome(entity, row, scope)
            if entity.name == "customer":
                self._tell_owners(row, str(document["owner_id"]), scope)
        changed = [name for name in document if row[name] != document[name]]
        if row["scope_id"] != scope:
            version = row["version"] + 1
            self.change(entity, document, scope, version, to_json(document), fields=changed)
        elif changed:
            self._change_some(entity, document, row, changed)

    def set_fields(
        self,
        entity: Entity,
        values: Mapping[str, Document],
        present: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Change some fields of rows to what the server itself has worked out, so nobody checks it.

        `values` by id; `present` are the rows as they stand, locked. Rows stay where they are.
        """
        for id, said in values.items():
            row = present[id]
            changed = [name for name in said if row[name] != said[name]]
            if changed:
                document = {name: row[name] for name in entity.fields} | said
                self._change_some(entity, document, row, changed)
        self.flush()

    def _change_some(
        self, entity: Entity, document: Document, row: Mapping[str, Any], changed: Sequence[str]
    ) -> None:
        """Write these fields of a row that stays where it is."""
        id, version = str(document["id"]), row["version"] + 1
        values = (*(document[name] for name in changed), version, id)
        self._narrow.setdefault((entity.name, *changed), []).append(values)
        self._append(entity.name, id, row["scope_id"], "put", version, to_json(document), None)
        self._note(entity, document, version, changed)

    def _rehome(self, entity: Entity, row: Mapping[str, Any], scope: str) -> None:
        """Move a row, and with a customer everything that is the customer's, to another scope."""
        self.leave(entity, row["id"], row["scope_id"], row["version"])
        if entity.name != "customer":
            return
        for child in REGISTRY.values():
            if child.of_customer:
                self._rehome_children(child, row["id"], row["scope_id"], scope)

    def _rehome_children(self, child: Entity, customer: str, source: str, target: str) -> None:
        table = ENTITY_TABLES[child.name]
        mine = select(table).where(table.c.customer_id == customer).order_by(table.c.id)
        for row in self.connection.execute(mine.with_for_update()).mappings():
            document: Document = {name: row[name] for name in child.fields}
            self.leave(child, row["id"], source, row["version"])
            self.change(child, document, target, row["version"] + 1, to_json(document))

    def _tell_owners(self, row: Mapping[str, Any], owner: str, scope: str) -> None:
        """Tell whoever holds a customer by now that they had another owner before."""
        owners = str(row["owner_id"]), owner
        if len(set(owners)) == 2:
            change = owner_changed(row["id"], row["version"] + 1, owners, self.actor.name, self.now)
            told = asdict(change)
            self.create(REGISTRY["record_change"], told, scope, to_json(told), None)

    def written(self, entities: Container[str]) -> dict[str, set[str]]:
        """Return the ids of the rows of these entities that were made or changed so far."""
        found: dict[str, set[str]] = {}
        for _, entity, id, op, *_ in self._log:
            if op == "put" and entity in entities:
                found.setdefault(entity, set()).add(id)
        return found

    def flush(self) -> None:
        """Write the gathered rows, so that what follows in this transaction sees them."""
        for name, rows in self._inserts.items():
            insert_rows(self.connection, ENTITY_TABLES[name], rows)
        for name, changes in self._updates.items():
            table = ENTITY_TABLES[name]
            self.connection.execute(update(table).where(table.c.id == bindparam("key")), changes)
        for (name, *columns), rows in self._narrow.items():
            update_rows(self.connection, ENTITY_TABLES[name], (*columns, "version"), rows)
        for name, ids in self._deletes.items():
            table = ENTITY_TABLES[name]
            self.connection.execute(delete(table).where(table.c.id.in_(ids)))
        insert_rows(self.connection, field_history, self._history)
        self._history.clear()
        self._inserts.clear()
        self._updates.clear()
        self._narrow.clear()
        self._deletes.clear()

    def finish(self) -> int | None:
        """Write everything, bump the clock last; return the transaction's seq, None if empty."""
        if not self._log:
            return None
        self.flush()
        seq = bump(self.connection)
        log = [(seq, place, *row) for place, row in enumerate(self._log)]
        insert_rows(self.connection, change_log, log)
        self._bury(seq)
        self._notify(seq)
        return seq

    def _notify(self, seq: int) -> None:
        """On PostgreSQL, tell the other server processes at the commit; see `live`."""
        if self.connection.dialect.name != "postgresql":
            return
        poke = {"seq": seq, "scopes": sorted(self.scopes), "device": self.actor.device_id}
        said = to_json(poke)
        if len(said) > NOTICE_BYTES:
            said = to_json(poke | {"scopes": None})
        self.connection.execute(
            text("SELECT pg_notify('fieldbook', :poke)"), {"poke": said.decode()}
        )

    def _bury(self, seq: int) -> None:
        # What the server itself makes can come back, and go a second time.
        gone = {(entity, id) for _, entity, id, op, *_ in self._log if op == "delete"}
        replace_rows(self.connection, tombstone, [(*key, seq) for key in sorted(gone)])

    def _append(
        self,
        entity: str,
        id: str,
        scope: str,
        op: str,
        version: int,
        doc: bytes | None,
        op_id: str | None,
    ) -> None:
        self.scopes.add(scope)
        actor = self.actor
        row = (scope, entity, id, op, version, doc, actor.name, actor.device_id, op_id, self.now)
        self._log.append(row)


@contextmanager
def as_job(unit: UnitOfWork, name: str) -> Iterator[None]:
    """Write what follows from an employee's act as the job that follows it up."""
    actor = unit.actor
    if not is_job(actor.name):
        unit.actor = Actor(name, actor.device_id)
    try:
        yield
    finally:
        unit.actor = actor
