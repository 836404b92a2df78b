"""Refused rows: what an import could not take, kept until it is taken after all, mended or dropped.

Theory of operation. A row is known by a keyed digest of what it says. The same row of the same
sender is therefore kept once, however often its file comes, and a row that is taken later, from
whichever file, settles the one that is kept. What a row says is sealed, for it holds identity
numbers that belong to nobody in the record yet. It is wiped as soon as the row is settled.

What is kept is bounded: so many rows of a file, so many in all, each for so long. What is beyond
that is still told by its line, and stands in the sender's file alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, or_, select, update

from shared.errors import Refusal
from sync_server.store.rows import insert_rows
from sync_server.store.schema import refused_row
from sync_server.store.sealing import Sealing

MOST_OF_FILE: Final = 10_000
"""Rows; a file with more is wrong as a whole, and is sent again when it is right."""
MOST: Final = 200_000
"""Rows that are open at a time, of all files."""
LIFE_MS: Final = 90 * 24 * 3_600_000

Content = Mapping[str, str] | str
"""What a row says: its cells by column, or the text of a line that cannot be read."""


class Standing(StrEnum):
    """Where a kept row stands."""

    OPEN = "open"
    TAKEN = "taken"
    """A later import or a replay took it."""
    REPLACED = "replaced"
    """It was corrected, and the correction was refused and is kept in its place."""
    DROPPED = "dropped"
    """Somebody gave it up; the same row again is told, and not kept."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Whose rows, of which kind and file, and when they came (ms)."""

    kind: str
    sender: str
    file: str
    at: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is refused just now; `what` names the thing that it is about, as reports do."""

    line: int
    content: Content
    what: str
    why: Refusal
    about: str | None = None
    """A digest of the thing; None where a later row of the same takes nothing's place."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that is kept, with where it was first refused and why it was last."""

    digest: str
    sending: Sending
    refused: Refused


