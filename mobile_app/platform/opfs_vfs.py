"""An SQLite file system over files that were opened beforehand, as a browser hands them out.

SQLite opens files synchronously; the browser's private file system (OPFS) opens them
asynchronously and only then reads and writes synchronously. So all files that will ever be needed
are opened first and given to `HandleVFS` by name. An empty file counts as absent, because deleting
is asynchronous too: SQLite's delete empties the file.

The browser itself is in `opfs`; here is what can be tested anywhere.
"""

from __future__ import annotations

import errno
import hashlib
import struct
from collections.abc import Mapping
from typing import Any, Protocol

import apsw

# Databases are 4 KiB pages; a sector of that size lets SQLite journal no neighbours of a page.
SECTOR = 4096


class Handle(Protocol):
    """One open file. All of it synchronous; failures are OSError, ENOSPC when there is no room."""

    def read(self, amount: int, offset: int) -> bytes:
        """Up to `amount` bytes, fewer only at the end of the file."""
        ...

    def write(self, data: bytes, offset: int) -> None:
        """Write all of `data`, growing the file."""
        ...

    def truncate(self, size: int) -> None:
        """Cut or grow the file to `size`."""
        ...

    def size(self) -> int:
        """The file's length in bytes."""
        ...

    def flush(self) -> None:
        """Return when the file would survive a power failure."""
        ...

    def close(self) -> None:
        """Give the file free for others."""
        ...


def sqlite_error(error: OSError, otherwise: int) -> Exception:
    """What SQLite is told: the disk is full, or the IO error of this operation."""
    return apsw.exception_for(apsw.SQLITE_FULL if error.errno == errno.ENOSPC else otherwise)


class HandleFile:
    """One file as SQLite sees it. Locks are nothing: the handle itself is exclusive."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's names
        try:
            return self._handle.read(amount, offset)
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_READ) from error

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        try:
            self._handle.write(bytes(data), offset)
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_WRITE) from error

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        try:
            self._handle.truncate(newsize)
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_TRUNCATE) from error

    def xSync(self, flags: int) -> None:  # noqa: N802, ARG002
        try:
            self._handle.flush()
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_FSYNC) from error

    def xFileSize(self) -> int:  # noqa: N802
        try:
            return self._handle.size()
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_FSTAT) from error

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802, ARG002
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xClose(self) -> None:  # noqa: N802
        """Keep the handle: the profile owns it, and the database may be opened again."""


class HandleVFS(apsw.VFS):
    """The given files by name and no others; time and randomness come from the default VFS."""

    def __init__(self, name: str, handles: Mapping[str, Handle]) -> None:
        super().__init__(name, "")
        self._handles = handles

    def _handle(self, name: str) -> Handle:
        try:
            return self._handles[name]
        except KeyError as error:
            raise apsw.exception_for(apsw.SQLITE_CANTOPEN) from error

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
        # A temporary file has no name. temp_store=memory asks for none; a file would be refused.
        filename = name.filename() if isinstance(name, apsw.URIFilename) else name
        file = HandleFile(self._handle(filename or ""))
        flags[1] = flags[0]
        return file

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802, ARG002
        return pathname in self._handles and self._handles[pathname].size() > 0

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, ARG002
        handle = self._handle(filename)
        try:
            handle.truncate(0)
            handle.flush()
        except OSError as error:
            raise sqlite_error(error, apsw.SQLITE_IOERR_DELETE) from error

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class TwoSlots:
    """One small record that is replaced as a whole, in two files written in turn.

    These handles can't be renamed. A write that power cuts short leaves its slot with a wrong
    hash, and the other slot still has what was there before.
    """

    _HEAD = struct.Struct(">Q32s")

    def __init__(self, first: Handle, second: Handle) -> None:
        self._slots = (first, second)

    def read(self) -> bytes | None:
        """The newest whole record, or None."""
        return self._newest()[1]

    def write(self, data: bytes) -> None:
        """Replace the record; durable before this returns."""
        turn = self._newest()[0] + 1
        slot = self._slots[turn % 2]
        slot.truncate(0)
        slot.write(self._HEAD.pack(turn, self._hash(turn, data)) + data, 0)
        slot.flush()

    def _newest(self) -> tuple[int, bytes | None]:
        whole = [record for slot in self._slots if (record := self._record(slot)) is not None]
        return max(whole, key=lambda record: record[0], default=(0, None))

    def _record(self, slot: Handle) -> tuple[int, bytes] | None:
        content = slot.read(slot.size(), 0)
        if len(content) < self._HEAD.size:
            return None
        turn, hashed = self._HEAD.unpack_from(content)
        data = content[self._HEAD.size :]
        return (turn, data) if hashed == self._hash(turn, data) else None

    @staticmethod
    def _hash(turn: int, data: bytes) -> bytes:
        return hashlib.sha256(struct.pack(">Q", turn) + data).digest()
