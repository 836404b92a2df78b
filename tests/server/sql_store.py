"""The real store behind the contract's interface: push, import and pull as the exchange does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from shared.registry import REGISTRY, Document
from shared.sync.protocol import PageLine, Txn, Verdict, read_line
from shared.sync.ruling import Caller, Row
from shared.testing.builders import NOW
from sync_server.store.database import Database
from sync_server.store.feed import Feed, unseal
from sync_server.store.ingest import accept, actor_of
from sync_server.store.rows import head
from sync_server.store.schema import ENTITY_TABLES, meta, metadata, scope_member, sync_clock
from sync_server.store.scopes import granted
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork


class SqlStore:
    """A `Store` of the contract over a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def head(self) -> int:
        with self.database.reading() as connection:
            return head(connection)

    def rows(self, entity: str) -> Mapping[str, Row]:
        with self.database.reading() as connection:
            found = connection.execute(select(ENTITY_TABLES[entity])).mappings().all()
        return {row["id"]: _row(entity, row) for row in found}

    def grant(self, employee: str, *scopes: str) -> None:
        with self.database.writing() as connection:
            held = granted(connection, employee)
            connection.execute(delete(scope_member).where(scope_member.c.employee_id == employee))
            seq = head(connection)
            rows = [
                {
                    "employee_id": employee,
                    "scope_id": scope,
                    "granted_seq": held.get(scope, seq),
                }
                for scope in scopes
            ]
            connection.execute(insert(scope_member), rows)

    def push(self, caller: Caller, txns: Sequence[Txn]) -> list[Verdict]:
        def work(connection: Connection) -> list[Verdict]:
            return accept(UnitOfWork(connection, actor_of(caller), NOW), txns, caller).verdicts

        return self.database.write(work)

    def bring(self, entity: str, *documents: Document) -> None:
        with self.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:test"), NOW)
            for start in range(0, len(documents), CHUNK):
                unit.import_rows(REGISTRY[entity], documents[start : start + CHUNK])
            unit.finish()

    def pull(self, employee: str, cursor: str | None) -> Iterator[PageLine]:
        database = self.database
        with database.reading() as connection:
            position = unseal(cursor, database.cursor_key, database.generation)
            scopes = granted(connection, employee)
            feed = Feed(connection, database.cursor_key, scopes, position, cursor)
            for line in feed.pages():
                page = read_line(line)
                assert page["line"] == "page"
                yield page


def empty(database: Database) -> Database:
    """Take every row out of a database, set its clock back, and forget what days were turned."""
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            if table.name not in ("meta", "sync_clock"):
                connection.execute(delete(table))
        connection.execute(sync_clock.update().values(seq=0))
        connection.execute(delete(meta).where(meta.c.key.like("%!_to", escape="!")))
    return database


def _row(entity: str, row: Mapping[Any, Any]) -> Row:
    document = {name: row[name] for name in REGISTRY[entity].fields}
    return Row(document, row["version"], row["scope_id"])