@dataclass(frozen=True, slots=True)
class Which:
    """Which of the open rows are meant; what is None does not matter."""

    kind: str | None = None
    file: str | None = None
    code: str | None = None
    sender: str | None = None
    digests: Collection[str] | None = None
    about: Collection[str] | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what a row must meet."""
        table = refused_row.c
        yield table.state == Standing.OPEN
        if self.digests is not None:
            yield table.digest.in_(sorted(self.digests))
        if self.about is not None:
            yield table.about.in_(sorted(self.about))
        for name in ("kind", "file", "code", "sender"):
            if (value := getattr(self, name)) is not None:
                yield table[name] == value


class RefusedRows:
    """The refused rows of a database, inside a transaction; `secret` is its own key."""

    def __init__(self, connection: Connection, secret: bytes) -> None:
        self._connection = connection
        self._sealing = Sealing(secret, b"refused rows")

    def digest(self, kind: str, content: Content) -> str:
        """Return what a row of a kind is known by: 32 hex digits."""
        said = content if isinstance(content, str) else sorted(content.items())
        return self._sealing.digest([kind, said])

    def is_any_open(self, kind: str) -> bool:
        """Whether a row of a kind waits; an import of good rows then has nothing to settle."""
        table = refused_row.c
        some = select(table.digest).where(table.kind == kind, table.state == Standing.OPEN).limit(1)
        return self._connection.execute(some).first() is not None

    def keep(self, sending: Sending, refused: Sequence[Refused], room: int) -> int:
        """Keep rows, at most `room` that were not kept before; return how many are kept now.

        One that is kept already is left as it is, but for a reason that is another now.
        """
        digests = [self.digest(sending.kind, each.content) for each in refused]
        wanted = dict(zip(reversed(digests), reversed(refused), strict=True))
        known = self._known(sending.sender, wanted)
        held = {digest for digest, row in known.items() if row["state"] == Standing.OPEN}
        given_up = {digest for digest, row in known.items() if row["state"] == Standing.DROPPED}
        fresh = [each for each in dict.fromkeys(digests) if each not in held | given_up]
        fresh = fresh[: max(0, min(room, MOST - self._how_many()))] if fresh else []
        self._forget(sending.sender, [digest for digest in fresh if digest in known])
        self._insert(sending, {digest: wanted[digest] for digest in fresh})
        for digest in sorted(held):
            self._bring_up(known[digest], wanted[digest])
        return sum(digest in held or digest in fresh for digest in digests)

    def _known(self, sender: str, digests: Collection[str]) -> dict[str, RowMapping]:
        table = refused_row.c
        mine = select(refused_row).where(table.sender == sender, table.digest.in_(sorted(digests)))
        return {row["digest"]: row for row in self._connection.execute(mine).mappings()}

    def _how_many(self) -> int:
        every = select(func.count()).where(refused_row.c.state == Standing.OPEN)
        return int(self._connection.execute(every).scalar_one())

    def _forget(self, sender: str, digests: Sequence[str]) -> None:
        table = refused_row.c
        if digests:
            settled = delete(refused_row).where(table.sender == sender, table.digest.in_(digests))
            self._connection.execute(settled)

    def _insert(self, sending: Sending, refused: Mapping[str, Refused]) -> None:
        rows = [
            (
                digest,
                sending.sender,
                sending.kind,
                sending.file,
                each.line,
                each.why.code,
                each.about,
                self._seal(digest, each),
                str(Standing.OPEN),
                sending.at,
                None,
                None,
            )
            for digest, each in refused.items()
        ]
        insert_rows(self._connection, refused_row, rows)

    def _bring_up(self, row: RowMapping, refused: Refused) -> None:
        """Give a kept row the reason that it is refused for now."""
        before = self._opened(row)
        if (before.why, before.what) == (refused.why, refused.what):
            return
        sealed = self._seal(row["digest"], refused)
        table = refused_row.c
        mine = table.digest == row["digest"], table.sender == row["sender"]
        changed = update(refused_row).where(*mine).values(code=refused.why.code, sealed=sealed)
        self._connection.execute(changed)

    def settle(self, kind: str, digests: Collection[str], as_: Standing, by: str, now: int) -> int:
        """Settle the open rows of a kind with these digests; return how many there were."""
        return self.settle_all(Which(kind=kind, digests=digests), as_, by, now) if digests else 0

    def settle_all(self, which: Which, as_: Standing, by: str, now: int) -> int:
        """Settle open rows and wipe what they say; return how many there were."""
        settled = {"state": str(as_), "sealed": None, "settled_at": now, "settled_by": by}
        statement = update(refused_row).where(*which.conditions()).values(settled)
        return int(self._connection.execute(statement).rowcount)

    def order(self, which: Which) -> list[str]:
        """Return the digests of open rows, as their files had them: by file, in order of lines."""
        table = refused_row.c
        by = table.kind, table.sender, table.at, table.file, table.line, table.digest
        found = select(table.digest).where(*which.conditions()).order_by(*by)
        return list(dict.fromkeys(self._connection.execute(found).scalars()))

    def kept(self, which: Which, most: int | None = None) -> list[Kept]:
        """Return open rows whole, in the order of `order`."""
        table = refused_row.c
        by = table.kind, table.sender, table.at, table.file, table.line, table.digest
        found = select(refused_row).where(*which.conditions()).order_by(*by).limit(most)
        return [self._kept(row) for row in self._connection.execute(found).mappings()]

    def counts(self, which: Which) -> list[dict[str, Any]]:
        """Return how many rows are open by kind, sender, file and reason, the oldest first."""
        table = refused_row.c
        by = table.kind, table.sender, table.file, table.code
        since = func.min(table.at).label("since")
        found = (
            select(*by, func.count().label("rows"), since)
            .where(*which.conditions())
            .group_by(*by)
            .order_by(since, *by)
        )
        return [dict(row) for row in self._connection.execute(found).mappings()]

    def _kept(self, row: RowMapping) -> Kept:
        sending = Sending(row["kind"], row["sender"], row["file"], row["at"])
        return Kept(row["digest"], sending, self._opened(row))

    def _seal(self, digest: str, refused: Refused) -> bytes:
        said = [refused.content, refused.what, dict(refused.why.fields)]
        return self._sealing.seal(said, digest)

    def _opened(self, row: RowMapping) -> Refused:
        content, what, fields = self._sealing.opened(bytes(row["sealed"]), row["digest"])
        why = Refusal(row["code"], fields)
        return Refused(row["line"], content, what, why, row["about"])


def forget_refused(connection: Connection, now: int) -> None:
    """Delete what is older than it is kept, settled or not."""
    table = refused_row.c
    old = now - LIFE_MS
    connection.execute(delete(refused_row).where(or_(table.at < old, table.settled_at < old)))
