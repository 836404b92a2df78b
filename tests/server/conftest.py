"""What many of the server's tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("shared.testing.store_contract")

from fieldbook.branch import Branch  # noqa: E402
from sync_server.store.database import Database, open_postgresql, open_sqlite  # noqa: E402
from tests.server.sql_store import empty  # noqa: E402


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, once of either kind."""
    if request.param == "sqlite":
        made = open_sqlite(tmp_path / "server.db")
    else:
        made = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    yield made
    made.close()


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    """A branch on the disk that has nothing yet."""
    made = Branch(tmp_path)
    made.data.mkdir()
    return made
