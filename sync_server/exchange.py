"""One exchange on the server's side: take in what a device brings, then give what it lacks.

Free of HTTP, so that a test or a simulation holds the very same exchange without a socket.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from shared.domain import DeviceState
from shared.errors import refused
from shared.registry import REGISTRY
from shared.sync.protocol import PROTOCOL, SCHEMA, SyncRequest, Verdict, read_request, write
from shared.sync.ruling import Caller
from sync_server.store.database import Database
from sync_server.store.feed import Feed, unseal
from sync_server.store.identity import KnownDevice, device_of
from sync_server.store.ingest import accept, actor_of
from sync_server.store.schema import device
from sync_server.store.scopes import granted
from sync_server.store.unit_of_work import UnitOfWork

ANSWER_BYTES: Final = 8 * 1024 * 1024
"""Of pages in one answer; past that the device is asked to come again: memory stays bounded."""
SEEN_EVERY_MS: Final = 60_000
"""How often a device's last word is written down when nothing else is to be said."""


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
        known = device_of(connection, token)
    verdicts, poke = _take_in(database, known, request, now)
    return Answer(_lines(database, known, request, verdicts, now), poke)


def _take_in(
    database: Database, known: KnownDevice, request: SyncRequest, now: int
) -> tuple[list[Verdict], Poke | None]:
    if not request["txns"] and not _has_news(known, request, now):
        return [], None
    try:
        return _accept(database, known, request, now)
    except IntegrityError:
        # Another connection brought the same operations at the same moment; now they are known.
        return _accept(database, known, request, now)


def _has_news(known: KnownDevice, request: SyncRequest, now: int) -> bool:
    return _waiting(request) != known.pending or now - known.last_seen > SEEN_EVERY_MS


def _waiting(request: SyncRequest) -> int:
    """How much is still only on the device once this exchange is through."""
    sent = sum(len(txn["ops"]) for txn in request["txns"])
    return max(0, request["device"]["pending"] - sent)


def _accept(
    database: Database, known: KnownDevice, request: SyncRequest, now: int
) -> tuple[list[Verdict], Poke | None]:
    with database.writing() as connection:
        scopes = frozenset(granted(connection, known.employee_id))
        caller = Caller(known.employee_id, known.device_id, known.role, scopes)
        unit = UnitOfWork(connection, actor_of(caller), now)
        if _has_news(known, request, now):
            _note_device(unit, known, request, now)
        accepted = accept(unit, request["txns"], caller)
    if accepted.seq is None:
        return accepted.verdicts, None
    return accepted.verdicts, Poke(accepted.seq, accepted.scopes, known.device_id)


def _note_device(unit: UnitOfWork, known: KnownDevice, request: SyncRequest, now: int) -> None:
    """Write down what the device reports; supervisors read it as a device state."""
    status = request["device"]
    waiting = _waiting(request)
    oldest = status["oldest_pending_at"] if waiting > 0 else None
    unit.connection.execute(
        update(device)
        .where(device.c.id == known.device_id)
        .values(
            pending=waiting,
            oldest_pending_at=oldest,
            skew_ms=status["sent_at"] - now,
            last_seen=now,
        )
    )
    state = DeviceState(known.device_id, known.employee_id, waiting, now, oldest)
    unit.import_rows(REGISTRY["device_state"], [asdict(state)])


def _lines(
    database: Database,
    known: KnownDevice,
    request: SyncRequest,
    verdicts: list[Verdict],
    now: int,
) -> Iterator[bytes]:
    if verdicts:
        yield write({"line": "verdicts", "verdicts": verdicts})
    with database.reading() as connection:
        feed = Feed(
            connection,
            database.cursor_key,
            granted(connection, known.employee_id),
            unseal(request["cursor"], database.cursor_key, database.generation),
            request["cursor"],
        )
        yield write(
            {"line": "head", "generation": database.generation, "upto": feed.upto, "now": now}
        )
        if request["schema"] < SCHEMA:
            yield _end(more=False, code="upgrade")
            return
        size = 0
        for page in feed.pages():
            yield page
            size += len(page)
            if size > ANSWER_BYTES:
                break
        yield _end(more=feed.cursor.seq < feed.upto or bool(feed.cursor.joining))


def _end(*, more: bool, code: str | None = None) -> bytes:
    end = {"line": "end", "more": more, "backoff_ms": 0}
    return write(end | ({"code": code} if code else {}))
