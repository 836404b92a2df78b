"""GET /v1/events: what changes in the record, for other systems, in CloudEvents 1.0 batches."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import refused
from sync_server.handlers.caller import bearer, reading_system
from sync_server.handlers.record import limit_of
from sync_server.store.access import Access, note_accesses
from sync_server.store.database import Database
from sync_server.store.events import (
    Batch,
    Place,
    Reader,
    read_events,
    read_types,
    seal_place,
    unseal_place,
)

MOST: Final = 1_000
LONGEST_WAIT_S: Final = 30
"""Below what proxies allow an answer to take."""
MEDIA_TYPE: Final = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks for what."""

    system: str
    reader: Reader
    limit: int


async def events(request: Request) -> Response:
    """Answer with the events after a cursor; where there are none yet, wait for them if asked to.

    The `cursor` of the answer is where to go on.
    """
    services, query = request.app.state.services, request.query_params
    wait = _wait(query.get("wait", "0"))
    database: Database = services.database
    asked = await run_in_threadpool(_asked, services, bearer(request), query)
    place = unseal_place(query.get("cursor"), database.cursor_key, database.generation)
    batch = await _when_there(services, asked, place, wait)
    headers = {
        "cursor": seal_place(batch.place, database.cursor_key, database.generation),
        "cache-control": "no-store",
    }
    return Response(batch.body, media_type=MEDIA_TYPE, headers=headers)


async def _when_there(services: Any, asked: _Asked, place: Place, wait: int) -> Batch:
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    # Whoever listens before looking misses nothing that comes in between.
    with services.live.attending() as news:
        while True:
            news.clear()
            batch = await run_in_threadpool(_read, services, asked, place)
            left = until - loop.time()
            if batch.events or not batch.is_all or left <= 0 or services.live.closing:
                return batch
            try:
                async with asyncio.timeout(left):
                    await news.wait()
            except TimeoutError:
                return batch


def _asked(services: Any, token: str, query: Mapping[str, str]) -> _Asked:
    system = reading_system(services, token, "events")
    reader = Reader(system.rights, read_types(query.get("types", "")))
    return _Asked(system.name, reader, limit_of(query.get("limit", "100"), MOST))


def _wait(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:9]) > LONGEST_WAIT_S:
        raise refused("malformed", path="wait", problem=f"seconds from 0 to {LONGEST_WAIT_S}")
    return int(text)


def _read(services: Any, asked: _Asked, place: Place) -> Batch:
    database: Database = services.database
    with database.reading() as connection:
        batch = read_events(connection, database.generation, place, asked.reader, asked.limit)
    if batch.first is not None:
        first, last = batch.first, batch.place
        extent = f"{first.seq}.{first.ord}-{last.seq}.{last.ord}"
        note_accesses(database, [Access(asked.system, "events", extent=extent)], services.clock())
    return batch
