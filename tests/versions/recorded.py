"""What 0.1.0 left, put where a test may open it."""

import shutil
from pathlib import Path
from typing import Final

import psycopg
import pytest

RELEASE: Final = Path(__file__).parent / "0.1.0"
KEY: Final = b"lin".ljust(32)
"""Of both files of the tablet."""


def server_file(folder: Path) -> Path:
    """Lay the server's SQLite file into a folder."""
    return Path(shutil.copy(RELEASE / "server" / "server.db", folder / "server.db"))


def server_in_postgresql(request: pytest.FixtureRequest) -> str:
    """Fill the PostgreSQL of the tests with the server's database; return its URL."""
    url: str = request.getfixturevalue("postgresql_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        for statement in (RELEASE / "server" / "server.sql").read_text("utf-8").splitlines():
            connection.execute(statement.encode())
    return url


def device_files(folder: Path) -> Path:
    """Lay the tablet's files into a folder."""
    return Path(shutil.copytree(RELEASE / "device", folder / "device"))
