"""GET /healthz: is the server up, and can it read its database."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync_server.store.database import Database
from sync_server.store.rows import head


async def healthz(request: Request) -> Response:
    """Answer with the head of the change log; 503 when the database cannot be read."""
    services = request.app.state.services
    seq = await run_in_threadpool(_head, services.database)
    return JSONResponse({"status": "ok", "seq": seq, "listening": len(services.live.listeners)})


def _head(database: Database) -> int:
    with database.reading() as connection:
        return head(connection)
