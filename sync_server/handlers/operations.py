"""Every operation of the server's HTTP, as data: who may call it, what it takes, what it answers.

A test holds this against the routes in both directions, and real answers against the schemas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from pydantic.types import StringConstraints

from shared.sync.digest import Answer, Question
from shared.sync.protocol import Line, SyncRequest
from sync_server.handlers import answers
from sync_server.handlers.enrol import Enrolment
from sync_server.handlers.events import LONGEST_WAIT_S, MEDIA_TYPE, MOST
from sync_server.handlers.record import Lookup
from sync_server.handlers.refused import MOST as MOST_REFUSED
from sync_server.store.events import TYPES

Who = Literal["device", "system", "either", "anyone"]
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
BYTES: Final = "application/octet-stream"
_SYSTEM: Final = ("sign_in", "not_granted")
_READ: Final = (*_SYSTEM, "slow_down", "unavailable")
_DEVICE: Final = ("sign_in", "device_revoked", "unavailable")


@dataclass(frozen=True, slots=True)
class Content:
    """What a body is: its media type, and the type of it, or of each line of NDJSON."""

    media: str
    type: Any = bytes


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address or a header."""

    name: str
    place: Literal["path", "query", "header"]
    type: Any
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `right`: what a system account must have."""

    id: str
    method: str
    path: str
    summary: str
    who: Who
    answer: Mapping[int, Content | None]
    refusals: tuple[str, ...] = ()
    body: Content | None = None
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, and what they say."""
    right: str | None = None


_ID: Final = Parameter("id", "path", str, "the customer's id")
_KIND: Final = Parameter("kind", "path", str, "the kind of file: accounts, flows, confirmations, …")
_FILE: Final = Parameter("file", "query", str, "what the sender calls the file")
_DIGEST: Final = Parameter("content-digest", "header", str, "sha-256=:BASE64: (RFC 9530); checked")
_WHICH: Final = (
    Parameter("kind", "query", str, "of this kind of file"),
    Parameter("file", "query", str, "of the file that was called so"),
    Parameter("code", "query", str, "refused for this reason"),
)
_SHA256: Final = Parameter("sha256", "path", str, "the content's SHA-256, 64 hex digits")
_CURSOR: Final = Parameter("cursor", "query", str, "where to go on, as the last answer said")
_KNOWN: Final = Parameter("if-none-match", "header", str, "the ETag of what the caller has")
_TAG: Final = {"etag": "changes with anything in the answer"}
_EVENTS: Final = Content(MEDIA_TYPE, list[answers.CloudEvent])


def _limit(most: int) -> Parameter:
    return Parameter("limit", "query", Annotated[int, Field(ge=1, le=most)], "how many at most")


