"""A blob: the content of an attachment, named by its SHA-256, and how its parts are spoken of.

Content that is named by its digest needs no version, no owner and no trust: whoever has it can
check it, two who send the same send it once, and a part that arrives twice changes nothing. Both
sides keep it in parts, so that neither ever holds a whole one in memory to move it.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic.types import StringConstraints

from shared.errors import refused

MAX_SIZE: Final = 20 * 1024 * 1024
"""Bytes of one blob."""
PART: Final = 256 * 1024
"""Bytes in which a blob is stored and sent: one part is one short write between two records."""
MAX_PART: Final = 1024 * 1024
"""Bytes that a server takes in one request."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A content's SHA-256 in lower-case hex: its name."""

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,9})-(\d{1,9})/(\d{1,9})", re.ASCII)
_RANGE: Final = re.compile(r"bytes=(\d{0,9})-(\d{0,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a blob: the bytes from `start` up to but without `end`, of `total`."""

    start: int
    end: int
    total: int

    @property
    def size(self) -> int:
        """How many bytes it covers."""
        return self.end - self.start

    def __str__(self) -> str:
        """Return the value of a Content-Range header (RFC 9110, section 14.4)."""
        return f"bytes {self.start}-{self.end - 1}/{self.total}"


def blob_name(text: str) -> str:
    """Return a name as it came in an address; raise Refusal `not_found` if it is none."""
    if not _NAME.fullmatch(text):
        raise refused("not_found")
    return text


def sent_span(header: str, size: int) -> Span:
    """Return what a request of `size` bytes says it carries, from its Content-Range.

    Raises Refusal: `attachment_size` for a total that no blob may have, `malformed` otherwise.
    """
    found = _CONTENT_RANGE.fullmatch(header)
    if found is None:
        raise refused("malformed", path="content-range", problem="not bytes first-last/total")
    first, last, total = map(int, found.groups())
    if not 1 <= total <= MAX_SIZE:
        raise refused("attachment_size", limit_mb=MAX_SIZE // 1024**2)
    if not first <= last < total or last - first + 1 != size:
        raise refused("malformed", path="content-range", problem=f"does not fit {size} bytes")
    return Span(first, last + 1, total)


def asked_span(header: str | None, total: int) -> Span | None:
    """Return which part a Range header asks for, None for the whole.

    More than one range, or a unit that is not bytes, is answered with the whole, as RFC 9110
    (section 14.2) allows. Raises Refusal `blob_range` where the part lies outside.
    """
    found = _RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, total - int(last))
    end = min(total, int(last) + 1) if first and last else total
    if not start < end:
        raise refused("blob_range", have=total)
    return Span(start, end, total)
