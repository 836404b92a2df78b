"""POST /v1/digest: one question of a comparison."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from sync_server.comparison import answer
from sync_server.encoding import SMALL, choose, decode, encode
from sync_server.handlers.caller import bearer
from sync_server.handlers.sync import read_bounded
from sync_server.store.database import Database


async def digest(request: Request) -> Response:
    """Answer with what differs, or with what makes it equal."""
    token, encoding = bearer(request), request.headers.get("content-encoding", "")
    body = await read_bounded(request)
    database = request.app.state.services.database
    found = await run_in_threadpool(_answer, database, token, body, encoding)
    accepted = choose(request.headers.get("accept-encoding", "")) if len(found) > SMALL else ""
    headers = {"content-encoding": accepted} if accepted else {}
    content = b"".join(encode([found], accepted))
    return Response(content, media_type="application/json", headers=headers)


def _answer(database: Database, token: str, body: bytes, encoding: str) -> bytes:
    return answer(database, token, decode(body, encoding))
