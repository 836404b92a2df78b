"""What a day brings is looked for a page at a time, and no page costs what all of them do."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from shared.testing.builders import NOW
from sync_server.store.database import open_sqlite
from sync_server.turning import WORKS
from tests.server.account_bank import AccountBank


def test_pages_are_read_in_the_order_in_which_they_lie(tmp_path: Path) -> None:
    """A page for which the database first puts all that follows it in order takes as long as they
    do: a day would take the square of the bank."""
    database = open_sqlite(tmp_path / "server.db")
    AccountBank(database)
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *about: asked.append((about[2], about[3])),
    )

    for work in WORKS:
        work(database, NOW)

    pages = [(said, values) for said, values in asked if "ORDER BY" in said and "LIMIT" in said]
    plans = {}
    with database.reading() as connection:
        for said, values in pages:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all()
            plans[said] = [row.detail for row in plan]
    assert len(plans) >= 8
    assert [said for said, plan in plans.items() if "USE TEMP B-TREE FOR ORDER BY" in plan] == []
    database.close()
