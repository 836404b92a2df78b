"""The HTTP edge: routes, limits and the form of a refusal. What is decided stands elsewhere."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import randint
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from shared.errors import Refusal, refused
from sync_server.adapters.drop import DropFolder, watch_folder
from sync_server.admission import COME_AGAIN_S, Admission
from sync_server.arrivals import assess_arrivals
from sync_server.handlers.blob import ask_blob, get_blob, put_blob
from sync_server.handlers.bring import bring
from sync_server.handlers.digest import digest
from sync_server.handlers.enrol import enrol
from sync_server.handlers.events import events
from sync_server.handlers.health import healthz
from sync_server.handlers.live import live
from sync_server.handlers.openapi import openapi
from sync_server.handlers.record import customer, lookup, timeline
from sync_server.handlers.refused import refused_rows, replay_refused
from sync_server.handlers.sync import sync
from sync_server.hooks import Sending
from sync_server.live import Live
from sync_server.static import WebApp
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.throttle import Throttle
from sync_server.turning import turn_days
from sync_server.watch import watch

READS_A_MINUTE: Final = 3_000
"""Requests of one other system for the record; devices come first."""
log = logging.getLogger("fieldbook")


@dataclass(slots=True)
class Services:
    """What the handlers work with; `request.app.state.services` has it."""

    database: Database
    clock: Callable[[], int]
    """Milliseconds since 1970-01-01 UTC."""
    live: Live = field(default_factory=Live)
    exchanges: Admission = field(default_factory=Admission)
    drop: DropFolder | None = None
    """Where other systems put their files, if anywhere."""
    sending: Sending | None = None
    """Where the server may send changes to, if anywhere."""
    enrolments: Throttle = field(default_factory=lambda: Throttle(limit=10, window_ms=60_000))
    reads: Throttle = field(default_factory=lambda: Throttle(READS_A_MINUTE, window_ms=60_000))


def make_app(services: Services, webapp: Path | None = None) -> Starlette:
    """Build the ASGI application; `webapp` is the folder of the built web app."""
    app = Starlette(
        routes=_routes(webapp),
        exception_handlers={
            Refusal: _refused,
            DatabaseUnavailable: _unavailable,
            HTTPException: _other,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
        lifespan=_lifespan,
    )
    app.state.services = services
    return app


def _routes(webapp: Path | None) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        Route("/v1/sync", sync, methods=["POST"]),
        Route("/v1/digest", digest, methods=["POST"]),
        Route("/v1/live", live, methods=["GET"]),
        Route("/v1/enrol", enrol, methods=["POST"]),
        Route("/v1/customers/lookup", lookup, methods=["POST"]),
        Route("/v1/customers/{id}", customer, methods=["GET"]),
        Route("/v1/customers/{id}/timeline", timeline, methods=["GET"]),
        Route("/v1/events", events, methods=["GET"]),
        Route("/v1/import/{kind}", bring, methods=["POST"]),
        Route("/v1/refused-rows", refused_rows, methods=["GET"]),
        Route("/v1/refused-rows/replay", replay_refused, methods=["POST"]),
        Route("/v1/blob/{sha256}", ask_blob, methods=["HEAD"]),
        Route("/v1/blob/{sha256}", put_blob, methods=["PUT"]),
        Route("/v1/blob/{sha256}", get_blob, methods=["GET"]),
        Route("/v1/openapi.json", openapi, methods=["GET"]),
        Route("/healthz", healthz, methods=["GET"]),
    ]
    if webapp is not None:
        routes.append(Route("/", lambda _: RedirectResponse("/app/"), methods=["GET"]))
        routes.append(Mount("/app", WebApp(webapp)))
    return routes


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in _in_the_background(app.state.services)]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _in_the_background(services: Services) -> Iterator[Coroutine[None, None, None]]:
    yield watch(services.database, services.live)
    yield turn_days(services.database, services.clock)
    tell = services.live.teller(asyncio.get_running_loop())
    yield assess_arrivals(services.database, services.clock, tell)
    if services.sending is not None:
        from sync_server.courier import Courier  # its httpx takes 7 MB, and few branches send

        yield Courier(services.database, services.live, services.clock, services.sending).run()
    if services.drop is not None:
        yield watch_folder(services.drop, services.database, services.clock, tell)


def _body(refusal: Refusal) -> dict[str, object]:
    return {
        "code": refusal.code,
        "fields": dict(refusal.fields),
        "zh": refusal.sentence("zh"),
        "en": refusal.sentence("en"),
    }


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    # The answer to a HEAD has no body to say it in.
    headers = {"refusal": error.code}
    if error.wait_s:
        headers["retry-after"] = f"{error.wait_s:.0f}"
    return JSONResponse(_body(error), error.status, headers=headers)


async def _unavailable(request: Request, error: Exception) -> Response:
    log.error("the database cannot be written or read: %s", error)
    refusal = refused("unavailable", reason="database")
    refusal.wait_s = randint(*COME_AGAIN_S)
    return await _refused(request, refusal)


async def _other(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    answer = await _refused(request, refused(code))
    answer.headers.update(error.headers or {})
    return answer


async def _failed(request: Request, _error: Exception) -> Response:
    """A bug: it is logged with where it arose, and whoever sent something knows it is safe."""
    return await _refused(request, refused("server_failed"))


async def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody hears this answer: the link broke while the request was on its way, as links do."""
    return Response(status_code=400)
