"""POST /v1/import/{kind}: a file of another system of the bank, answered with what came of it."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.errors import refused
from sync_server.adapters.kinds import Kind, kind_named
from sync_server.adapters.load import Sender, Tell, load
from sync_server.adapters.report import Report
from sync_server.adapters.whole import ends
from sync_server.handlers.caller import bearer
from sync_server.store.database import Database
from sync_server.store.identity import system_of

MOST_MB: Final = 64
"""Some half a million rows; a larger file is for the drop folder."""
LONGEST_NAME: Final = 200
"""Characters of what a file is called."""
_IN_MEMORY: Final = 1024 * 1024


async def bring(request: Request) -> Response:
    """Take in a file; rows that are refused are told in the answer, while good ones go in."""
    services = request.app.state.services
    system = await run_in_threadpool(_system, services.database, bearer(request))
    kind = kind_named(request.path_params["kind"])
    tell = services.live.teller(asyncio.get_running_loop())
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        await _spool(request, cast("BinaryIO", body))
        sender = Sender(system, services.clock(), _called(request))
        report = await run_in_threadpool(_load, services.database, kind, body, sender, tell)
    return JSONResponse(report.as_json())


async def _spool(request: Request, body: BinaryIO) -> None:
    """Keep a body until it is whole, on disk if it is long; stop as soon as it is too long.

    One that breaks off raises ClientDisconnect. One that is not what its digest is of is refused,
    and without a digest one whose last line does not end: its sender may have read a file that was
    still being written. Nothing of any is taken in.
    """
    size, digest = 0, sha256()
    async for part in request.stream():
        size += len(part)
        if size > MOST_MB * 1024 * 1024:
            raise refused("file_too_large", limit_mb=MOST_MB)
        digest.update(part)
        body.write(part)
    said = _digests(request.headers.get("content-digest", ""))
    if said - {f":{b64encode(digest.digest()).decode()}:"}:
        raise refused("file_altered")
    if size and not said and not ends(body):
        raise refused("file_cut_short")


def _digests(header: str) -> set[str]:
    """Return the SHA-256 of a Content-Digest (RFC 9530); other algorithms say nothing here."""
    named = [each.strip().partition("=") for each in header.split(",")]
    return {value for name, _, value in named if name.lower() == "sha-256"}


def _called(request: Request) -> str:
    """Return what the sender calls the file, where it says so; reports and refused rows name it."""
    return request.query_params.get("file", "").replace("\0", "")[:LONGEST_NAME]


def _load(database: Database, kind: Kind, body: Any, sender: Sender, tell: Tell) -> Report:
    return load(database, kind, body, sender, tell)


def _system(database: Database, token: str) -> str:
    with database.reading() as connection:
        return system_of(connection, token, "import").name
