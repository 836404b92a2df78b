"""Content on the device: encrypted, never lost while it is unsent, first to go once it is not."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from mobile_app.store.blobs import Blobs
from mobile_app.store.bridge import open_engine
from mobile_app.store.faults import DiskFull, WrongKey
from mobile_app.store.records import ContentState
from mobile_app.store.vault import Keys
from shared.blob import PART, Span
from shared.errors import Refusal, refused
from shared.sync.change import Insert
from shared.testing.builders import an_interaction
from sync_server.store.database import open_sqlite
from tests.device.handset import Handset, Killed, done
from tests.server.blob_bank import PHOTO, BlobBank, name_of

MARKER = b"\xff\xd8\xff" + b"the face of a customer " * 30_000
KEYS = Keys(b"m" * 32, b"o" * 32)


def photo(number: int, size: int = 2 * PART) -> bytes:
    return PHOTO[: size - 1] + bytes([number])


class Clock:
    """Goes on by one at every reading."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[Blobs]:
    opened = Blobs(open_engine(str(tmp_path / "attachments.db"), KEYS.attachments), Clock())
    yield opened
    opened.close()


def small(tmp_path: Path, parts: int) -> Blobs:
    """A file that may hold so many parts."""
    engine = open_engine(str(tmp_path / "small.db"), KEYS.attachments)
    return Blobs(engine, Clock(), budget=parts * PART)


def test_a_content_is_read_as_it_was_kept(blobs: Blobs) -> None:
    name = blobs.keep("a", PHOTO, "image/jpeg")

    assert name == name_of(PHOTO)
    assert blobs.content(name) == PHOTO
    assert blobs.read(name, PART - 3, PART + 3) == PHOTO[PART - 3 : PART + 3]
    assert blobs.is_sound(name)
    assert blobs.content(name_of(b"another")) is None


def test_the_file_holds_nothing_that_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    engine = open_engine(str(folder / "attachments.db"), KEYS.attachments)
    blobs = Blobs(engine, Clock())
    name = blobs.keep("a", MARKER, "image/jpeg")
    during = b"".join(each.read_bytes() for each in folder.iterdir())
    blobs.close()
    after = (folder / "attachments.db").read_bytes()

    for raw in (during, after):
        assert len(raw) > len(MARKER)
        for readable in (b"the face of a customer", b"image/jpeg", name.encode(), b"SQLite format"):
            assert readable not in raw


def test_the_file_opens_with_the_key_that_follows_from_the_outboxs_only(
    tmp_path: Path, blobs: Blobs
) -> None:
    blobs.keep("a", PHOTO, "image/jpeg")
    blobs.close()

    assert KEYS.attachments not in (KEYS.outbox, KEYS.mirror)
    assert Keys(b"another mirror".ljust(32), KEYS.outbox).attachments == KEYS.attachments
    for wrong in (KEYS.outbox, KEYS.mirror, Keys(KEYS.mirror, b"x" * 32).attachments):
        with pytest.raises(WrongKey):
            open_engine(str(tmp_path / "attachments.db"), wrong)


def test_the_key_is_that_of_rfc_5869() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, None, b"fieldbook attachments").derive(KEYS.outbox)

    assert KEYS.attachments == derived


def test_the_same_content_is_kept_once_for_two_attachments(blobs: Blobs) -> None:
    name = blobs.keep("a", PHOTO, "image/jpeg")
    blobs.keep("b", PHOTO, "image/jpeg")

    blobs.let_go(["a"])
    kept = blobs.content(name)
    blobs.let_go(["b"])

    assert kept == PHOTO
    assert blobs.all() == {}


# Room


def test_room_is_made_of_the_oldest_that_the_server_has(tmp_path: Path) -> None:
    blobs = small(tmp_path, parts=7)
    names = [blobs.keep(str(n), photo(n), "image/jpeg") for n in range(3)]
    for name in names:
        blobs.stored(name)

    for number in (3, 4):
        blobs.keep(str(number), photo(number), "image/jpeg")

    here = [name in blobs.all() for name in names]
    assert here == [False, False, True]
    blobs.close()


