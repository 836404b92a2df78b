"""A device without room: what it says is saved is saved, what it says is not saved is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from mobile_app.store.faults import DiskFull, WrongKey
from mobile_app.store.opening import open_store
from mobile_app.store.records import RecordState
from mobile_app.store.vault import Keys
from shared.registry import Document
from shared.sync.change import Insert
from shared.testing.builders import an_interaction
from tests.faults import checks
from tests.faults.full_disk import Disk, Files, opened
from tests.sync.world import CUSTOMERS, LIN, Tablet, World


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.unregister()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def lin(world: World, disk: Disk) -> Tablet:
    tablet = world.tablets[0]
    tablet.store.close()
    tablet.store = opened(tablet, disk)
    return tablet


def a_visit(tablet: Tablet) -> Document:
    return an_interaction(CUSTOMERS[0], LIN, id=tablet.store.new_id())


def shown(tablet: Tablet) -> set[str]:
    return {item.interaction.id for item in tablet.store.timeline(CUSTOMERS[0])}


@contextmanager
def no_room_behind_the_outbox(tablet: Tablet, disk: Disk) -> Iterator[None]:
    """The last room is taken by the outbox, and none is left for the mirror."""
    append = tablet.store._outbox.append

    def and_then_no_room(*args: Any) -> None:
        append(*args)
        disk.left = 0

    with patch.object(tablet.store._outbox, "append", and_then_no_room):
        yield
    disk.left = None


def test_a_visit_without_room_is_said_to_be_not_saved_and_is_not(lin: Tablet, disk: Disk) -> None:
    visit = a_visit(lin)
    disk.left = 0

    with pytest.raises(DiskFull):
        lin.store.commit(Insert("interaction", visit))

    assert lin.store.overview().pending == 0
    disk.left = None
    lin.store.commit(Insert("interaction", visit))
    assert shown(lin) == {visit["id"]}


def test_a_visit_that_is_durable_is_saved_also_if_there_is_no_room_to_show_it(
    lin: Tablet, disk: Disk
) -> None:
    """Said to be not saved, it would be made twice."""
    first, second = a_visit(lin), a_visit(lin)

    with no_room_behind_the_outbox(lin, disk):
        lin.store.commit(Insert("interaction", first))

    assert disk.refused > 0
    assert lin.store.overview().pending == 1
    assert lin.store.state("interaction", str(first["id"])) is RecordState.LOCAL
    lin.store.commit(Insert("interaction", second))
    assert shown(lin) == {first["id"], second["id"]}


def test_what_there_was_no_room_to_show_is_shown_after_the_next_exchange(
    lin: Tablet, disk: Disk
) -> None:
    visit = a_visit(lin)
    with no_room_behind_the_outbox(lin, disk):
        lin.store.commit(Insert("interaction", visit))

    lin.sync(deliver=1)

    assert shown(lin) == {visit["id"]}


def test_a_store_opens_on_a_full_disk_and_shows_what_it_has(lin: Tablet, disk: Disk) -> None:
    visit = a_visit(lin)
    lin.store.commit(Insert("interaction", visit))
    lin.sync_verdicts_only()
    lin.store.close()
    disk.left = 0

    lin.store = opened(lin, disk)

    assert shown(lin) == {visit["id"]}
    disk.left = None
    lin.sync()
    assert (checks.waiting(lin.store), shown(lin)) == (0, {visit["id"]})


def test_an_opening_that_fails_leaves_no_file_open(lin: Tablet, disk: Disk) -> None:
    """The mirror, held for good, would keep the app from opening until it is started anew."""
    lin.store.close()
    key = lin.name.encode().ljust(32)
    files = Files(lin.folder, disk.vfs)

    with pytest.raises(WrongKey) as refused:
        open_store(files, Keys(key, bytes(32)), lin.clock, lin.random.randbytes)

    lin.store = opened(lin, disk)
    assert refused.tb is not None  # as long as it is looked at, nothing is closed by itself
    assert len(lin.store.customers("")) == 2
