"""GET /v1/live: a line that stays open and says when to come and ask."""

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.sync.protocol import write
from sync_server.handlers.caller import bearer
from sync_server.store.database import Database
from sync_server.store.identity import device_of
from sync_server.store.scopes import granted


async def live(request: Request) -> Response:
    """Keep a line open to a device; EventSource cannot send a token, a streaming fetch can."""
    services = request.app.state.services
    device_id, scopes = await run_in_threadpool(_caller, services.database, bearer(request))
    lines = _lines(services.live.listen(device_id, scopes))
    return StreamingResponse(
        lines, media_type="application/x-ndjson", headers={"cache-control": "no-store"}
    )


def _caller(database: Database, token: str) -> tuple[str, list[str]]:
    with database.reading() as connection:
        known = device_of(connection, token)
        return known.device_id, list(granted(connection, known.employee_id))


async def _lines(words: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for word in words:
        yield write({"line": word}) + b"\n"