def test_what_is_unsent_is_never_given_up_for_room(tmp_path: Path) -> None:
    blobs = small(tmp_path, parts=4)

    names = [blobs.keep(str(n), photo(n), "image/jpeg") for n in range(6)]
    blobs.sent(names[0], PART)
    blobs.refuse(names[1], refused("blob_quota"))
    fetched = photo(9)
    blobs.take(name_of(fetched), "image/jpeg", Span(0, PART, len(fetched)), fetched[:PART])
    blobs.keep("more", photo(10), "image/jpeg")

    assert [blobs.content(name) for name in names] == [photo(n) for n in range(6)]
    assert name_of(fetched) not in blobs.all()
    blobs.close()


def test_what_was_just_fetched_is_there_to_be_looked_at(tmp_path: Path) -> None:
    blobs = small(tmp_path, parts=2)
    for number in range(3):
        blobs.keep(str(number), photo(number), "image/jpeg")
    content = photo(9)
    name = name_of(content)
    blobs.take(name, "image/jpeg", Span(0, PART, len(content)), content[:PART])
    blobs.take(name, "image/jpeg", Span(PART, len(content), len(content)), content[PART:])

    assert blobs.finish(name)
    assert blobs.content(name) == content
    blobs.close()


def test_a_full_disk_takes_what_can_be_fetched_again_before_it_says_so(blobs: Blobs) -> None:
    old = blobs.keep("old", photo(1), "image/jpeg")
    blobs.stored(old)
    unsent = blobs.keep("unsent", photo(2), "image/jpeg")
    whole = blobs._keep

    def full_once(*args: str) -> None:
        if old in blobs.all():
            raise DiskFull
        whole(*args)  # type: ignore[arg-type]

    with patch.object(blobs, "_keep", full_once):
        name = blobs.keep("new", photo(3), "image/jpeg")

    assert set(blobs.all()) == {unsent, name}


def test_a_disk_that_stays_full_is_said_and_nothing_unsent_is_gone(blobs: Blobs) -> None:
    unsent = blobs.keep("unsent", photo(2), "image/jpeg")

    with patch.object(blobs, "_keep", side_effect=DiskFull), pytest.raises(DiskFull):
        blobs.keep("new", photo(3), "image/jpeg")

    assert blobs.content(unsent) == photo(2)


# Fetching


def test_a_part_that_does_not_follow_begins_the_download_anew(blobs: Blobs) -> None:
    name, total = name_of(PHOTO), len(PHOTO)

    first = blobs.take(name, "image/jpeg", Span(0, PART, total), PHOTO[:PART])
    gap = blobs.take(
        name, "image/jpeg", Span(2 * PART, 3 * PART, total), PHOTO[2 * PART : 3 * PART]
    )

    assert (first, gap) == (PART, 0)
    assert blobs.find(name) is None


def test_a_content_that_is_not_what_its_name_says_is_dropped(blobs: Blobs) -> None:
    name = name_of(PHOTO)
    blobs.take(name, "image/jpeg", Span(0, 3, 3), b"lie")

    assert not blobs.finish(name)
    assert blobs.all() == {}


def test_a_download_never_takes_the_place_of_what_was_made_here(blobs: Blobs) -> None:
    name, total = name_of(PHOTO), len(PHOTO)
    blobs.take(name, "image/jpeg", Span(0, PART, total), PHOTO[:PART])
    blobs.keep("a", PHOTO, "image/jpeg")

    onward = blobs.take(name, "image/jpeg", Span(PART, 2 * PART, total), b"\0" * PART)
    blobs.finish(name)

    assert onward == total
    assert blobs.content(name) == PHOTO
    assert [each.sha256 for each in blobs.unsent()] == [name]


# Content and record


@pytest.fixture
def lin(tmp_path: Path) -> Iterator[Handset]:
    database = open_sqlite(tmp_path / "fieldbook.db")
    bank = BlobBank(database)
    handset = Handset(bank, tmp_path / "lin", bank.lin)
    yield handset
    handset.close()
    database.close()


