"""Columns: what they are called in English and in Chinese, and which a file must have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.errors import refused


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of file."""

    name: str
    chinese: tuple[str, ...]
    """What else a header may call it."""
    required: bool = True


REMARK: Final = Column("remark", ("备注", "说明事项"), required=False)
"""For people; every kind of file may have it, and nobody reads it."""
REFUSED: Final = Column("refused", ("退回编号",), required=False)
"""The refused row that this one corrects."""
REASON: Final = Column("reason", ("退回原因",), required=False)
"""Why it was refused; for people."""
RAW: Final = Column("raw", ("原文",), required=False)
"""The text of a line that could not be read; for people."""
OF_REFUSED: Final = (REASON, RAW, REFUSED)
"""What every kind of file may have besides, once it was given out for correction."""


def named(columns: Sequence[Column]) -> Mapping[str, str]:
    """Look the names of columns up by everything that a header may call them."""
    return {called: column.name for column in columns for called in (column.name, *column.chinese)}


def columns_of_header(cells: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Return the column of each cell of a header.

    A column that nobody knows is refused: it may be a misspelt amount, and would be silently zero.
    A line of which no cell is known is no header but a customer's data, and none of it is repeated.
    """
    names = named(columns)
    found = [names.get(cell.lower(), "") for cell in cells]
    unknown = [cell for cell, name in zip(cells, found, strict=True) if not name]
    twice = [
        cell for cell, name in zip(cells, found, strict=True) if name and found.count(name) > 1
    ]
    if any(found) and (unknown or twice):
        raise refused("file_unknown_columns", columns=", ".join(unknown or twice))
    if lacking := [each.name for each in columns if each.required and each.name not in found]:
        raise refused("file_lacks_columns", columns=", ".join(lacking))
    return found
