"""The rows of a file: CSV with a header, or JSON Lines, told apart by how the file begins.

One line is one row. A quote that somebody forgot to close then spoils its own row and no other.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Final

from shared.errors import Refusal, refused
from sync_server.adapters.columns import (
    OF_REFUSED,
    RAW,
    REFUSED,
    Column,
    columns_of_header,
    named,
)
from sync_server.adapters.text import LONGEST_LINE, encoding_of, lines_of

TEXT_MARK: Final = "'"
"""Before a cell of the refused rows that were given out for correction, so that a spreadsheet
leaves its digits and dates as they are and reckons no formula."""
_OF_REFUSED: Final = frozenset(column.name for column in OF_REFUSED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: the texts of its cells by column, empty ones left out."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One line that cannot be read, and why; of its text as much as is kept of a line."""

    line: int
    why: Refusal
    text: str


def rows_of(source: BinaryIO, columns: Sequence[Column]) -> Iterator[Row | Spoilt]:
    """Yield the rows of a file of these columns, in order.

    Raises a refusal of the whole file before the first row: `file_encoding`, `file_empty`,
    `file_lacks_columns`, `file_unknown_columns`.
    """
    lines = (each for each in lines_of(source, encoding_of(source)) if each[1].strip())
    first = next(lines, None)
    if first is None:
        raise refused("file_empty")
    if first[1].lstrip().startswith("{"):
        return _json_rows(chain([first], lines), columns)
    return _csv_rows(lines, columns_of_header(_cells(first[1]), columns))


def _csv_rows(lines: Iterator[tuple[int, str]], header: Sequence[str]) -> Iterator[Row | Spoilt]:
    is_marked = REFUSED.name in header
    for line, text in lines:
        try:
            cells = _cells(text)
            if is_marked:
                cells = [cell.removeprefix(TEXT_MARK) for cell in cells]
            if len(cells) != len(header):
                raise refused("row_cells", found=len(cells), wanted=len(header))
        except Refusal as why:
            yield Spoilt(line, why, text)
        else:
            said = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
            if RAW.name in said and said.keys() <= _OF_REFUSED:
                yield Spoilt(line, refused("row_uncorrected"), said[RAW.name])
            else:
                yield Row(line, said)


def _cells(text: str) -> list[str]:
    if len(text) > LONGEST_LINE:
        raise refused("row_unreadable")
    if '"' not in text:  # so are most lines, and a reader for each takes five times as long
        return [cell.strip() for cell in text.split(",")]
    try:
        return [cell.strip() for cell in next(csv.reader([text], strict=True))]
    except csv.Error:
        raise refused("row_unreadable") from None


def _json_rows(
    lines: Iterator[tuple[int, str]], columns: Sequence[Column]
) -> Iterator[Row | Spoilt]:
    names = named(columns)
    for line, text in lines:
        try:
            yield Row(line, _object(text, names))
        except Refusal as why:
            yield Spoilt(line, why, text)


def _object(text: str, names: Mapping[str, str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, value in _pairs(text):
        name = names.get(key.strip().lower())
        if name is None:
            raise refused("row_column", column=key)
        if name in cells or isinstance(value, list | dict):
            raise refused("row_value", column=key, value="…", wanted="one text or number")
        if value is not None and (cell := _text(value)):
            cells[name] = cell
    return cells


def _pairs(text: str) -> list[tuple[str, Any]]:
    """Read one object, its numbers as the texts that they are: a float would lose fen."""
    if len(text) > LONGEST_LINE:
        raise refused("row_unreadable")
    try:
        # Objects come as tuples, so that a list inside is told from an object inside.
        found = json.loads(
            text, object_pairs_hook=tuple, parse_float=str, parse_int=str, parse_constant=str
        )
    except (ValueError, RecursionError):
        raise refused("row_unreadable") from None
    if not isinstance(found, tuple):
        raise refused("row_unreadable")
    return [(key, list(value) if isinstance(value, tuple) else value) for key, value in found]


def _text(value: str | bool) -> str:
    """Return a value as its text; escapes can say what no text is, and no database would take."""
    if isinstance(value, bool):
        return str(value).lower()
    if "\0" in value or not _is_text(value):
        raise refused("row_unreadable")
    return value.strip()


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
