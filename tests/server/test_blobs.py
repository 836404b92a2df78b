"""Blobs on both databases: resumed from anywhere, checked at the end, opened by those who may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.blob import MAX_PART, MAX_SIZE, PART, Span
from shared.errors import Refusal
from shared.testing.builders import NOW
from sync_server.store.blobs import QUOTA, sweep
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.schema import blob, blob_holder
from tests.server.blob_bank import PHOTO, BlobBank, name_of, spans
from tests.server.sql_store import empty
from tests.sync.world import scratch_folder

WEEK_MS = 7 * 24 * 3_600_000
OTHER = b"\xff\xd8\xff" + b"other" * PART


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


class BlobContract:
    """The promises, one a test."""

    @pytest.mark.parametrize("cut", range(5))
    def test_an_upload_goes_on_from_every_part_boundary(self, bank: BlobBank, cut: int) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        for span in spans(len(PHOTO))[:cut]:
            bank.put(bank.device(bank.lin), PHOTO, span)

        bank.send(bank.device(bank.lin), PHOTO)

        assert bank.read(bank.lin, PHOTO) == PHOTO

    @pytest.mark.parametrize("size", [1, 10_000, PART - 1, PART + 1, 300_000, MAX_PART])
    def test_parts_of_any_size_make_the_same_blob(self, bank: BlobBank, size: int) -> None:
        content = PHOTO[: 40 if size == 1 else len(PHOTO)]
        bank.record(bank.lin, content, bank.customer)
        mine = bank.device(bank.lin)

        for span in spans(len(content), size):
            bank.put(mine, content, span)

        assert bank.read(bank.lin, content) == content
        assert bank.parts() == len(spans(len(content)))

    def test_a_device_is_told_from_where_to_go_on(self, bank: BlobBank) -> None:
        mine = bank.device(bank.lin)
        first, second, *_, last = spans(len(PHOTO))

        told = [bank.told(mine, PHOTO), bank.put(mine, PHOTO, first), bank.put(mine, PHOTO, second)]
        bank.put(mine, PHOTO, Span(second.end, last.start, last.total))
        told.append(bank.put(mine, PHOTO, last))

        assert told == [0, PART, 2 * PART, len(PHOTO)]

    def test_a_part_sent_twice_changes_nothing(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        mine = bank.device(bank.lin)

        for span in spans(len(PHOTO)):
            bank.put(mine, PHOTO, span)
            bank.put(mine, PHOTO, span)
        for span in spans(len(PHOTO)):
            assert bank.put(mine, PHOTO, span) == len(PHOTO)

        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_a_part_that_overlaps_what_is_here_adds_the_rest(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        mine = bank.device(bank.lin)
        bank.put(mine, PHOTO, Span(0, 1_000, len(PHOTO)))

        bank.put(mine, PHOTO, Span(500, PART + 7, len(PHOTO)))
        bank.send(mine, PHOTO)

        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_a_part_out_of_order_is_refused_with_how_much_is_here(self, bank: BlobBank) -> None:
        mine = bank.device(bank.lin)
        first, _, third, _ = spans(len(PHOTO))
        with pytest.raises(Refusal) as at_the_start:
            bank.put(mine, PHOTO, third)
        bank.put(mine, PHOTO, first)

        with pytest.raises(Refusal) as in_the_middle:
            bank.put(mine, PHOTO, third)

        assert at_the_start.value == Refusal("blob_range", {"have": "0"})
        assert in_the_middle.value == Refusal("blob_range", {"have": str(PART)})

    def test_wrong_bytes_are_dropped_at_the_last_part_and_the_upload_begins_anew(
        self, bank: BlobBank
    ) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        mine = bank.device(bank.lin)
        wrong = PHOTO[:PART] + b"\0" + PHOTO[PART + 1 :]
        *before, last = spans(len(PHOTO))
        for span in before:
            bank.put(mine, wrong, span, name_of(PHOTO))

        with pytest.raises(Refusal) as refused:
            bank.put(mine, wrong, last, name_of(PHOTO))

        assert code_of(refused) == "blob_mismatch"
        assert (bank.told(mine, PHOTO), bank.parts()) == (0, 0)
        bank.send(mine, PHOTO)
        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_other_bytes_for_a_part_that_is_here_leave_it_as_it_is(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        mine = bank.device(bank.lin)
        first, *_ = spans(len(PHOTO))
        bank.put(mine, PHOTO, first)

        with pytest.raises(Refusal) as refused:
            bank.put(mine, PHOTO[::-1], first, name_of(PHOTO))

        assert code_of(refused) == "blob_mismatch"
        bank.send(mine, PHOTO)
        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_nobody_can_change_a_blob_that_is_whole(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        bank.send(bank.device(bank.lin), PHOTO)
        stranger = bank.device(bank.stranger)
        lies = [*spans(len(PHOTO)), Span(0, PART, len(PHOTO) + 1), Span(0, PART, PART)]

        for lie in lies:
            with pytest.raises(Refusal) as refused:
                bank.put(stranger, PHOTO[::-1], lie, name_of(PHOTO))
            assert code_of(refused) == "blob_mismatch"

        assert bank.read(bank.lin, PHOTO) == PHOTO

    @pytest.mark.parametrize("more", [-PART, -1, 1, PART])
    def test_a_wrong_total_does_not_keep_the_right_one_out(self, bank: BlobBank, more: int) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        liar, mine = bank.device(bank.zhou), bank.device(bank.lin)
        bank.put(liar, PHOTO, Span(0, PART, len(PHOTO) + more), name_of(PHOTO))

        with pytest.raises(Refusal) as refused:
            bank.put(mine, PHOTO, spans(len(PHOTO))[1])
        for span in spans(len(PHOTO)):
            bank.put(mine, PHOTO, span)

        assert refused.value == Refusal("blob_range", {"have": "0"})
        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_a_wrong_small_one_under_the_name_does_not_undo_an_upload(self, bank: BlobBank) -> None:
        liar, mine = bank.device(bank.zhou), bank.device(bank.lin)
        bank.put(mine, PHOTO, spans(len(PHOTO))[0])

        with pytest.raises(Refusal) as refused:
            bank.put(liar, b"x", Span(0, 1, 1), name_of(PHOTO))

        assert code_of(refused) == "blob_mismatch"
        assert bank.told(mine, PHOTO) == PART

    def test_the_largest_blob_arrives_and_is_read_in_parts(self, bank: BlobBank) -> None:
        content = (PHOTO * 30)[:MAX_SIZE]
        bank.record(bank.lin, content, bank.customer)

        bank.send(bank.device(bank.lin), content)

        assert bank.read(bank.lin, content) == content

    # Two who send the same

    def test_another_device_goes_on_where_the_first_was_cut(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        for span in spans(len(PHOTO))[:2]:
            bank.put(bank.device(bank.lin), PHOTO, span)
        other = bank.device(bank.zhou)

        assert bank.told(other, PHOTO) == 2 * PART
        assert bank.send(other, PHOTO) == 2

    def test_two_devices_at_once_make_one_blob(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        both = [bank.device(bank.lin), bank.device(bank.zhou)]
        start = Barrier(2)

        def send(place: int) -> int:
            start.wait()
            sent = 0
            while (have := bank.told(both[place], PHOTO)) < len(PHOTO):
                sent += 1
                span = Span(have, min(len(PHOTO), have + PART), len(PHOTO))
                with suppress(Refusal):  # the other one was faster
                    bank.put(both[place], PHOTO, span)
            return sent

        with ThreadPoolExecutor(2) as pool:
            assert all(sent >= 1 for sent in pool.map(send, range(2)))

        assert bank.parts() == len(spans(len(PHOTO)))
        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_who_sends_what_is_here_already_shows_its_end_only(self, bank: BlobBank) -> None:
        bank.send(bank.device(bank.lin), PHOTO)
        other = bank.device(bank.zhou)

        assert bank.told(other, PHOTO) == len(PHOTO) - PART
        assert bank.send(other, PHOTO) == 1
        assert bank.told(other, PHOTO) == len(PHOTO)

    # Who may read

    def test_owner_and_supervisor_read_it_and_a_colleague_does_not(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        bank.send(bank.device(bank.lin), PHOTO)

        assert bank.read(bank.lin, PHOTO) == bank.read(bank.boss, PHOTO) == PHOTO
        assert bank.read(None, PHOTO) == PHOTO
        for other in (bank.zhou, bank.stranger):
            with pytest.raises(Refusal) as refused:
                bank.open(other, PHOTO)
            assert code_of(refused) == "not_found"

    def test_it_moves_on_with_its_customer(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        bank.send(bank.device(bank.lin), PHOTO)

        bank.store.bring("customer", {**bank.customer, "owner_id": bank.stranger["id"]})

        assert bank.read(bank.stranger, PHOTO) == PHOTO
        for former in (bank.lin, bank.boss):
            with pytest.raises(Refusal):
                bank.open(former, PHOTO)

    def test_what_no_record_names_is_nobodys(self, bank: BlobBank) -> None:
        bank.send(bank.device(bank.lin), PHOTO)

        for asking in (bank.lin, bank.boss, None):
            with pytest.raises(Refusal) as refused:
                bank.open(asking, PHOTO)
            assert code_of(refused) == "not_found"

    def test_a_record_before_its_content_says_so(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        for span in spans(len(PHOTO))[:-1]:
            with pytest.raises(Refusal) as refused:
                bank.open(bank.boss, PHOTO)
            assert code_of(refused) == "blob_waiting"
            bank.put(bank.device(bank.lin), PHOTO, span)

        with pytest.raises(Refusal):
            bank.open(bank.boss, PHOTO)

    @pytest.mark.parametrize("content", [PHOTO, PHOTO[:10], PHOTO[: PART + 1]])
    def test_to_know_a_name_does_not_open_the_content(self, bank: BlobBank, content: bytes) -> None:
        bank.record(bank.lin, content, bank.customer)
        bank.send(bank.device(bank.lin), content)
        thief = bank.device(bank.stranger)
        bank.record(bank.stranger, content, bank.strangers)
        shown = max(0, len(content) - PART)

        for guess in (Span(shown, len(content), len(content)), Span(0, 1, len(content))):
            with pytest.raises(Refusal):
                bank.put(thief, content[::-1], guess, name_of(content))
        if len(content) > 3:  # a beginning that everyone knows shows nothing
            bank.put(thief, content, Span(0, 3, len(content)))

        assert bank.told(thief, content) == shown
        with pytest.raises(Refusal) as refused:
            bank.open(bank.stranger, content)
        assert code_of(refused) == "blob_waiting"
        bank.send(thief, content)
        assert bank.read(bank.stranger, content) == content

    def test_repeating_a_piece_of_anothers_upload_is_not_showing_it(self, bank: BlobBank) -> None:
        content = PHOTO[: PART // 2]
        bank.record(bank.stranger, content, bank.strangers)
        thief, mine = bank.device(bank.stranger), bank.device(bank.lin)
        bank.put(mine, content, Span(0, 1_000, len(content)))
        bank.put(thief, content, Span(0, 3, len(content)))
        bank.put(mine, content, Span(1_000, len(content) - 1, len(content)))
        bank.put(thief, content, Span(0, 3, len(content)))
        bank.put(mine, content, Span(len(content) - 1, len(content), len(content)))

        assert bank.told(mine, content) == len(content)
        assert bank.told(thief, content) == 0

    @pytest.mark.parametrize(
        "span",
        [
            (0, 1),
            (PART - 1, PART + 1),
            (PART, 2 * PART),
            (5, 3 * PART + 5),
            (3 * PART, 3 * PART + 9),
        ],
    )
    def test_a_part_is_read_as_asked(self, bank: BlobBank, span: tuple[int, int]) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        bank.send(bank.device(bank.lin), PHOTO)

        assert bank.read(bank.lin, PHOTO, Span(*span, len(PHOTO))) == PHOTO[slice(*span)]

    # How much may lie here

    def test_a_device_cannot_fill_the_disk_with_what_no_record_names(self, bank: BlobBank) -> None:
        mine, other = bank.device(bank.lin), bank.device(bank.lin)
        content = PHOTO.ljust(MAX_SIZE, b"\0")

        numbered = [bytes([number]) + content[1:] for number in range(4)]
        for each in numbered[:3]:
            for span in spans(MAX_SIZE, MAX_PART):
                bank.put(mine, each, span)
        for span in spans(MAX_SIZE, MAX_PART)[:3]:
            bank.put(mine, numbered[3], span)

        with pytest.raises(Refusal) as refused:
            bank.put(mine, numbered[3], spans(MAX_SIZE, MAX_PART)[3])

        assert code_of(refused) == "blob_quota"
        assert bank.parts() * PART <= QUOTA
        bank.send(other, PHOTO)  # another device is not held up
        bank.record(bank.lin, OTHER, bank.customer)
        bank.send(mine, OTHER)  # nor is what a record names

    # Sweeping

    def test_what_no_record_names_after_a_week_is_swept(self, bank: BlobBank) -> None:
        bank.record(bank.lin, PHOTO, bank.customer)
        bank.send(bank.device(bank.lin), PHOTO)
        big = OTHER.ljust(MAX_SIZE, b"\0")
        bank.send(bank.device(bank.lin), big)

        early = sweep(bank.database, NOW)
        swept = sweep(bank.database, NOW + 1)

        assert (early.blobs, early.bytes) == (0, 0)
        assert (swept.blobs, swept.bytes) == (1, MAX_SIZE)
        assert bank.read(bank.lin, PHOTO) == PHOTO
        assert bank.parts() == len(spans(len(PHOTO)))
        assert bank.told(bank.device(bank.lin), big) == 0

    def test_what_is_still_being_sent_is_not_swept(self, bank: BlobBank) -> None:
        mine = bank.device(bank.lin)
        first, second, *_ = spans(len(PHOTO))
        bank.put(mine, PHOTO, first)
        bank.put(mine, PHOTO, second, now=NOW + WEEK_MS)

        assert sweep(bank.database, NOW + 1).blobs == 0

    def test_what_was_swept_can_be_sent_again(self, bank: BlobBank) -> None:
        mine = bank.device(bank.lin)
        bank.send(mine, PHOTO)
        sweep(bank.database, NOW + 1)
        bank.record(bank.lin, PHOTO, bank.customer)

        bank.send(mine, PHOTO)

        assert bank.read(bank.lin, PHOTO) == PHOTO

    def test_a_sweep_leaves_no_trace(self, bank: BlobBank) -> None:
        bank.send(bank.device(bank.lin), PHOTO)

        sweep(bank.database, NOW + 1)

        with bank.database.reading() as connection:
            assert connection.execute(blob.select()).all() == []
            assert connection.execute(blob_holder.select()).all() == []
        assert bank.parts() == 0


class TestSqlite(BlobContract):
    @pytest.fixture
    def bank(self, tmp_path: Path) -> Iterator[BlobBank]:
        database = open_sqlite(tmp_path / "fieldbook.db")
        yield BlobBank(database)
        database.close()


@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[Database]:
    database = open_postgresql(postgresql_url)
    yield database
    database.close()


class TestPostgresql(BlobContract):
    @pytest.fixture
    def bank(self, postgresql: Database) -> BlobBank:
        return BlobBank(empty(postgresql))


@given(
    total=st.integers(1, 3 * PART),
    cuts=st.lists(st.tuples(st.integers(0, 3 * PART), st.integers(1, MAX_PART)), max_size=8),
    restarts=st.booleans(),
)
def test_whatever_arrives_in_whatever_order_the_whole_is_right_in_the_end(
    total: int,
    cuts: list[tuple[int, int]],
    restarts: bool,
) -> None:
    folder = scratch_folder()
    path = Path(folder.name) / "fieldbook.db"
    bank = BlobBank(open_sqlite(path))
    content = PHOTO[:total]
    bank.record(bank.lin, content, bank.customer)
    devices = [bank.device(bank.lin), bank.device(bank.zhou)]

    for place, (start, size) in enumerate(cuts):
        start %= total
        with suppress(Refusal):  # what does not follow is refused, and nothing is changed by it
            bank.put(devices[place % 2], content, Span(start, min(total, start + size), total))
        if restarts:
            bank.database.close()
            bank.database = open_sqlite(path)
    bank.send(devices[0], content)

    assert bank.read(bank.lin, content) == content
    bank.database.close()
    folder.cleanup()
