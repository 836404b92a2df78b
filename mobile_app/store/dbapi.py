"""PEP 249 over apsw: the DBAPI that SQLAlchemy's SQLite dialect talks to.

SQLite3 Multiple Ciphers comes to Python as apsw, on every desktop and in the browser, and apsw
deliberately is no DBAPI. Only what SQLAlchemy calls is here.

Two differences from the standard library's sqlite3 matter to callers. A transaction begins where
SQLAlchemy says so (`Connection.begin`), never implicitly before a statement, so DDL is
transactional too. And a statement that writes has run to its end when `execute` returns, so its
`rowcount` is final even with RETURNING.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import apsw

apilevel = "2.0"
threadsafety = 1
paramstyle = "qmark"
sqlite_version = apsw.sqlite_lib_version()
sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))

Row = tuple[Any, ...]
Parameters = Sequence[Any] | Mapping[str, Any]
Description = tuple[tuple[str, str, None, None, None, None, None], ...]

Binary = bytes

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"

CHECKPOINT_PAGES = 1_000
"""How long the journal may grow before its pages are copied into the database; SQLite's own."""


class Warning(Exception):
    """Required by PEP 249; SQLite gives no warnings."""


class Error(Exception):
    """Base of everything SQLite refuses; `code` is its extended result code, 0 when none."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class InterfaceError(Error):
    """The interface was misused."""


class DatabaseError(Error):
    """The file is damaged, or is no database under this key."""


class DataError(DatabaseError):
    """A value is too big."""


class OperationalError(DatabaseError):
    """The database could not do it now: locked, an IO error, bad SQL."""


class NoRoom(OperationalError):
    """The disk is full."""


class IntegrityError(DatabaseError):
    """A constraint was violated."""


class InternalError(DatabaseError):
    """SQLite reports a fault of its own."""


class ProgrammingError(DatabaseError):
    """The statement and its parameters don't fit, or the connection is closed."""


class NotSupportedError(DatabaseError):
    """What this DBAPI doesn't do."""


# The same table the standard library uses (Modules/_sqlite/util.c), so that code and SQLAlchemy's
# suite see the classes they know. What isn't listed is an OperationalError.
_CLASSES: dict[type[apsw.Error], type[Error]] = {
    apsw.ConstraintError: IntegrityError,
    apsw.FullError: NoRoom,
    apsw.MismatchError: IntegrityError,
    apsw.TooBigError: DataError,
    apsw.CorruptError: DatabaseError,
    apsw.NotADBError: DatabaseError,
    apsw.InternalError: InternalError,
    apsw.NotFoundError: InternalError,
    apsw.MisuseError: InterfaceError,
    apsw.RangeError: InterfaceError,
    apsw.BindingsError: ProgrammingError,
    apsw.ConnectionClosedError: ProgrammingError,
    apsw.CursorClosedError: ProgrammingError,
}


def translated(error: apsw.Error) -> Error:
    """The PEP 249 error for one of apsw's, with SQLite's extended code kept."""
    kind = _CLASSES.get(type(error), OperationalError)
    return kind(str(error), getattr(error, "extendedresult", 0))


class Cursor:
    """One statement at a time; rows come lazily for reads and are held for writes."""

    def __init__(self, connection: Connection) -> None:
        self.arraysize = 1
        self.description: Description | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._connection, self._db = connection, connection.driver
        self._cursor = connection.driver.cursor()
        self._rows: Iterator[Row] = iter(())
        self._writes = False
        # apsw forgets the description once the last row is out, which for an empty result is
        # before execute returns; the tracer sees it in time.
        self._cursor.exec_trace = self._before_execution

    def _before_execution(self, cursor: apsw.Cursor, *_: object) -> bool:
        self.description = cursor.description or None
        self._writes = not cursor.is_readonly
        if self._writes:
            self._connection.check_may_write()
        return True

    def execute(self, statement: str, parameters: Parameters = ()) -> Cursor:
        """Run one statement. Raises: `Error`, by SQLite's result code."""
        self.rowcount = -1
        try:
            self._cursor.execute(statement, parameters or None)
            self._rows = self._cursor
            if self._writes:
                self._run_to_end()
        except apsw.Error as error:
            raise translated(error) from error
        except TypeError as error:
            raise ProgrammingError(str(error)) from error
        return self

    def _run_to_end(self) -> None:
        self._rows = iter(self._cursor.fetchall())
        self.rowcount = self._db.changes()
        self.lastrowid = self._db.last_insert_rowid()

    def executemany(self, statement: str, many: Iterable[Parameters]) -> Cursor:
        """Run one statement for each of many parameter rows, in a single call into C."""
        self._connection.check_may_write()
        before = self._db.total_changes()
        # The tracer would be called for every row: 438,000 rows/s of 18 columns without it, 359,000
        # with.
        self._cursor.exec_trace = None
        try:
            self._rows = iter(self._cursor.executemany(statement, many).fetchall())
        except apsw.Error as error:
            raise translated(error) from error
        except TypeError as error:
            raise ProgrammingError(str(error)) from error
        finally:
            self._cursor.exec_trace = self._before_execution
        self.description = None
        self.rowcount = self._db.total_changes() - before
        return self

    def fetchone(self) -> Row | None:
        """The next row, or None after the last."""
        return next(self, None)

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Up to `size` further rows."""
        return list(itertools.islice(self, self.arraysize if size is None else size))

    def fetchall(self) -> list[Row]:
        """All further rows."""
        try:
            return list(self._rows)
        except apsw.Error as error:
            raise translated(error) from error

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        try:
            return next(self._rows)
        except apsw.Error as error:
            raise translated(error) from error

    def close(self) -> None:
        """Drop the statement and what is left of its rows."""
        self._rows = iter(())
        self._cursor.exec_trace = None  # it refers to this object: without it no cycle is left
        self._cursor.close(True)

    def setinputsizes(self, sizes: object) -> None:
        """Required by PEP 249; SQLite has no use for it."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Required by PEP 249; SQLite has no use for it."""


