"""What PostgreSQL's log shows of customers, and that the doctor says when it does."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import psycopg
import pytest

from shared.findings import server_findings
from shared.testing.builders import NOW
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import State
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.health import server_report
from sync_server.store.record import Rights, customers_known_by
from tests.server.account_bank import PHONE, AccountBank, account, an_id_card
from tests.server.sql_store import empty

HER, HER_PHONE = an_id_card(8), "15400007777"


@pytest.fixture
def bank(postgresql_url: str) -> Iterator[AccountBank]:
    made = AccountBank(empty(open_postgresql(postgresql_url)))
    yield made
    set_to(made.database)
    made.database.close()


def set_to(database: Database, settings: Mapping[str, str] = MappingProxyType({})) -> None:
    """Let a database have these settings and no others, as its administrator does."""
    database.engine.dispose()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" RESET ALL')
        for setting, value in settings.items():
            connection.exec_driver_sql(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'")
    database.engine.dispose()


def found(database: Database) -> list[str]:
    return [each.code for each in server_findings(server_report(database), NOW)]


def named(database: Database) -> str | None:
    return server_report(database).logs_values


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, None),
        ({"log_min_duration_statement": "250ms"}, "log_min_duration_statement"),
        ({"log_statement": "ddl"}, None),
        ({"log_statement": "mod"}, "log_statement"),
        ({"log_duration": "on"}, None),
        ({"log_transaction_sample_rate": "0.01"}, "log_transaction_sample_rate"),
        ({"log_parameter_max_length_on_error": "-1"}, "log_parameter_max_length_on_error"),
        ({"log_min_duration_statement": "0", "log_parameter_max_length": "0"}, None),
        ({"auto_explain.log_min_duration": "-1"}, None),
        ({"auto_explain.log_min_duration": "1s"}, "auto_explain.log_min_duration"),
        (
            {
                "auto_explain.log_min_duration": "0",
                "auto_explain.log_parameter_max_length": "0",
                "log_parameter_max_length": "0",
            },
            "auto_explain.log_min_duration",
        ),
    ],
)
def test_the_doctor_names_the_setting_by_which_values_are_logged(
    bank: AccountBank, settings: dict[str, str], name: str | None
) -> None:
    set_to(bank.database, settings)

    assert named(bank.database) == name
    assert ("logs_values" in found(bank.database)) is (name is not None)


def test_a_plan_shows_the_number_that_a_statement_only_binds(bank: AccountBank) -> None:
    """So no length of parameters hides it from `auto_explain`, which logs plans."""
    with bank.database.reading() as connection:
        connection.exec_driver_sql(
            "PREPARE look_up(text) AS SELECT id FROM identifier WHERE value = $1"
        )
        plan = connection.exec_driver_sql(f"EXPLAIN EXECUTE look_up('{HER}')").scalars().all()

    assert any(HER in line for line in plan)


def test_a_database_in_one_file_logs_nothing(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "server.db")

    assert named(database) is None
    database.close()


def work(bank: AccountBank) -> None:
    """Bring a customer and accounts, and look somebody up: each matches by number or telephone."""
    row = f"ecif,id_card,{HER},温若兰,2026-11-10,AM001,{HER_PHONE}"
    file = f"source,id_kind,id_number,name,as_of,manager,phone\n{row}\n".encode()
    sender = Sender("core", NOW)
    report = load(bank.database, kind_named("customers"), BytesIO(file), sender, lambda *_: None)
    assert report.counts[State.APPLIED] == 1
    other = {"phone": PHONE, "customer": "单晓敏"}
    rows = account("6001", id_kind="id_card", id_number=HER), account("6002", **other)
    assert bank.accounts(*rows).counts[State.REFUSED] == 0
    with bank.database.reading() as connection:
        rights: Rights = frozenset({"personal", "numbers"})
        assert len(customers_known_by(connection, "id_card", HER, rights)) == 1


def log_of(server: str) -> Path:
    with psycopg.connect(server) as connection:
        shown = connection.execute("SHOW data_directory").fetchone()
    assert shown is not None
    return Path(shown[0]) / "log"


@pytest.mark.parametrize("is_off", [True, False])
def test_without_the_values_of_statements_the_log_shows_no_number_or_telephone(
    bank: AccountBank, postgresql_server: str, is_off: bool
) -> None:
    longest = "0" if is_off else "-1"
    every = {"log_min_duration_statement": "0", "log_parameter_max_length": longest}
    set_to(bank.database, every)
    log = log_of(postgresql_server)
    before = log.stat().st_size

    work(bank)

    written = log.read_bytes()[before:]
    assert b"identifier.value" in written, "statements are logged"
    shown = [each for each in (HER, HER_PHONE, PHONE) if each.encode() in written]
    assert shown == ([] if is_off else [HER, HER_PHONE, PHONE])
