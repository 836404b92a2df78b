"""Marks: what says that a file in the drop folder is whole, and which file that is.

`NAME.ok` stands beside `NAME`. Empty, it speaks for the file as it is, and so must not be older
than it. With the file's SHA-256, as `sha256sum` writes it, it speaks for that content alone, and
may come first. Anything else in it is no mark.
"""

import re
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final

MARK: Final = ".ok"
_LONGEST: Final = 4_096
"""Bytes of a mark that are read: a digest and the name of its file."""
_DIGEST: Final = re.compile(rb"([0-9a-fA-F]{64})(\s.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """What says that a file is whole; `sha256` in hex digits, None where it names no content."""

    sha256: str | None
    is_older: bool
    """Whether the file was changed since."""


def mark_of(file: Path) -> Mark | None:
    """Return the mark of a file, if it has one; raise OSError where it cannot be read."""
    beside = _beside(file)
    try:
        with beside.open("rb") as source:
            said = source.read(_LONGEST).strip()
        is_older = beside.stat().st_mtime_ns < file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    if not said:
        return None if is_older else Mark(None, is_older)
    found = _DIGEST.fullmatch(said)
    return Mark(found[1].decode().lower(), is_older) if found else None


def is_as_said(file: Path, mark: Mark) -> bool:
    """Whether a file is the one that its mark speaks for; reads all of it to know."""
    if mark.sha256 is None:
        return True
    with file.open("rb") as source:
        return file_digest(source, "sha256").hexdigest() == mark.sha256


def unmark(file: Path) -> None:
    """Take away the mark of a file that is done with: the next of its name needs its own."""
    _beside(file).unlink(missing_ok=True)


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}{MARK}")
