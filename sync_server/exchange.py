"""One exchange on the server's side: take in what a device brings, then give what it lacks.

Free of HTTP, so that a test or a simulation holds the very same exchange without a socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

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
from sync_server.store.feed import Feed, unseal
from sync_server.store.identity import KnownDevice, known_device
from sync_server.store.intake import has_news, take_in
from sync_server.store.scopes import granted

ANSWER_BYTES: Final = 8 * 1024 * 1024
"""Of pages in one answer; past that the device is asked to come again: memory stays bounded."""


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
    request = read_request(body)
    if request["proto"] != PROTOCOL:
        raise refused("malformed", path="proto", problem=f"this server speaks {PROTOCOL}")
    with database.reading() as connection:
        known = known_device(connection, token)
    if not known.welcome and not request["txns"]:
        raise refused("device_revoked")
    verdicts, poke = _take_in(database, known, request, now)
    return Answer(_lines(database, known, request, verdicts, now), poke)


def _take_in(
    database: Database, known: KnownDevice, request: SyncRequest, now: int
) -> tuple[list[Verdict], Poke | None]:
    brings = request["txns"] or request.get("receipts")
    if not brings and not has_news(known, request["device"], now):
        return [], None
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
    with database.reading() as connection:
        feed = Feed(
            connection,
            database.cursor_key,
            granted(connection, known.employee_id),
            unseal(request["cursor"], database.cursor_key, database.generation),
            request["cursor"],
            date.fromtimestamp(now / 1000).isoformat(),  # noqa: DTZ012 - the branch's own day
        )
        yield write(_head(database, feed.upto, now, request))
        if verdicts:
            yield write({"line": "verdicts", "verdicts": verdicts})
        if not known.welcome:
            yield _end(more=False, code="revoked")
            return
        if request["schema"] < OLDEST_TO_PULL:
            yield _end(more=False, code="upgrade")
            return
        size = 0
        for page in feed.pages():
            yield page
            size += len(page)
            if size > ANSWER_BYTES:
                break
        yield _end(more=not feed.is_done)


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
