"""HEAD, PUT and GET /v1/blob/{sha256}: the content of attachments, in parts.

What one employee sends is opened by another, so an answer never lets a browser run it: it is a
download, of the type that its record says and no other, and would have no rights if shown.
"""

from collections.abc import Iterator
from typing import Any, Final

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from shared.blob import MAX_PART, Span, asked_span, blob_name, sent_span
from shared.errors import Refusal, refused
from sync_server.handlers.caller import bearer
from sync_server.handlers.sync import read_bounded
from sync_server.store.access import Access, note_accesses
from sync_server.store.blobs import Content, chunks, readable, receive, told
from sync_server.store.database import Database
from sync_server.store.identity import device_of, system_of

_HARMLESS: Final = {
    "content-disposition": "attachment",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private, no-store",
    "accept-ranges": "bytes",
}


async def ask_blob(request: Request) -> Response:
    """Say from where a device has to send a blob."""
    services, name = request.app.state.services, blob_name(request.path_params["sha256"])
    have = await run_in_threadpool(_told, services.database, bearer(request), name)
    return Response(headers={"upload-offset": str(have), "cache-control": "no-store"})


async def put_blob(request: Request) -> Response:
    """Take one part in, and say from where to go on."""
    services, name = request.app.state.services, blob_name(request.path_params["sha256"])
    token, encoding = bearer(request), request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise refused("unsupported_encoding", encoding=encoding)
    content = await read_bounded(request, MAX_PART)
    span = sent_span(request.headers.get("content-range", ""), len(content))
    have = await run_in_threadpool(
        _put, services.database, token, name, span, content, services.clock()
    )
    return JSONResponse({"have": have, "total": span.total})


async def get_blob(request: Request) -> Response:
    """Answer with a blob, or the part of it that is asked for."""
    services, name = request.app.state.services, blob_name(request.path_params["sha256"])
    found = await run_in_threadpool(_readable, services, bearer(request), name)
    span = asked_span(request.headers.get("range"), found.total)
    return StreamingResponse(
        iterate_in_threadpool(_content(services.database, found, span)),
        status_code=206 if span else 200,
        media_type=found.media_type,
        headers=_headers(found, span),
    )


def _headers(found: Content, span: Span | None) -> dict[str, str]:
    headers = _HARMLESS | {"etag": f'"{found.sha256}"'}
    if span is None:
        return headers | {"content-length": str(found.total)}
    return headers | {"content-length": str(span.size), "content-range": str(span)}


def _content(database: Database, found: Content, span: Span | None) -> Iterator[bytes]:
    return chunks(database, found.sha256, span or Span(0, found.total, found.total))


def _told(database: Database, token: str, name: str) -> int:
    with database.reading() as connection:
        return told(connection, device_of(connection, token), name)


def _put(database: Database, token: str, name: str, span: Span, content: bytes, now: int) -> int:
    with database.reading() as connection:
        known = device_of(connection, token)
    return receive(database, known, name, span, content, now)


def _readable(services: Any, token: str, name: str) -> Content:
    database: Database = services.database
    with database.reading() as connection:
        try:
            return readable(connection, device_of(connection, token).employee_id, name)
        except Refusal as refusal:
            if refusal.code != "sign_in":
                raise
        system = system_of(connection, token, "attachments")
        found = readable(connection, None, name)
    read = Access(system.name, "attachment", found.customer_id, name)
    note_accesses(database, [read], services.clock())
    return found
