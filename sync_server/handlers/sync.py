"""POST /v1/sync: the exchange."""

from collections.abc import Iterator
from itertools import chain

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.errors import refused
from shared.sync.protocol import MAX_BODY
from sync_server.encoding import SMALL, choose, decode, encode
from sync_server.exchange import Answer, hold
from sync_server.handlers.caller import bearer
from sync_server.store.database import Database

_CHUNK = 64 * 1024
"""Bytes; the verdicts of a full batch are more, and go out before the pages are read."""
_NDJSON = "application/x-ndjson"


async def sync(request: Request) -> Response:
    """Hold one exchange; a short answer goes out whole, a long one as it is read."""
    services = request.app.state.services
    token, encoding = bearer(request), request.headers.get("content-encoding", "")
    body = await read_bounded(request)
    with services.exchanges.admitted():
        answer = await run_in_threadpool(
            _hold, services.database, token, body, encoding, services.clock()
        )
    if answer.poke is not None:  # before this device is answered: others should not wait for it
        services.live.poke(answer.poke)
    first, rest = await run_in_threadpool(_begin, answer.lines)
    accepted = choose(request.headers.get("accept-encoding", "")) if len(first) > SMALL else ""
    headers = {"content-encoding": accepted} if accepted else {}
    if rest is None:  # whole already: no more hops between threads, which cost what a save takes
        return Response(b"".join(encode([first], accepted)), media_type=_NDJSON, headers=headers)
    chunks = encode(chain([first], rest), accepted)
    return StreamingResponse(iterate_in_threadpool(chunks), media_type=_NDJSON, headers=headers)


async def read_bounded(request: Request, limit: int = MAX_BODY) -> bytes:
    """Read a request's body, and stop as soon as it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise refused("too_large")
        parts.append(part)
    return b"".join(parts)


def _hold(database: Database, token: str, body: bytes, encoding: str, now: int) -> Answer:
    return hold(database, token, decode(body, encoding), now)


def _begin(lines: Iterator[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    """Read the first chunk of an answer, and what comes after it unless that was all."""
    chunks = _chunks(lines)
    first = next(chunks, b"")
    return first, None if len(first) < _CHUNK else chunks


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    gathered, size = [], 0
    for line in lines:
        gathered.append(line + b"\n")
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
