"""Old and new living together: apps and servers of two releases, each upgraded in the middle."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from shared.registry import Document
from shared.sync.change import Patch
from shared.testing.builders import NOW, an_interaction, id_number
from tests.sync.world import LIN, STRANGER
from tests.versions.releases import Release, later, present
from tests.versions.skew import Skewed, deferred, shown
from tests.versions.tape import KEEPSAKES, MINE, OTHER, keepsake

RELEASE: Final = Path(__file__).parent / "0.1.0"
VISIT: Final = id_number(9_501)
Branch = Callable[[Release, Release], Skewed]


@pytest.fixture
def branch() -> Iterator[Branch]:
    made: list[Skewed] = []

    def make(server: Release, tablets: Release) -> Skewed:
        made.append(Skewed(server, tablets))
        return made[-1]

    yield make
    for each in made:
        each.close()


def news(skewed: Skewed) -> None:
    """A later server has news that an older app cannot understand, or not whole."""
    skewed.bring("keepsake", a_keepsake(0, MINE), a_keepsake(1, OTHER))
    skewed.change("customer", MINE, parking_note="东门可停车", occupation="教师")
    visit = an_interaction(OTHER, LIN, id=VISIT)
    skewed.bring("interaction", {**visit, "weather": "snow"})


def a_keepsake(place: int, customer: str) -> Document:
    return keepsake(KEEPSAKES[place], customer, LIN)


NEWS: Final = {
    ("keepsake", KEEPSAKES[0]),
    ("keepsake", KEEPSAKES[1]),
    ("customer", MINE),
    ("interaction", VISIT),
}


def test_what_an_app_did_not_understand_is_there_after_its_upgrade(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    assert deferred(lin) == NEWS
    assert shown(lin, "customer", MINE)["occupation"] == "教师"

    skewed.upgrade_tablet(0, later())

    lin = skewed.tablets[0]
    assert deferred(lin) == set()
    assert shown(lin, "customer", MINE)["parking_note"] == "东门可停车"
    assert shown(lin, "interaction", VISIT)["weather"] == "snow"
    assert shown(lin, "keepsake", KEEPSAKES[0])["title"] == "剪纸"
    assert skewed.compare(0) == "agreed"


def test_it_is_taken_up_beneath_the_users_own_work(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    lin.save(Patch("customer", MINE, {"contact_note": (None, "午后在")}))

    skewed.upgrade_tablet(0, later())

    lin = skewed.tablets[0]
    mine = shown(lin, "customer", MINE)
    assert (mine["contact_note"], mine["parking_note"]) == ("午后在", "东门可停车")
    assert skewed.compare(0) == "agreed"
    lin.sync()
    assert lin.store.overview().pending == 0
    assert skewed.rows()["customer", MINE].document["parking_note"] == "东门可停车"


def test_an_old_app_and_a_new_server_agree_on_what_both_know(branch: Branch) -> None:
    skewed = branch(later(), present())
    news(skewed)
    skewed.tablets[0].sync()

    assert [skewed.compare(0), skewed.compare(0)] == ["agreed", "agreed"]


def test_a_repaired_row_keeps_what_the_app_does_not_understand(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    with lin.store._engines[0].begin() as connection:
        connection.exec_driver_sql("UPDATE customer SET occupation = 'rotten'")
        connection.exec_driver_sql("DELETE FROM deferred_row WHERE entity = 'customer'")

    assert [skewed.compare(0), skewed.compare(0)] == ["repaired", "agreed"]
    assert ("customer", MINE) in deferred(lin)


def test_what_was_deferred_leaves_with_its_customer(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()

    skewed.change("customer", MINE, owner_id=STRANGER)
    lin.sync()

    assert deferred(lin) == {("keepsake", KEEPSAKES[1]), ("interaction", VISIT)}
    skewed.upgrade_tablet(0, later())
    assert shown(skewed.tablets[0], "keepsake", KEEPSAKES[0]) is None
    assert skewed.compare(0) == "agreed"


def test_what_was_deferred_and_a_later_walk_does_not_bring_is_gone(branch: Branch) -> None:
    skewed = branch(later(), present())
    lin = skewed.tablets[0]
    news(skewed)
    lin.sync()
    with skewed.database.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM keepsake WHERE id = '{KEEPSAKES[0]}'")
        connection.exec_driver_sql("UPDATE meta SET value = 'restored' WHERE key = 'generation'")
    skewed.upgrade_server(later())

    lin.sync()

    kept = {key for key in deferred(lin) if key[0] == "keepsake"}
    assert kept == {("keepsake", KEEPSAKES[1])}


def test_what_0_1_0_did_not_understand_is_taken_up_by_the_release_that_does(tmp_path: Path) -> None:
    files = Path(shutil.copytree(RELEASE / "device", tmp_path / "device"))
    opened(files, present()).close()

    store = opened(files, later())

    assert store.overview().deferred == 0
    assert store.document("customer", MINE)["parking_note"] == f"东门可停车 {MINE[-4:]}"
    assert store.document("keepsake", KEEPSAKES[0])["worth"] == 8_800
    store.close()


def opened(files: Path, release: Release) -> Any:
    """Open a tablet's files with a release's app."""
    world, key = release.world, b"lin".ljust(32)
    engines = [world.open_engine(str(files / name), key) for name in ("mirror.db", "outbox.db")]
    return world.DeviceStore(*engines, lambda: NOW, Random(7).randbytes)
