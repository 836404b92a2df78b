"""One exchange on the server's side: take in what a device brings, then give what it lacks.

Free of HTTP, so that a test or a simulation holds the very same exchange without a socket.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from shared.domain.days import bank_day
from shared.errors import refused
from shared.sync.protocol import (
    OLDEST_TO_PULL,
    PROTOCOL,
    SCHEMA,
    HeadLine,
    SyncRequest,
    Verdict,
    read_request,
    write,
)
from sync_server.store.database import Database
from sync_server.store.feed import Feed, is_current, unseal
from sync_server.store.identity import KnownDevice
from sync_server.store.intake import has_news, take_in
from sync_server.store.rows import head
from sync_server.store.scopes import granted
from sync_server.store.standing import Standing, standing

ANSWER_BYTES: Final = 8 * 1024 * 1024
"""Of pages in one answer; past that the device is asked to come again."""
SNAPSHOT_BYTES: Final = 256 * 1024
"""Of pages read from one snapshot, or a page more; then it is let go, and the next one goes on
from the cursor as the next exchange would. A slow reader holds no connection, and no more memory.
"""
MANY: Final = 100
"""Verdicts; so many go out before any page is read, for their work waits for them."""
NOTHING: Final = -1
"""Less than the smallest page."""


@dataclass(frozen=True, slots=True)
class Poke:
    """Whom a commit concerns: everyone who holds one of the scopes, but for its sender."""

    seq: int
    scopes: frozenset[str]
    device_id: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device is told, line by line, and who else should be poked."""

    lines: Iterator[bytes]
    poke: Poke | None


def hold(database: Database, token: str, body: bytes, now: int) -> Answer:
    """Hold one exchange; raise Refusal for one that is malformed or not permitted."""
    stands = standing(database, token)
    known = stands.device
    # After that: to read a body made for it can cost fifty times its size in memory.
    request = read_request(body)
    if request["proto"] != PROTOCOL:
        raise refused("malformed", path="proto", problem=f"this server speaks {PROTOCOL}")
    brings = request["txns"] or request.get("receipts")
    if not known.welcome and not brings and not _knows_of_before(database, request):
        raise refused("device_revoked")
    if not brings and not has_news(known, request["device"], now):
        return Answer(_nothing_written(database, stands, request, now), None)
    verdicts, poke = _take_in(database, known, request, now)
    return Answer(_lines(database, known, request, verdicts, now), poke)


def _knows_of_before(database: Database, request: SyncRequest) -> bool:
    """Whether a device last heard of the record before a restore, and so may have more to send.

    Not even one that is no longer welcome is sent away before the head has told it so: what it
    delivered after the backup is nowhere but there.
    """
    cursor = unseal(request["cursor"], database.cursor_key, database.generation)
    return request["cursor"] is not None and cursor.seq == 0


def _nothing_written(
    database: Database, stands: Standing, request: SyncRequest, now: int
) -> Iterator[bytes]:
    """Answer a device that brings nothing; one that lacks nothing is what most of them are."""
    cursor = unseal(request["cursor"], database.cursor_key, database.generation)
    may_read = stands.device.welcome and request["schema"] >= OLDEST_TO_PULL
    if may_read and is_current(cursor, stands.granted, stands.upto):
        return iter((write(_head(database, stands.upto, now, request)), _end(more=False)))
    return _lines(database, stands.device, request, [], now)


def _take_in(
    database: Database, known: KnownDevice, request: SyncRequest, now: int
) -> tuple[list[Verdict], Poke | None]:
    accepted = database.write(lambda connection: take_in(connection, known, request, now))
    if accepted.seq is None:
        return accepted.verdicts, None
    return accepted.verdicts, Poke(accepted.seq, accepted.scopes, known.device_id)


def _lines(
    database: Database,
    known: KnownDevice,
    request: SyncRequest,
    verdicts: list[Verdict],
    now: int,
) -> Iterator[bytes]:
    code = None if known.welcome else "revoked"
    if known.welcome and request["schema"] < OLDEST_TO_PULL:
        code = "upgrade"
    most = NOTHING if code else ANSWER_BYTES
    begin = _begin(database, verdicts, request, now)
    if len(verdicts) >= MANY:
        with database.reading() as connection:
            upto = head(connection)
        yield from begin(upto)
    more, is_begun = False, len(verdicts) >= MANY
    for feed, pages in _snapshots(database, known, request["cursor"], most, now):
        if not is_begun:
            yield from begin(feed.upto)
        yield from pages
        more, is_begun = not feed.is_done, True
    yield _end(more=more and code is None, code=code)


def _snapshots(
    database: Database, known: KnownDevice, cursor: str | None, most: int, now: int
) -> Iterator[tuple[Feed, list[bytes]]]:
    """Yield pages of `most` bytes, or one page more, each few of them from a snapshot."""
    today = bank_day(now).isoformat()
    is_all = False
    while not is_all:
        with database.reading() as connection:
            feed = Feed(
                connection,
                database.cursor_key,
                granted(connection, known.employee_id),
                unseal(cursor, database.cursor_key, database.generation),
                cursor,
                today,
            )
            pages, is_all = _taken(feed.pages(), min(SNAPSHOT_BYTES, most))
        yield feed, pages
        cursor = feed.after
        most -= sum(map(len, pages))
        is_all = is_all or most < 0


def _taken(pages: Iterator[bytes], most: int) -> tuple[list[bytes], bool]:
    """Take pages of `most` bytes, or one page more; say whether those were all."""
    taken: list[bytes] = []
    while most >= 0:
        page = next(pages, None)
        if page is None:
            return taken, True
        taken.append(page)
        most -= len(page)
    return taken, False


def _begin(
    database: Database, verdicts: list[Verdict], request: SyncRequest, now: int
) -> Callable[[int], Iterator[bytes]]:
    """Return how an answer begins, once it is known up to which seq it is."""

    def begin(upto: int) -> Iterator[bytes]:
        yield write(_head(database, upto, now, request))
        if verdicts:
            yield write({"line": "verdicts", "verdicts": verdicts})

    return begin


def _head(database: Database, upto: int, now: int, request: SyncRequest) -> HeadLine:
    line: HeadLine = {
        "line": "head",
        "generation": database.generation,
        "upto": upto,
        "now": now,
        "schema": SCHEMA,
    }
    if receipts := request.get("receipts"):
        line["receipts"] = [each["id"] for each in receipts]
    return line


def _end(*, more: bool, code: str | None = None) -> bytes:
    end = {"line": "end", "more": more, "backoff_ms": 0}
    return write(end | ({"code": code} if code else {}))
