"""Blobs on the device: the content of attachments, encrypted, in parts, in a file of its own.

Content is durable here before its record is in the outbox, so a record never points at nothing;
what a crash in between leaves over is swept at the next opening. What the server does not have is
never given up to make room; what it has may be, the oldest first, since it can be fetched again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from mobile_app.store.bridge import reading
from mobile_app.store.faults import DiskFull
from mobile_app.store.tables import attached, blob, blob_meta, blob_metadata, part
from shared.blob import PART, Span
from shared.errors import Refusal

BlobState = Literal["local", "uploading", "stored", "fetching", "fetched"]
BUDGET: Final = 200 * 1024 * 1024
"""Bytes of content that a device keeps, unless more than that is still unsent."""
_UNSENT: Final = ("local", "uploading")
_SPARE: Final = ("stored", "fetching", "fetched")
_WHOLE: Final = ("local", "uploading", "stored", "fetched")


@dataclass(frozen=True, slots=True)
class Blob:
    """One content on this device; `offset` is how many of its bytes have been moved."""

    sha256: str
    media_type: str
    size: int
    created_at: int
    state: BlobState
    offset: int
    refusal: Refusal | None

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.state in _WHOLE

    @property
    def is_unsent(self) -> bool:
        """Whether the server does not have all of it yet."""
        return self.state in _UNSENT


class Blobs:
    """The attachments' file."""

    def __init__(self, engine: Engine, clock: Callable[[], int], budget: int = BUDGET) -> None:
        self._file: Engine | None = engine
        self._clock, self._budget = clock, budget
        self._listeners: list[Callable[[], None]] = []
        self._known: dict[str, Blob] | None = None
        with engine.begin() as connection:
            blob_metadata.create_all(connection)

    def close(self) -> None:
        """Close the file for good: what a picker brings after the lock finds it shut."""
        if self._file is not None:
            self._file.dispose()
        self._file = None

    @property
    def _engine(self) -> Engine:
        if self._file is None:
            raise LookupError("the attachments are closed")
        return self._file

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a blob comes, goes or changes its state; return how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        self._known = None
        for listener in tuple(self._listeners):
            listener()

    # Keeping what was made here

    def keep(self, attachment_id: str, content: bytes, media_type: str) -> str:
        """Save a content for a record that is to follow; durable on return. Returns its name.

        Raises `DiskFull` when there is no room even without what could be fetched again.
        """
        name = hashlib.sha256(content).hexdigest()
        try:
            self._keep(attachment_id, name, content, media_type)
        except DiskFull:
            self._make_room(0)
            self._keep(attachment_id, name, content, media_type)
        self._make_room(self._budget)
        self._tell()
        return name

    def _keep(self, attachment_id: str, name: str, content: bytes, media_type: str) -> None:
        with self._engine.begin() as connection:
            known = self._find(connection, name)
            if known is None or not known.is_whole:
                _drop(connection, [name])
                _insert(connection, name, media_type, len(content), self._clock(), "local")
                _write(connection, name, 0, content)
            elif known.state == "fetched":
                # The server has it from a colleague; that we have it too must be shown once.
                _set(connection, name, state="uploading", offset=0)
            connection.execute(
                upsert(attached)
                .values(attachment_id=attachment_id, sha256=name, recorded=False)
                .on_conflict_do_nothing()
            )

    def recorded(self, attachment_ids: Collection[str]) -> None:
        """Note that these records are in the outbox; durable on return."""
        with self._engine.begin() as connection:
            connection.execute(
                update(attached)
                .where(attached.c.attachment_id.in_(attachment_ids))
                .values(recorded=True)
            )
        self._tell()

    def let_go(self, attachment_ids: Collection[str]) -> None:
        """Forget records that will not come, and what only they needed."""
        with self._engine.begin() as connection:
            connection.execute(delete(attached).where(attached.c.attachment_id.in_(attachment_ids)))
            needless = select(blob.c.sha256).where(
                blob.c.state.in_(_UNSENT), blob.c.sha256.not_in(select(attached.c.sha256))
            )
            _drop(connection, connection.execute(needless).scalars().all())
        self._tell()

    def own(self) -> Sequence[tuple[str, str, bool]]:
        """Return (attachment, name, recorded) of every blob that was kept for one made here."""
        with reading(self._engine) as connection:
            return [tuple(row) for row in connection.execute(select(attached))]

    # Looking

    def all(self) -> dict[str, Blob]:
        """Return every blob of this device by its name, the oldest first."""
        if self._known is None:
            with reading(self._engine) as connection:
                rows = connection.execute(select(blob).order_by(blob.c.created_at, blob.c.sha256))
                self._known = {row.sha256: _blob(row) for row in rows}
        return self._known

    def find(self, name: str) -> Blob | None:
        """Return the blob of this name, or None."""
        return self.all().get(name)

    def unsent(self) -> list[Blob]:
        """Return what the server does not have yet, the oldest first."""
        return [each for each in self.all().values() if each.is_unsent]

    def read(self, name: str, start: int, end: int) -> bytes:
        """Return a span of a content."""
        first = start // PART * PART
        offsets = (part.c.sha256 == name, part.c.offset >= first, part.c.offset < end)
        with reading(self._engine) as connection:
            rows = connection.execute(select(part.c.bytes).where(*offsets).order_by(part.c.offset))
            content = b"".join(rows.scalars())
        return content[start - first : end - first]

    def content(self, name: str) -> bytes | None:
        """Return a whole content, or None when it is not here."""
        found = self.find(name)
        return self.read(name, 0, found.size) if found and found.is_whole else None

    def is_sound(self, name: str) -> bool:
        """Whether what is here is what its name says."""
        digest = hashlib.sha256()
        for piece in self._pieces(name):
            digest.update(piece)
        return digest.hexdigest() == name

    def _pieces(self, name: str) -> Iterator[bytes]:
        found = self.find(name)
        for start in range(0, found.size if found else 0, PART):
            yield self.read(name, start, start + PART)

    # Sending

    def sent(self, name: str, offset: int) -> None:
        """Note how much the server has. Nobody is told: it changes with every part."""
        with self._engine.begin() as connection:
            _set(connection, name, state="uploading", offset=offset)
        self._known = None

    def stored(self, name: str) -> None:
        """Note that the server has all of it and has checked it."""
        with self._engine.begin() as connection:
            _set(connection, name, state="stored", refusal=None)
        self._make_room(self._budget)
        self._tell()

    def refuse(self, name: str, refusal: Refusal | None) -> None:
        """Note why the server did not take it, or that it is to be tried again."""
        body = None
        if refusal is not None:
            body = to_json({"code": refusal.code, "fields": dict(refusal.fields)})
        with self._engine.begin() as connection:
            _set(connection, name, refusal=body)
        self._tell()

    def meet(self, generation: str | None) -> None:
        """Take note of the server's generation; a new one may lack what it was sent since."""
        row = select(blob_meta.c.value).where(blob_meta.c.key == "generation")
        with reading(self._engine) as connection:
            known = connection.execute(row).scalar()
        if generation is None or known == generation:
            return
        with self._engine.begin() as connection:
            if known is not None:
                stored = update(blob).where(blob.c.state == "stored")
                connection.execute(stored.values(state="uploading", offset=0))
            connection.execute(delete(blob_meta))
            connection.execute(insert(blob_meta), {"key": "generation", "value": generation})
        self._tell()

    # Fetching

    def take(self, name: str, media_type: str, span: Span, content: bytes) -> int:
        """Save a part that was fetched; return from where to go on: anew, if it does not follow.

        Parts have PART bytes each, but for the last.
        """
        with self._engine.begin() as connection:
            known = self._find(connection, name)
            if known is not None and known.is_whole:  # made here meanwhile
                return span.total
            follows = known and (known.size, known.offset) == (span.total, span.start)
            if span.start == 0:
                _drop(connection, [name])
                _insert(connection, name, media_type, span.total, self._clock(), "fetching")
            elif not follows:
                _drop(connection, [name])
                return 0
            _write(connection, name, span.start, content)
            _set(connection, name, offset=span.end)
        self._known = None
        return span.end

    def finish(self, name: str) -> bool:
        """Check what was fetched; a content that is not what its name says is dropped."""
        sound = self.is_sound(name)
        with self._engine.begin() as connection:
            fetched = (blob.c.sha256 == name) & (blob.c.state == "fetching")
            if sound:
                connection.execute(update(blob).where(fetched).values(state="fetched"))
            else:
                _drop(
                    connection,
                    connection.execute(select(blob.c.sha256).where(fetched)).scalars().all(),
                )
        self._make_room(self._budget, spared=name)
        self._tell()
        return sound

    # Making room

    def forget_all_but(self, named: Collection[str]) -> None:
        """Drop what no record on this device names any more; what is unsent stays."""
        with self._engine.begin() as connection:
            awaited = select(attached.c.sha256).where(~attached.c.recorded)
            gone = select(blob.c.sha256).where(
                blob.c.state.in_(_SPARE),
                blob.c.sha256.not_in(list(named)),
                blob.c.sha256.not_in(awaited),
            )
            names = connection.execute(gone).scalars().all()
            _drop(connection, names)
            connection.execute(delete(attached).where(attached.c.sha256.in_(names)))
        if names:
            self._tell()

    def _make_room(self, budget: int, spared: str = "") -> None:
        """Drop what the server has, the oldest first, until no more than `budget` bytes are here;
        but not `spared`, which someone is about to look at."""
        with self._engine.begin() as connection:
            size = connection.execute(select(func.coalesce(func.sum(blob.c.size), 0))).scalar_one()
            spare = connection.execute(
                select(blob.c.sha256, blob.c.size)
                .where(blob.c.state.in_(_SPARE), blob.c.sha256 != spared)
                .order_by(blob.c.created_at, blob.c.sha256)
            ).all()
            for row in spare:
                if size <= budget:
                    break
                _drop(connection, [row.sha256])
                size -= row.size
        self._known = None

    def _find(self, connection: Connection, name: str) -> Blob | None:
        row = connection.execute(select(blob).where(blob.c.sha256 == name)).one_or_none()
        return None if row is None else _blob(row)


def _blob(row: Any) -> Blob:
    refusal = from_json(row.refusal) if row.refusal else None
    return Blob(
        row.sha256, row.media_type, row.size, row.created_at, row.state, row.offset,
        Refusal(refusal["code"], refusal["fields"]) if refusal else None,
    )  # fmt: skip


def _insert(
    connection: Connection, name: str, media_type: str, size: int, now: int, state: BlobState
) -> None:
    values = {
        "sha256": name,
        "media_type": media_type,
        "size": size,
        "created_at": now,
        "state": state,
        "offset": 0,
    }
    connection.execute(insert(blob), values)


def _set(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(blob).where(blob.c.sha256 == name).values(values))


def _write(connection: Connection, name: str, start: int, content: bytes) -> None:
    rows = [(name, start + at, content[at : at + PART]) for at in range(0, len(content), PART)]
    connection.exec_driver_sql("INSERT INTO part (sha256, offset, bytes) VALUES (?, ?, ?)", rows)


def _drop(connection: Connection, names: Collection[str]) -> None:
    for table in (part, blob):
        connection.execute(delete(table).where(table.c.sha256.in_(names)))
