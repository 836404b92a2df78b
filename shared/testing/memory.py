"""A server's store in memory: the reference that SQLite and PostgreSQL are held against.

As plain as it can be: dictionaries, a list of transactions, a walk that is one page. It shares
the arbiter with the real store and nothing else, so that the two are only wrong together where
the arbiter is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from shared.domain.record_change import owner_changed
from shared.errors import refused
from shared.registry import REGISTRY, Document, Entity, ScopeRule
from shared.sync.arbiter import judge
from shared.sync.protocol import PageLine, Txn, Verdict, complaint
from shared.sync.protocol import Row as PageRow
from shared.sync.ruling import Applied, Caller, FieldKey, Ground, Key, Row, Write
from shared.testing.builders import NOW

PAGE_ROWS: Final = 1_000
RowOp = Literal["put", "leave", "delete"]


@dataclass(slots=True)
class MemoryStore:
    """The shared record of one bank."""

    rows_by_key: dict[Key, Row] = field(default_factory=dict)
    buried: set[Key] = field(default_factory=set)
    applied: dict[str, Applied] = field(default_factory=dict)
    authors: dict[FieldKey, str] = field(default_factory=dict)
    log: list[list[PageRow]] = field(default_factory=list)
    """Server transactions: the one at index 0 has seq 1."""
    grants: dict[str, dict[str, int]] = field(default_factory=dict)

    def head(self) -> int:
        """Return the seq of the last transaction."""
        return len(self.log)

    def rows(self, entity: str) -> Mapping[str, Row]:
        """Return the present rows of an entity by id."""
        return {id: row for (name, id), row in self.rows_by_key.items() if name == entity}

    def grant(self, employee: str, *scopes: str) -> None:
        """Make these the scopes of an employee."""
        before = self.grants.get(employee, {})
        self.grants[employee] = {scope: before.get(scope, self.head()) for scope in scopes}

    def push(self, caller: Caller, txns: Sequence[Txn]) -> list[Verdict]:
        """Judge and write a batch."""
        ground = Ground(
            seen=dict(self.applied),
            rows=dict(self.rows_by_key),
            deleted=frozenset(self.buried),
            homes={id: row.scope for id, row in self.rows("customer").items()},
            moved=self._moved(caller),
            authors=dict(self.authors),
            refers={key: row.document for key, row in self.rows_by_key.items()},
        )
        ruling = judge(txns, caller, ground)
        issues = [each for each in ruling.issues if ("issue", each.id) not in self.rows_by_key]
        settled = any(verdict["status"] != "rejected" for _, _, verdict in ruling.applied)
        if settled or issues or ruling.writes:
            self.log.append([self._write(write) for write in (*ruling.writes, *issues)])
            self.authors = ground.authors
        for verdict in ruling.verdicts:
            if verdict["status"] != "rejected" and verdict["seq"] is None:
                verdict["seq"] = self.head()
        for op, digest, verdict in ruling.applied:
            self.applied[op["op_id"]] = Applied(digest, verdict)
        return ruling.verdicts

    def _moved(self, caller: Caller) -> frozenset[str]:
        return frozenset(
            row["id"]
            for transaction in self.log
            for row in transaction
            if (row["entity"], row["op"]) == ("customer", "leave") and row["scope"] in caller.scopes
        )

    def _write(self, write: Write) -> PageRow:
        key = write.entity.name, write.id
        if write.document is None:
            del self.rows_by_key[key]
            self.buried.add(key)
            return _line(key, write.scope, "delete", write.version)
        self.rows_by_key[key] = Row(write.document, write.version, write.scope)
        return _put(key, self.rows_by_key[key])

    def bring(self, entity: str, *documents: Document) -> None:
        """Write what the bank's own systems say, as one transaction."""
        told: list[PageRow] = []
        for document in self._valid(REGISTRY[entity], documents):
            told += self._import(REGISTRY[entity], document)
        if told:
            self.log.append(told)

    def _valid(self, entity: Entity, documents: Sequence[Document]) -> list[Document]:
        try:
            return entity.many.validate_python([entity.known(each) for each in documents])
        except ValidationError as error:
            path, problem = complaint(error)
            raise refused("unfit", path=path, problem=problem) from None

    def _import(self, entity: Entity, document: Document) -> Iterator[PageRow]:
        key = entity.name, str(document["id"])
        scope, present = self._scope(entity, document), self.rows_by_key.get(key)
        if present is None:
            yield from self._set(key, Row(document, 1, scope))
        elif present.scope != scope:
            yield from self._move(key, Row(document, present.version + 1, scope))
            if entity.name == "customer":
                yield from self._move_children(key[1], scope)
                yield from self._tell_owners(present, document, scope)
        elif present.document != document:
            yield from self._set(key, Row(document, present.version + 1, scope))

    def _tell_owners(self, before: Row, after: Document, scope: str) -> Iterator[PageRow]:
        owners = str(before.document["owner_id"]), str(after["owner_id"])
        change = owner_changed(str(after["id"]), before.version + 1, owners, "import:test", NOW)
        yield from self._set(("record_change", change.id), Row(asdict(change), 1, scope))

    def _scope(self, entity: Entity, document: Document) -> str:
        if entity.scope is ScopeRule.GLOBAL:
            return "global"
        if not entity.of_customer:
            return f"{entity.scope}:{document[entity.scope_key]}"
        customer = self.rows("customer").get(str(document["customer_id"]))
        if customer is None:
            raise refused("unknown_customer")
        return customer.scope

    def _set(self, key: Key, row: Row) -> Iterator[PageRow]:
        self.rows_by_key[key] = row
        yield _put(key, row)

    def _move(self, key: Key, row: Row) -> Iterator[PageRow]:
        before = self.rows_by_key[key]
        yield _line(key, before.scope, "leave", before.version)
        yield from self._set(key, row)

    def _move_children(self, customer: str, scope: str) -> Iterator[PageRow]:
        for key, row in sorted(self.rows_by_key.items()):
            if REGISTRY[key[0]].of_customer and row.document["customer_id"] == customer:
                yield from self._move(key, Row(row.document, row.version + 1, scope))

    def pull(self, employee: str, cursor: str | None) -> Iterator[PageLine]:
        """Yield the pages that bring someone from their cursor to the head."""
        granted = self.grants.get(employee, {})
        position = _Position(cursor)
        gone = [scope for scope, seq in position.scopes.items() if granted.get(scope) != seq]
        if gone:
            position.drop(gone)
            yield position.page([], gone=gone)
        while position.seq < self.head():
            yield self._next_page(position)
        for scope in sorted(granted.keys() - position.scopes.keys()):
            rows = [_put(key, row) for key, row in self.rows_by_key.items() if row.scope == scope]
            position.scopes[scope] = granted[scope]
            yield position.page(rows, begin=[scope], complete=[scope])

    def _next_page(self, position: "_Position") -> PageLine:
        rows: list[PageRow] = []
        while position.seq < self.head() and len(rows) < PAGE_ROWS:
            rows += [row for row in self.log[position.seq] if row["scope"] in position.scopes]
            position.seq += 1
        return position.page(rows)


class _Position:
    """Where a device stands. The cursor is plain text here: nobody forges it in memory."""

    def __init__(self, cursor: str | None) -> None:
        self.after = cursor
        self.seq: int = 0
        self.scopes: dict[str, int] = {}
        if cursor is not None:
            self.seq, self.scopes = from_json(cursor)

    def drop(self, scopes: Sequence[str]) -> None:
        for scope in scopes:
            del self.scopes[scope]

    def page(
        self,
        rows: list[PageRow],
        *,
        begin: Sequence[str] = (),
        complete: Sequence[str] = (),
        gone: Sequence[str] = (),
    ) -> PageLine:
        after, self.after = self.after, to_json([self.seq, self.scopes]).decode()
        return {
            "line": "page",
            "after": after,
            "cursor": self.after,
            "seq": self.seq,
            "begin": list(begin),
            "complete": list(complete),
            "gone": list(gone),
            "rows": rows,
        }


def _put(key: Key, row: Row) -> PageRow:
    return {**_line(key, row.scope, "put", row.version), "doc": row.document}


def _line(key: Key, scope: str, op: RowOp, version: int) -> PageRow:
    entity, id = key
    return {"entity": entity, "id": id, "scope": scope, "op": op, "version": version}