OPERATIONS: Final = (
    Operation(
        "sync", "POST", "/v1/sync", "Bring what a device has made, and read what it lacks",
        "device", {200: Content(NDJSON, Line)},
        (*_DEVICE, "malformed", "too_large", "unsupported_encoding"), Content(JSON, SyncRequest),
    ),
    Operation(
        "digest", "POST", "/v1/digest", "Compare what a device holds with the record",
        "device", {200: Content(JSON, Answer)}, (*_DEVICE, "malformed"), Content(JSON, Question),
    ),
    Operation(
        "live", "GET", "/v1/live", "Keep a line open that says when to come",
        "device", {200: Content(NDJSON, answers.Word)}, _DEVICE,
    ),
    Operation(
        "enrol", "POST", "/v1/enrol", "Turn a one-time code into a device with a token",
        "anyone", {200: Content(JSON, answers.EnrolledDevice)},
        ("malformed", "bad_code", "slow_down"), Content(JSON, Enrolment),
    ),
    Operation(
        "lookup", "POST", "/v1/customers/lookup", "Find whom a number belongs to",
        "system", {200: Content(JSON, answers.Found)}, (*_READ, "malformed"),
        Content(JSON, Lookup), headers=_TAG, right="record",
    ),
    Operation(
        "customer", "GET", "/v1/customers/{id}", "Read the golden record of a customer",
        "system", {200: Content(JSON, answers.CustomerRecord), 304: None},
        (*_READ, "not_found"), None, (_ID, _KNOWN), _TAG, "record",
    ),
    Operation(
        "timeline", "GET", "/v1/customers/{id}/timeline", "Read a customer's contacts in pages",
        "system", {200: Content(JSON, answers.Timeline), 304: None},
        (*_READ, "not_found", "malformed"), None, (_ID, _CURSOR, _limit(200), _KNOWN), _TAG,
        "record",
    ),
    Operation(
        "events", "GET", "/v1/events", "Read what changed, in order",
        "system", {200: _EVENTS}, (*_READ, "malformed", "events_restored"), None,
        (
            _CURSOR,
            _limit(MOST),
            Parameter("types", "query", str, f"with commas; of: {', '.join(TYPES)}"),
            Parameter(
                "wait", "query", Annotated[int, Field(ge=0, le=LONGEST_WAIT_S)],
                "for how many seconds to wait for a change",
            ),
        ),
        {"cursor": "where to go on"}, "events",
    ),
    Operation(
        "bring", "POST", "/v1/import/{kind}", "Send a file of another system",
        "system", {200: Content(JSON, answers.Reported)},
        (*_SYSTEM, "unknown_import", "file_too_large", "file_encoding", "file_empty",
         "file_altered", "file_cut_short", "file_lacks_columns", "file_unknown_columns",
         "unavailable"),
        Content("text/csv", str), (_KIND, _FILE, _DIGEST), right="import",
    ),
    Operation(
        "refused_rows", "GET", "/v1/refused-rows", "Read which of one's own rows were refused",
        "system", {200: Content(JSON, answers.RefusedRows)},
        (*_SYSTEM, "unknown_import", "malformed", "unavailable"), None,
        (*_WHICH, _limit(MOST_REFUSED)), right="import",
    ),
    Operation(
        "replay", "POST", "/v1/refused-rows/replay", "Try refused rows again as they stand",
        "system", {200: Content(JSON, answers.ReplayedFiles)},
        (*_SYSTEM, "unknown_import", "unavailable"), None, _WHICH, right="import",
    ),
    Operation(
        "ask_blob", "HEAD", "/v1/blob/{sha256}", "Ask how much of a blob the server has",
        "device", {200: None}, (*_DEVICE, "malformed", "not_found"), None, (_SHA256,),
        {"upload-offset": "how many bytes are here"},
    ),
    Operation(
        "put_blob", "PUT", "/v1/blob/{sha256}", "Send one part of a blob",
        "device", {200: Content(JSON, answers.Have)}, (*_DEVICE, "malformed", "too_large"),
        Content(BYTES),
        (_SHA256, Parameter("content-range", "header", str, "bytes FIRST-LAST/TOTAL")),
    ),
    Operation(
        "get_blob", "GET", "/v1/blob/{sha256}", "Read a blob, or a part of it",
        "either", {200: Content(BYTES), 206: Content(BYTES)},
        ("sign_in", "not_granted", "not_found"), None,
        (_SHA256, Parameter("range", "header", str, "bytes=FIRST-LAST")), right="attachments",
    ),
    Operation(
        "openapi", "GET", "/v1/openapi.json", "Read this description", "anyone",
        {200: Content(JSON, dict[str, Any])},
    ),
    Operation(
        "healthz", "GET", "/healthz", "Ask whether the server is up", "anyone",
        {200: Content(JSON, answers.Health)}, ("unavailable",),
    ),
)  # fmt: skip
_SIGNATURE: Final = Annotated[str, StringConstraints(pattern=r"^v1,[A-Za-z0-9+/]{43}=$")]
DELIVERY: Final = Operation(
    "delivery", "POST", "", "Take a batch of events that is sent to a webhook", "anyone",
    {204: None}, (), _EVENTS,
    (
        Parameter("webhook-id", "header", str, "the same when a delivery comes again"),
        Parameter("webhook-timestamp", "header", int, "seconds since 1970 UTC"),
        Parameter("webhook-signature", "header", _SIGNATURE, "HMAC-SHA256 of ID.TIMESTAMP.BODY"),
    ),
)  # fmt: skip
"""What a webhook's receiver answers: the one request that the server makes itself."""
