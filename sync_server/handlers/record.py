"""GET /v1/customers/...: the shared record, for other systems of the bank.

Every answer has an ETag, so that who holds it already is sent nothing; every read is noted before
it is answered.
"""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic.types import StringConstraints
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from shared.errors import refused
from shared.sync.protocol import malformed
from sync_server.handlers.caller import bearer, reading_system
from sync_server.handlers.sync import read_bounded
from sync_server.outward import Right
from sync_server.store.access import Access, note_accesses
from sync_server.store.record import (
    customer_record,
    customers_known_by,
    timeline_page,
    who_goes_on,
)

_MOST: Final = 200
_LIMIT: Final = 4_096
Ask = Callable[[Any, frozenset[Right]], dict[str, Any]]
"""Reads from a connection what an account with these rights may see."""


@with_config(ConfigDict(extra="forbid", strict=True))
class Lookup(TypedDict):
    """By which number a customer is looked for; in a body, so that no log of addresses has it."""

    kind: Literal["id_card", "uscc", "passport", "bank_card", "phone"]
    value: Annotated[str, StringConstraints(min_length=4, max_length=60)]


_lookup: TypeAdapter[Lookup] = TypeAdapter(Lookup)


async def customer(request: Request) -> Response:
    """Answer with one customer as the record has it."""
    id = _id(request.path_params["id"])
    return await _answered(
        request, "record", id, lambda connection, rights: customer_record(connection, id, rights)
    )


async def lookup(request: Request) -> Response:
    """Answer with the customers whom a number belongs to."""
    try:
        wanted = _lookup.validate_json(await read_bounded(request, _LIMIT))
    except ValidationError as error:
        raise malformed(error) from None

    def ask(connection: Any, rights: frozenset[Right]) -> dict[str, Any]:
        found = customers_known_by(connection, wanted["kind"], wanted["value"], rights)
        return {"customers": found}

    return await _answered(request, "lookup", None, ask)


async def timeline(request: Request) -> Response:
    """Answer with a customer's contacts through all channels, latest first, in pages."""
    id, query = _id(request.path_params["id"]), request.query_params
    limit = limit_of(query.get("limit", "50"), _MOST)
    # `after` is what the cursor was called in 0.1.0.
    cursor = query.get("cursor", query.get("after"))
    after = None if cursor is None else _id(cursor)
    return await _answered(
        request,
        "timeline",
        id,
        lambda connection, rights: timeline_page(connection, id, limit, after, rights),
    )


def limit_of(text: str, most: int) -> int:
    """Return how many are asked for, or refuse what is no such number."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise refused("malformed", path="limit", problem=f"a number from 1 to {most}")
    return int(text)


def _id(text: str) -> str:
    """Return an id as it came in an address; PostgreSQL would not even look for one with a NUL."""
    if "\x00" in text:
        raise refused("not_found")
    return text


async def _answered(request: Request, what: str, customer_id: str | None, ask: Ask) -> Response:
    services, token = request.app.state.services, bearer(request)
    found = await run_in_threadpool(_read, services, token, what, customer_id, ask)
    return _tagged(request, found)


def _read(
    services: Any, token: str, what: str, customer_id: str | None, ask: Ask
) -> dict[str, Any]:
    system = reading_system(services, token, "record")
    with services.database.reading() as connection:
        found = ask(connection, system.rights)
        whom = (
            [who_goes_on(connection, customer_id)]
            if customer_id
            else [each["id"] for each in found["customers"]]
        )
    reads = [Access(system.name, what, id) for id in whom or [None]]
    note_accesses(services.database, reads, services.clock())
    return found


def _tagged(request: Request, found: dict[str, Any]) -> Response:
    """Answer with what was found, or 304 to who has just that; its version begins the tag."""
    content = to_json(found)
    digest = hashlib.sha256(content).hexdigest()[:16]
    tag = f'"{found.get("version", "")}-{digest}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
