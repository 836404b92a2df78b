"""Files that are carried by hand: looked at before they are read, and written whole or not."""

import os
from pathlib import Path

from fieldbook.stop import Stop
from shared.sync.bundle import HEADER_BYTES, Kind, read_header


def read(path: Path, kind: Kind) -> bytes:
    """Read a file of this kind; one that is something else is refused by its first line."""
    try:
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES)
            read_header(start, kind)
            return start + file.read()
    except OSError as error:
        raise Stop(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from None


def write(path: Path, content: bytes) -> None:
    """Write a file and see it onto the disk: a stick is pulled out as soon as this returns."""
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Stop(f"{path} cannot be written: {error.strerror}. No file was made.") from None
