"""What merges keep for a split: sealed, carried over from before, and whole when it is needed."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidTag
from pydantic_core import to_json
from sqlalchemy import Connection, inspect, text

from shared.domain.duplicate import duplicate_id
from shared.testing.builders import NOW, an_interaction, id_number
from sync_server.store.deciding import merge_by_hand, split_by_hand
from sync_server.store.merge_steps import MergeSteps
from sync_server.store.rows import MERGED
from sync_server.store.upgrade import bring_up
from tests.server.doubled_bank import DoubledBank, an_id_card, opened
from tests.server.in_the_clear import cells, is_shown

HER: Final = {"name": "温若兰", "occupation": "教师"}
TWIN: Final = {"name": "温若蘭", "phone": "15400008888", "address": "青溪市河湾路12号"}
WORDS: Final = (*HER.values(), *TWIN.values(), "1952-03-12")


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DoubledBank]:
    database = opened(request, tmp_path)
    yield DoubledBank(database)
    database.close()


def two(bank: DoubledBank) -> tuple[str, str]:
    """Two records of one customer; how to reach her only the second one knows."""
    elder, twin = bank.customer(an_id_card(), **HER), bank.customer(birth_date=None, **TWIN)
    visits = [an_interaction(twin, bank.lin, id=id_number(each)) for each in range(30)]
    bank.bring("interaction", *visits)
    return elder, twin


def merge(bank: DoubledBank, one: str, other: str, now: int = NOW) -> str:
    bank.database.write(lambda connection: merge_by_hand(connection, (one, other), "见证件", now))
    return duplicate_id(one, other)


def split(bank: DoubledBank, one: str, other: str) -> None:
    ids = one, other
    assert bank.database.write(lambda each: split_by_hand(each, ids, "不是同一位", NOW)) == []


def kept(bank: DoubledBank, table: str = "merge_step") -> list[tuple[Any, ...]]:
    with bank.database.reading() as connection:
        return cells(connection, table)


def changes(bank: DoubledBank, merge_id: str) -> dict[str, Any]:
    with bank.database.reading() as connection:
        return MergeSteps(connection).of(merge_id)


def test_nothing_of_two_records_stands_in_the_clear_beside_them(bank: DoubledBank) -> None:
    elder, twin = two(bank)
    before = bank.everything()

    id = merge(bank, elder, twin)

    assert changes(bank, id)["customer"][elder]["phone"] == [None, TWIN["phone"]]
    assert is_shown(kept(bank), elder)
    assert [word for word in WORDS if is_shown(kept(bank), word)] == []
    split(bank, elder, twin)
    assert bank.everything() == before


def test_a_step_is_opened_as_that_of_its_own_row_alone(bank: DoubledBank) -> None:
    id = merge(bank, *two(bank))
    with bank.database.writing() as connection:
        connection.execute(text("UPDATE merge_step SET id = 'x' WHERE entity = 'customer'"
                                " AND id = (SELECT survivor FROM merge)"))  # fmt: skip

    with pytest.raises(InvalidTag):
        changes(bank, id)


def in_the_clear(connection: Connection) -> None:
    """Leave what merges keep as schema 4 did."""
    found = connection.execute(text("SELECT id FROM merge")).scalars().all()
    steps = [(id, MergeSteps(connection).of(id)) for id in found]
    connection.execute(text("DROP TABLE merge_step"))
    connection.execute(
        text(
            "CREATE TABLE merge_step (merge_id TEXT NOT NULL, entity TEXT NOT NULL,"
            " id TEXT NOT NULL, changed TEXT NOT NULL, PRIMARY KEY (merge_id, entity, id))"
        )
    )
    connection.execute(text("CREATE INDEX ix_merge_step_row ON merge_step (entity, id)"))
    for merge_id, entities in steps:
        for entity, rows in entities.items():
            for id, changed in rows.items():
                values = {"merge_id": merge_id, "entity": entity, "id": id}
                connection.execute(
                    text("INSERT INTO merge_step VALUES (:merge_id, :entity, :id, :changed)"),
                    values | {"changed": to_json(changed).decode()},
                )
    connection.execute(text("UPDATE meta SET value = '4' WHERE key = 'schema_version'"))


@pytest.mark.parametrize("at_once", [7, 1_000])
def test_what_stood_in_the_clear_is_sealed_by_an_upgrade_and_a_split_is_whole(
    bank: DoubledBank, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.store.upgrade._AT_ONCE", at_once)
    elder, twin = two(bank)
    third, fourth = bank.customer(name="何启明"), bank.customer(name="何启铭")
    before = bank.everything()
    pairs = [merge(bank, elder, twin), merge(bank, third, fourth)]
    wanted = [changes(bank, id) for id in pairs]
    with bank.database.writing() as connection:
        in_the_clear(connection)
        assert is_shown(cells(connection, "merge_step"), TWIN["address"])

    with bank.database.writing() as connection:
        bring_up(connection)

    assert [changes(bank, id) for id in pairs] == wanted
    assert [word for word in WORDS if is_shown(kept(bank), word)] == []
    with bank.database.reading() as connection:
        found = inspect(connection)
        assert "merge_step_of_4" not in found.get_table_names()
        assert "ix_merge_step_row" in {each["name"] for each in found.get_indexes("merge_step")}
    split(bank, third, fourth)
    split(bank, elder, twin)
    assert bank.everything() == before


def test_chains_of_before_lead_to_their_end_after_an_upgrade_and_come_apart(
    bank: DoubledBank,
) -> None:
    ids = [bank.customer(name=f"何启明{number}") for number in range(4)]
    before = bank.everything()
    pairs = [merge(bank, ids[place], ids[place + 1]) for place in (2, 1, 0)]
    wanted = standing(bank, pairs)
    with bank.database.writing() as connection:
        stayed_behind(connection, pairs, ids)
        in_the_clear(connection)

    with bank.database.writing() as connection:
        bring_up(connection)

    assert standing(bank, pairs) == wanted == {(ids[0], f"portfolio:{bank.lin}")}
    for place in (0, 1, 2):
        split(bank, ids[place], ids[place + 1])
    assert bank.everything() == before
    assert {bank.pair(*pair)["customer_id"] for pair in pairwise(ids)} == set(ids[:3])


def standing(bank: DoubledBank, pairs: list[str]) -> set[tuple[Any, str]]:
    """Whom pairs lead to, and in which scopes they are."""
    rows = bank.rows("duplicate")
    return {(rows[id].document["customer_id"], rows[id].scope) for id in pairs}


def stayed_behind(connection: Connection, pairs: list[str], ids: list[str]) -> None:
    """Leave merged pairs with the survivor who was merged in turn, as schema 4 did."""
    connection.execute(text("DELETE FROM merge_step WHERE entity = 'duplicate'"))
    own = text("UPDATE duplicate SET customer_id = :customer, scope_id = :scope WHERE id = :id")
    for id, customer, further in zip(pairs[:2], ids[2:0:-1], ids[1::-1], strict=True):
        values = {"customer": customer, "scope": f"{MERGED}{further}", "id": id}
        connection.execute(own, values)
