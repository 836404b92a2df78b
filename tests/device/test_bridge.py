"""The encrypted database: nothing readable on disk, one writer, and errors one can tell apart."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
import sqlalchemy as sa

from mobile_app.store import dbapi
from mobile_app.store.bridge import open_engine, reading
from mobile_app.store.faults import AlreadyOpen, DiskFull, EncryptionUnavailable, WrongKey

CANARY = "金丝雀CANARY-330106199001011234"
KEY = bytes(range(32))
metadata = sa.MetaData()
customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "mirror.db")


@pytest.fixture
def engine(path: str) -> Iterator[sa.Engine]:
    engine = open_engine(path, KEY)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


class RecordingFile(apsw.VFSFile):
    """A file that keeps what is written to it and can run out of room."""

    def __init__(self, vfs: RecordingVFS, filename: Any, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        self.vfs = vfs

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.vfs.writes.append(bytes(data))
        if len(self.vfs.writes) == self.vfs.full_at:
            raise apsw.FullError("no room")
        super().xWrite(data, offset)


class RecordingVFS(apsw.VFS):
    """Stands below the cipher and sees what would reach the disk, journals and temp files too."""

    def __init__(self) -> None:
        self.name = f"recording{secrets.token_hex(4)}"
        self.writes: list[bytes] = []
        self.full_at = 0
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: N802
        return RecordingFile(self, name, flags)


@pytest.fixture
def disk() -> Iterator[RecordingVFS]:
    vfs = RecordingVFS()
    yield vfs
    vfs.unregister()


def names(engine: sa.Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(customer.c.name).order_by(customer.c.id)))


def store(engine: sa.Engine, *values: str) -> None:
    with engine.begin() as connection:
        connection.execute(customer.insert(), [{"name": value} for value in values])


class Interrupted(Exception):
    """Anything that goes wrong inside a block."""


def run_and_fail(engine: sa.Engine, statement: sa.Executable) -> None:
    with engine.begin() as connection:
        connection.execute(statement)
        raise Interrupted


def test_rows_are_there_after_reopening(path: str, engine: sa.Engine) -> None:
    store(engine, CANARY)
    engine.dispose()

    again = open_engine(path, KEY)

    assert names(again) == [CANARY]
    again.dispose()


def test_no_file_holds_readable_text_while_open_or_closed(
    tmp_path: Path, engine: sa.Engine
) -> None:
    store(engine, *[CANARY] * 200)
    while_open = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    engine.dispose()
    closed = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert "mirror.db-wal" in while_open
    for content in (*while_open.values(), closed):
        assert CANARY.encode() not in content
        assert b"CANARY" not in content
        assert b"CREATE TABLE" not in content
    assert not closed.startswith(b"SQLite format 3")


def test_no_write_below_the_cipher_is_readable(path: str, disk: RecordingVFS) -> None:
    engine = open_engine(path, KEY, vfs=f"multipleciphers-{disk.name}")
    metadata.create_all(engine)
    store(engine, *[CANARY] * 5000)
    with engine.begin() as connection:
        connection.execute(customer.update().values(name=customer.c.name + CANARY))
        connection.exec_driver_sql("CREATE TEMP TABLE sorted AS SELECT name FROM customer")
        connection.exec_driver_sql("SELECT DISTINCT name || id FROM customer ORDER BY 1 DESC")
    engine.dispose()

    assert len(disk.writes) > 50
    assert not any(b"CANARY" in written for written in disk.writes)


def test_another_key_is_refused_and_changes_nothing(path: str, engine: sa.Engine) -> None:
    store(engine, CANARY)
    engine.dispose()

    with pytest.raises(WrongKey):
        open_engine(path, secrets.token_bytes(32))

    again = open_engine(path, KEY)
    assert names(again) == [CANARY]
    again.dispose()


def test_a_plain_database_is_not_opened(path: str) -> None:
    plain = apsw.Connection(path)
    plain.execute("CREATE TABLE customer(name)")
    plain.close()

    with pytest.raises(WrongKey):
        open_engine(path, KEY)


@pytest.mark.parametrize("key", [None, b"", b"123456", bytes(31), bytes(33)])
def test_nothing_opens_without_a_full_key(path: str, key: bytes | None) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_engine(path, key)

    assert not Path(path).exists()


def test_there_is_no_way_to_a_plain_file_by_url(path: str) -> None:
    with pytest.raises(sa.exc.NotSupportedError):
        sa.create_engine(f"sqlite+apsw:///{path}").connect()

    assert not Path(path).exists()


def test_apsw_without_the_cipher_is_refused_and_writes_nothing(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stock(apsw.Connection):
        """What a stock build does with an unknown PRAGMA: no answer, no error."""

        def pragma(self, name: str, value: Any = None, *, schema: str | None = None) -> Any:
            return None if name == "cipher" else super().pragma(name, value, schema=schema)

    monkeypatch.setattr(apsw, "Connection", Stock)

    with pytest.raises(EncryptionUnavailable):
        open_engine(path, KEY)

    assert not Path(path).exists() or Path(path).stat().st_size == 0


def test_settings_are_the_measured_ones(engine: sa.Engine) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "temp_store": 2,
        "secure_delete": 1,
        "foreign_keys": 0,
        "cipher": "aegis",
    }
    with engine.begin() as connection:
        actual = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected
        }

    assert actual == expected


def test_a_writer_has_the_lock_before_its_first_statement(path: str, engine: sa.Engine) -> None:
    second = open_engine(path, KEY)
    with (
        engine.begin(),
        pytest.raises(sa.exc.OperationalError, match="locked"),
        second.begin(),
    ):
        pass
    second.dispose()


def test_a_reader_goes_on_beside_a_writer_and_sees_a_snapshot(path: str, engine: sa.Engine) -> None:
    store(engine, "before")
    second = open_engine(path, KEY)
    with engine.begin() as writer:
        writer.execute(customer.insert(), [{"name": "after"}])

        assert names(second) == ["before"]

    assert names(second) == ["before", "after"]
    second.dispose()


def test_a_write_inside_reading_is_refused(engine: sa.Engine) -> None:
    with reading(engine) as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(customer.insert(), [{"name": "lost"}])

    store(engine, "kept")
    assert names(engine) == ["kept"]


def test_writing_many_rows_inside_reading_is_refused(engine: sa.Engine) -> None:
    with reading(engine) as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(customer.insert(), [{"name": "lost"}, {"name": "too"}])

    assert names(engine) == []


def test_a_second_connection_inside_a_block_is_refused_and_harms_nothing(
    engine: sa.Engine,
) -> None:
    with engine.begin() as connection:
        connection.execute(customer.insert(), [{"name": "outer"}])
        with pytest.raises(AlreadyOpen), reading(engine):
            pass

    assert names(engine) == ["outer"]


def test_an_exception_undoes_the_block(engine: sa.Engine) -> None:
    with pytest.raises(Interrupted):
        run_and_fail(engine, customer.insert().values(name="undone"))

    assert names(engine) == []


def test_creating_a_table_is_undone_with_its_transaction(engine: sa.Engine) -> None:
    with pytest.raises(Interrupted):
        run_and_fail(engine, sa.text("CREATE TABLE half (a)"))

    assert not sa.inspect(engine).has_table("half")


def test_a_violated_constraint_is_an_integrity_error(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(customer.insert(), [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}])

    assert names(engine) == []


def test_an_error_message_holds_no_stored_value(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, engine.begin() as connection:
        connection.execute(customer.insert(), [{"id": 1, "name": CANARY}] * 2)

    assert "CANARY" not in str(caught.value)


def test_bad_sql_is_an_operational_error(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
        connection.exec_driver_sql("SELEKT 1")


def test_an_unknown_parameter_type_is_a_programming_error(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.ProgrammingError), engine.begin() as connection:
        connection.exec_driver_sql("SELECT ?", (object(),))


def test_an_empty_result_still_has_its_columns(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        result = connection.execute(sa.select(customer))

        assert list(result.keys()) == ["id", "name"]
        assert result.all() == []


def test_many_rows_go_in_one_call_and_are_counted(engine: sa.Engine) -> None:
    rows = [{"id": number, "name": f"客户{number}"} for number in range(10_000)]
    with engine.begin() as connection:
        inserted = connection.execute(customer.insert(), rows).rowcount
        updated = connection.execute(
            customer.update().where(customer.c.id < 100).values(name="x")
        ).rowcount

    assert (inserted, updated, len(names(engine))) == (10_000, 100, 10_000)


def test_returning_gives_the_new_ids(engine: sa.Engine) -> None:
    statement = customer.insert().returning(customer.c.id)
    with engine.begin() as connection:
        new = connection.scalars(statement, [{"name": "a"}, {"name": "b"}]).all()

    assert new == [1, 2]


def test_a_full_disk_has_its_own_error_and_keeps_what_was_committed(
    path: str, disk: RecordingVFS
) -> None:
    engine = open_engine(path, KEY, vfs=f"multipleciphers-{disk.name}")
    metadata.create_all(engine)
    store(engine, "kept")
    for write in range(1, 6):
        disk.full_at = len(disk.writes) + write

        with pytest.raises(DiskFull):
            store(engine, *["lost" * 500] * 40)

        assert names(engine) == ["kept"]
    engine.dispose()


def test_no_room_to_tidy_up_does_not_make_a_commit_look_undone(
    path: str, disk: RecordingVFS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is copied into the database now and then, right behind a commit that stands."""
    monkeypatch.setattr(dbapi, "CHECKPOINT_PAGES", 2)
    engine = open_engine(path, KEY, vfs=f"multipleciphers-{disk.name}")
    metadata.create_all(engine)
    kept = []
    for write in range(1, 30):
        disk.full_at = len(disk.writes) + write
        name = f"{write}" * 3_000
        with contextlib.suppress(DiskFull):
            store(engine, name)
            kept.append(name)

        assert names(engine) == kept
    assert 20 < len(kept) < 29
    engine.dispose()


def test_a_full_disk_at_the_end_does_not_keep_the_file_from_closing(
    path: str, disk: RecordingVFS, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(path, KEY, vfs=f"multipleciphers-{disk.name}")
    metadata.create_all(engine)
    store(engine, "kept")
    disk.full_at = len(disk.writes) + 1

    engine.dispose()

    assert caplog.records == []
    again = open_engine(path, KEY, vfs=f"multipleciphers-{disk.name}")
    assert names(again) == ["kept"]
    again.dispose()


def test_a_full_database_has_the_same_error(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=20")

    with pytest.raises(DiskFull):
        store(engine, *["lost" * 500] * 400)

    assert names(engine) == []
