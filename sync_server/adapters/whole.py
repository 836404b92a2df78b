"""Whole: what tells a file that is all there from one that was cut short or still grows.

Its sender says so by a mark (see `marks`) or, over HTTP, by a digest. Without one its last line
must end. That alone does not say that no more follows, so whoever reads a file looks at it before
and after; one that was just written is looked at twice before anything of it is taken in. What is
added meanwhile is not read: its last row may be half a row.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, Final

from shared.errors import refused
from sync_server.adapters.marks import is_as_said, mark_of

RECENT_S: Final = 2.0
"""A file that was last written longer ago than this is not waited for."""
AGAIN_S: Final = 0.5
"""After how long one that was just written is looked at again."""
_ENDS: Final = (b"\n", b"\n\0")
"""The second is that of UTF-16, which is refused for being that."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looks."""

    size: int
    changed_ns: int


def look_at(file: Path | int) -> Look:
    """Look at a file, given by its path or as it is open."""
    about = os.stat(file)
    return Look(about.st_size, about.st_mtime_ns)


class _Beginning(RawIOBase):
    """The first bytes of an open file, as many as are said, whatever is added to it."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source, self._size = source, size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._source.tell(), os.SEEK_END: self._size}[whence]
        return self._source.seek(start + offset)

    def readinto(self, buffer: Any) -> int:
        block = self._source.read(min(len(buffer), max(0, self._size - self._source.tell())))
        buffer[: len(block)] = block
        return len(block)


def as_seen(source: BinaryIO, seen: Look) -> BinaryIO:
    """Return an open file as it was when it was looked at, without what is added to it since."""
    return BufferedReader(_Beginning(source, seen.size))


def ends(source: BinaryIO) -> bool:
    """Whether a file's last line ends; that of an empty file has not begun."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - 2))
    return source.read(2).endswith(_ENDS)


def require_whole(file: Path, source: BinaryIO) -> None:
    """Raise the refusal `file_altered` or `file_cut_short` of a file that is evidently not whole.

    `source` is what will be read of it. An empty one is refused for being that. Raises OSError.
    """
    mark = mark_of(file)
    if mark is not None and not is_as_said(file, mark):
        raise refused("file_altered")
    if mark is None and not ends(source) and source.tell():
        raise refused("file_cut_short")


def require_quiet(file: Path, clock: Callable[[], float], pause: Callable[[float], None]) -> None:
    """Raise the refusal `file_growing` of a file without a mark that is just being written.

    `clock` says the seconds since 1970, as files bear them. Raises OSError.
    """
    before = look_at(file)
    if clock() - before.changed_ns / 1e9 > RECENT_S or mark_of(file) is not None:
        return
    pause(AGAIN_S)
    if look_at(file) != before:
        raise refused("file_growing")
