"""Events: the change log as other systems follow it, in CloudEvents 1.0.

Theory of operation. The change log is the order of everything: `seq` counts transactions in the
order in which they became visible, `ord` the rows of one. A place in it is all that a reader has to
keep; whatever lies after it comes, once or more, in that order. A place is told as an opaque cursor
that is signed and bound to the generation of the database: after a restore the log goes on
differently, and a reader of before must be told so instead of missing rows.

One read looks at a bounded part of the log, so that a reader of a rare type costs no more than any
other; it may find nothing and still get further.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, and_, or_, select, tuple_

from shared.errors import refused
from sync_server.outward import TOLD, Right, is_whole, shown
from sync_server.store.schema import change_log

SCANNED: Final = 20_000
"""Rows of the log that one read looks at."""
_PREFIX: Final = "fieldbook"
_OPS: Final = {"put": "changed", "delete": "deleted"}
"""Rows that leave a scope are a matter of devices; nothing of them has changed."""
TYPES: Final = {
    f"{_PREFIX}.{entity}.{word}": (entity, op)
    for entity in sorted(TOLD)
    for op, word in _OPS.items()
}
_COLUMNS: Final = [
    change_log.c[name] for name in ("seq", "ord", "entity", "id", "op", "version", "doc", "at")
]
_row_place = tuple_(change_log.c.seq, change_log.c.ord)
_LAST: Final = (
    select(change_log.c.seq, change_log.c.ord)
    .order_by(change_log.c.seq.desc(), change_log.c.ord.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the change log: everything up to this row is known."""

    seq: int
    ord: int


START: Final = Place(0, 0)
"""Before the first row: the first transaction is 1."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    events: str
    """The generation; named so that no cursor of a device is taken for one of these."""
    seq: int
    ord: int


_adapter: TypeAdapter[_Cursor] = TypeAdapter(_Cursor)


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in their order, and the place after them."""

    events: Sequence[bytes]
    """Each as JSON."""
    place: Place
    is_all: bool
    """Whether the log ended here when it was read."""
    first: Place | None = None
    """The place of the first event."""

    @property
    def body(self) -> bytes:
        """The batch in the JSON batch format of CloudEvents."""
        return b"[" + b",".join(self.events) + b"]"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who follows: what it may see, and which types it wants, all if none are named."""

    rights: frozenset[Right]
    types: frozenset[str] = frozenset()


def seal_place(place: Place, key: bytes, generation: str) -> str:
    """Write a place as a cursor."""
    body = _adapter.dump_json(_Cursor(generation, place.seq, place.ord))
    return base64.urlsafe_b64encode(_sign(body, key) + body).decode()


def unseal_place(text: str | None, key: bytes, generation: str) -> Place:
    """Read a cursor; None is the beginning.

    Raises Refusal `malformed` for what is none, `events_restored` for one of another generation.
    """
    if text is None:
        return START
    try:
        raw = base64.urlsafe_b64decode(text)
        if not hmac.compare_digest(raw[:16], _sign(raw[16:], key)):
            raise ValueError("signature")
        cursor = _adapter.validate_json(raw[16:])
    except (ValueError, ValidationError):
        raise refused("malformed", path="cursor", problem="not one that was given here") from None
    if cursor.events != generation:
        raise refused("events_restored")
    return Place(cursor.seq, cursor.ord)


def read_types(text: str) -> frozenset[str]:
    """Return the types that a comma-separated list names; empty for none named."""
    named = frozenset(filter(None, (each.strip() for each in text.split(","))))
    if unknown := sorted(named - TYPES.keys()):
        raise refused("malformed", path="types", problem=f"there is no type {unknown[0]}")
    return named


def source_of(generation: str) -> str:
    """Return what CloudEvents call the source; with an event's id it is unique."""
    return f"urn:{_PREFIX}:{generation}"


def last_place(connection: Connection) -> Place:
    """Return the place of the log's last row."""
    found = connection.execute(_LAST).one_or_none()
    return START if found is None else Place(*found)


def oldest_after(connection: Connection, place: Place) -> int | None:
    """Return when the first row after a place was written (ms); None if there is none."""
    rows = select(change_log.c.at).where(_after(place))
    found = rows.order_by(change_log.c.seq, change_log.c.ord).limit(1)
    return connection.execute(found).scalar()


def read_events(
    connection: Connection, generation: str, after: Place, reader: Reader, limit: int
) -> Batch:
    """Return up to `limit` events after a place, of a bounded part of the log."""
    until = _end(connection, after)
    if until is None:
        return Batch((), after, is_all=True)
    end, is_all = until
    wanted = [TYPES[each] for each in reader.types or TYPES]
    by_op = {op: [entity for entity, its in wanted if its == op] for op in _OPS}
    kinds = [
        and_(change_log.c.op == op, change_log.c.entity.in_(some)) for op, some in by_op.items()
    ]
    statement = (
        select(*_COLUMNS)
        .where(_after(after), _row_place <= (end.seq, end.ord), or_(*kinds))
        .order_by(change_log.c.seq, change_log.c.ord)
        .limit(limit + 1)
    )
    rows = connection.execute(statement).all()
    events = [_event(row, generation, reader.rights) for row in rows[:limit]]
    first = Place(rows[0].seq, rows[0].ord) if rows else None
    if len(rows) > limit:
        last = rows[limit - 1]
        return Batch(events, Place(last.seq, last.ord), is_all=False, first=first)
    return Batch(events, end, is_all, first)


def _after(place: Place) -> Any:
    return _row_place > (place.seq, place.ord)


def _end(connection: Connection, after: Place) -> tuple[Place, bool] | None:
    """Return the last row that one read looks at, and whether it is the log's; None for no row."""
    rows = select(change_log.c.seq, change_log.c.ord).where(_after(after))
    in_order = rows.order_by(change_log.c.seq, change_log.c.ord)
    found = connection.execute(in_order.offset(SCANNED - 1).limit(1)).one_or_none()
    if found is not None:
        return Place(*found), False
    last = last_place(connection)
    return (last, True) if last > after else None


def _event(row: Any, generation: str, rights: frozenset[Right]) -> bytes:
    said = {
        "specversion": "1.0",
        "id": f"{row.seq}-{row.ord}",
        "source": source_of(generation),
        "type": f"{_PREFIX}.{row.entity}.{_OPS[row.op]}",
        "subject": row.id,
        "time": _moment(row.at),
        "version": row.version,
    }
    if row.doc is None:
        return to_json(said)
    whole = is_whole(row.entity, rights)
    data = row.doc if whole else to_json(shown(row.entity, from_json(row.doc), rights))
    return b'%b,"datacontenttype":"application/json","data":%b}' % (to_json(said)[:-1], data)


def _moment(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1_000, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:16]
