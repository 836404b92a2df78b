"""What 0.1.0 left on tablets and servers, opened, upgraded and answered by this version."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from pydantic_core import from_json
from sqlalchemy import Engine, event, inspect, text

from mobile_app.store.bridge import ask, open_engine, reading
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.faults import NewerFile
from mobile_app.store.outbox import _PENDING
from mobile_app.store.queries.reading import _text_of
from mobile_app.store.queries.timeline import _OF_CUSTOMER
from mobile_app.store.records import RecordState
from shared.ids import Millis
from shared.sync.protocol import SCHEMA, Line, read_line
from shared.sync.session import Post, converse
from sync_server.exchange import hold
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.schema import metadata
from sync_server.store.upgrade import SchemaMismatch
from tests.versions.recorded import KEY, RELEASE, device_files, server_file, server_in_postgresql

EVENING: Final = 1_795_003_600_000
EXCHANGES: Final = from_json((RELEASE / "wire" / "exchanges.json").read_bytes())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return device_files(tmp_path)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "PostgreSQL":
        made = open_postgresql(server_in_postgresql(request))
    else:
        made = open_sqlite(server_file(tmp_path))
    yield made
    made.close()


def engines_of(files: Path) -> tuple[Engine, Engine]:
    return open_engine(str(files / "mirror.db"), KEY), open_engine(str(files / "outbox.db"), KEY)


def opened(files: Path) -> DeviceStore:
    mirror, outbox = engines_of(files)
    return DeviceStore(mirror, outbox, lambda: Millis(EVENING), Random(7).randbytes)


def work(files: Path) -> list[tuple[Any, ...]]:
    """The outbox as it lies on the disk."""
    engine = open_engine(str(files / "outbox.db"), KEY)
    with reading(engine) as connection:
        sql = "SELECT op_id, txn, state, body, ack_seq FROM outbox ORDER BY device_seq"
        rows = [tuple(row) for row in connection.exec_driver_sql(sql)]
    engine.dispose()
    return rows


def held(database: Database, token: str, body: bytes) -> list[Line]:
    return [read_line(line) for line in hold(database, token, body, EVENING).lines]


def test_an_upgrade_leaves_the_users_work_as_it_was(files: Path) -> None:
    before = work(files)

    opened(files).close()

    assert work(files) == before
    assert {state for _, _, state, *_ in before} >= {"pending", "acked", "done", "quarantined"}


def delivered(store: DeviceStore, database: Database) -> list[Any]:
    """Hold a conversation to its end; return the verdicts."""
    conversation = converse(store)
    wish, lines, told = next(conversation), iter(list[Line]()), list[Any]()
    while True:
        if isinstance(wish, Post):
            lines = iter(held(database, EXCHANGES[0]["token"], wish.body))
        line = next(lines)
        told += line["verdicts"] if line["line"] == "verdicts" else []
        try:
            wish = conversation.send(line)
        except StopIteration:
            return told


def test_an_upgraded_device_delivers_everything_that_waited(
    files: Path, database: Database
) -> None:
    store = opened(files)
    waiting = {op_id for op_id, _, state, *_ in work(files) if state == "pending"}

    told = delivered(store, database)

    assert {verdict["op_id"] for verdict in told} >= waiting
    assert store.overview().pending == 0
    assert store.drafts() != []
    assert all(item.state is RecordState.ISSUE for item in store.outbox())
    store.close()


def test_the_next_to_send_is_found_without_sorting(files: Path) -> None:
    opened(files).close()
    engine = open_engine(str(files / "outbox.db"), KEY)

    with reading(engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {_PENDING}", (0, 2)).all()

    assert [step.detail for step in plan] == [
        "SEARCH outbox USING INDEX ix_outbox_state (state=? AND rowid>?)"
    ]
    engine.dispose()


def test_an_upgraded_file_finds_a_customers_contacts_in_the_order_of_time(files: Path) -> None:
    opened(files).close()
    engine = open_engine(str(files / "mirror.db"), KEY)

    sql, given = _text_of(_OF_CUSTOMER)
    blanks = {**given, "customer": "c1", "most": 31}
    steps = [detail for *_, detail in ask(engine, f"EXPLAIN QUERY PLAN {sql}", blanks)]

    assert steps == [
        "SEARCH interaction USING INDEX ix_interaction_timeline (customer_id=?)",
        "CORRELATED SCALAR SUBQUERY 1",
        "SEARCH later USING INDEX ix_interaction_corrects (customer_id=? AND supersedes=?)",
    ]
    engine.dispose()


def test_an_upgraded_file_says_its_schema_and_opens_again(files: Path) -> None:
    opened(files).close()

    store = opened(files)

    assert store._mirror.meta()["schema"] == str(SCHEMA)
    assert len(store.customers("", 50)) > 0
    store.close()


@pytest.mark.parametrize("file", ["mirror.db", "outbox.db"])
def test_a_newer_file_is_refused_and_left_as_it_is(files: Path, file: str) -> None:
    opened(files).close()
    engine = open_engine(str(files / file), KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '99' WHERE key = 'schema'")
    engine.dispose()

    with pytest.raises(NewerFile):
        opened(files)


def dying_at(engine: Engine, number: int) -> Callable[[], int]:
    """Let an engine's n-th statement from now on fail; return how many were tried."""
    count = [0]

    def die(*_: Any) -> None:
        count[0] += 1
        if count[0] == number:
            raise RuntimeError("power cut")

    event.listen(engine, "before_cursor_execute", die)
    return lambda: count[0]


