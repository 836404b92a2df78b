"""GET /v1/customers/...: the shared record, for other systems of the bank."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.errors import refused
from sync_server.handlers.caller import bearer
from sync_server.store.database import Database
from sync_server.store.identity import system_of
from sync_server.store.record import customer_record, timeline_page

_MOST = 200


async def customer(request: Request) -> Response:
    """Answer with one customer as the record has it."""
    services = request.app.state.services
    found = await run_in_threadpool(
        _customer, services.database, bearer(request), _id(request.path_params["id"])
    )
    return JSONResponse(found)


async def timeline(request: Request) -> Response:
    """Answer with a customer's contacts through all channels, latest first, in pages."""
    services = request.app.state.services
    query = request.query_params
    found = await run_in_threadpool(
        _timeline,
        services.database,
        bearer(request),
        _id(request.path_params["id"]),
        _limit(query.get("limit", "50")),
        _id(query["after"]) if "after" in query else None,
    )
    return JSONResponse(found)


def _id(text: str) -> str:
    """Return an id as it came in an address; PostgreSQL would not even look for one with a NUL."""
    if "\x00" in text:
        raise refused("not_found")
    return text


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise refused("malformed", path="limit", problem=f"a number from 1 to {_MOST}")
    return int(text)


def _customer(database: Database, token: str, id: str) -> dict[str, Any]:
    with database.reading() as connection:
        system_of(connection, token)
        return customer_record(connection, id)


def _timeline(
    database: Database, token: str, id: str, limit: int, after: str | None
) -> dict[str, Any]:
    with database.reading() as connection:
        system_of(connection, token)
        return timeline_page(connection, id, limit, after)
