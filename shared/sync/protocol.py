"""The messages of the exchange: one request carries both ways, the answer streams in lines.

A device posts its transactions and its cursor to `/v1/sync`. The answer is NDJSON: `head`,
`verdicts` (written after the server's commit, never before), any number of `page` lines and one
`end`. A page and the cursor that stands in it are applied together or not at all, so an answer may
be cut after any byte and nothing is half done.

The envelope forbids unknown keys: a message of another protocol must not be half understood. What
it carries is open: an unknown entity, column or kind of operation is deferred, not dropped.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NotRequired, cast

from pydantic import ConfigDict, FailFast, Field, TypeAdapter, ValidationError, with_config
from pydantic.types import StringConstraints
from pydantic_core import to_json
from typing_extensions import TypedDict

from shared.errors import Refusal, refused
from shared.registry import Document

PROTOCOL: Final = 1
SCHEMA: Final = 2
"""Counts the releases that changed the registry or the tables."""
OLDEST_TO_PULL: Final = 1
"""Schemas from here on can read what this server sends: they defer what they do not know."""
FIRST_SCHEMA: Final = 1
"""That of the first release, which did not say it."""
SETTLES_SINCE: Final = 2
"""Servers from this schema on can read `replaces` and `receipts`: to those before, a request that
bears them is malformed."""
MAX_OPS: Final = 1_000
"""Operations in one exchange: one server transaction stays short enough for its neighbours."""
MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of one request after decompression."""
MAX_COMPLAINTS: Final = 10_000
"""To list the errors of a body takes a thousand times its size; whoever makes more is not helped
by the first one. Lists stop at their first wrong item for the same reason."""
IDLE_S: Final = 5
"""A device lets go of a connection on which nothing went for so long, and the server well after it:
a request must not go out on one that is being closed."""
MAX_CURSOR: Final = 512 * 1024
"""Characters. A scope takes about 90, and a head office's supervisor holds thousands of them."""

_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of NUL, but not a backslash that someone wrote before u0000."""
_strict = with_config(ConfigDict(extra="forbid", strict=True))
_Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


@_strict
class Op(TypedDict):
    """One operation: what a user did to one record, on one device."""

    op_id: _Uuid
    device_seq: _Count
    kind: _Name
    entity: _Name
    id: _Uuid
    occurred_at: _Count
    """By the device's clock (ms); shown, never used to decide."""
    version: _Count
    """The row's version that the user saw; 0 for a new row."""
    doc: NotRequired[Document]
    """insert: the whole record."""
    set: NotRequired[dict[str, Annotated[list[Any], Field(min_length=2, max_length=2)]]]
    """patch and transition: field to [old, new]; add: [null, word]; remove: [word, null]."""
    depends: NotRequired[list[_Uuid]]
    """Operations without which this one makes no sense."""


@_strict
class Txn(TypedDict):
    """Operations that stand or fall together."""

    txn: _Uuid
    ops: Annotated[list[Op], Field(min_length=1, max_length=MAX_OPS), FailFast()]
    replaces: NotRequired[_Uuid]
    """The refused transaction that this one corrects: its issue is settled."""


@_strict
class Receipt(TypedDict):
    """A device's word that rows which are no longer its user's are off it."""

    id: _Uuid
    purged: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    """A scope, or `customer:` and the id of one who was given to someone else."""
    rows: _Count
    at: _Count
    """By the device's clock (ms)."""


@_strict
class DeviceStatus(TypedDict):
    """What the supervisor may know of a device: how much is waiting there, and since when."""

    pending: _Count
    oldest_pending_at: _Count | None
    sent_at: _Count
    """The device's clock; the server derives its skew."""


@_strict
class SyncRequest(TypedDict):
    """The body of `POST /v1/sync`."""

    proto: int
    schema: int
    device: DeviceStatus
    cursor: Annotated[str, StringConstraints(max_length=MAX_CURSOR)] | None
    txns: Annotated[list[Txn], Field(max_length=MAX_OPS), FailFast()]
    receipts: NotRequired[Annotated[list[Receipt], Field(max_length=MAX_OPS), FailFast()]]


