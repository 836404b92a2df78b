"""The blobs' lane against the real server: it goes on after any cut, and holds nothing up."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from mobile_app import blob_runner
from mobile_app.blob_runner import Held
from mobile_app.store.records import ContentState, RecordState
from mobile_app.sync_runner import backoff_s
from shared.blob import MAX_SIZE, PART
from shared.errors import Refusal, Unreachable, refused
from shared.sync.change import Insert
from shared.testing.builders import an_interaction
from sync_server.http import Services
from sync_server.store import blobs as server_blobs
from sync_server.store.database import Database, open_sqlite
from sync_server.store.identity import revoke
from sync_server.store.schema import meta
from tests.device.handset import Fault, Handset, Killed, Line, done
from tests.server.blob_bank import PHOTO, BlobBank, name_of, spans

OTHER = b"\xff\xd8\xff" + PHOTO[3:][::-1]
PARTS = len(spans(len(PHOTO)))
Open = Callable[..., Handset]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(tmp_path / "fieldbook.db")
    yield database
    database.close()


@pytest.fixture
def bank(database: Database) -> BlobBank:
    return BlobBank(database)


@pytest.fixture
def handset(bank: BlobBank, tmp_path: Path) -> Iterator[Open]:
    """Makes devices, and closes them at the end."""
    made: list[Handset] = []

    def make(employee: str = "lin", **options: int) -> Handset:
        folder = tmp_path / f"device {len(made)}"
        made.append(Handset(bank, folder, getattr(bank, employee), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def state(handset: Handset, content: bytes) -> str:
    found = handset.blobs.find(name_of(content))
    return found.state if found else "gone"


def test_a_photo_goes_out_after_its_record_and_is_there_for_the_supervisor(
    bank: BlobBank, handset: Open
) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    assert lin.attachments.state(made) is ContentState.LOCAL

    async def scene() -> bytes:
        sent = await lin.sync()
        await boss.runner.sync_once()
        assert sent == 1
        assert boss.attachments.state(made) is ContentState.ELSEWHERE
        return await boss.attachments.fetch(made.id)

    assert done(scene) == PHOTO
    assert lin.attachments.state(made) is boss.attachments.state(made) is ContentState.UPLOADED
    assert lin.line.parts == [(made.sha256, span.start) for span in spans(len(PHOTO))]


@pytest.mark.parametrize("fault", ["not sent", "answer lost"])
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("restart", [False, True])
def test_an_upload_that_was_cut_goes_on_where_the_server_is(
    bank: BlobBank, handset: Open, part: int, fault: Fault, restart: bool
) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    lin.line.faults = {part: fault}

    with pytest.raises(Unreachable):
        done(lin.sync)
    if restart:
        lin.reopen()
    done(lin.sync)

    assert bank.read(bank.lin, PHOTO) == PHOTO
    again = 0 if fault == "answer lost" else 1
    assert len(lin.line.parts) == PARTS + again


@pytest.mark.parametrize("part", range(PARTS))
def test_a_device_that_dies_in_the_middle_goes_on_after_its_start(
    bank: BlobBank, handset: Open, part: int
) -> None:
    lin = handset()
    made = lin.attach(PHOTO, bank.customer)
    lin.line.faults = {part: "kill"}

    with pytest.raises(Killed):
        done(lin.sync)
    lin.reopen()
    assert lin.attachments.state(made) is ContentState.LOCAL
    done(lin.sync)

    assert bank.read(bank.lin, PHOTO) == PHOTO
    assert len(lin.line.parts) == PARTS + 1


@pytest.mark.parametrize("part", range(PARTS))
def test_a_server_that_restarts_between_two_parts_is_no_matter(
    bank: BlobBank, handset: Open, tmp_path: Path, part: int
) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    lin.line.faults = {part: "not sent"}
    with pytest.raises(Unreachable):
        done(lin.sync)

    bank.database.close()
    bank.database = open_sqlite(tmp_path / "fieldbook.db")
    parts, lin.line = lin.line.parts, Line(Services(bank.database, lambda: lin.now))
    lin.reopen()
    done(lin.sync)

    assert bank.read(bank.lin, PHOTO) == PHOTO
    assert len(parts) + len(lin.line.parts) == PARTS + 1
    bank.database.close()


def test_two_devices_with_the_same_content_send_it_once(bank: BlobBank, handset: Open) -> None:
    lin, zhou = handset(), handset("zhou")
    lin.attach(PHOTO, bank.customer)
    zhou.attach(PHOTO, bank.zhous)

    async def scene() -> None:
        await lin.runner.sync_once()
        await zhou.runner.sync_once()
        await asyncio.gather(lin.lane.send_all(), zhou.lane.send_all())

    done(scene)

    assert bank.read(bank.lin, PHOTO) == bank.read(bank.zhou, PHOTO) == PHOTO
    assert {state(lin, PHOTO), state(zhou, PHOTO)} == {"stored"}
    assert len(bank.tokens) == 2
    assert bank.parts() == PARTS


def test_a_colleague_who_has_fetched_a_photo_and_attaches_it_shows_only_its_end(
    bank: BlobBank, handset: Open
) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(boss.sync)
    done(lambda: boss.attachments.fetch(made.id))

    boss.attach(PHOTO, bank.zhous)
    done(boss.sync)

    assert [start for _, start in boss.line.parts] == [len(PHOTO) - PART]
    assert bank.read(bank.zhou, PHOTO) == PHOTO


# Nothing holds anything up


def test_records_go_out_while_a_photo_hangs(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    lin.line.faults = {1: "hangs"}

    async def scene() -> RecordState:
        running = [asyncio.create_task(lane.run()) for lane in (lin.runner, lin.lane)]
        await lin.line.hung.wait()
        visit = an_interaction(str(bank.customer["id"]), str(bank.lin["id"]), id=lin.store.new_id())
        arrived = asyncio.Event()

        def look() -> None:
            if lin.store.state("interaction", str(visit["id"])) is RecordState.IN_RECORD:
                arrived.set()

        lin.store.on_change(look)
        lin.store.commit(Insert("interaction", visit))
        await arrived.wait()
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return lin.store.state("interaction", str(visit["id"]))

    assert done(scene) is RecordState.IN_RECORD
    assert state(lin, PHOTO) == "uploading"


def test_a_part_that_hangs_counts_as_a_broken_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_runner, "PART_S", 0)

    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Unreachable, match="in time"):
        done(lambda: blob_runner._in_time(never()))


def test_the_lane_waits_before_every_part_while_records_are_on_their_way(
    bank: BlobBank, handset: Open
) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    turns: list[int] = []
    quiet = lin.runner.quiet

    async def counted() -> bool:
        turns.append(len(lin.line.parts))
        return await quiet()

    with patch.object(lin.runner, "quiet", counted):
        done(lin.sync)

    assert turns == [0, *range(PARTS)]


def test_the_lane_lets_an_exchange_that_is_under_way_end_first(
    bank: BlobBank, handset: Open
) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)

    async def scene() -> list[str]:
        order = []
        await lin.runner.sync_once()

        async def records() -> None:
            await lin.runner.sync_once()
            order.append("records")

        async def blobs() -> None:
            await lin.lane.send_all()
            order.append("blobs")

        exchange = asyncio.create_task(records())
        await asyncio.sleep(0)
        await asyncio.gather(exchange, blobs())
        return order

    assert done(scene) == ["records", "blobs"]


def test_working_offline_holds_the_lane_too(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    made = lin.attach(PHOTO, bank.customer)
    done(lin.runner.sync_once)
    lin.runner.set_work_offline(True)

    with pytest.raises(Held):
        done(lin.lane.send_all)
    with pytest.raises(Unreachable):
        done(lambda: lin.lane.fetch("0" * 64, "image/jpeg"))

    assert lin.line.parts == []
    assert done(lambda: lin.attachments.fetch(made.id)) == PHOTO


def test_a_photo_whose_record_was_refused_stays_here(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.strangers)

    assert done(lin.sync) == 0

    assert (lin.line.parts, state(lin, PHOTO)) == ([], "local")


def test_a_photo_of_a_customer_who_moved_on_still_arrives(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    done(lin.runner.sync_once)
    bank.store.bring("customer", {**bank.customer, "owner_id": bank.zhou["id"]})

    done(lin.sync)

    assert bank.read(bank.zhou, PHOTO) == PHOTO
    done(lin.sync)
    assert state(lin, PHOTO) == "gone"


def test_one_that_is_refused_does_not_keep_the_others(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    lin.now += 1
    lin.attach(OTHER, bank.customer)
    send = lin.line.put_blob

    async def refusing(token: str, name: str, *rest: object) -> int:
        if name == name_of(PHOTO):
            raise refused("blob_quota")
        return await send(token, name, *rest)  # type: ignore[arg-type]

    with patch.object(lin.line, "put_blob", refusing):
        assert done(lin.sync) == 1
        assert done(lin.lane.send_all) == 0  # it waits

    [waiting] = lin.attachments.unsent()
    assert waiting.refusal == Refusal("blob_quota", {})
    assert lin.attachments.state(waiting.item.attachment) is ContentState.REFUSED
    assert bank.read(bank.lin, OTHER) == OTHER
    lin.now += round(backoff_s(1, 0.5) * 1000)
    assert done(lin.lane.send_all) == 1
    assert lin.attachments.unsent() == []


def test_a_refused_one_can_be_sent_again_at_once(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    made = lin.attach(PHOTO, bank.customer)

    async def refusing(*_: object) -> int:
        raise refused("blob_quota")

    with patch.object(lin.line, "put_blob", refusing):
        done(lin.sync)
    lin.attachments.retry(made)

    assert lin.attachments.state(made) is ContentState.LOCAL
    assert done(lin.lane.send_all) == 1


def test_wrong_bytes_of_another_device_are_replaced_by_the_right_ones(
    bank: BlobBank, handset: Open
) -> None:
    lin, liar = handset(), bank.device(bank.zhou)
    made = lin.attach(PHOTO, bank.customer)
    for span in spans(len(PHOTO))[:2]:
        bank.put(liar, OTHER, span, name_of(PHOTO))

    done(lin.sync)
    said = lin.blobs.find(made.sha256)
    lin.now += 60_000
    done(lin.lane.send_all)

    assert said
    assert said.refusal == Refusal("blob_mismatch", {})
    assert bank.read(bank.lin, PHOTO) == PHOTO
    assert lin.attachments.state(made) is ContentState.UPLOADED


@pytest.mark.parametrize("size", [999, 1_002])
def test_a_damaged_content_is_said_and_not_sent_again_and_again(
    bank: BlobBank, handset: Open, size: int
) -> None:
    lin = handset()
    made = lin.attach(PHOTO, bank.customer)
    with lin.blobs._engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE part SET bytes = zeroblob(?) WHERE offset = ?", (size, 3 * PART)
        )

    done(lin.sync)
    parts = len(lin.line.parts)
    lin.now += 24 * 3_600_000
    done(lin.lane.send_all)

    assert parts == len(lin.line.parts) == PARTS
    [waiting] = lin.attachments.unsent()
    assert waiting.refusal == Refusal("blob_damaged", {})
    assert lin.attachments.state(made) is ContentState.REFUSED


def test_a_revoked_device_stops_sending_and_keeps_what_it_has(
    bank: BlobBank, handset: Open
) -> None:
    lin = handset()
    made = lin.attach(PHOTO, bank.customer)
    done(lin.runner.sync_once)
    with bank.database.writing() as connection:
        revoke(connection, lin.store.identity.device_id)

    with pytest.raises(Held):
        done(lin.lane.send_all)
    with pytest.raises(Refusal):
        done(lin.runner.sync_once)

    assert lin.attachments.state(made) is ContentState.LOCAL
    assert lin.blobs.content(made.sha256) == PHOTO


def test_the_lane_outlives_an_unforeseen_failure(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    send, tries = lin.lane.send_all, []

    async def failing() -> int:
        tries.append(lin.now)
        if len(tries) == 1:
            raise LookupError
        return await send()

    async def scene() -> None:
        stored = asyncio.Event()

        def look() -> None:
            if state(lin, PHOTO) == "stored":
                stored.set()

        lin.blobs.on_change(look)
        await lin.runner.sync_once()
        with patch.object(lin.lane, "send_all", failing):
            lane = asyncio.create_task(lin.lane.run())
            while not tries:
                await asyncio.sleep(0)
            lin.now += 60_000
            lin.lane.wake()
            await stored.wait()
            lane.cancel()
            with suppress(asyncio.CancelledError):
                await lane

    done(scene)

    assert bank.read(bank.lin, PHOTO) == PHOTO


def test_a_line_that_opens_again_ends_the_wait(bank: BlobBank, handset: Open) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)

    async def scene() -> list[float | None]:
        await lin.runner.sync_once()
        lin.line.cut = True
        waits = [await lin.lane._attempt(), await lin.lane._attempt()]
        with suppress(Unreachable):
            await lin.runner.sync_once()
        lin.line.cut = False
        stop = lin.runner.on_status(lin.lane._on_status)
        lin.lane._on_status()
        await lin.runner.sync_once()
        stop()
        waits.append(await lin.lane._attempt())
        return waits

    assert done(scene) == [backoff_s(1, 0.5), backoff_s(1, 0.5), None]
    assert bank.read(bank.lin, PHOTO) == PHOTO


# What the server may have lost, and what the device may not keep


def test_a_restored_server_gets_back_what_its_backup_lacks(
    bank: BlobBank, handset: Open, database: Database
) -> None:
    lin = handset()
    lin.attach(PHOTO, bank.customer)
    done(lin.runner.sync_once)
    done(lin.lane.send_all)
    with database.writing() as connection:
        for table in ("blob", "blob_part", "blob_holder"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.execute(meta.update().where(meta.c.key == "generation").values(value="new"))
    database.generation = "new"

    done(lin.sync)

    assert bank.read(bank.lin, PHOTO) == PHOTO


def test_a_customer_who_left_takes_their_photos_off_the_device(
    bank: BlobBank, handset: Open
) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(boss.sync)
    done(lambda: boss.attachments.fetch(made.id))
    bank.store.bring("customer", {**bank.customer, "owner_id": bank.stranger["id"]})

    for device in (lin, boss):
        done(device.sync)

    assert (state(lin, PHOTO), state(boss, PHOTO)) == ("gone", "gone")


def test_what_was_dropped_for_room_is_fetched_again(bank: BlobBank, handset: Open) -> None:
    lin = handset(budget=len(PHOTO))
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    lin.now += 1
    lin.attach(OTHER, bank.customer)
    gone = lin.attachments.state(made)
    done(lin.sync)

    assert gone is ContentState.ELSEWHERE
    assert done(lambda: lin.attachments.fetch(made.id)) == PHOTO


# Fetching


def test_a_photo_that_has_not_arrived_yet_is_said_to_be_on_its_way(
    bank: BlobBank, handset: Open
) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.runner.sync_once)
    done(boss.runner.sync_once)

    with pytest.raises(Refusal) as caught:
        done(lambda: boss.attachments.fetch(made.id))

    assert caught.value.code == "blob_waiting"


def test_a_record_that_is_not_here_opens_nothing(bank: BlobBank, handset: Open) -> None:
    lin, zhou = handset(), handset("zhou")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(zhou.sync)

    with pytest.raises(Refusal) as caught:
        done(lambda: zhou.attachments.fetch(made.id))

    assert caught.value.code == "not_found"


@pytest.mark.parametrize("parts", range(1, PARTS))
def test_a_download_that_was_cut_goes_on(bank: BlobBank, handset: Open, parts: int) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(boss.sync)
    get, asked = boss.line.get_blob, []

    async def cut(token: str, name: str, start: int, end: int) -> tuple[bytes, int]:
        asked.append(start)
        if len(asked) == parts + 1:
            raise Unreachable("cut")
        return await get(token, name, start, end)

    with patch.object(boss.line, "get_blob", cut):
        with pytest.raises(Unreachable):
            done(lambda: boss.attachments.fetch(made.id))
        boss.reopen()
        fetched = done(lambda: boss.attachments.fetch(made.id))

    assert fetched == PHOTO
    assert len(asked) == PARTS + 1


def test_a_content_that_arrives_wrong_is_not_kept_and_comes_right_the_next_time(
    bank: BlobBank, handset: Open
) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(boss.sync)

    async def wrong(_token: str, _name: str, start: int, end: int) -> tuple[bytes, int]:
        return OTHER[start:end], len(OTHER)

    with patch.object(boss.line, "get_blob", wrong), pytest.raises(Refusal) as caught:
        done(lambda: boss.attachments.fetch(made.id))

    assert caught.value.code == "blob_mismatch"
    assert state(boss, PHOTO) == "gone"
    assert done(lambda: boss.attachments.fetch(made.id)) == PHOTO


def test_two_taps_fetch_a_photo_once(bank: BlobBank, handset: Open) -> None:
    lin, boss = handset(), handset("boss")
    made = lin.attach(PHOTO, bank.customer)
    done(lin.sync)
    done(boss.sync)

    async def scene() -> list[bytes]:
        return list(await asyncio.gather(*(boss.attachments.fetch(made.id) for _ in range(2))))

    assert done(scene) == [PHOTO, PHOTO]


def test_a_lie_about_the_size_harms_nobody(bank: BlobBank, handset: Open) -> None:
    lin, boss = handset(), handset("boss")
    held = lin.attachments.hold("photo", PHOTO)
    record = lin.attachments.record_of(held, str(bank.customer["id"]))
    lie = {**Insert.of("attachment", record).document, "size": MAX_SIZE}
    lin.store.commit(Insert("attachment", lie))
    lin.blobs.recorded([held.id])
    done(lin.sync)
    done(boss.sync)

    assert done(lambda: boss.attachments.fetch(held.id)) == PHOTO


def test_the_server_keeps_to_its_quota_with_a_device_that_sends_without_records(
    bank: BlobBank, handset: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = handset()
    monkeypatch.setattr(server_blobs, "QUOTA", PART)
    known = bank.device(bank.zhou)
    bank.put(known, PHOTO, spans(len(PHOTO))[0])

    with pytest.raises(Refusal) as caught:
        bank.put(known, PHOTO, spans(len(PHOTO))[1])
    lin.attach(OTHER, bank.customer)
    done(lin.sync)

    assert caught.value.code == "blob_quota"
    assert bank.read(bank.lin, OTHER) == OTHER


@pytest.mark.parametrize("tries", [1, 20, 2_000])
def test_the_wait_stays_within_its_bounds_however_often_it_failed(tries: int) -> None:
    assert 0 <= backoff_s(tries, 0.999) <= 900
