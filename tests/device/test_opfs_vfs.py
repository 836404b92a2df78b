"""The browser's file system, without a browser: power losses, full disks, records in two slots."""

from __future__ import annotations

import errno
import random
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import apsw
import pytest
import sqlalchemy as sa

from mobile_app.platform.opfs_vfs import HandleVFS, TwoSlots
from mobile_app.store.bridge import open_engine, reading
from mobile_app.store.faults import DiskFull

KEY = bytes(range(32))
NAMES = ("mirror.db", "mirror.db-wal", "mirror.db-journal")
COMMITS = 12
metadata = sa.MetaData()
visit = sa.Table(
    "visit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("note", sa.LargeBinary),
)


class PowerLoss(OSError):
    """The device went off at this write."""


class Disk:
    """Files in memory that remember what was flushed; may lose power or run full at a write."""

    def __init__(self) -> None:
        self.durable: dict[str, bytes] = {}
        self.writes = 0
        self.lost_at = 0
        self.full_from = 0

    def handle(self, name: str) -> MemoryHandle:
        return MemoryHandle(self, name)

    def count_write(self) -> None:
        self.writes += 1
        if self.lost_at and self.writes >= self.lost_at:
            raise PowerLoss(errno.EIO, "no power")
        if self.full_from and self.writes >= self.full_from:
            raise OSError(errno.ENOSPC, "no room")


class MemoryHandle:
    """One open file: unflushed content is here, flushed content on the disk."""

    def __init__(self, disk: Disk, name: str) -> None:
        self.disk, self.name = disk, name
        self.content = bytearray(disk.durable.get(name, b""))

    def read(self, amount: int, offset: int) -> bytes:
        return bytes(self.content[offset : offset + amount])

    def write(self, data: bytes, offset: int) -> None:
        self.disk.count_write()
        self.content.extend(bytes(max(offset - len(self.content), 0)))
        self.content[offset : offset + len(data)] = data

    def truncate(self, size: int) -> None:
        self.disk.count_write()
        del self.content[size:]
        self.content.extend(bytes(size - len(self.content)))

    def size(self) -> int:
        return len(self.content)

    def flush(self) -> None:
        self.disk.count_write()
        self.disk.durable[self.name] = bytes(self.content)

    def close(self) -> None:
        """Nothing to give back."""


@contextmanager
def mounted(disk: Disk) -> Iterator[sa.Engine]:
    """The database on this disk, as after switching the device on."""
    own = f"memory{secrets.token_hex(4)}"
    vfs = HandleVFS(own, {name: disk.handle(name) for name in NAMES})
    engine = open_engine("mirror.db", KEY, vfs=f"multipleciphers-{own}")
    try:
        yield engine
    finally:
        engine.dispose()
        vfs.unregister()


def visit_until_power_is_lost(disk: Disk, synchronous: str = "full") -> int:
    """Store visits one by one; how many were acknowledged."""
    acknowledged: list[int] = []
    with suppress(sa.exc.DBAPIError, apsw.IOError, PowerLoss), mounted(disk) as engine:
        metadata.create_all(engine)
        set_synchronous(engine, synchronous)
        for number in range(COMMITS):
            with engine.begin() as connection:
                connection.execute(visit.insert().values(id=number, note=b"n" * 6000))
            acknowledged.append(number)
    return len(acknowledged)


def set_synchronous(engine: sa.Engine, level: str) -> None:
    with closing(engine.raw_connection()) as connection:
        connection.driver_connection.driver.pragma("synchronous", level)  # type: ignore[union-attr]


def lost_at(write: int, synchronous: str) -> int:
    """How many acknowledged visits are gone after a power loss at this write."""
    disk = Disk()
    disk.lost_at = write
    acknowledged = visit_until_power_is_lost(disk, synchronous)
    disk.lost_at = 0
    return max(acknowledged - len(stored(disk)), 0)


def stored(disk: Disk) -> list[int]:
    with mounted(disk) as engine:
        metadata.create_all(engine)
        with reading(engine) as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            return list(connection.scalars(sa.select(visit.c.id)))


def writes_of_a_whole_run() -> int:
    disk = Disk()
    visit_until_power_is_lost(disk)
    return disk.writes


def test_no_acknowledged_commit_is_lost_with_the_power_at_any_write() -> None:
    whole = writes_of_a_whole_run()

    assert whole > 50
    assert [write for write in range(1, whole) if lost_at(write, "full")] == []


def test_without_full_synchronisation_the_same_test_finds_losses() -> None:
    whole = writes_of_a_whole_run()

    assert any(lost_at(write, "normal") for write in range(whole // 2, whole))


def test_values_that_end_in_zeros_come_back_whole() -> None:
    disk = Disk()
    values = [bytes(size) for size in (0, 1, 4095, 4096, 4097, 50_000)]
    with mounted(disk) as engine:
        metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(visit.insert(), [{"note": value} for value in values])
    with mounted(disk) as engine, reading(engine) as connection:
        assert list(connection.scalars(sa.select(visit.c.note).order_by(visit.c.id))) == values


def test_a_full_disk_is_said_to_be_full_and_the_rest_is_kept() -> None:
    disk = Disk()
    with mounted(disk) as engine:
        metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(visit.insert().values(id=1))
        disk.full_from = disk.writes + 1

        with pytest.raises(DiskFull), engine.begin() as connection:
            connection.execute(visit.insert().values(id=2))

        disk.full_from = 0
    assert stored(disk) == [1]


def test_a_file_that_was_not_opened_beforehand_is_refused() -> None:
    with mounted(Disk()) as engine, pytest.raises(sa.exc.OperationalError):
        attach_another(engine)


def attach_another(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("ATTACH 'elsewhere.db' AS other")


def test_a_record_is_replaced_as_a_whole() -> None:
    disk = Disk()
    record = TwoSlots(disk.handle("a"), disk.handle("b"))

    assert record.read() is None
    for content in (b"first", b"", b"a much longer third", b"4"):
        record.write(content)
        assert record.read() == content
        assert TwoSlots(disk.handle("a"), disk.handle("b")).read() == content


def test_a_record_cut_short_at_any_byte_leaves_the_one_before() -> None:
    disk = Disk()
    record = TwoSlots(disk.handle("a"), disk.handle("b"))
    for content in (b"one", b"two", b"three"):
        record.write(content)
    whole = disk.durable["b"]
    assert record.read() == b"three"

    for length in range(len(whole)):
        disk.durable["b"] = whole[:length]
        assert TwoSlots(disk.handle("a"), disk.handle("b")).read() == b"two"


def test_a_record_with_any_bit_turned_is_not_believed() -> None:
    disk = Disk()
    TwoSlots(disk.handle("a"), disk.handle("b")).write(b"count")
    whole = disk.durable["b"]
    chance = random.Random(7)

    for _ in range(200):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        disk.durable["b"] = bytes(damaged)
        assert TwoSlots(disk.handle("a"), disk.handle("b")).read() is None
