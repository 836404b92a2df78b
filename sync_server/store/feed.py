"""The feed: what a device has not seen yet, in whole server transactions, page by page.

Theory of operation. The cursor says up to which seq every change of the device's scopes is known.
A scope that the device has just been given has no history there: its current rows are walked
(never the history), scope by scope, and until the walk is over the position of all scopes stands
still at the seq where it began. Rows that changed since then are left out of the walk, since they
come afterwards, whole, with their transaction: so no page ever shows half of one.

The cursor is opaque to devices and signed, so that nobody can ask from a position they were never
given. Pages are cut between two transactions only.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Table, select, tuple_

from shared.registry import REGISTRY, Entity, ScopeRule
from sync_server.store.first import todays_rows
from sync_server.store.rows import head
from sync_server.store.schema import ENTITY_TABLES, WALKED_BY, change_log

PAGE_ROWS: Final = 1_000
_CHANGES: Final = (
    change_log.c.scope_id,
    change_log.c.entity,
    change_log.c.id,
    change_log.c.op,
    change_log.c.version,
    change_log.c.doc,
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A device's position. Scopes map to the seq of their grant."""

    generation: str
    seq: int
    scopes: Mapping[str, int]
    """Scopes that the device holds whole, as of `seq`."""
    joining: Mapping[str, int]
    """Scopes whose current rows are on their way, the first one first."""
    entity: str = ""
    id: str = ""
    """How far the walk through the first joining scope has come: the last row's id, behind what the
    entity is walked by and a blank, if that is something else."""
    until: int = 0
    """The head as the last walk saw it: a row that changed meanwhile comes by then, not before."""
    former: tuple[str, ...] = ()
    """Scopes held of a server before it was restored, until they have been walked anew."""


_adapter: TypeAdapter[Cursor] = TypeAdapter(Cursor)


def seal(cursor: Cursor, key: bytes) -> str:
    """Write a cursor as signed text."""
    body = _adapter.dump_json(cursor)
    return base64.urlsafe_b64encode(_sign(body, key) + body).decode()


def unseal(text: str | None, key: bytes, generation: str) -> Cursor:
    """Read a cursor; one that is absent, forged or of an earlier generation starts anew."""
    start = Cursor(generation, 0, {}, {})
    if text is None:
        return start
    try:
        raw = base64.urlsafe_b64decode(text)
    except ValueError:
        return start
    signature, body = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        return start
    try:
        cursor = _adapter.validate_json(body)
    except ValidationError:  # sealed by another version of the server
        return start
    if cursor.generation == generation:
        return cursor
    return replace(start, former=(*cursor.former, *cursor.scopes, *cursor.joining))


def is_current(cursor: Cursor, granted: Mapping[str, int], upto: int) -> bool:
    """Whether a device at this cursor holds everything: just these grants, whole, to the head."""
    on_its_way = cursor.joining or cursor.former or cursor.seq < max(upto, cursor.until)
    return not on_its_way and cursor.scopes == granted


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:16]


