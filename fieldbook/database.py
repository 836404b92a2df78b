"""Opening the database that a command line names, and saying plainly why it cannot be opened."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fieldbook.stop import Stop
from sync_server.store.database import (
    Database,
    DatabaseUnavailable,
    open_postgresql,
    open_sqlite,
)
from sync_server.store.upgrade import SchemaMismatch

FILE: Final = "fieldbook.db"


@contextmanager
def opened(asked: argparse.Namespace, *, must_exist: bool = False) -> Iterator[Database]:
    """Open what `--data` or `--database` names; raise Stop with a sentence otherwise.

    A folder without a database gets a new one, unless there `must_exist` one: what is to be
    checked must not be made by checking it.
    """
    database = _open(asked.data, getattr(asked, "database", None), must_exist=must_exist)
    try:
        yield database
    finally:
        database.close()


def _open(data: Path | None, url: str | None, *, must_exist: bool) -> Database:
    try:
        if url is not None:
            return open_postgresql(url)
        assert data is not None  # noqa: S101 - the command line demands one of the two
        if must_exist and not (data / FILE).exists():
            raise Stop(f"There is no {FILE} in {data}. Nothing was done; name the server's folder.")
        return open_sqlite(data / FILE)
    except SchemaMismatch as error:
        raise Stop(f"{error}. Nothing was changed; install the newer version here, too.") from None
    except OSError as error:
        raise Stop(f"The folder {data} cannot be used: {error.strerror}.") from None
    except DatabaseUnavailable as error:
        raise Stop(f"The database cannot be opened: {error}. Nothing was changed.") from None
