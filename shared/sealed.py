"""A sealed file: facts and parts in an encrypted database that is made and read in memory.

What is carried by hand between device and server is closed with what closes the device's own
files, SQLite3 Multiple Ciphers with a raw key, since `cryptography` has no wheel for the browser
and a cipher of our own is out of the question. The database lives in SQLite's `memdb`, under the
cipher's layer: its bytes are those of an encrypted file, and neither a browser without a file
system nor a server leaves one behind.

Every page carries an authentication tag over its place and its content, so that a changed bit, a
page out of order or a missing end is noticed. (Of the first 24 bytes, which lie open, some carry
nothing: to change those changes nothing that is read.)
Pages of two files under one key could be mixed unnoticed: a key is used for one file.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

import apsw

KEY_BYTES: Final = 32
_CIPHER: Final = "aegis"
_PLAIN, _SEALED = "memdb", "multipleciphers-memdb"
_OPEN: Final = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_TABLES: Final = (
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE part (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
)
_numbers: Final = count(1)


class NotOpened(Exception):
    """The key does not fit, or the content is damaged, cut short, or no sealed file at all."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed file holds."""

    facts: Mapping[str, str]
    parts: tuple[bytes, ...]


def seal(content: Sealed, key: bytes) -> bytes:
    """Return the bytes of an encrypted file with this content; its raw key is 32 bytes."""
    with _memory() as (name, file):
        with closing(_connected(name, key)) as database:
            # Nobody reads a file that was not finished, so nothing has to be undone.
            database.pragma("journal_mode", "off")
            with database:
                for table in _TABLES:
                    database.execute(table)
                database.executemany("INSERT INTO fact VALUES (?, ?)", content.facts.items())
                numbered = enumerate(content.parts, 1)
                database.executemany("INSERT INTO part VALUES (?, ?)", numbered)
        return file.xRead(file.xFileSize(), 0)


def unseal(sealed: bytes, key: bytes) -> Sealed:
    """Return what a sealed file holds; raise NotOpened where it is not what `seal` returned."""
    try:
        with _memory() as (name, file):
            file.xWrite(sealed, 0)
            with closing(_connected(name, key)) as database:
                return _content(database, len(sealed))
    except apsw.Error as error:
        raise NotOpened(str(error)) from error


def _content(database: apsw.Connection, size: int) -> Sealed:
    # Whoever has the key could have put a view there that never ends.
    tables = tuple(row[0] for row in database.execute("SELECT sql FROM sqlite_schema"))
    if tables != _TABLES:
        raise NotOpened("it holds something else")
    if database.pragma("page_count") * database.pragma("page_size") != size:
        raise NotOpened("something was added to it")
    facts = dict(database.execute("SELECT name, value FROM fact"))
    parts = tuple(row[0] for row in database.execute("SELECT body FROM part ORDER BY number"))
    return Sealed(facts, parts)


@contextmanager
def _memory() -> Iterator[tuple[str, apsw.VFSFile]]:
    """A file in memory, by a name that no other has; it is gone once nobody has it open."""
    name = f"/sealed-{next(_numbers)}"
    file = apsw.VFSFile(_PLAIN, name, [_OPEN, 0])
    try:
        yield name, file
    finally:
        file.xClose()


def _connected(name: str, key: bytes) -> apsw.Connection:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a sealed file's key is {KEY_BYTES} bytes")
    database = apsw.Connection(name, vfs=_SEALED)
    # A stock SQLite ignores an unknown PRAGMA and would go on in plain text.
    if database.pragma("cipher", _CIPHER) != _CIPHER:
        database.close()
        raise RuntimeError("apsw without SQLite3 Multiple Ciphers: install apsw-sqlite3mc")
    database.pragma("key", f"raw:{key.hex()}")
    database.pragma("trusted_schema", "off")
    return database
