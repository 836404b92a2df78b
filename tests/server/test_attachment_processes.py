"""Attachments through real processes: a server killed in the middle, two servers, the terminal."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from fieldbook.branch import Branch, run
from mobile_app.device import Device, wall_clock
from mobile_app.store.records import ContentState
from shared.blob import MAX_SIZE, PART
from shared.domain import Attachment
from shared.errors import Unreachable
from sync_server.demo.seed import seed
from sync_server.store.database import open_postgresql

SECRET = b"what stands on the passport of the customer "
PHOTO = (b"\xff\xd8\xff" + SECRET * 40_000 + Random(7).randbytes(3 * PART))[: 8 * PART + 11]


def done(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(120):
            return await work

    return asyncio.run(bounded())


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    made = Branch(tmp_path)
    made.seed()
    return made


@pytest.fixture(scope="module")
def on_postgresql(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Branch:
    database = open_postgresql(postgresql_url)
    seed(database, date(2026, 11, 24), wall_clock(), lambda _: None)
    database.close()
    return Branch(tmp_path_factory.mktemp("postgresql"), postgresql_url)


def attach(device: Device, content: bytes = PHOTO) -> Attachment:
    """Attach a photo to the device's first customer."""
    customer = device.store.customers("", 1)[0].id
    held = device.attachments.hold("photo", content)
    made = device.attachments.record_of(held, customer)
    device.attachments.commit([], [made])
    return made


async def sent(device: Device) -> int:
    await device.runner.sync_once()
    return await device.send_attachments()


def test_a_photo_reaches_the_supervisor_though_the_server_was_killed_in_the_middle(
    branch: Branch,
) -> None:
    async def send_until_killed(device: Device) -> Attachment:
        made = attach(device)
        assert device._transport is not None
        put, parts = device._transport.put_blob, []

        async def killing(*args: Any) -> int:
            parts.append(args)
            if len(parts) == 5:
                branch.kill()
            return await put(*args)

        with patch.object(device._transport, "put_blob", killing), pytest.raises(Unreachable):
            await sent(device)
        return made

    async def scene() -> tuple[bytes, ContentState, ContentState]:
        with branch.serving():
            manager, chief = [await branch.device(who) for who in ("AM001", "SV001")]
            made = await send_until_killed(manager)
        before = manager.attachments.state(made)
        with branch.serving():
            assert await sent(manager) == 1
            await chief.runner.sync_once()
            fetched = await chief.fetch_attachment(made.id)
        after = manager.attachments.state(made)
        await manager.close()
        await chief.close()
        return fetched, before, after

    fetched, before, after = done(scene())

    assert fetched == PHOTO
    assert (before, after) == (ContentState.LOCAL, ContentState.UPLOADED)
    for folder in branch.folder.glob("*-*"):
        raw = b"".join(each.read_bytes() for each in folder.iterdir() if each.is_file())
        assert len(raw) > len(PHOTO)
        assert SECRET not in raw


def test_a_photo_goes_in_at_one_server_and_out_at_another(on_postgresql: Branch) -> None:
    other = Branch(on_postgresql.folder, on_postgresql.database)
    content = PHOTO.ljust(MAX_SIZE, b"\0")

    async def scene() -> bytes:
        manager, chief = await on_postgresql.device("AM001"), await other.device("SV001")
        made = attach(manager, content)
        assert await sent(manager) == 1
        await chief.runner.sync_once()
        fetched = await chief.fetch_attachment(made.id)
        await manager.close()
        await chief.close()
        return fetched

    with on_postgresql.serving(), other.serving():
        assert done(scene()) == content


def test_a_photo_is_sent_in_the_background_of_a_running_device(branch: Branch) -> None:
    async def scene() -> ContentState:
        device = await branch.device("AM001")
        stored = asyncio.Event()
        device.keep_in_sync()
        made = attach(device)

        def look() -> None:
            if device.attachments.state(made) is ContentState.UPLOADED:
                stored.set()

        device.attachments.on_change(look)
        await stored.wait()
        await device.close()
        return ContentState.UPLOADED

    with branch.serving():
        assert done(scene()) is ContentState.UPLOADED


def test_the_terminal_attaches_offline_and_lists_what_is_where(branch: Branch) -> None:
    photo = branch.folder / "door.jpg"
    photo.write_bytes(PHOTO)
    where = ("--store", str(branch.folder / "phone"), "--json")
    with branch.serving():
        code = branch.code("AM001")
        run("device", "enrol", "--server", branch.url, "--code", code, *where)
        run("device", "sync", *where)
    [customer] = run("device", "customers", "--limit", "1", *where)
    attached = ("device", "attachments", customer["id"], *where)

    made = run(
        "device",
        "attach",
        customer["id"],
        str(photo),
        "--kind",
        "photo",
        "--caption",
        "门头",
        *where,
    )
    [before] = run(*attached)
    with branch.serving():
        moved = run("device", "sync", *where)
    [after] = run(*attached)
    swept = branch.admin("sweep-blobs")

    assert (made["media_type"], made["size"], made["caption"]) == ("image/jpeg", len(PHOTO), "门头")
    assert (before["id"], before["state"], before["content"]) == (made["id"], "local", "local")
    assert (moved["pushed"], moved["uploaded"], moved["unsent_attachments"]) == (1, 1, 0)
    assert (after["state"], after["content"]) == ("in_record", "uploaded")
    assert swept == {"blobs": 0, "bytes": 0}