@dataclass(slots=True)
class Feed:
    """The pages for one device, read from one snapshot of the database."""

    connection: Connection
    key: bytes
    granted: Mapping[str, int]
    """The scopes that the device's employee holds now."""
    cursor: Cursor
    after: str | None
    """The cursor as the device sent it, which the first page follows."""
    today: str | None = None
    """The day (ISO) whose customers come first in a walk; None for no such order."""
    upto: int = field(init=False)

    def __post_init__(self) -> None:
        self.upto = head(self.connection)

    @property
    def is_whole(self) -> bool:
        """Whether the device holds all of its scopes as they were at the cursor's seq."""
        joined = self.granted.keys() <= self.cursor.scopes.keys()
        return joined and self.cursor.seq >= self.cursor.until

    @property
    def is_done(self) -> bool:
        """Whether the device has everything."""
        return self.is_whole and self.cursor.seq >= self.upto

    def pages(self) -> Iterator[bytes]:
        """Yield the lines that bring the device to the head; none if nothing is new."""
        yield from self._lost()
        while True:
            if not self.cursor.joining:
                yield from self._changes()
                fresh = _without(self.granted, self.cursor.scopes)
                if not fresh:
                    return
                self.cursor = replace(self.cursor, joining=_in_order(fresh))
            yield from self._walk()

    def _lost(self) -> Iterator[bytes]:
        held = {**self.cursor.scopes, **self.cursor.joining}
        gone = [scope for scope, seq in held.items() if self.granted.get(scope) != seq]
        former = self.cursor.former
        gone += [scope for scope in former if scope not in self.granted and scope not in held]
        self.cursor = replace(self.cursor, former=tuple(s for s in former if s in self.granted))
        if not gone:
            return
        self.cursor = replace(
            self.cursor,
            scopes=_without(self.cursor.scopes, gone),
            joining=_without(self.cursor.joining, gone),
            entity="",
            id="",
        )
        yield self._page([], gone=gone)

    def _changes(self) -> Iterator[bytes]:
        while self.cursor.seq < self.upto:
            rows, reached = self._next_changes()
            self.cursor = replace(self.cursor, seq=reached)
            yield self._page([_change(row) for row in rows])

    def _next_changes(self) -> tuple[Sequence[Any], int]:
        """Return the rows of the next whole transactions, and the seq that they reach."""
        mine = self._mine()
        # Of the index alone: the rows themselves would be sorted up to the head for each page.
        filled = select(change_log.c.seq).where(*mine).order_by(change_log.c.seq)
        reached = self.connection.execute(filled.offset(PAGE_ROWS - 1).limit(1)).scalar()
        if reached is None:
            reached = self.upto
        return self._fetch(reached), reached

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        """What is news for the device."""
        return (
            change_log.c.scope_id.in_(sorted(self.cursor.scopes)),
            change_log.c.seq > self.cursor.seq,
            change_log.c.seq <= self.upto,
        )

    def _fetch(self, upto: int) -> Sequence[Any]:
        statement = (
            select(*_CHANGES)
            .where(*self._mine(), change_log.c.seq <= upto)
            .order_by(change_log.c.seq, change_log.c.ord)
        )
        return self.connection.execute(statement).all()

    def _walk(self) -> Iterator[bytes]:
        self.cursor = replace(self.cursor, until=self.upto)
        touched = self._touched()
        while self.cursor.joining:
            scope = next(iter(self.cursor.joining))
            begin = [] if self.cursor.entity else [scope]
            if begin and self.today and (rows := self._first_rows(scope, touched)):
                # Whoever goes on from this page does not begin again.
                self.cursor = replace(self.cursor, entity=next(iter(REGISTRY)))
                yield self._page(rows, begin=begin)
                begin = []
            for entity in _from(self.cursor.entity, scope):
                yield from self._walk_entity(entity, scope, begin, touched)
                begin = []
            yield self._completed(scope, begin)

    def _first_rows(self, scope: str, touched: frozenset[tuple[str, str]]) -> list[bytes]:
        assert self.today is not None  # noqa: S101 - asked by the walk
        return [
            line
            for entity, rows in todays_rows(self.connection, scope, self.today)
            for line in _current(entity, rows, touched)
        ]

    def _walk_entity(
        self, entity: Entity, scope: str, begin: list[str], touched: frozenset[tuple[str, str]]
    ) -> Iterator[bytes]:
        table = ENTITY_TABLES[entity.name]
        names = tuple(dict.fromkeys((WALKED_BY.get(entity.name, "id"), "id")))
        if self.cursor.entity != entity.name:
            self.cursor = replace(self.cursor, entity=entity.name, id="")
        while True:
            statement = (
                select(table)
                .where(table.c.scope_id == scope, _after(table, names, self.cursor.id))
                .order_by(*(table.c[name] for name in names))
                .limit(PAGE_ROWS)
            )
            rows = self.connection.execute(statement).all()
            if rows:
                reached = " ".join(getattr(rows[-1], name) for name in names)
                self.cursor = replace(self.cursor, id=reached)
            lines = _current(entity, rows, touched)
            if lines or begin:
                yield self._page(lines, begin=begin)
                begin = []
            if len(rows) < PAGE_ROWS:
                return

    def _completed(self, scope: str, begin: list[str]) -> bytes:
        self.cursor = replace(
            self.cursor,
            scopes={**self.cursor.scopes, scope: self.cursor.joining[scope]},
            joining=_without(self.cursor.joining, [scope]),
            former=tuple(each for each in self.cursor.former if each != scope),
            entity="",
            id="",
        )
        return self._page([], begin=begin, complete=[scope])

    def _touched(self) -> frozenset[tuple[str, str]]:
        """Rows of joining scopes that changed since the walk's position: they come later."""
        statement = select(change_log.c.entity, change_log.c.id).where(
            change_log.c.scope_id.in_(sorted(self.cursor.joining)),
            change_log.c.seq > self.cursor.seq,
        )
        return frozenset(self.connection.execute(statement).all())

    def _page(
        self,
        rows: Sequence[bytes],
        *,
        begin: Sequence[str] = (),
        complete: Sequence[str] = (),
        gone: Sequence[str] = (),
    ) -> bytes:
        cursor = seal(self.cursor, self.key)
        frame = to_json(
            {
                "line": "page",
                "after": self.after,
                "cursor": cursor,
                "seq": self.cursor.seq if self.is_whole else 0,
                "begin": begin,
                "complete": complete,
                "gone": gone,
            }
        )
        self.after = cursor
        return frame[:-1] + b',"rows":[' + b",".join(rows) + b"]}"