class Connection:
    """One apsw connection with PEP 249's transactions, begun explicitly.

    `isolation_level` is None for autocommit, as in the standard library's sqlite3: SQLAlchemy's
    dialect sets it. `driver` is the apsw connection, for PRAGMAs and the VFS.
    """

    def __init__(self, driver: apsw.Connection) -> None:
        self.driver = driver
        self.isolation_level: str | None = ""
        self._begin = WRITE
        self._journal_pages = 0
        driver.set_wal_hook(self._note_journal)

    def cursor(self) -> Cursor:
        """A new cursor. Raises: `ProgrammingError` when the connection is closed."""
        try:
            return Cursor(self)
        except apsw.ConnectionClosedError as error:
            raise ProgrammingError("Cannot operate on a closed database.") from error

    def execute(self, statement: str, parameters: Parameters = ()) -> Cursor:
        """A cursor that has run this statement."""
        return self.cursor().execute(statement, parameters)

    def ask(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of one SELECT: without a cursor's description, and nothing left open."""
        try:
            return self.driver.execute(statement, parameters).fetchall()
        except apsw.Error as error:
            raise translated(error) from error

    def run(self, statement: str, parameters: Parameters = ()) -> int:
        """Run one statement that writes; return how many rows it changed."""
        try:
            self.driver.execute(statement, parameters)
        except apsw.Error as error:
            raise translated(error) from error
        return self.driver.changes()

    def run_many(self, statement: str, many: Iterable[Parameters]) -> None:
        """Run one statement that writes for each of many parameter rows."""
        try:
            self.driver.executemany(statement, many)
        except apsw.Error as error:
            raise translated(error) from error

    def begin(self) -> None:
        """Start a transaction: with the write lock, or without it inside `read_only`."""
        if self.isolation_level is not None and not self.driver.in_transaction:
            self._run(self._begin)

    def commit(self) -> None:
        """Make the transaction durable; without one, nothing."""
        if self.driver.in_transaction:
            self._run("COMMIT")
        self._tidy_up()

    def _note_journal(self, _driver: apsw.Connection, _name: str, pages: int) -> int:
        self._journal_pages = pages
        return apsw.SQLITE_OK

    def _tidy_up(self) -> None:
        """Copy a long journal into the database, as SQLite itself would within the commit.

        There, no room for it looks like a commit that failed, when the file system is written in
        Python as in a browser: the commit stands, and the next one tries again.
        """
        if self._journal_pages >= CHECKPOINT_PAGES:
            with suppress(apsw.Error):
                self.driver.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._journal_pages = 0

    def rollback(self) -> None:
        """Undo the transaction; SQLite may have done so itself after a full disk."""
        if self.driver.in_transaction:
            self._run("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin, and commit at the end of the block; undo it if it raises."""
        self.begin()
        try:
            yield
            self.commit()
        finally:
            self.rollback()

    @contextmanager
    def unflushed(self) -> Iterator[None]:
        """Commit without waiting for the disk until the block ends."""
        self.driver.pragma("synchronous", "normal")
        try:
            yield
        finally:
            self.driver.pragma("synchronous", "full")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Begin without the write lock and refuse writes, until the block ends.

        Not by PRAGMA query_only: setting it makes SQLite forget every prepared statement, and each
        statement of the app then took 50 us to prepare where it takes 5 to run.
        """
        self._begin = READ
        try:
            yield
        finally:
            self._begin = WRITE

    def check_may_write(self) -> None:
        """Raise `OperationalError` inside `read_only`."""
        if self._begin is READ:
            raise OperationalError("attempt to write a readonly database")

    def create_function(
        self, name: str, arguments: int, function: Callable[..., Any], *, deterministic: bool = True
    ) -> None:
        """Register a Python function for SQL; SQLAlchemy brings `regexp` and `floor`."""
        self.driver.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def close(self) -> None:
        """Close the file; what was not committed is undone."""
        with suppress(apsw.FullError):  # closed all the same; only the journal was not tidied up
            self.driver.close()

    def _run(self, statement: str) -> None:
        try:
            self.driver.execute(statement)
        except apsw.Error as error:
            raise translated(error) from error


def connect(path: str) -> Connection:
    """Required by PEP 249, and refused: a file is opened through `bridge`, which encrypts it."""
    raise NotSupportedError(f"{path}: open_engine is the only way to a file")
