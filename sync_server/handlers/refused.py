"""/v1/refused-rows: what of a system's own files was refused and waits, and trying it again.

A system sees the rows that it sent itself, by what they are about and why they were refused; what
they say it has, and no answer repeats it. It corrects one by sending it again, with the number of
the refused row beside it, as any other file.
"""

import asyncio
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Tell
from sync_server.adapters.replay import replay
from sync_server.handlers.caller import bearer
from sync_server.handlers.record import limit_of
from sync_server.store.identity import system_of
from sync_server.store.refused_rows import Kept, RefusedRows, Which

MOST: Final = 1_000
"""Rows of one answer."""


async def refused_rows(request: Request) -> Response:
    """Answer with what waits: counts by kind, file and reason, and the first rows."""
    services = request.app.state.services
    most = limit_of(request.query_params.get("limit", "100"), MOST)
    return JSONResponse(await run_in_threadpool(_waiting, services, request, most))


async def replay_refused(request: Request) -> Response:
    """Try rows again as they stand; answer with a report on each file."""
    services = request.app.state.services
    tell = services.live.teller(asyncio.get_running_loop())
    return JSONResponse(await run_in_threadpool(_replayed, services, request, tell))


def _waiting(services: Any, request: Request, most: int) -> dict[str, Any]:
    database = services.database
    with database.reading() as connection:
        which = _which(connection, request)
        rows = RefusedRows(connection, database.cursor_key)
        counts = [
            {name: count[name] for name in ("kind", "file", "code", "rows", "since")}
            for count in rows.counts(which)
        ]
        return {"counts": counts, "rows": [_shown(each) for each in rows.kept(which, most)]}


def _replayed(services: Any, request: Request, tell: Tell) -> dict[str, Any]:
    with services.database.reading() as connection:
        which = _which(connection, request)
    files = replay(services.database, which, services.clock(), tell)
    return {"files": [{"file": each.file} | each.report.as_json() for each in files]}


def _which(connection: Any, request: Request) -> Which:
    """Return which rows are asked for: at most those of the system that asks."""
    system = system_of(connection, bearer(request), "import")
    # PostgreSQL would not even look for a text with a NUL.
    query = {name: value.replace("\0", "") for name, value in request.query_params.items()}
    kind = query.get("kind")
    return Which(
        kind=None if kind is None else kind_named(kind).name,
        file=query.get("file"),
        code=query.get("code"),
        sender=system.name,
    )


def _shown(kept: Kept) -> dict[str, Any]:
    sending, refused = kept.sending, kept.refused
    return {
        "refused": kept.digest,
        "kind": sending.kind,
        "file": sending.file,
        "line": refused.line,
        "at": sending.at,
        "what": refused.what,
        "code": refused.why.code,
        "zh": refused.why.sentence("zh"),
        "en": refused.why.sentence("en"),
    }
