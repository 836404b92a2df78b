"""What a table shows to whoever reads it past the server: a query, a dump, an extract."""

import json
from typing import Any

from sqlalchemy import Connection, text


def cells(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table as a query shows them."""
    every = connection.execute(text(f"SELECT * FROM {table}"))
    return [
        tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row)
        for row in every
    ]


def is_shown(rows: list[tuple[Any, ...]], word: str) -> bool:
    """Whether a word stands in some cell, also as JSON would escape it."""
    found = [
        cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row
    ]
    ways = word.encode(), json.dumps(word)[1:-1].encode()
    return any(way in cell for cell in found for way in ways)
