"""The screens over the real encrypted store: what is tapped is durable and read back."""

import secrets
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee, Task
from shared.ids import Millis
from shared.registry import Document
from shared.sync.change import Insert
from shared.sync.protocol import Row
from tests.screens.memory import (
    LONG_COMPANY,
    ME,
    NOW,
    MemoryDevice,
    MemoryStore,
    company,
    person,
)
from tests.screens.stage import opened, running

KEY = b"k" * 32
BOSS = Employee("e9", "SV001", "周建国", "supervisor", "u1")
TASK = Task("t1", "c1", "visit", "再次上门", "2026-11-24", reason="上次说要问女儿")


def a_store(folder: Path, me: Employee = ME) -> DeviceStore:
    """A store that has had its first sync: two customers, one of them with a task for today."""
    store = DeviceStore(
        open_engine(str(folder / "mirror.db"), KEY),
        open_engine(str(folder / "outbox.db"), KEY),
        lambda: Millis(NOW),
        secrets.token_bytes,
    )
    store.enrol("d1", "token", "https://branch.test", me)
    documents = [
        ("employee", asdict(ME)),
        ("employee", asdict(BOSS)),
        ("org_unit", {"id": "u1", "name": "中山路支行", "kind": "branch", "parent_id": None}),
        ("customer", asdict(person())),
        ("customer", asdict(company())),
        ("task", asdict(TASK)),
    ]
    store.apply_page(
        {
            "line": "page", "after": None, "cursor": "1", "seq": 1, "begin": ["s"],
            "complete": ["s"], "gone": [], "rows": [_put(*one) for one in documents],
        }
    )  # fmt: skip
    return store


def _put(entity: str, document: Document) -> Row:
    return {
        "entity": entity,
        "id": str(document["id"]),
        "scope": "s",
        "op": "put",
        "version": 1,
        "doc": document,
    }


def device_with(store: DeviceStore) -> MemoryDevice:
    """A device around the real store."""
    return MemoryDevice(cast(MemoryStore, store))


def test_a_visit_is_durable_and_shows_as_only_on_this_device(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.tap("开始拜访·刘秀兰")
        for key in ("purpose:deposit", "outcome:interested", "need:housing", "step:proposal"):
            await stage.tap_key(key)

        await stage.tap("提交")

        assert stage.says("拜访·存款·有意向")
        assert stage.says("本机")
        await stage.go("/today")
        assert stage.says("今天的都办完了")
        await stage.go("/sync")
        assert stage.says("3 条在本机")
        assert stage.says("3 条还在本机，不会丢，连上后自动送达。")
        store.close()

    running(scene)


def test_the_search_reads_the_real_mirror(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers")

        await stage.type("search", "高端装备")
        assert stage.says(LONG_COMPANY)
        assert not stage.says("刘秀兰")
        await stage.type("search", "1234")

        assert stage.says("刘秀兰")
        store.close()

    running(scene)


def test_a_draft_outlives_the_process(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.tap("开始拜访·刘秀兰")
        await stage.tap_key("purpose:loan")
        store.close()

        again = a_store(tmp_path)
        after = await opened(device_with(again))
        await after.tap("刘秀兰")
        await after.tap("接着写这次记录")

        assert after.here.desk.form("c1").purpose == "loan"
        assert after.says("接着上次没写完的继续")
        again.close()

    running(scene)


def test_unsent_work_is_exported_to_a_file_that_the_user_saves(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        saved: dict[str, bytes] = {}

        async def save(name: str, content: bytes) -> bool:
            saved[name] = content
            return True

        stage.here.desk.carry.save = save
        await stage.go("/sync")
        await stage.tap("导出同步包")
        assert stage.says("没有未送达的记录，不需要导出")
        store.commit(Insert.of("task", replace(TASK, id=store.new_id())))

        await stage.tap("导出同步包")

        [(name, content)] = saved.items()
        assert name.startswith("fieldbook-2026-11-24-")
        assert content.startswith(b"FIELDBOOK-BUNDLE 1 d1 ")
        assert stage.says(f"已导出 1 条：{name}")
        assert stage.says("1 条还在本机，不会丢，连上后自动送达。")
        store.close()

    running(scene)


def test_an_export_that_its_user_breaks_off_says_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        store.commit(Insert.of("task", replace(TASK, id=store.new_id())))

        async def cancelled(_name: str, _content: bytes) -> bool:
            return False

        stage.here.desk.carry.save = cancelled
        await stage.go("/sync")

        await stage.tap("导出同步包")

        assert not stage.says("已导出")
        store.close()

    running(scene)


def test_a_file_that_is_no_answer_is_said_to_be_none(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))

        async def photo() -> bytes:
            return b"\xff\xd8\xff"

        stage.here.desk.carry.pick = photo
        await stage.go("/sync")

        await stage.tap("读取回执")

        assert stage.says("这不是同步包的回执，设备上没有改动。")
        store.close()

    running(scene)


def test_a_supervisor_sees_the_field_and_the_feed(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        stage = await opened(device_with(store), 820)

        assert stage.says("王敏")
        assert stage.says("设备未连过")
        await stage.go("/feed")
        assert stage.says("还没有可点评的往来")
        store.close()

    running(scene)


def test_every_place_shows_over_the_real_store(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store), 1280)
        for place in ("/today", "/customers", "/customers/c1", "/customers/c1/log", "/log", "/me"):
            await stage.go(place)

            assert not stage.says("这里出了问题"), place
        store.close()

    running(scene)
