"""The screens over the real encrypted store: what is tapped is durable and read back."""

import secrets
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.records import Check
from shared.domain import Employee, Task
from shared.errors import Unreachable
from shared.ids import Millis
from shared.registry import Document
from shared.sync.change import Insert, Patch, Transition
from shared.sync.protocol import Row, Verdict
from tests.screens.cases import a_conflict
from tests.screens.memory import (
    LONG_COMPANY,
    ME,
    NOW,
    MemoryDevice,
    MemoryStore,
    company,
    contact,
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


def arrive(store: DeviceStore, seq: int, *documents: tuple[str, Document]) -> None:
    """A page of the server's arrives."""
    store.apply_page(
        {
            "line": "page", "after": str(seq - 1), "cursor": str(seq), "seq": seq, "begin": [],
            "complete": [], "gone": [], "rows": [_put(*one) for one in documents],
        }
    )  # fmt: skip


def refuse(store: DeviceStore, code: str, culprit: int = 0, **fields: str) -> None:
    """The server refuses the transaction that waits; the others of it only depend."""
    [txn] = store.pending(10)
    verdicts: list[Verdict] = [
        {
            "op_id": op["op_id"], "status": "rejected", "seq": None,
            "code": code if place == culprit else "depends_on_rejected",
            "fields": fields if place == culprit else {},
        }
        for place, op in enumerate(txn["ops"])
    ]  # fmt: skip
    store.record_verdicts(verdicts)


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
        await stage.go("/me/sync")
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


def test_a_comparison_says_what_came_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        device = device_with(store)
        stage = await opened(device)
        await stage.go("/me/sync")
        assert stage.says("还没有核对过")

        await stage.tap("核对数据")
        assert stage.says("别人正在写入，这次没核对完。数据没有动，过一会儿再试。")

        device.runner.compared = Unreachable()
        await stage.tap("核对数据")
        assert stage.says("没连上网点服务器。已记下的都在本机，不会丢")

        store.note_check(Check(NOW, "repaired", 3))
        await stage.settle()
        assert stage.says("改正 3 条")
        store.close()

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
        await stage.go("/me/sync")
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
        await stage.go("/me/sync")

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
        await stage.go("/me/sync")

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
        await stage.go("/field/feed")
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


def test_a_value_that_is_taken_shows_in_the_record_as_only_on_this_device(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        customer = {**asdict(person()), "contact_note": "只收微信"}
        arrive(store, 2, ("customer", customer), ("conflict", asdict(a_conflict().conflict)))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        assert stage.says("周建国的·现在用的")

        await stage.tap("用我的")

        assert not stage.says("两个人改成了不同的内容")
        assert store.value("customer", "c1", "contact_note") == "午后来电"
        assert stage.says("午后来电")
        assert stage.says("本机")
        store.close()

    running(scene)


def test_a_refused_visit_is_put_right_and_waits_to_be_sent_again(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        visit = contact(customer_id="c9", next_step=None, next_due=None)
        store.commit(Insert.of("interaction", visit))
        refuse(store, "unknown_customer")
        stage = await opened(device_with(store))
        await stage.go("/me/sync")
        assert stage.says("1 条需处理")
        await stage.tap("改后重发")
        await stage.type("customer", "lxl")
        await stage.tap_key("customer:c1")
        await stage.tap_key("step:proposal")

        await stage.tap("改后重发")

        assert store.refused_work() == []
        ops = [op for txn in store.pending(10) for op in txn["ops"]]
        assert [(op["entity"], op["doc"]["customer_id"]) for op in ops] == [
            ("interaction", "c1"),
            ("task", "c1"),
        ]
        await stage.go("/customers/c1")
        assert stage.says("拜访·存款·有意向")
        store.close()

    running(scene)


def test_a_visit_goes_on_without_the_step_that_came_too_late(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        step = Transition("task", "t1", "status", "open", "done")
        store.commit(Insert.of("interaction", contact()), step)
        refuse(store, "stale_transition", culprit=1, current="dropped")
        stage = await opened(device_with(store))
        await stage.go("/me/sync")
        assert stage.says("状态已变为 已取消")

        await stage.tap("去掉这一步，其余重发")

        [txn] = store.pending(10)
        assert [op["entity"] for op in txn["ops"]] == ["interaction"]
        assert store.refused_work() == []
        store.close()

    running(scene)


def test_a_refused_rename_becomes_a_request(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        store.commit(Patch("customer", "c1", {"name": ("刘秀兰", "刘秀蓝")}))
        refuse(store, "guarded_field", fields="name")
        stage = await opened(device_with(store))
        await stage.go("/me/sync")
        await stage.tap("提交变更申请")
        await stage.tap("身份证原件已核对")

        await stage.tap("提交变更申请")

        [card] = store.requests()
        assert (card.old, card.new, card.request.reason) == (
            "刘秀兰", "刘秀蓝", "身份证原件已核对",
        )  # fmt: skip
        assert store.refused_work() == []
        assert store.value("customer", "c1", "name") == "刘秀兰"
        store.close()

    running(scene)
