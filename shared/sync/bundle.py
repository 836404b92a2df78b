"""The sync bundle and its answer: one exchange in files, for a branch whose network is down.

    device -> BUNDLE   the requests that it would post, whole
    server -> ANSWER   the lines of verdicts that it would be told

A file is one plain line, `FIELDBOOK-<kind> <format> <device id> <id of this file>`, and a sealed
file (`shared.sealed`). The line says whose it is, so that the server can find the secret of the
device: the SHA-256 of its token, which is what the server keeps of it. The key follows from that
secret, the kind and the file's own id, so no two files share one. Whoever has neither the server's
database nor the device's token has 256 random bits to guess.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from shared.errors import refused
from shared.hkdf import hkdf_sha256
from shared.sealed import KEY_BYTES, NotOpened, Sealed, seal, unseal

Kind = Literal["BUNDLE", "ANSWER"]
FORMAT: Final = 1
HEADER_BYTES: Final = 128
"""No header is longer; what a file begins with up to here says whether it is one of ours."""
_HEADER: Final = re.compile(
    rb"FIELDBOOK-(BUNDLE|ANSWER) (\d{1,9}) ([0-9a-f-]{36}) ([0-9a-f-]{36})\n"
)
_NOT_ONE: Final = {"BUNDLE": "not_a_bundle", "ANSWER": "not_an_answer"}


@dataclass(frozen=True, slots=True)
class Header:
    """The plain first line of a file."""

    kind: Kind
    device_id: str
    id: str

    def line(self) -> bytes:
        """Return the line with its end."""
        return f"FIELDBOOK-{self.kind} {FORMAT} {self.device_id} {self.id}\n".encode()

    def key(self, secret: bytes) -> bytes:
        """Return the key of this file; `secret` is the device's, see `secret_of`."""
        label = f"fieldbook {self.kind.lower()} {FORMAT}".encode()
        return hkdf_sha256(secret, self.id.encode(), label, KEY_BYTES)


class BundleFacts(TypedDict):
    """What a bundle says of itself; its parts are the requests."""

    device_id: str
    made_at: int
    """By the device's clock (ms)."""
    requests: int
    operations: int


class AnswerFacts(TypedDict):
    """What an answer says of itself; its parts are lines of verdicts."""

    bundle_id: str
    generation: str
    """Of the server: the seq of a verdict means nothing without it."""
    made_at: int
    """By the server's clock (ms)."""


Facts = BundleFacts | AnswerFacts
_adapters: Final[Mapping[Kind, TypeAdapter[Any]]] = {
    "BUNDLE": TypeAdapter(BundleFacts),
    "ANSWER": TypeAdapter(AnswerFacts),
}


def secret_of(token: str) -> bytes:
    """Return what a server keeps of a device's token."""
    return hashlib.sha256(token.encode()).digest()


def read_header(content: bytes, kind: Kind) -> Header:
    """Read the first line of a file; refuse what is not of this kind, or not of this format."""
    found = _HEADER.match(content)
    if found is None or found[1].decode() != kind:
        raise refused(_NOT_ONE[kind])
    if int(found[2]) != FORMAT:
        raise refused("bundle_version", version=found[2].decode())
    return Header(kind, found[3].decode(), found[4].decode())


def pack(header: Header, secret: bytes, facts: Facts, parts: Sequence[bytes]) -> bytes:
    """Return a whole file."""
    content = Sealed({name: str(value) for name, value in facts.items()}, tuple(parts))
    return header.line() + seal(content, header.key(secret))


def unpack_bundle(
    header: Header, secret: bytes, content: bytes
) -> tuple[BundleFacts, tuple[bytes, ...]]:
    """Return a bundle's facts and requests; refuse one that does not open."""
    return cast(tuple[BundleFacts, tuple[bytes, ...]], _unpack(header, secret, content))


def unpack_answer(
    header: Header, secret: bytes, content: bytes
) -> tuple[AnswerFacts, tuple[bytes, ...]]:
    """Return an answer's facts and lines; refuse one that does not open."""
    return cast(tuple[AnswerFacts, tuple[bytes, ...]], _unpack(header, secret, content))


def _unpack(header: Header, secret: bytes, content: bytes) -> tuple[Any, tuple[bytes, ...]]:
    try:
        found = unseal(content[len(header.line()) :], header.key(secret))
        return _adapters[header.kind].validate_python(dict(found.facts)), found.parts
    except (NotOpened, ValidationError):
        raise refused("bundle_damaged") from None
