"""The database: one SQLite file or PostgreSQL, opened, created and read in one consistent snapshot.

SQLite runs WAL with synchronous=FULL: with NORMAL, simulated power loss lost acknowledged writes.
Writers take the write lock at BEGIN, so that two of them never deadlock on an upgrade.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import ConnectionPoolEntry

from sync_server.store.schema import meta, sync_clock
from sync_server.store.upgrade import bring_up

_BUSY_MS: Final = 10_000
_POOL_WAIT_S: Final = 10
"""How long a transaction waits for a connection: whoever asked is still there to be told."""
_CACHE_KIB: Final = 8 * 1_024
"""Of pages in memory, a connection: a full batch changes 2 MB of them, and SQLite's own 2 MB had
it write pages before the commit and read them again."""
_COLLISIONS: Final = ("40001", "40P01")
"""What PostgreSQL says of two transactions in each other's way: serialization, deadlock."""
_Result = TypeVar("_Result")


class DatabaseUnavailable(Exception):
    """The database cannot be read or written now; nothing of the transaction was kept."""


class _Turn:
    """Lets one thread write at a time: SQLite would have the others poll for its lock and sleep."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_BUSY_MS / 1_000):
            raise DatabaseUnavailable("another transaction writes for too long")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Database:
    """One open database. `write`, `writing` and `reading` are the only ways to a connection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._mark = "%s" if self.is_postgresql else "?"
        self._turn = nullcontext() if self.is_postgresql else _Turn()
        try:
            with self.writing() as connection:
                self.generation, self.cursor_key = _prepare(connection)
        except BaseException:
            engine.dispose()
            raise

    @contextmanager
    def _available(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise DatabaseUnavailable(str(error.orig)) from error
        except PoolExhausted as error:
            raise DatabaseUnavailable("every connection is in use") from error

    def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """Do `work` in one writing transaction, and once anew if another one was in its way.

        Two connections may bring the same operations at the same moment: the second finds its
        rows taken, is rolled back, and the next time round knows them.
        """
        try:
            with self.writing() as connection:
                return work(connection)
        except (IntegrityError, DatabaseUnavailable) as error:
            if not _is_collision(error):
                raise
        with self.writing() as connection:
            return work(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that will write; commit at the end, roll back on an exception."""
        with self._turn, self._available(), self.engine.connect() as connection:
            if not self.is_postgresql:
                connection = connection.execution_options(begin="IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one snapshot, whatever is committed meanwhile."""
        with self._available(), self.engine.connect() as connection:
            if self.is_postgresql:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def ask(self, statement: str, *values: object) -> Sequence[Sequence[Any]]:
        """Return the rows of one SELECT with `?` for its values, which is a snapshot by itself.

        As text and without a transaction, for what every exchange asks: that takes a fifth of the
        time. Raises DatabaseUnavailable.
        """
        driver: Any = self.engine.dialect.dbapi
        with self._available():
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(statement.replace("?", self._mark), values)
                return cursor.fetchall()
            except driver.OperationalError as error:
                raise DatabaseUnavailable(str(error)) from error
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection; one that is in use, as a thread that nobody waits for may still
        have it, as soon as it is given back."""
        event.listen(self.engine, "checkin", _close_given_back)
        self.engine.dispose()


def _close_given_back(_: object, record: ConnectionPoolEntry) -> None:
    record.close()


def _is_collision(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        return True
    cause = getattr(error.__cause__, "orig", None)
    return getattr(cause, "sqlstate", None) in _COLLISIONS


def open_sqlite(path: Path) -> Database:
    """Open or create a database in one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False},
        pool_timeout=_POOL_WAIT_S,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def open_postgresql(url: str) -> Database:
    """Open or create a database in PostgreSQL; `url` is postgresql://..."""
    driver_url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # Without hide_parameters an error message carries customers' details into the log.
    return Database(
        create_engine(
            driver_url,
            pool_size=8,
            pool_timeout=_POOL_WAIT_S,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    )


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={_BUSY_MS}",
        "wal_autocheckpoint=4096",
        f"cache_size=-{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _prepare(connection: Connection) -> tuple[str, bytes]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(70_514)")
    values = bring_up(connection)
    if not values:
        values = _first_values()
        connection.execute(
            meta.insert(), [{"key": key, "value": value} for key, value in values.items()]
        )
        connection.execute(sync_clock.insert(), {"id": 1, "seq": 0})
    return values["generation"], bytes.fromhex(values["cursor_key"])


def _first_values() -> dict[str, str]:
    return {
        "generation": secrets.token_hex(8),
        "cursor_key": secrets.token_hex(32),
    }
