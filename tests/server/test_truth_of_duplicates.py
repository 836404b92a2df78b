"""A bank of which it is known who is one: nobody is merged with somebody else by itself."""

from pathlib import Path

import pytest

from bench.doubled import fill, judge, records
from shared.testing.builders import NOW
from sync_server.store.database import open_sqlite
from sync_server.store.duplicates import find
from tests.server.sql_store import SqlStore


@pytest.mark.parametrize("seed", [2, 3])
def test_no_two_customers_are_merged_who_are_not_one(tmp_path: Path, seed: int) -> None:
    known = records(seed, 1_500)
    database = open_sqlite(tmp_path / "fieldbook.db")
    fill(database, known)

    *_, sweep = find(database, NOW)
    judged = judge(database, known)
    before = SqlStore(database).head()
    *_, again = find(database, NOW + 1)
    after = SqlStore(database).head()
    database.close()

    assert judged.wrong == 0
    assert judged.hard > 100
    assert judged.found > 0.8 * judged.doubles > 100
    assert sweep.queued == judged.queue
    assert (again.merged, again.queued, after) == (0, 0, before)
