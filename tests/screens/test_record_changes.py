"""The timeline says what happened to the record: another owner, a merge, a split."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

import flet as ft
import pytest

from mobile_app.i18n import Words
from mobile_app.parts.timeline import CHANGED
from mobile_app.store.device_store import DeviceStore
from mobile_app.words import TABLE
from shared.domain import RecordChange
from shared.domain.record_change import RecordChangeKind, owner_changed, record_joined
from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.shop import a_shop, shop_device
from tests.screens.stage import Stage, opened, running
from tests.screens.test_facing import turned
from tests.screens.test_with_the_real_store import arrive

MOVED = owner_changed("c1", 4, ("e2", "e1"), "import:customers", NOW - 9 * DAY_MS)
MERGED = record_joined("c1", "merged", ("c8", "刘秀蓝"), "e9", NOW - 5 * DAY_MS)
SPLIT = record_joined("c1", "split", ("c8", "刘秀蓝"), "job:identity", NOW - 2 * DAY_MS)


def told(folder: Path, *changes: RecordChange) -> DeviceStore:
    """A device that was told of some changes, and holds one contact between them."""
    store = a_shop(folder)
    visit = contact(1, "c1", occurred_at=NOW - 7 * DAY_MS, note="看过房")
    arrive(
        store, 3, ("interaction", asdict(visit)),
        *(("record_change", asdict(each)) for each in changes),
    )  # fmt: skip
    return store


async def at_timeline(store: DeviceStore, language: str = "zh") -> Stage:
    stage = await opened(shop_device(store), language=language)
    await stage.go("/customers/c1")
    return stage


def test_every_kind_has_its_sentence_and_its_sign() -> None:
    kinds = get_args(RecordChangeKind)

    assert {f"record_change.{kind}" for kind in kinds} <= TABLE.keys()
    assert set(CHANGED) == set(kinds)
    assert len(set(CHANGED.values())) == len(kinds)


def test_a_change_of_owner_says_from_whom_to_whom_and_that_a_system_said_so(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = told(tmp_path, MOVED)

        stage = await at_timeline(store)

        said = stage.texts()
        place = said.index("管户由 李强 转给 王敏")
        assert said[place + 1] == Words("zh", lambda: NOW).moment(MOVED.occurred_at)
        assert said[place + 2] == "银行系统"
        store.close()

    running(scene)


def test_a_merge_says_which_record_and_who_decided(tmp_path: Path) -> None:
    async def scene() -> None:
        store = told(tmp_path, MERGED)

        stage = await at_timeline(store)

        said = stage.texts()
        place = said.index("合并了另一份记录：刘秀蓝")
        moment = Words("zh", lambda: NOW).moment(MERGED.occurred_at)
        assert said[place + 1] == f"{moment}·周建国"
        assert said[place + 2] != "银行系统"
        store.close()

    running(scene)


def test_they_stand_in_the_order_of_time_among_the_contacts(tmp_path: Path) -> None:
    async def scene() -> None:
        store = told(tmp_path, MOVED, MERGED, SPLIT)

        stage = await at_timeline(store)

        said = stage.texts()
        places = [
            said.index(each)
            for each in (
                "拆开了合并的记录：刘秀蓝", "合并了另一份记录：刘秀蓝", "看过房",
                "管户由 李强 转给 王敏",
            )
        ]  # fmt: skip
        assert places == sorted(places)
        await stage.tap_key("view:matters")
        assert stage.says("事项 3")
        assert not stage.says("看过房")
        store.close()

    running(scene)


def test_somebody_whom_the_device_does_not_know_is_no_id(tmp_path: Path) -> None:
    async def scene() -> None:
        stranger = owner_changed("c1", 4, ("0190-gone", "e1"), "import:customers", NOW)
        store = told(tmp_path, stranger)

        stage = await at_timeline(store)

        words = stage.here.words
        assert stage.says(f"管户由 {words('someone')} 转给 王敏")
        assert not stage.says("0190-gone")
        store.close()

    running(scene)


@pytest.mark.parametrize("change", [MOVED, MERGED, SPLIT])
def test_they_are_told_in_english_too(tmp_path: Path, change: RecordChange) -> None:
    async def scene() -> None:
        store = told(tmp_path, change)

        stage = await at_timeline(store, "en")

        sentences = ("Went from 李强 to 王敏", "Took in another record: 刘秀蓝",
                     "Split from another record: 刘秀蓝")  # fmt: skip
        place = get_args(RecordChangeKind).index(change.kind)
        assert stage.says(sentences[place])
        store.close()

    running(scene)


def test_a_screen_turned_to_the_customer_says_nothing_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = told(tmp_path, MOVED, MERGED, SPLIT)

        stage = await turned(store)

        assert stage.says("刘秀兰")
        assert not [text for text in stage.texts() if "李强" in text or "刘秀蓝" in text]
        assert not [one for one in stage.shown(ft.Icon) if one.icon in CHANGED.values()]
        store.close()

    running(scene)