def test_a_death_at_any_statement_of_an_upgrade_leaves_files_that_open(tmp_path: Path) -> None:
    waiting = len(work(Path(shutil.copytree(RELEASE / "device", tmp_path / "whole"))))
    number, died = 0, True
    while died:
        number += 1
        files = Path(shutil.copytree(RELEASE / "device", tmp_path / str(number)))
        mirror, outbox = engines_of(files)
        dying_at(mirror, number)
        dying_at(outbox, number)
        try:
            DeviceStore(mirror, outbox, lambda: Millis(EVENING), Random(7).randbytes)
            died = False
        except RuntimeError:
            pass
        mirror.dispose()
        outbox.dispose()
        opened(files).close()
        assert len(work(files)) == waiting

    assert number > 5


def test_an_upgraded_server_gives_the_verdicts_it_gave(database: Database) -> None:
    for exchange in EXCHANGES:
        said = verdicts_of(_recorded(exchange["name"]))
        body = (RELEASE / "wire" / f"{exchange['name']}.request.json").read_bytes()

        lines = held(database, exchange["token"], body)

        verdicts = [
            each for line in lines if line["line"] == "verdicts" for each in line["verdicts"]
        ]
        assert [(v["op_id"], v["status"], v.get("code")) for v in verdicts] == said
        assert lines[-1]["line"] == "end"
        assert "code" not in lines[-1]


def test_an_upgraded_server_has_the_indices_of_a_new_one(database: Database) -> None:
    with database.reading() as connection:
        found = inspect(connection)
        present = {
            table.name: {str(each["name"]) for each in found.get_indexes(table.name)}
            for table in metadata.sorted_tables
        }

    wanted = {
        table.name: {str(each.name) for each in table.indexes} for table in metadata.sorted_tables
    }
    assert "ux_change_log_op_id" in present["change_log"]
    assert {name: present[name] & names for name, names in wanted.items()} == wanted
    assert {"ix_interaction_employee_id", "ix_interaction_occurred_at"}.isdisjoint(
        present["interaction"]
    )
    assert "ix_account_scope_id" not in present["account"]


def test_values_that_lost_before_are_shown_as_conflicts_now(database: Database) -> None:
    with database.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM conflict_of_0_1")).scalar_one()
        after = connection.execute(text("SELECT customer_id, lost FROM conflict")).all()

    assert before == len(after) > 0
    assert all(customer for customer, _ in after)


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    database = open_sqlite(server_file(tmp_path))
    with database.writing() as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE key = 'schema_version'"))
    database.close()

    with pytest.raises(SchemaMismatch, match="newer version"):
        open_sqlite(tmp_path / "server.db")


def test_a_released_answer_is_understood(files: Path) -> None:
    store = opened(files)
    lines = [line for exchange in EXCHANGES[:1] for line in _recorded(exchange["name"])]

    for line in lines:
        match line["line"]:
            case "head":
                store.meet(line)
            case "verdicts":
                store.record_verdicts(line["verdicts"])
            case "page":
                assert store.apply_page(line)

    assert store.overview().pending == 0
    store.close()


def verdicts_of(lines: list[Line]) -> list[tuple[str, str, str | None]]:
    return [
        (each["op_id"], each["status"], each.get("code"))
        for line in lines
        if line["line"] == "verdicts"
        for each in line["verdicts"]
    ]


def _recorded(name: str) -> list[Line]:
    answer = (RELEASE / "wire" / f"{name}.answer.ndjson").read_bytes()
    return [read_line(line) for line in answer.splitlines()]
