"""Sync bundles on the server's side: take in what was carried here, and write the answer.

A bundle holds the very requests that its device would have posted, and each is judged as one that
came over the network, in a transaction of its own. So a verdict is the same on either way, and
what comes on both, or twice on one, counts once. Everything is opened, checked and read before
anything is written; an import that breaks off is simply run again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter
from pydantic_core import from_json
from typing_extensions import TypedDict

from shared.errors import Refusal, refused
from shared.sync.bundle import (
    AnswerFacts,
    BundleFacts,
    Header,
    pack,
    read_header,
    unpack_bundle,
)
from shared.sync.protocol import PROTOCOL, Verdict, read_request, write
from sync_server.store.database import Database
from sync_server.store.identity import KnownDevice, device_that_made
from sync_server.store.intake import take_in_carried


class _Op(TypedDict):
    """What must be known of an operation to report on it, whatever else it says."""

    op_id: str
    entity: str
    id: str


class _Txn(TypedDict):
    ops: list[_Op]


class _Request(TypedDict):
    txns: list[_Txn]


_loosely: Final[TypeAdapter[_Request]] = TypeAdapter(_Request)


@dataclass(frozen=True, slots=True)
class Refused:
    """An operation that was not taken, the record it concerns and the reason."""

    op_id: str
    entity: str
    record_id: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one bundle: the verdicts of each request, in the order of the bundle."""

    header: Header
    employee_id: str
    facts: BundleFacts
    verdicts: Sequence[Sequence[Verdict]]
    refused: Sequence[Refused]
    secret: bytes = field(repr=False)
    """The device's; the answer is closed with it."""


def import_bundle(database: Database, content: bytes, now: int) -> Imported:
    """Take in a bundle; raise Refusal for one that cannot be opened, with nothing written."""
    header = read_header(content, "BUNDLE")
    with database.reading() as connection:
        known, secret = device_that_made(connection, header.device_id)
    facts, bodies = unpack_bundle(header, secret, content)
    operations = [op for body in bodies for op in _operations(body)]
    verdicts = [_judged(database, known, body, now) for body in bodies]
    refused_ones = list(_refused(operations, verdicts))
    return Imported(header, known.employee_id, facts, verdicts, refused_ones, secret)


def answer(database: Database, imported: Imported, id: str, now: int) -> bytes:
    """Return the file that tells the device the verdicts; `id` names it."""
    facts: AnswerFacts = {
        "bundle_id": imported.header.id,
        "generation": database.generation,
        "made_at": now,
    }
    lines = [write({"line": "verdicts", "verdicts": each}) for each in imported.verdicts]
    return pack(Header("ANSWER", imported.header.device_id, id), imported.secret, facts, lines)


def _operations(body: bytes) -> Iterator[_Op]:
    """Yield a request's operations; refuse one whose envelope this server does not read."""
    try:
        request = from_json(body)
        txns = _loosely.validate_python(request)["txns"]
        envelope = read_request(write({**request, "txns": []}))
    except (Refusal, ValueError):
        raise refused("bundle_version", version="?") from None
    if envelope["proto"] != PROTOCOL:
        raise refused("bundle_version", version=envelope["proto"])
    for txn in txns:
        yield from txn["ops"]


def _judged(database: Database, known: KnownDevice, body: bytes, now: int) -> list[Verdict]:
    try:
        txns = read_request(body)["txns"]
    except Refusal as refusal:
        return _halved(database, known, body, refusal, now)
    return database.write(lambda each: take_in_carried(each, known, txns, now)).verdicts


def _halved(
    database: Database, known: KnownDevice, body: bytes, refusal: Refusal, now: int
) -> list[Verdict]:
    """Find the transaction that cannot be read, as the device does online, and judge the rest."""
    request = from_json(body)
    txns = request["txns"]
    if len(txns) == 1:
        return [_unread(op["op_id"], refusal) for op in txns[0]["ops"]]
    halves = txns[: len(txns) // 2], txns[len(txns) // 2 :]
    bodies = [write({**request, "txns": half}) for half in halves]
    return [verdict for each in bodies for verdict in _judged(database, known, each, now)]


def _unread(op_id: str, refusal: Refusal) -> Verdict:
    return {
        "op_id": op_id,
        "status": "rejected",
        "seq": None,
        "code": refusal.code,
        "fields": dict(refusal.fields),
    }


def _refused(operations: Sequence[_Op], verdicts: Sequence[Sequence[Verdict]]) -> Iterator[Refused]:
    """Yield what was refused; verdicts come in the order of the operations."""
    said = [verdict for each in verdicts for verdict in each]
    for op, verdict in zip(operations, said, strict=True):
        if verdict["status"] == "rejected":
            reason = Refusal(verdict["code"], verdict["fields"])
            yield Refused(op["op_id"], op["entity"], op["id"], reason)
