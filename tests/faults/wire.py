"""HTTP messages as bytes on a wire: read whole, so that a proxy may do to them what it likes."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY_AFTER: Final = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer: its head with the empty line, and its body as it was sent."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """The bytes on the wire."""
        return self.head + self.body

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.head.split(b" ", 2)[1])

    @property
    def retry_after_s(self) -> float:
        """For how long an answer asks to be left alone."""
        found = _RETRY_AFTER.search(self.head)
        return float(found[1]) if found else 0.0

    @property
    def payload(self) -> bytes:
        """The body without the frames of chunked encoding."""
        if not _CHUNKED.search(self.head):
            return self.body
        parts, rest = [], self.body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            parts.append(rest[:length])
            rest = rest[length + 2 :] if length else b""
        return b"".join(parts)

    def asking_for(self, encoding: str) -> "Message":
        """The same request, but its answer may only be encoded like this."""
        head = re.sub(rb"(?i)\r\naccept-encoding: [^\r]*", b"", self.head)
        return Message(
            head[:-2] + f"accept-encoding: {encoding}\r\n\r\n".encode(),
            self.body,
        )


def answer(status: str, body: bytes, **headers: str) -> bytes:
    """Write an answer; `content_type="x"` becomes the header content-type."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END + body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """Read one whole request or answer; None when the other side has closed before it."""
    try:
        return await read_rest(reader, await read_head(reader))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Read as far as the empty line."""
    return await reader.readuntil(_END)


async def read_rest(reader: asyncio.StreamReader, head: bytes) -> Message:
    """Read the body that follows a head."""
    if _CHUNKED.search(head):
        return Message(head, await _chunks(reader))
    length = _LENGTH.search(head)
    return Message(head, await reader.readexactly(int(length[1])) if length else b"")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    gathered = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        gathered += size + await reader.readexactly(int(size, 16) + 2)
        if int(size, 16) == 0:
            return gathered
