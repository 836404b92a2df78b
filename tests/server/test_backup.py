"""Backup and restore with real processes: what any device still has comes back, once."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from sqlite3 import connect
from typing import Any, TypeVar

import pytest

from fieldbook.branch import Branch, run
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from sync_server.store.backup import NotABackup, back_up

_T = TypeVar("_T")


def done(work: Coroutine[Any, Any, _T]) -> _T:
    async def bounded() -> _T:
        async with asyncio.timeout(90):
            return await work

    return asyncio.run(bounded())


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path)
    made.seed()
    return made


async def visited(device: Device) -> str:
    """Log a visit on a device and sync it; return its id."""
    customer = device.store.customers("", 1)[0].id
    [visit] = new_visit(
        device.store, wall_clock(), customer_id=customer, purpose="card", outcome="done"
    )
    device.store.commit(visit)
    await device.runner.sync_once()
    return visit.id


def admin(branch: Branch, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fieldbook", "admin", *words, "--data", str(branch.data)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_devices_still_have_comes_back_after_a_restore_once(
    branch: Branch, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"

    async def before() -> tuple[Device, Device, list[str]]:
        one, other = [await branch.device(who) for who in ("AM001", "AM002")]
        early = await visited(one)
        branch.admin("backup", str(backup))
        return one, other, [early, await visited(one), await visited(other)]

    async def after(devices: tuple[Device, Device]) -> list[int]:
        rejected = []
        for device in devices:
            report = await device.runner.sync_once()
            rejected.append(report.rejected)
            await device.close()
        return rejected

    async def journey() -> tuple[list[str], list[int]]:
        with branch.serving():
            one, other, made = await before()
            refused = admin(branch, "restore", str(backup))
            assert "still has this database open" in refused.stderr
        kept = branch.admin("restore", str(backup))["kept"]
        assert Path(kept).exists()
        with branch.serving():
            return made, await after((one, other))

    made, rejected = done(journey())

    with connect(branch.data / "fieldbook.db") as connection:
        logged = connection.execute(
            "SELECT id FROM change_log WHERE entity = 'interaction' AND op_id IS NOT NULL"
        ).fetchall()
        there = {id for (id,) in connection.execute("SELECT id FROM interaction")}
    assert rejected == [0, 0]
    assert set(made) <= there
    assert sorted(id for (id,) in logged if id in made) == sorted(made)


def test_a_file_that_is_no_backup_changes_nothing(branch: Branch, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.db"
    nothing.write_bytes(b"not a database at all")
    before = (branch.data / "fieldbook.db").read_bytes()

    refused = admin(branch, "restore", str(nothing))

    assert refused.returncode != 0
    assert "is no backup of a branch" in refused.stderr
    assert (branch.data / "fieldbook.db").read_bytes() == before


def test_a_damaged_database_leaves_the_last_backup_as_it_was(
    branch: Branch, tmp_path: Path
) -> None:
    backup, file = tmp_path / "backup.db", branch.data / "fieldbook.db"
    back_up(file, backup)
    good, content = backup.read_bytes(), bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = bytes(8192)
    file.write_bytes(bytes(content))

    with pytest.raises(NotABackup):
        back_up(file, backup)

    assert backup.read_bytes() == good


def test_a_database_restored_by_other_means_gets_a_new_generation(branch: Branch) -> None:
    first, second = [branch.admin("new-generation")["generation"] for _ in range(2)]

    assert first != second


def test_postgresql_is_told_its_own_tools(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fieldbook", "admin", "backup", str(tmp_path / "b")]
    refused = subprocess.run(
        [*command, "--database", "postgresql:///nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "pg_dump" in refused.stderr
    assert run("admin", "--help")
