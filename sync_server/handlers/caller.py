"""Who calls: the bearer token of a request, and the system account that it belongs to."""

from typing import Any

from starlette.requests import Request

from shared.errors import refused
from sync_server.outward import Right
from sync_server.store.identity import System, system_of


def bearer(request: Request) -> str:
    """Return the bearer token, or refuse."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refused("sign_in")
    return token


def reading_system(services: Any, token: str, right: Right) -> System:
    """Return the system of a token and count its request; refuse who may not, or asks too often."""
    with services.database.reading() as connection:
        system = system_of(connection, token, right)
    services.reads.count(system.name, services.clock())
    return system