VerdictStatus = Literal[
    "applied", "merged", "noop", "duplicate", "conflict", "rejected", "deferred"
]


class Verdict(TypedDict):
    """The server's answer to one operation."""

    op_id: str
    status: VerdictStatus
    seq: int | None
    """The server transaction that holds it; None where nothing was written."""
    version: NotRequired[int]
    code: NotRequired[str]
    fields: NotRequired[dict[str, str]]
    flags: NotRequired[list[str]]


class Row(TypedDict):
    """One row of a page."""

    entity: str
    id: str
    scope: str
    op: Literal["put", "leave", "delete"]
    version: int
    doc: NotRequired[Document]


class VerdictsLine(TypedDict):
    """Second line: one verdict per operation, in the order they were sent."""

    line: Literal["verdicts"]
    verdicts: list[Verdict]


class HeadLine(TypedDict):
    """First line: where the server stands."""

    line: Literal["head"]
    generation: str
    upto: int
    now: int
    schema: NotRequired[int]
    """The server's; one that does not say it has the first."""
    receipts: NotRequired[list[str]]
    """Those that the server has written down: the device may forget them."""


class PageLine(TypedDict):
    """Rows up to `seq`, applied with `cursor` in one local transaction, only after `after`."""

    line: Literal["page"]
    after: str | None
    cursor: str
    seq: int
    """Every change of the device's scopes up to here is in; 0 while a scope is on its way."""
    begin: list[str]
    """Scopes whose current rows start to arrive."""
    complete: list[str]
    """Scopes whose current rows have all arrived: what was not among them is gone."""
    gone: list[str]
    """Scopes that the device has lost: their rows are purged."""
    rows: list[Row]


class EndLine(TypedDict):
    """Last line: whether to come back at once, and if not, how long to keep off."""

    line: Literal["end"]
    more: bool
    backoff_ms: int
    code: NotRequired[str]


Line = VerdictsLine | HeadLine | PageLine | EndLine

_request: TypeAdapter[SyncRequest] = TypeAdapter(SyncRequest)
_ops: TypeAdapter[list[Op]] = TypeAdapter(list[Op])
_line: TypeAdapter[Any] = TypeAdapter(
    Annotated[VerdictsLine | HeadLine | PageLine | EndLine, Field(discriminator="line")]
)


def read_request(body: bytes) -> SyncRequest:
    """Read a request body; refuse it whole with the path of the first field that is wrong."""
    # PostgreSQL keeps no NUL in a text, and no person types one.
    if b"\\u0000" in body and _NUL.search(body):
        raise refused("malformed", path="body", problem="a text with a NUL character")
    try:
        request = _request.validate_json(body)
    except ValidationError as error:
        raise malformed(error) from None
    if sum(len(txn["ops"]) for txn in request["txns"]) > MAX_OPS:
        raise refused("too_large")
    return request


def read_ops(text: str) -> list[Op]:
    """Read operations that were kept whole; raise ValueError when they are none."""
    return _ops.validate_json(text)


def malformed(error: ValidationError) -> Refusal:
    """Turn the first complaint of a validation into a refusal that names the field."""
    path, problem = complaint(error)
    return refused("malformed", path=path, problem=problem)


def complaint(error: ValidationError) -> tuple[str, str]:
    """Return the path and the problem of the first complaint of a validation."""
    if error.error_count() > MAX_COMPLAINTS:
        return "body", f"{error.error_count()} errors"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return "/".join(str(step) for step in first["loc"]) or "body", first["msg"]


def read_line(line: bytes) -> Line:
    """Read one line of an answer; raise ValueError when it is not one."""
    return cast(Line, _line.validate_json(line))


def write(message: Mapping[str, Any]) -> bytes:
    """Write a message as compact JSON."""
    return to_json(message)
