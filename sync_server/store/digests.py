"""Digests of the shared record: what rows come to by scope, entity and bucket, in one snapshot."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Connection, select

from shared.registry import REGISTRY, Document
from shared.sync.digest import Buckets, Names, Part, Tally, bucket_of, compared, digester, written
from shared.sync.protocol import Row
from sync_server.store.feed import Cursor
from sync_server.store.rows import head
from sync_server.store.schema import ENTITY_TABLES, change_log

_AT_ONCE: Final = 2_000
"""Rows in memory; a supervisor's scopes hold hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of what one connection sees."""

    connection: Connection

    def is_present(self, cursor: Cursor, granted: Mapping[str, int]) -> bool:
        """Whether whoever stands at `cursor` has been told all that there is about `granted`."""
        whole = not cursor.joining and not cursor.former and dict(cursor.scopes) == dict(granted)
        if not whole or cursor.seq < cursor.until:
            return False
        news = select(change_log.c.seq).where(
            change_log.c.scope_id.in_(sorted(granted)),
            change_log.c.seq > cursor.seq,
            change_log.c.seq <= head(self.connection),
        )
        return self.connection.execute(news.limit(1)).first() is None

    def tallies(self, names: Names, scopes: Collection[str] | None = None) -> dict[Part, Buckets]:
        """Return the tallies of the buckets of each part; of all scopes where none are named."""
        found: dict[Part, Buckets] = {}
        for entity, columns in names.items():
            digest = digester(REGISTRY[entity], columns)
            for scope, *row in self._rows(entity, columns, scopes):
                buckets = found.setdefault((scope, entity), {})
                buckets.setdefault(bucket_of(row[0]), Tally()).add(digest(row))
        return found

    def rows(
        self, part: Part, names: Sequence[str], buckets: Collection[int]
    ) -> dict[int, dict[str, tuple[str, Row]]]:
        """Return the rows of some buckets of a part by id, each with its digest over `names`."""
        scope, entity = part
        digest, everything = digester(REGISTRY[entity], names), compared(REGISTRY[entity])
        found: dict[int, dict[str, tuple[str, Row]]] = {bucket: {} for bucket in buckets}
        for _, id, version, *values in self._rows(entity, everything, [scope]):
            bucket = found.get(bucket_of(id))
            if bucket is not None:
                document = {"id": id, **dict(zip(everything, values, strict=True))}
                known = (id, version, *(document[name] for name in names))
                bucket[id] = written(digest(known)), _put(part, version, document)
        return found

    def _rows(
        self, entity: str, columns: Sequence[str], scopes: Collection[str] | None
    ) -> Iterator[tuple[Any, ...]]:
        """Yield (scope, id, version, *values), a few thousand in memory at a time."""
        table = ENTITY_TABLES[entity]
        statement = select(
            table.c.scope_id, table.c.id, table.c.version, *(table.c[name] for name in columns)
        )
        if scopes is not None:
            statement = statement.where(table.c.scope_id.in_(sorted(scopes)))
        rows = self.connection.execute(statement.execution_options(yield_per=_AT_ONCE))
        return cast("Iterator[tuple[Any, ...]]", iter(rows))


def _put(part: Part, version: int, document: Document) -> Row:
    scope, entity = part
    return {
        "entity": entity,
        "id": str(document["id"]),
        "scope": scope,
        "op": "put",
        "version": version,
        "doc": document,
    }
