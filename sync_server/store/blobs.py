"""Blobs: the content of attachments, in parts, in the same database as the records.

Theory of operation. A blob grows at its end, a part at a time; how much there is stands in its row,
so whoever sends it, after a cut, a restart or another device's try, goes on from there. The part
that would complete it is checked against the name first. The digest is taken of a snapshot, without
the write lock, since reading 20 MiB under it would hold up everyone's records; the transaction that
then writes the part, or drops what is there, finds by `have` and `edition` whether the snapshot
still stands, and if not all is looked at anew. So a blob whose `have` is its `total` has the
content that its name promises.

A name is no key. Who asks for a blob must hold the scope of an attachment that names it, and the
author of that attachment must have shown to have the content: they sent its last 256 KiB, or all
of a smaller one. Else a name seen once would open, by an attachment made for the purpose, what one
may no longer see. Therefore nobody is spared the end by another's upload.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from shared.blob import MAX_PART, PART, Span
from shared.errors import refused
from sync_server.store.database import Database
from sync_server.store.identity import KnownDevice
from sync_server.store.schema import ENTITY_TABLES, blob, blob_holder, blob_part, scope_member

QUOTA: Final = 64 * 1024 * 1024
"""Bytes that may lie here of one device without a record that names them: three large photos."""
UNNAMED_LIFE_MS: Final = 7 * 24 * 3_600_000
"""How long a blob that no record names is kept: its record may come from a device that is away."""
_ROW_COST: Final = 4_096
"""What a blob counts beside its bytes, so that many tiny ones cannot fill the disk either."""
_TRIES: Final = 5
_SWEPT_AT_ONCE: Final = 16
"""Parts that one transaction of a sweep deletes: 4 MiB, then records may get in between."""

_attachment = ENTITY_TABLES["attachment"]
_named: Final = exists().where(_attachment.c.sha256 == blob.c.sha256)


@dataclass(frozen=True, slots=True)
class _Blob:
    """A blob's row."""

    total: int
    have: int
    edition: int
    device_id: str
    shown_from: int


@dataclass(frozen=True, slots=True)
class Content:
    """A whole blob that someone may read."""

    sha256: str
    total: int
    media_type: str
    customer_id: str
    """Of whose record it is."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away."""

    blobs: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Sent:
    """One part as it was sent."""

    sha256: str
    span: Span
    content: bytes
    by: KnownDevice
    now: int


def told(connection: Connection, known: KnownDevice, sha256: str) -> int:
    """Return from where a device has to send a blob: its end, once it need send nothing more."""
    found = _blob(connection, sha256)
    if found is None:
        return 0
    end_begins = _end_begins(found.total)
    is_showing = found.device_id == known.device_id and found.shown_from <= end_begins
    if is_showing or _is_holder(connection, sha256, known.employee_id):
        return found.have
    return min(found.have, end_begins)


def receive(
    database: Database, known: KnownDevice, sha256: str, span: Span, content: bytes, now: int
) -> int:
    """Take one part in; return from where the device has to go on, its total when it is done.

    A part that is here already changes nothing. Raises Refusal: `blob_range` for one that does not
    follow, `blob_mismatch` for one that is not what is here and for a whole that is not what its
    name says (it is dropped), `blob_quota`.
    """
    sent = _Sent(sha256, span, content, known, now)
    for _ in range(_TRIES):
        with database.reading() as connection:
            seen = _blob(connection, sha256)
            _must_have_room(connection, sent)
            right = _is_right(connection, sent, seen)

        def work(connection: Connection, seen: _Blob | None = seen, right: bool = right) -> bool:
            return _take(connection, sent, seen, right)

        if database.write(work):
            if not right:
                raise refused("blob_mismatch")
            with database.reading() as connection:
                return told(connection, known, sha256)
    raise refused("unavailable", reason="blob")


def _must_have_room(connection: Connection, sent: _Sent) -> None:
    """Refuse what no record names when too much of that lies here already."""
    named = select(exists().where(_attachment.c.sha256 == sent.sha256))
    if connection.execute(named).scalar():
        return
    counted = func.coalesce(func.sum(blob.c.have + _ROW_COST), 0)
    mine = select(counted).where(blob.c.device_id == sent.by.device_id, ~_named)
    if connection.execute(mine).scalar_one() + sent.span.size > QUOTA:
        raise refused("blob_quota")