def _after(table: Table, names: Sequence[str], reached: str) -> ColumnElement[bool]:
    """Say that a row comes after the one that a walk has reached.

    A place that an earlier version gave out, by other fields, is none: the entity is walked anew.
    """
    columns = [table.c[name] for name in names]
    if len(columns) == 1:
        return columns[0] > reached
    places = reached.split(" ")
    if len(places) != len(columns):
        places = [""] * len(columns)
    return tuple_(*columns) > tuple_(*places)


def _without(scopes: Mapping[str, int], names: Sequence[str] | Mapping[str, int]) -> dict[str, int]:
    return {scope: seq for scope, seq in scopes.items() if scope not in names}


def _in_order(scopes: Mapping[str, int]) -> dict[str, int]:
    """Put what everyone holds last: customers are wanted first, and the roll may be megabytes."""
    return dict(sorted(scopes.items(), key=lambda each: (each[0] == ScopeRule.GLOBAL, each[0])))


def _from(entity: str, scope: str) -> Iterator[Entity]:
    """The entities that a scope can have rows of, from the named one on, or all.

    A scope's name begins with the rule that it comes from; other entities have nothing there, and
    to ask each of them was most of what a new device cost.
    """
    rule, reached = scope.partition(":")[0], not entity
    for each in REGISTRY.values():
        reached = reached or each.name == entity
        if reached and each.scope == rule:
            yield each


def _change(row: Sequence[Any]) -> bytes:
    scope, entity, id, op, version, doc = row
    frame = (
        f'{{"entity":"{entity}","id":"{id}","scope":"{scope}","op":"{op}","version":{version}'
    ).encode()
    return frame + b"}" if doc is None else b'%b,"doc":%b}' % (frame, doc)


def _current(
    entity: Entity, rows: Sequence[Any], touched: frozenset[tuple[str, str]]
) -> list[bytes]:
    """Write rows of an entity's table but for those touched, all at once; none as nothing.

    By their places: in the table, version and scope follow the fields.
    """
    names = tuple(entity.fields)
    place = names.index("id")
    puts = [
        {
            "entity": entity.name,
            "id": row[place],
            "scope": row[-1],
            "op": "put",
            "version": row[-2],
            "doc": dict(zip(names, row, strict=False)),
        }
        for row in rows
        if (entity.name, row[place]) not in touched
    ]
    return [to_json(puts)[1:-1]] if puts else []
