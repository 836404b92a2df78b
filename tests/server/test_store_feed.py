"""The feed: cursors that cannot be forged, and pages that leave nothing out."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from shared.domain.account import Account, account_id
from shared.registry import REGISTRY, Document
from shared.sync.protocol import MAX_CURSOR
from shared.testing.builders import a_customer, id_number
from shared.testing.replica import Replica
from shared.testing.store_contract import LIN, LINS, ZHOU, ZHOUS, agree
from sync_server.store import feed
from sync_server.store.database import open_sqlite
from sync_server.store.feed import Cursor, seal, unseal
from sync_server.store.rows import head
from sync_server.store.scopes import granted
from tests.server.sql_store import SqlStore

KEY = bytes(range(32))
CURSOR = Cursor("g", 7, {"portfolio:lin": 3}, {"global": 5}, "task", "id")
START = Cursor("g", 0, {}, {})


def test_a_cursor_comes_back_as_it_was_given() -> None:
    assert unseal(seal(CURSOR, KEY), KEY, "g") == CURSOR


@given(st.text() | st.binary().map(lambda raw: raw.hex()))
def test_what_is_no_cursor_starts_anew(text: str) -> None:
    assert unseal(text, KEY, "g") == START


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_forged_cursor_starts_anew(place: int, change: int) -> None:
    sealed = bytearray(seal(CURSOR, KEY), "ascii")
    place %= len(sealed)
    sealed[place] = ord("A") if sealed[place] != ord("A") else ord("B")

    assert unseal(sealed.decode(), KEY, "g") in (START, CURSOR)
    assert unseal(sealed.decode(), bytes(reversed(KEY)), "g") == START


def test_a_cursor_sealed_with_another_key_starts_anew() -> None:
    assert unseal(seal(CURSOR, bytes(32)), KEY, "g") == START


def test_a_cursor_of_another_shape_starts_anew() -> None:
    import base64

    from sync_server.store.feed import _sign

    body = b'{"generation": "g", "place": 7}'
    sealed = base64.urlsafe_b64encode(_sign(body, KEY) + body).decode()

    assert unseal(sealed, KEY, "g") == START


def test_a_cursor_of_a_server_before_its_restore_only_says_what_was_held() -> None:
    restored = unseal(seal(CURSOR, KEY), KEY, "after")

    assert restored == Cursor("after", 0, {}, {}, former=("portfolio:lin", "global"))


def test_a_supervisor_of_thousands_has_a_cursor_that_can_be_sent() -> None:
    scopes = {f"portfolio:{id_number(number)}": 10**9 for number in range(4_000)}

    assert len(seal(replace(CURSOR, scopes=scopes), KEY)) <= MAX_CURSOR


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(open_sqlite(tmp_path / "server.db"))
    store.grant(LIN, LINS, ZHOUS)
    yield store
    store.database.close()


def test_after_a_restore_a_scope_that_was_lost_is_purged_all_the_same(store: SqlStore) -> None:
    store.bring("customer", a_customer(LIN), a_customer(ZHOU))
    replica = Replica().take(store.pull(LIN, None))
    store.database.generation = "restored"
    store.grant(LIN, LINS)

    replica.take(store.pull(LIN, replica.cursor))

    assert agree(store, replica, LINS)


@pytest.mark.parametrize("pages", range(1, 4))
def test_a_scope_that_is_lost_while_a_restored_server_is_read_anew_is_purged(
    store: SqlStore, pages: int
) -> None:
    store.bring("customer", a_customer(LIN), a_customer(ZHOU))
    replica = Replica().take(store.pull(LIN, None))
    store.database.generation = "restored"
    replica.take(islice(store.pull(LIN, replica.cursor), pages))
    store.grant(LIN, LINS)

    replica.take(store.pull(LIN, replica.cursor))

    assert agree(store, replica, LINS)


def test_a_walk_asks_a_scope_only_for_what_it_can_hold(store: SqlStore) -> None:
    store.grant(ZHOU, "global", "user:zhou", "branch:b", ZHOUS)
    asked: list[str] = []
    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    pages = list(store.pull(ZHOU, None))

    begun = [scope for page in pages for scope in page["begin"]]
    complete = [scope for page in pages for scope in page["complete"]]
    walked = [sql for sql in asked if "scope_id = ?" in sql and " > " in sql]
    assert sorted(begun) == sorted(complete) == sorted(["global", "user:zhou", "branch:b", ZHOUS])
    assert sorted(map(table_of, walked)) == sorted(REGISTRY)


def test_accounts_are_walked_by_customer_page_by_page_and_none_is_left_out(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE_ROWS", 3)
    customers = [a_customer(ZHOU) for _ in range(3)]
    store.bring("customer", *customers)
    accounts = [
        an_account(str(customer["id"]), f"{place}{number}")
        for place, customer in enumerate(customers)
        for number in range(7)
    ]
    store.bring("account", *accounts)
    store.grant(ZHOU, ZHOUS)

    replica = Replica().take(store.pull(ZHOU, None))

    assert replica.of("account").keys() == {each["id"] for each in accounts}


def test_a_place_among_accounts_of_an_earlier_version_walks_them_anew(store: SqlStore) -> None:
    customer = a_customer(ZHOU)
    store.bring("customer", customer)
    account = an_account(str(customer["id"]), "1")
    store.bring("account", account)
    store.grant(ZHOU, ZHOUS)
    database = store.database
    with database.reading() as connection:
        scopes, upto = granted(connection, ZHOU), head(connection)
    there = Cursor(database.generation, upto, {}, scopes, "account", "ffffffff", upto)

    pages = list(store.pull(ZHOU, seal(there, database.cursor_key)))

    assert [row["id"] for page in pages for row in page["rows"] if row["entity"] == "account"] == [
        account["id"]
    ]


def an_account(customer: str, number: str) -> Document:
    return asdict(
        Account(
            account_id("core", number), customer, "demand", "活期存款", number[-4:], "core", 100, 1
        )
    )


def table_of(sql: str) -> str:
    return sql.partition("FROM ")[2].split()[0].strip('"')


def test_a_page_says_nothing_is_contained_while_a_scope_is_on_its_way(store: SqlStore) -> None:
    store.bring("customer", a_customer(LIN), a_customer(ZHOU))

    *under_way, last = [page["seq"] for page in store.pull(LIN, None)]

    assert set(under_way) == {0}
    assert last == store.head()


def test_a_row_that_changed_during_a_walk_is_not_said_to_be_here_before_it_comes(
    store: SqlStore,
) -> None:
    customer = a_customer(LIN)
    store.bring("customer", customer)
    beginning = store.pull(LIN, None)
    replica = Replica().take([next(beginning)])
    beginning.close()  # type: ignore[attr-defined]
    store.bring("customer", {**customer, "name": "改"})

    for page in store.pull(LIN, replica.cursor):
        replica.take([page])

        assert replica.seq == 0 or agree(store, replica, LINS)
    assert replica.seq == store.head()


def test_a_customer_who_comes_and_goes_between_two_syncs_is_gone(store: SqlStore) -> None:
    customer = a_customer(LIN)
    store.bring("customer", customer)
    replica = Replica().take(store.pull(LIN, None))
    store.bring("customer", {**customer, "owner_id": ZHOU})
    store.bring("customer", {**customer, "owner_id": "a stranger"})

    replica.take(store.pull(LIN, replica.cursor))

    assert replica.rows == {}
