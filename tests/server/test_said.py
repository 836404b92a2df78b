"""What systems said of customers: found by the number, sealed, and carried over from before."""

import json
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from shared.testing.builders import NOW
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.store.database import Database
from sync_server.store.said import Said, Sayings
from sync_server.store.upgrade import bring_up
from tests.server.account_bank import AccountBank, a_uscc, an_id_card
from tests.server.in_the_clear import cells, is_shown

HER = "id_card", an_id_card(8)
FIRM = "uscc", a_uscc()
SAID = {
    ("ecif", HER): Said(NOW, {"name": "温若兰", "phone": "15400007777"}),
    ("crm", HER): Said(NOW - 1, {"name": "温若蘭"}),
    ("ecif", FIRM): Said(NOW, {"name": "云汀新材料有限公司", "legal_representative": "何启明"}),
}


def kept(database: Database, *numbers: tuple[str, str]) -> dict[Any, Said]:
    with database.reading() as connection:
        return Sayings(connection).before(numbers or (HER, FIRM))


def keep(database: Database, said: dict[Any, Said]) -> None:
    with database.writing() as connection:
        Sayings(connection).keep(said)


def test_what_each_system_said_is_found_by_the_number(database: Database) -> None:
    keep(database, SAID)

    assert kept(database) == SAID
    assert kept(database, FIRM) == {("ecif", FIRM): SAID["ecif", FIRM]}
    assert kept(database, ("passport", HER[1])) == {}


def test_what_is_said_anew_takes_the_place_of_what_was(database: Database) -> None:
    keep(database, SAID)
    news = {("ecif", HER): Said(NOW + 1, {"name": "温若兰", "phone": None})}

    keep(database, news)

    assert kept(database) == SAID | news


def test_no_name_number_or_telephone_of_an_import_stands_in_the_clear(database: Database) -> None:
    AccountBank(database)
    row = {
        "source": "ecif",
        "id_kind": "id_card",
        "id_number": HER[1],
        "name": "温若兰",
        "as_of": "2026-11-10",
        "manager": "AM001",
        "phone": "15400007777",
        "address": "云汀市江汀路 8 号",
        "occupation": "教师",
        "contact_name": "温若竹",
    }
    file = f"{','.join(row)}\n{','.join(row.values())}\n".encode()

    report = load(
        database, kind_named("customers"), BytesIO(file), Sender("core", NOW), lambda *_: None
    )

    assert report.counts[State.APPLIED] == 1
    assert kept(database, HER)["ecif", HER].fields["phone"] == "15400007777"
    with database.reading() as connection:
        shown = cells(connection, "customer_said")
    known = {"as_of", "source", "manager", "id_kind"}
    words = [word for column, word in row.items() if column not in known] + ["1949-07-08"]
    assert is_shown(shown, "ecif")
    assert [word for word in words if is_shown(shown, word)] == []


def in_the_clear(connection: Connection) -> None:
    """Leave a database as schema 3 did."""
    connection.execute(text("DROP TABLE customer_said"))
    connection.execute(
        text(
            "CREATE TABLE customer_said (id_number TEXT NOT NULL, id_kind TEXT NOT NULL,"
            " source TEXT NOT NULL, as_of BIGINT NOT NULL, fields TEXT NOT NULL,"
            " PRIMARY KEY (id_number, id_kind, source))"
        )
    )
    for (source, (kind, number)), said in SAID.items():
        values = {"source": source, "kind": kind, "number": number, "as_of": said.as_of}
        connection.execute(
            text("INSERT INTO customer_said VALUES (:number, :kind, :source, :as_of, :fields)"),
            values | {"fields": json.dumps(said.fields, ensure_ascii=False)},
        )
    connection.execute(text("UPDATE meta SET value = '3' WHERE key = 'schema_version'"))


def test_what_stood_in_the_clear_is_sealed_by_an_upgrade_and_nothing_of_it_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.store.upgrade._AT_ONCE", 2)
    with database.writing() as connection:
        in_the_clear(connection)
        assert is_shown(cells(connection, "customer_said"), "温若兰")

    with database.writing() as connection:
        bring_up(connection)

    assert kept(database) == SAID
    with database.reading() as connection:
        tables = inspect(connection).get_table_names()
        shown = cells(connection, "customer_said")
    assert "customer_said_of_3" not in tables
    assert not any(is_shown(shown, word) for word in ("温若兰", "15400007777", HER[1], FIRM[1]))
