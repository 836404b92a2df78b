"""Collaborations on PostgreSQL, where two exchanges run at the same moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shared.registry import Document
from shared.sync.ruling import Caller
from shared.testing.around import a_collaborator
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    a_task,
    a_unit,
    an_employee,
    insert,
    transition,
    txn,
)
from sync_server.store.database import open_postgresql
from sync_server.store.moves import move_customer
from tests.server.sql_store import SqlStore, empty


@pytest.fixture
def store(postgresql_url: str) -> Iterator[SqlStore]:
    database = empty(open_postgresql(postgresql_url))
    made = SqlStore(database)
    unit = a_unit("head_office", None, id="u1")
    made.bring("org_unit", unit)
    made.bring("employee", *(an_employee("u1", id=id, employee_no=id) for id in ("lin", "zhou")))
    made.bring("customer", *(a_customer("lin", id=f"c{n}") for n in range(8)))
    yield made
    database.close()


LIN: Caller = a_caller("lin")


def test_a_task_and_a_collaborator_at_the_same_moment_see_each_other(store: SqlStore) -> None:
    for customer in (f"c{n}" for n in range(8)):
        both = Barrier(2)

        def send(entity: str, document: Document, both: Barrier = both) -> None:
            both.wait()
            store.push(LIN, [txn(insert(entity, document))])

        with ThreadPoolExecutor(2) as pool:
            step = a_task(customer, title="送方案")
            sent = [
                pool.submit(send, "task", step),
                pool.submit(send, "collaborator", a_collaborator(customer, "zhou", "lin")),
            ]
            assert [each.result() for each in sent] == [None, None]

    rows = [row.document for row in store.rows("collaboration").values()]
    assert [row["next_step"] for row in rows] == ["送方案"] * 8


def test_an_ended_collaboration_is_gone(store: SqlStore) -> None:
    named = a_collaborator("c1", "zhou", "lin")
    store.push(LIN, [txn(insert("collaborator", named))])
    assert len(store.rows("collaboration")) == 1
    said = {"reason": "贷款已放", "ended_at": 1}

    step = transition("collaborator", str(named["id"]), "status", "active", "ended", **said)
    store.push(LIN, [txn(step)])

    assert store.rows("collaboration") == {}


def test_what_came_back_can_be_gone_again(store: SqlStore) -> None:
    named = a_collaborator("c1", "zhou", "lin")
    store.push(LIN, [txn(insert("collaborator", named))])
    [before] = store.rows("collaboration")
    for owner, held in (("zhou", []), ("lin", [before]), ("zhou", [])):
        with store.database.writing() as connection:
            move_customer(connection, "c1", owner, NOW)

        assert list(store.rows("collaboration")) == held