def test_a_device_that_dies_between_content_and_record_has_neither(lin: Handset) -> None:
    lin.attachments.hold("photo", PHOTO)

    lin.reopen()

    assert lin.blobs.all() == {}
    assert lin.store.attachments(str(lin.bank.customer["id"])) == []


def test_a_device_that_dies_right_after_the_record_has_both(lin: Handset) -> None:
    with patch.object(lin.blobs, "recorded", side_effect=Killed), pytest.raises(Killed):
        lin.attach(PHOTO, lin.bank.customer)

    lin.reopen()
    done(lin.sync)

    [item] = lin.store.attachments(str(lin.bank.customer["id"]))
    assert lin.attachments.state(item.attachment) is ContentState.UPLOADED
    assert lin.bank.read(lin.bank.lin, PHOTO) == PHOTO


def test_a_form_that_is_still_open_keeps_what_it_holds(lin: Handset) -> None:
    held = lin.attachments.hold("photo", PHOTO)
    kept = {"id": held.id, "kind": held.kind, "media_type": held.media_type}
    body = {"attachments": [kept | {"size": held.size, "sha256": held.sha256}]}
    lin.store.save_draft("visit:c1", body)

    lin.reopen()

    assert lin.attachments.is_held(held)
    assert lin.blobs.content(held.sha256) == PHOTO
    lin.store.drop_draft("visit:c1")
    lin.reopen()
    assert lin.blobs.all() == {}


def test_a_record_that_is_given_up_takes_its_content_along(lin: Handset) -> None:
    lin.attach(PHOTO, lin.bank.strangers)
    done(lin.sync)
    [item] = lin.store.outbox()
    kept = lin.blobs.content(name_of(PHOTO))

    lin.store.discard(item.op_id, "不再需要")
    lin.reopen()

    assert item.refusal == Refusal("not_yours", {})
    assert kept == PHOTO
    assert lin.blobs.all() == {}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attachment_size"),
        (b"\xff\xd8\xff" * 7_000_000, "attachment_size"),
        (b"MZ", "attachment_type"),
    ],
)
def test_what_cannot_be_attached_is_refused_and_leaves_nothing(
    lin: Handset, content: bytes, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        lin.attach(content, lin.bank.customer)

    assert caught.value.code == code
    assert (lin.blobs.all(), lin.store.outbox()) == ({}, [])


def test_an_attachment_that_is_refused_does_not_take_its_visit_along(lin: Handset) -> None:
    done(lin.runner.sync_once)
    customer = str(lin.bank.customer["id"])
    visit = an_interaction(customer, str(lin.bank.lin["id"]), id=lin.store.new_id())
    held = lin.attachments.hold("photo", PHOTO)
    photo = lin.attachments.record_of(held, str(lin.bank.strangers["id"]), str(visit["id"]))
    lin.attachments.commit([Insert("interaction", visit)], [photo])

    done(lin.sync)

    assert [item.interaction.id for item in lin.store.timeline(customer)] == [visit["id"]]
    assert [item.record_id for item in lin.store.outbox()] == [held.id]


def test_a_photo_stands_with_its_visit_in_the_timeline(lin: Handset) -> None:
    done(lin.runner.sync_once)
    customer = str(lin.bank.customer["id"])
    visit = an_interaction(customer, str(lin.bank.lin["id"]), id=lin.store.new_id())
    held = [lin.attachments.hold("photo", photo(number)) for number in range(2)]
    records = []
    for each in held:
        lin.now += 1
        records.append(lin.attachments.record_of(each, customer, str(visit["id"])))

    lin.attachments.commit([Insert("interaction", visit)], records)

    [item] = lin.store.timeline(customer)
    assert [each.attachment.id for each in item.attachments] == [each.id for each in held]
    assert {lin.attachments.state(each.attachment) for each in item.attachments} == {
        ContentState.LOCAL
    }
