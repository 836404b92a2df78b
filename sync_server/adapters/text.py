"""Which text a file is: UTF-8 or GB18030 (and so GBK), with or without a byte order mark.

A file is decoded once to find out, and again to read it: a guess by its beginning would break off
at the first Chinese name, after half of the file was taken in.
"""

import codecs
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO, Final

from shared.errors import refused

_BLOCK: Final = 64 * 1024
LONGEST_LINE: Final = 64 * 1024
"""Characters; a longer line is no row of ours, and is not kept in memory."""
_ENCODINGS: Final = ("utf-8", "gb18030")
"""In this order: hardly any Chinese text in GB18030 is valid UTF-8, while the other way round
almost any file would pass."""
_MARK: Final = "\ufeff"


def encoding_of(source: BinaryIO) -> str:
    """Return the encoding of a file, which is read to its end and set back to its beginning.

    Raises the refusal `file_encoding` for a file that is neither, or no text at all.
    """
    for encoding in _ENCODINGS:
        source.seek(0)
        if _decodes(source, encoding):
            source.seek(0)
            return encoding
    raise refused("file_encoding")


def _decodes(source: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while block := source.read(_BLOCK):
            # UTF-16 and every binary file have a NUL somewhere; no text of ours has.
            if "\0" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def lines_of(source: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers from 1, without their ends.

    A line that is too long is cut after LONGEST_LINE characters. The file is left open.
    """
    text = TextIOWrapper(source, encoding, newline=None)
    try:
        number = 0
        while line := text.readline(LONGEST_LINE + 1):
            number += 1
            while not line.endswith("\n") and (rest := text.readline(_BLOCK)):
                line = line[: LONGEST_LINE + 1] + rest[-1:]
            yield number, (line.removeprefix(_MARK) if number == 1 else line).rstrip("\n")
    finally:
        if not source.closed:  # by whoever opened it, and then there is nothing to let go
            text.detach()
