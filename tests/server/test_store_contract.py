"""The store contract on all three stores, and what only a database can be asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from shared.registry import REGISTRY
from shared.sync.protocol import Txn, Verdict
from shared.testing.builders import (
    a_caller,
    a_customer,
    a_task,
    insert,
    new_id,
    patch,
    txn,
)
from shared.testing.memory import MemoryStore
from shared.testing.store_contract import (
    LIN,
    LINS,
    Store,
    StoreContract,
    agree,
    pulled,
    statuses,
)
from sync_server.store.database import Database, DatabaseUnavailable, open_postgresql, open_sqlite
from sync_server.store.schema import change_log
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.sql_store import SqlStore, empty


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class OfDatabases(StoreContract):
    """What holds for the SQL stores beside the contract."""

    def test_a_transaction_that_fails_leaves_no_row_and_no_step(self, store: SqlStore) -> None:
        head = store.head()

        def fail() -> None:
            with store.database.writing() as connection:
                unit = UnitOfWork(connection, Actor("import:test"), 0)
                unit.import_rows(REGISTRY["customer"], [a_customer(LIN)])
                unit.finish()
                raise InterruptedError

        with pytest.raises(InterruptedError):
            fail()

        assert (store.head(), store.rows("customer")) == (head, {})

    def test_two_connections_with_the_same_visits_count_them_once(self, store: SqlStore) -> None:
        customer = str(self.customer(store)["id"])
        sent = [txn(insert("task", a_task(customer)), insert("task", a_task(customer)))]

        first, second = self.at_once(store, sent, sent)

        assert sorted([*statuses(first), *statuses(second)]) == [
            *["applied"] * 2,
            *["duplicate"] * 2,
        ]
        assert {each["seq"] for each in first} == {each["seq"] for each in second}
        assert len(store.rows("task")) == 2

    def test_two_connections_that_edit_the_same_customers_both_count(self, store: SqlStore) -> None:
        ids = [str(self.customer(store)["id"]) for _ in range(2)]
        notes = [patch("customer", id, contact_note=(None, "午后在")) for id in ids]
        jobs = [patch("customer", id, occupation=(None, "教师")) for id in reversed(ids)]

        first, second = self.at_once(store, [txn(*notes)], [txn(*jobs)])

        assert {*statuses(first), *statuses(second)} <= {"applied", "merged"}
        for id in ids:
            row = store.rows("customer")[id]
            assert (row.document["contact_note"], row.document["occupation"]) == ("午后在", "教师")
            assert row.version == 3

    def at_once(self, store: SqlStore, one: list[Txn], other: list[Txn]) -> list[list[Verdict]]:
        barrier = Barrier(2)

        def push(txns: list[Txn]) -> list[Verdict]:
            barrier.wait()
            return store.push(a_caller(LIN), txns)

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(push, [one, other]))

    def test_writers_at_once_skip_no_seq_and_hide_no_row(self, store: SqlStore) -> None:
        customer = str(self.customer(store)["id"])
        replica = pulled(store, LIN)
        head = store.head()

        def push(_: int) -> int | None:
            return store.push(self.caller, [txn(insert("task", a_task(customer)))])[0]["seq"]

        with ThreadPoolExecutor(4) as pool:
            pushing = pool.map(push, range(24))
            while store.head() < head + 24:
                pulled(store, LIN, replica)
            seqs = list(pushing)

        assert sorted(seq or 0 for seq in seqs) == list(range(head + 1, head + 25))
        assert agree(store, pulled(store, LIN, replica), LINS)

    def test_every_change_names_who_made_it_and_by_which_operation(self, store: SqlStore) -> None:
        op = insert("task", a_task(str(self.customer(store)["id"])))

        store.push(self.caller, [txn(op)])

        with store.database.reading() as connection:
            row = connection.execute(
                select(change_log).where(change_log.c.op_id == op["op_id"])
            ).one()
        assert (row.actor, row.device_id) == (LIN, self.caller.device_id)

    def test_a_database_that_is_opened_again_is_the_same(self, store: SqlStore) -> None:
        before = store.database

        again = Database(before.engine)

        assert (again.generation, again.cursor_key) == (before.generation, before.cursor_key)

    def test_rows_that_change_together_become_each_what_it_is_said_to_be(
        self, store: SqlStore
    ) -> None:
        """Numbers, words and nothing at all, in whatever row."""
        places: list[float | None] = [31.25, None, -0.5]
        people = [a_customer(LIN) for _ in range(9)]
        store.bring("customer", *people)
        changed = [
            person | {"latitude": place, "phone": phone}
            for person, (place, phone) in zip(
                people, product(places, ["15400001234", None, ""]), strict=True
            )
        ]

        store.bring("customer", *changed)

        kept = {id: row.document for id, row in store.rows("customer").items()}
        assert [kept[str(each["id"])] for each in changed] == changed

    def test_a_connection_in_use_at_the_close_is_closed_when_given_back(
        self, store: SqlStore
    ) -> None:
        driver: Any = store.database.engine.dialect.dbapi
        with store.database.reading() as connection:
            kept = connection.connection.driver_connection
            assert kept is not None
            store.database.close()
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1

        with pytest.raises(driver.Error):
            kept.cursor().execute("SELECT 1")


class TestSqlite(OfDatabases):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        database = open_sqlite(tmp_path / "server.db")
        yield SqlStore(database)
        database.close()

    def test_a_file_that_is_no_database_is_said_to_be_unavailable(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUnavailable):
            open_sqlite(tmp_path)


@pytest.fixture(scope="module")
def on_postgresql(postgresql_url: str) -> Iterator[Database]:
    database = open_postgresql(postgresql_url)
    yield database
    database.close()


class TestPostgresql(OfDatabases):
    @pytest.fixture
    def store(self, on_postgresql: Database) -> Store:
        return SqlStore(empty(on_postgresql))

    def test_an_import_about_more_scopes_than_a_notice_can_name_is_taken(
        self, store: SqlStore
    ) -> None:
        """A NOTIFY of PostgreSQL carries less than 8,000 bytes."""
        store.bring("customer", *(a_customer(new_id()) for _ in range(200)))

        assert len(store.rows("customer")) == 200

    def test_an_import_does_not_undo_an_edit_that_is_being_made(self, store: SqlStore) -> None:
        customer = self.customer(store)
        task = a_task(str(customer["id"]))
        store.push(self.caller, [txn(insert("task", task))])

        with ThreadPoolExecutor(1) as pool, store.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("edit"), 0)
            changed = {**task, "title": "改约周五"}
            unit.change(REGISTRY["task"], changed, LINS, 2, b"{}")
            unit.flush()
            moving = pool.submit(store.bring, "customer", {**customer, "owner_id": "zhou"})
            while not _waiting(store.database):
                pass
            unit.finish()
            connection.commit()
            moving.result()

        assert store.rows("task")[str(task["id"])].document["title"] == "改约周五"


def _waiting(database: Database) -> bool:
    """Whether a transaction waits for another one's row."""
    with database.reading() as connection:
        locks = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(connection.exec_driver_sql(locks).scalar())
