"""POST /v1/enrol: a one-time code becomes a device with a token."""

from dataclasses import asdict
from typing import Annotated, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic.types import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from shared.ids import Millis
from shared.sync.protocol import malformed
from sync_server.handlers.sync import read_bounded
from sync_server.store.database import Database
from sync_server.store.identity import Enrolled
from sync_server.store.identity import enrol as enrol_device

_LIMIT = 4_096


@with_config(ConfigDict(extra="forbid", strict=True))
class Enrolment(TypedDict):
    """The body of an enrolment; what a device of 0.1.0 sends is its code alone."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=40)]
    token: NotRequired[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43,64}$")]]
    """What the device proposes for its token: 256 random bits or more, in base64url."""
    former: NotRequired[Annotated[str, StringConstraints(min_length=36, max_length=36)]]
    """The id of the device that takes a new code."""


_adapter: TypeAdapter[Enrolment] = TypeAdapter(Enrolment)


async def enrol(request: Request) -> Response:
    """Enrol a device; wrong codes from one address are slowed down."""
    services = request.app.state.services
    now = services.clock()
    address = request.client.host if request.client else ""
    services.enrolments.count(address, now)
    try:
        wanted = _adapter.validate_json(await read_bounded(request, _LIMIT))
    except ValidationError as error:
        raise malformed(error) from None
    enrolled = await run_in_threadpool(_enrol, services.database, wanted, now)
    services.enrolments.forgive(address, now)
    return JSONResponse(
        {
            "device_id": enrolled.device_id,
            "token": enrolled.token,
            "employee": asdict(enrolled.employee),
            "server_time": now,
        }
    )


def _enrol(database: Database, wanted: Enrolment, now: Millis) -> Enrolled:
    with database.writing() as connection:
        return enrol_device(connection, now=now, **wanted)
