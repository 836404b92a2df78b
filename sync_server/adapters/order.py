"""The order in which a file goes in: what lies together in the record is written together.

Theory of operation. A file of accounts is in the order of their numbers, the record in that of its
customers. Written as it comes, each row changes pages of the database that no row near it does, and
each of a customer's accounts brings the customer anew. So where much is to be written, the rows are
first read to the file's end and put down in a temporary database; from there they come in the order
of where they belong, and a transaction finds its customers side by side, each once.

It is an order and nothing else: whose a row is, is found out when it is written. Rows about one
thing keep the order of their lines, wherever each of them would belong, so that the last word wins.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Final, NamedTuple

from pydantic_core import from_json, to_json

from sync_server.adapters.lines import Row, Spoilt
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.store.unit_of_work import CHUNK


class Place(NamedTuple):
    """Where a row belongs: the thing it is about, and that thing's home as far as one can tell."""

    thing: str
    home: str | None


Places = Callable[[Database, Sequence[Row]], Sequence[Place]]
"""Finds the places of rows."""
_CACHE_KIB: Final = 8 * 1_024
"""Of the temporary database in memory; what is more is on the disk, and gone when it is closed."""
_SPOOL: Final = f"""
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE said (line INTEGER PRIMARY KEY, thing TEXT, home TEXT, cells BLOB);
BEGIN;
"""
_KEEP: Final = "INSERT INTO said VALUES (?, ?, ?, ?)"
_IN_ORDER: Final = """
SELECT line, cells FROM (
    SELECT line, cells, first_value(home) OVER (PARTITION BY thing ORDER BY line) AS home FROM said
) ORDER BY home, line
"""


def in_order(
    database: Database,
    places: Places,
    rows: Iterator[Row | Spoilt],
    read_on: Callable[[], object],
) -> Iterator[Row | Spoilt]:
    """Yield rows in the order of their places; lines that cannot be read have none, and come first.

    `read_on` is called now and then while the file is read. Raises DatabaseUnavailable where the
    disk has no room for them.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as spool:
            spool.executescript(_SPOOL)
            while some := list(islice(rows, CHUNK)):
                yield from (each for each in some if isinstance(each, Spoilt))
                _keep(spool, database, places, [each for each in some if isinstance(each, Row)])
                read_on()
            for line, cells in spool.execute(_IN_ORDER):
                yield Row(line, from_json(cells))
    except sqlite3.OperationalError as error:
        raise DatabaseUnavailable(str(error)) from error


def _keep(
    spool: sqlite3.Connection, database: Database, places: Places, rows: Sequence[Row]
) -> None:
    found = places(database, rows)
    said = [(row.line, *place, to_json(row.cells)) for row, place in zip(rows, found, strict=True)]
    spool.executemany(_KEEP, said)
