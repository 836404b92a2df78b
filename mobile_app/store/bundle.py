"""The device's side of a sync bundle: unsent work goes out in a file, verdicts come back in one.

Exporting changes nothing: work in a file is still only on this device, until a verdict is read or
the network is back and it is sent as usual. An answer brings verdicts and no rows, so what it
settles is delivered, not in the record.
"""

from dataclasses import dataclass

from mobile_app.store.device_store import DeviceStore
from shared.errors import refused
from shared.sync.bundle import (
    BundleFacts,
    Header,
    pack,
    read_header,
    secret_of,
    unpack_answer,
)
from shared.sync.protocol import VerdictsLine, read_line
from shared.sync.session import request_body


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle, ready to be saved."""

    id: str
    content: bytes
    operations: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What an answer settled on this device, counted in operations."""

    delivered: int
    refused: int


def export_bundle(store: DeviceStore) -> Exported:
    """Put everything unsent into a bundle; raise Refusal `nothing_unsent` if nothing is."""
    batches = list(store.unsent())
    if not batches:
        raise refused("nothing_unsent")
    status, identity = store.status(), store.identity
    facts: BundleFacts = {
        "device_id": identity.device_id,
        "made_at": status["sent_at"],
        "requests": len(batches),
        "operations": status["pending"],
    }
    header = Header("BUNDLE", identity.device_id, store.new_id())
    bodies = [request_body(store, txns) for txns in batches]
    content = pack(header, secret_of(identity.token), facts, bodies)
    return Exported(header.id, content, facts["operations"])


def take_answer(store: DeviceStore, content: bytes) -> Settled:
    """Read the verdicts of an answer; raise Refusal for one that is not this device's to read."""
    header = read_header(content, "ANSWER")
    if header.device_id != store.identity.device_id:
        raise refused("answer_of_another_device")
    facts, parts = unpack_answer(header, secret_of(store.identity.token), content)
    if facts["generation"] != store.generation():
        raise refused("answer_outdated")
    before = store.overview()
    for line in [_verdicts(part) for part in parts]:
        store.record_verdicts(line["verdicts"])
    after = store.overview()
    issues = after.issues - before.issues
    return Settled(before.pending - after.pending - issues, issues)


def _verdicts(part: bytes) -> VerdictsLine:
    try:
        line = read_line(part)
    except ValueError:
        raise refused("bundle_damaged") from None
    if line["line"] != "verdicts":
        raise refused("bundle_damaged")
    return line