def _is_right(connection: Connection, sent: _Sent, seen: _Blob | None) -> bool:
    """Whether this part may be written: false for one that completes a wrong content.

    Raises Refusal for one that does not follow or is not what is here.
    """
    span = sent.span
    if seen is not None and seen.total != span.total:
        if seen.have == seen.total:
            raise refused("blob_mismatch")
        seen = None  # one of the two is wrong about the size; the one who begins anew may try
    have = 0 if seen is None else seen.have
    if span.start > have:
        raise refused("blob_range", have=have)
    known = _bytes(connection, sent.sha256, span.start, min(span.end, have)) if seen else b""
    if not sent.content.startswith(known):
        raise refused("blob_mismatch")
    if span.end < span.total or have == span.total:
        return True
    digest = hashlib.sha256()
    for number in range(-(-have // PART)):
        digest.update(_part(connection, sent.sha256, number))
    digest.update(sent.content[have - span.start :])
    return digest.hexdigest() == sent.sha256


def _take(connection: Connection, sent: _Sent, seen: _Blob | None, right: bool) -> bool:
    """Write a part, or drop a wrong content; false, and nothing, if it is not as it was seen."""
    found = _blob(connection, sent.sha256, lock=True)
    if found != seen:
        return False
    same = found is not None and found.total == sent.span.total
    if found is not None and same != right:
        _drop_parts(connection, sent.sha256, found, 0)
    if right:
        _append(connection, sent, found if same else None)
    return True


def _append(connection: Connection, sent: _Sent, found: _Blob | None) -> None:
    span = sent.span
    have = 0 if found is None else found.have
    if span.end < have:
        return  # sent before, by whomever
    goes_on = found is not None and found.device_id == sent.by.device_id
    shown_from = min(found.shown_from, span.start) if found and goes_on else span.start
    values = {
        "total": span.total,
        "have": span.end,
        "device_id": sent.by.device_id,
        "shown_from": shown_from,
        "touched_at": sent.now,
    }
    _write_bytes(connection, sent.sha256, have, sent.content[have - span.start :])
    mine = blob.c.sha256 == sent.sha256
    if connection.execute(update(blob).where(mine).values(values)).rowcount == 0:
        connection.execute(insert(blob), {"sha256": sent.sha256, "edition": 0, **values})
    if span.end == span.total and shown_from <= _end_begins(span.total):
        _note_holder(connection, sent.sha256, sent.by.employee_id)


def _write_bytes(connection: Connection, sha256: str, have: int, content: bytes) -> None:
    """Write bytes behind the first `have`, filling up a last part that is not full."""
    filled = have % PART
    if filled and content:
        number = have // PART
        content = _part(connection, sha256, number)[:filled] + content
        have -= filled
        connection.execute(delete(blob_part).where(_is_part(sha256, number)))
    rows = [
        {"sha256": sha256, "number": (have + at) // PART, "bytes": content[at : at + PART]}
        for at in range(0, len(content), PART)
    ]
    if rows:
        connection.execute(insert(blob_part), rows)


def _drop_parts(connection: Connection, sha256: str, found: _Blob, keep: int) -> None:
    """Take the parts from number `keep` on away."""
    mine = blob_part.c.sha256 == sha256
    connection.execute(delete(blob_part).where(mine, blob_part.c.number >= keep))
    values = {
        "have": min(found.have, keep * PART),
        "edition": found.edition + 1,
        "shown_from": 0,
        "device_id": found.device_id,
    }
    connection.execute(update(blob).where(blob.c.sha256 == sha256).values(values))


# Reading


def readable(connection: Connection, employee_id: str | None, sha256: str) -> Content:
    """Return a content that an employee, or another system (None), may read.

    Raises Refusal: `not_found` where no attachment of their scopes names it, `blob_waiting` where
    it has not arrived, or its author has not shown to have it.
    """
    said = (_attachment.c.media_type, _attachment.c.customer_id)
    naming = select(*said, blob.c.total, blob_holder.c.employee_id).select_from(
        _attachment.outerjoin(
            blob, (blob.c.sha256 == _attachment.c.sha256) & (blob.c.have == blob.c.total)
        ).outerjoin(
            blob_holder,
            (blob_holder.c.sha256 == blob.c.sha256)
            & (blob_holder.c.employee_id == _attachment.c.employee_id),
        )
    )
    if employee_id is not None:
        mine = scope_member.c.scope_id == _attachment.c.scope_id
        naming = naming.join(scope_member, mine).where(scope_member.c.employee_id == employee_id)
    found = naming.where(_attachment.c.sha256 == sha256).order_by(
        blob_holder.c.employee_id.is_(None), _attachment.c.id
    )
    row = connection.execute(found.limit(1)).one_or_none()
    if row is None:
        raise refused("not_found")
    if row.employee_id is None:
        raise refused("blob_waiting")
    return Content(sha256, row.total, row.media_type, row.customer_id)


def chunks(database: Database, sha256: str, span: Span) -> Iterator[bytes]:
    """Yield the bytes of a span a part at a time, each read by itself: a slow reader holds nothing.

    Raises LookupError when the blob is swept meanwhile.
    """
    for number in range(span.start // PART, -(-span.end // PART)):
        with database.reading() as connection:
            content = _part(connection, sha256, number)
        begin = number * PART
        yield content[max(0, span.start - begin) : span.end - begin]


# Sweeping


def sweep(database: Database, untouched_since: int) -> Swept:
    """Take away what no attachment names and nobody has sent to since (ms)."""
    old = blob.c.touched_at < untouched_since
    with database.reading() as connection:
        rows = connection.execute(select(blob.c.sha256, blob.c.have).where(old, ~_named)).all()
    gone = [row for row in rows if _sweep_one(database, row.sha256, untouched_since)]
    return Swept(len(gone), sum(row.have for row in gone))


def _sweep_one(database: Database, sha256: str, untouched_since: int) -> bool:
    """Delete a blob from its end, a few parts a transaction; whatever is left can be resumed."""

    def shorten(connection: Connection) -> int | None:
        idle = select(blob.c.have).where(
            blob.c.sha256 == sha256, blob.c.touched_at < untouched_since, ~_named
        )
        if connection.execute(idle.with_for_update()).scalar() is None:
            return None
        found = _blob(connection, sha256)
        assert found is not None  # noqa: S101 - its row is locked
        keep = max(0, -(-found.have // PART) - _SWEPT_AT_ONCE)
        _drop_parts(connection, sha256, found, keep)
        if keep == 0:
            for table in (blob, blob_holder):
                connection.execute(delete(table).where(table.c.sha256 == sha256))
        return keep

    while left := database.write(shorten):
        pass
    return left == 0


# Rows


def _blob(connection: Connection, sha256: str, *, lock: bool = False) -> _Blob | None:
    columns = [blob.c[name] for name in _Blob.__slots__]
    statement = select(*columns).where(blob.c.sha256 == sha256)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _Blob(*row)


def _is_part(sha256: str, number: int) -> Any:
    return (blob_part.c.sha256 == sha256) & (blob_part.c.number == number)


def _part(connection: Connection, sha256: str, number: int) -> bytes:
    found = connection.execute(select(blob_part.c.bytes).where(_is_part(sha256, number))).scalar()
    if found is None:
        raise LookupError(f"part {number} of {sha256} is gone")
    return bytes(found)


def _bytes(connection: Connection, sha256: str, start: int, end: int) -> bytes:
    """Return a span of what is here; at most MAX_PART bytes."""
    if end <= start:
        return b""
    assert end - start <= MAX_PART  # noqa: S101 - the edge took no more in
    first = start // PART
    numbers = range(first, -(-end // PART))
    content = b"".join(_part(connection, sha256, number) for number in numbers)
    return content[start - first * PART : end - first * PART]


def _end_begins(total: int) -> int:
    """Where that part begins by which one shows to have the whole."""
    return max(0, total - PART)


def _is_holder(connection: Connection, sha256: str, employee_id: str) -> bool:
    return bool(
        connection.execute(
            select(func.count())
            .select_from(blob_holder)
            .where(blob_holder.c.sha256 == sha256, blob_holder.c.employee_id == employee_id)
        ).scalar()
    )


def _note_holder(connection: Connection, sha256: str, employee_id: str) -> None:
    if not _is_holder(connection, sha256, employee_id):
        connection.execute(insert(blob_holder), {"sha256": sha256, "employee_id": employee_id})
