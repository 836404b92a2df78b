"""What the server's answers look like, as types: `openapi` writes their schemas from these.

A row of the record is described by its entity's own declaration, widened by what masking leaves
out: for an account without the right every field that can be hidden is null or shown in part. What
is told to nobody is not described.
"""

from typing import Annotated, Any, Final, Literal, NotRequired, get_args, get_origin, get_type_hints

from pydantic import Field
from typing_extensions import TypedDict

from shared.registry import REGISTRY
from sync_server.outward import TOLD, can_be_hidden, is_told


class Refused(TypedDict):
    """An answer that says no: a code that never changes meaning, and its sentence."""

    code: str
    fields: dict[str, str]
    """What fills the sentence."""
    zh: str
    en: str


class Health(TypedDict):
    """The server is up and can read its database."""

    status: Literal["ok"]
    seq: int
    """The last transaction of the change log."""
    listening: int


class Word(TypedDict):
    """A line of a live line: poke says come and ask, ping that the line still stands."""

    line: Literal["hello", "poke", "ping"]


def _seen(name: str, *without: str) -> dict[str, Any]:
    """Return the fields of an entity as another system sees them, by their types."""
    hints = get_type_hints(REGISTRY[name].document_type, include_extras=True)
    return {
        field: _widened(hint) if can_be_hidden(name, field) else hint
        for field, hint in hints.items()
        if field not in without and is_told(name, field)
    }


def _widened(hint: Any) -> Any:
    if get_origin(hint) is NotRequired:
        return NotRequired[_widened(get_args(hint)[0])]
    # Masked texts keep to no pattern, so the bare type is what is promised.
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return bare | None


def _made(name: str, doc: str, fields: dict[str, Any]) -> Any:
    make: Any = TypedDict
    made = make(name, fields)
    made.__doc__ = doc
    return made


def _list_of(type_: Any) -> Any:
    return list[type_]


SEEN: Final = {
    name: _made(name, f"A row of `{name}`, as an account sees it.", _seen(name))
    for name in sorted(TOLD)
}


class IdentifierSeen(TypedDict):
    """A number of a customer; `value` only for an account with the right `numbers`."""

    kind: str
    last_four: str
    source: str
    value: NotRequired[str]


class ValueSeen(TypedDict):
    """What a customer is worth; amounts are signed fen a year."""

    period: str
    contribution: int | None
    score: int
    tier: str
    computed_at: int


CustomerRecord: Any = _made(
    "customer_record",
    "The golden record of one customer.",
    _seen("customer")
    | {
        "version": int,
        "owner_name": str | None,
        "identifiers": list[IdentifierSeen],
        "accounts": _list_of(SEEN["account"]),
        "relations": _list_of(SEEN["relation"]),
        "value": ValueSeen | None,
    },
)


class CustomerFound(TypedDict):
    """A customer whom a number belongs to."""

    id: str
    kind: str
    name: str
    owner_id: str
    org_unit_id: str
    version: int


class Found(TypedDict):
    """Those whom a number belongs to."""

    customers: list[CustomerFound]


Contact: Any = _made(
    "contact",
    "One contact: `kind` is the channel, `at` ms since 1970 UTC.",
    _seen("interaction", "channel", "occurred_at", "employee_id")
    | {"kind": str, "at": int, "by": str | None, "by_id": str},
)


class Timeline(TypedDict):
    """Contacts, the latest first; `next` is the cursor of the following page."""

    items: list[Contact]
    next: str | None


class CloudEvent(TypedDict):
    """A change in the form of CloudEvents 1.0; `data` is the row, absent when it was deleted."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    version: int
    datacontenttype: NotRequired[Literal["application/json"]]
    data: NotRequired[dict[str, Any]]


class Told(TypedDict):
    """What a line of a file came to, where someone should look."""

    line: int
    state: str
    what: str
    code: NotRequired[str]
    zh: NotRequired[str]
    en: NotRequired[str]


class Reported(TypedDict):
    """What came of a file."""

    kind: str
    lines: int
    applied: int
    changed: int
    known: int
    waiting: int
    refused: int
    kept: int
    """Of the refused rows, how many the server keeps to be corrected or tried again."""
    told: list[Told]
    left_out: int


class RefusedCount(TypedDict):
    """How many rows of a file were refused for one reason and wait, the oldest since (ms)."""

    kind: str
    file: str
    code: str
    rows: int
    since: int


class RefusedRow(TypedDict):
    """A row that was refused: its number, where it stood, what it is about, and why."""

    refused: str
    """What a corrected row names in its column of that name."""
    kind: str
    file: str
    line: int
    at: int
    what: str
    code: str
    zh: str
    en: str


class RefusedRows(TypedDict):
    """What of a system's own rows was refused and waits."""

    counts: list[RefusedCount]
    rows: list[RefusedRow]
    """The first ones; settled rows make way for others."""


class ReplayedFile(Reported):
    """What came of the refused rows of one file."""

    file: str


class ReplayedFiles(TypedDict):
    """What came of trying refused rows again, those first that others refer to."""

    files: list[ReplayedFile]


class EnrolledDevice(TypedDict):
    """A device that has just been signed in."""

    device_id: str
    token: str
    employee: dict[str, Any]
    server_time: int


class Have(TypedDict):
    """How much of a blob the server has (bytes)."""

    have: int
    total: int
