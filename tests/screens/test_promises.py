"""Promises: marked as the next step is written, and shown with what became of them."""

from dataclasses import asdict, replace
from pathlib import Path

from mobile_app.store.device_store import DeviceStore
from shared.domain import Task
from tests.screens.memory import contact
from tests.screens.stage import opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

KEPT = Task("p1", "c1", "wechat", "发资料", "2026-11-20", status="done", promised=True)
LATE = Task("p2", "c1", "visit", "送方案", "2026-11-23", promised=True)
OPEN = Task("p3", "c1", "call", "电话回访", "2026-11-27", promised=True)
GIVEN_UP = Task("p4", "c1", "call", "备材料", "2026-11-26", status="dropped", promised=True)
UNTOLD = Task("t9", "c1", "call", "问贷款进度", "2026-11-25")


def told(folder: Path, *tasks: Task) -> DeviceStore:
    store = a_store(folder)
    arrive(store, 2, *(("task", asdict(each)) for each in tasks))
    return store


def test_a_next_step_that_was_promised_is_kept_as_that(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.tap("开始拜访·刘秀兰")
        for key in ("purpose:deposit", "outcome:interested", "step:proposal", "promised"):
            await stage.tap_key(key)

        await stage.tap("提交")

        [task] = [op["doc"] for op in steps(store) if op["entity"] == "task" and "doc" in op]
        assert task["promised"] is True
        assert stage.says("答应过的")
        assert stage.says("未到期")
        store.close()

    running(scene)


def test_a_step_whose_day_is_over_says_so_in_the_list_and_at_the_customer(tmp_path: Path) -> None:
    async def scene() -> None:
        store = told(tmp_path, replace(LATE, due="2026-11-20"))
        stage = await opened(device_with(store))

        for path in ("/customers", "/customers/c1"):
            await stage.go(path)
            assert stage.says("逾期 周五"), path
        store.close()

    running(scene)


def test_another_next_step_was_not_promised(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.tap("开始拜访·刘秀兰")
        for key in ("purpose:deposit", "outcome:interested", "step:proposal", "promised"):
            await stage.tap_key(key)

        await stage.tap_key("step:call_back")
        await stage.tap("提交")

        [task] = [op["doc"] for op in steps(store) if op["entity"] == "task" and "doc" in op]
        assert task["promised"] is False
        assert not stage.says("答应过的")
        store.close()

    running(scene)


def test_what_was_promised_stands_with_what_became_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = told(tmp_path, KEPT, OPEN, LATE, GIVEN_UP, UNTOLD)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        assert stage.says("答应过的")
        kinds = ("已逾期", "未到期", "已取消", "已兑现")
        assert [text for text in stage.texts() if text in kinds] == ["已逾期", "未到期", "已取消"]
        await stage.tap("再看一些")

        assert stage.says("已兑现")
        assert not stage.says("问贷款进度")
        store.close()

    running(scene)


def test_promised_ones_come_first_among_those_of_a_day(tmp_path: Path) -> None:
    async def scene() -> None:
        plain = Task("a1", "c2", "call", "问近况", "2026-11-24")
        promised = Task("z1", "c2", "visit", "送对账单", "2026-11-24", promised=True)
        earlier = Task("z2", "c2", "call", "催材料", "2026-11-23")
        store = told(tmp_path, plain, promised, earlier)
        stage = await opened(device_with(store))

        titles = [text for text in stage.texts() if text in ("问近况", "送对账单", "催材料")]
        assert titles == ["催材料", "送对账单", "问近况"]
        assert stage.texts().count("答应过客户") == 1
        store.close()

    running(scene)


def test_a_correction_can_take_a_promise_back(tmp_path: Path) -> None:
    async def scene() -> None:
        visit = replace(contact(1, "c1"), next_step="送方案", next_due="2026-11-27")
        task = Task(
            "p1", "c1", "visit", "送方案", "2026-11-27", interaction_id=visit.id, promised=True
        )
        store = a_store(tmp_path)
        arrive(store, 2, ("interaction", asdict(visit)), ("task", asdict(task)))
        stage = await opened(device_with(store))
        await stage.go(f"/customers/c1/{visit.id}")

        await stage.tap_key("promised")
        await stage.tap("保存更正")

        [patch] = [op for op in steps(store) if op["kind"] == "patch"]
        assert patch["set"] == {"promised": [True, False]}
        store.close()

    running(scene)


def test_a_customer_sees_what_they_were_promised_and_no_more(tmp_path: Path) -> None:
    async def scene() -> None:
        inner = replace(LATE, reason="周建国说客户难缠")
        store = told(tmp_path, KEPT, OPEN, inner, GIVEN_UP, UNTOLD)
        stage = await opened(device_with(store))

        stage.here.gate.face("c1")
        await stage.settle()

        for said in ("我们答应您的", "送方案", "已逾期", "电话回访", "未到期", "已兑现"):
            assert stage.says(said), said
        for said in ("周建国", "难缠", "备材料", "问贷款进度", "服务工单"):
            assert not stage.says(said), said
        store.close()

    running(scene)


def test_a_call_that_became_a_task_shows_its_channel_and_words(tmp_path: Path) -> None:
    async def scene() -> None:
        call = replace(
            contact(1, "c1"), channel="call_centre", direction="inbound", source="95533",
            employee_id="", outcome="follow_up", note="提前还款要不要违约金", next_step=None,
        )  # fmt: skip
        task = Task(
            "t5", "c1", "call", "回电", "2026-11-24", reason="11月24日来电", interaction_id=call.id
        )
        own = replace(contact(2, "c1"), note="客户家里有事")
        mine = Task("t6", "c1", "call", "再联系", "2026-11-24", interaction_id=own.id)
        store = a_store(tmp_path)
        arrive(
            store, 2, ("interaction", asdict(call)), ("task", asdict(task)),
            ("interaction", asdict(own)), ("task", asdict(mine)),
        )  # fmt: skip
        stage = await opened(device_with(store))

        assert stage.says("回电·客服·呼入·今天")
        assert stage.says("：提前还款要不要违约金")
        assert stage.says("再联系")
        assert not stage.says("客户家里有事")
        store.close()

    running(scene)
