"""What a supervisor and an asker decide, over the real encrypted store."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from mobile_app.store.device_store import DeviceStore
from shared.domain import DeviceState, Issue
from tests.screens.cases import a_conflict, a_request, refused_visit
from tests.screens.memory import NOW, person
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with


def an_issue(code: str = "not_yours") -> Issue:
    """The server's word on a colleague's refused visit."""
    ops = to_json(list(refused_visit(code).ops)).decode()
    return Issue("n1", "e1", "d2", code, "{}", "task", "t1", None, ops, NOW - 7_200_000)


def steps(store: DeviceStore) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """What waits to be sent: entity, kind and what it sets."""
    for txn in store.pending(10):
        for op in txn["ops"]:
            yield op["entity"], op["kind"], op["set"]


def test_a_supervisor_takes_a_colleagues_refused_visit_into_the_record(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(store, 2, ("issue", asdict(an_issue())))
        stage = await opened(device_with(store))
        assert stage.says("1 条需处理")
        await stage.go("/inbox")
        assert stage.says("王敏·刘秀兰")
        assert stage.says("同时：待办·再次上门、状态：待办 → 已完成")
        await stage.tap("收入档案")
        await stage.tap("客户移交前的工作")

        await stage.tap("收入档案")

        assert list(steps(store)) == [
            (
                "issue",
                "transition",
                {"status": ["open", "accepted"], "reason": [None, "客户移交前的工作"]},
            )
        ]
        assert stage.says("没有等你处理的")
        assert store.to_settle().total == 0
        store.close()

    running(scene)


def test_a_supervisor_gives_a_colleagues_refused_visit_up(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(store, 2, ("issue", asdict(an_issue("stale_transition"))))
        stage = await opened(device_with(store))
        await stage.go("/inbox")
        await stage.tap("放弃")
        await stage.tap("已和本人说好")

        await stage.tap("放弃")

        [(entity, _, said)] = steps(store)
        assert (entity, said["status"], said["reason"]) == (
            "issue", ["open", "discarded"], [None, "已和本人说好"],
        )  # fmt: skip
        assert store.team_issues() == []
        store.close()

    running(scene)


def test_a_supervisor_decides_a_clash_of_two_colleagues(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        conflict = replace(a_conflict().conflict, won_by="e2")
        customer = {**asdict(person()), "contact_note": "只收微信"}
        arrive(store, 2, ("customer", customer), ("conflict", asdict(conflict)))
        stage = await opened(device_with(store))
        await stage.go("/inbox")

        await stage.tap("用王敏的")

        assert list(steps(store)) == [
            ("customer", "patch", {"contact_note": ["只收微信", "午后来电"]}),
            ("conflict", "transition", {"status": ["open", "settled"], "kept": [None, "lost"]}),
        ]
        store.close()

    running(scene)


def test_a_supervisor_approves_and_declines_requests_but_not_their_own(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        first = a_request().request
        second = replace(first, id="q2", field="birth_date", old="null", new='"1952-03-12"')
        own = replace(first, id="q3", employee_id="e9", field="risk_grade", old="null", new='"R2"')
        arrive(store, 2, *(("change_request", asdict(one)) for one in (first, second, own)))
        stage = await opened(device_with(store))
        assert stage.says("2 条需处理")
        await stage.go("/inbox")
        assert stage.says("1952年3月12日")
        assert stage.says("R2 稳健型")
        assert stage.says("自己提的不能自己批")
        await stage.tap("批准：刘秀兰·改姓名")
        await stage.tap("不批准")
        await stage.tap("与证件不一致")

        await stage.tap("不批准")

        assert [said for _, _, said in steps(store)] == [
            {"status": ["pending", "approved"]},
            {"status": ["pending", "declined"], "answer": [None, "与证件不一致"]},
        ]
        assert [one.request.id for one in store.requests()] == ["q3"]
        assert store.value("customer", "c1", "name") == "刘秀兰"
        store.close()

    running(scene)


def test_an_approval_that_came_too_late_stands_in_the_inbox_with_its_reason(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(store, 2, ("change_request", asdict(a_request().request)))
        stage = await opened(device_with(store))
        await stage.go("/inbox")
        await stage.tap("批准：刘秀兰·改姓名")
        [txn] = store.pending(10)
        store.record_verdicts(
            [
                {
                    "op_id": txn["ops"][0]["op_id"], "status": "rejected", "seq": None,
                    "code": "value_moved_on", "fields": {"current": "刘绣兰"},
                }
            ]
        )  # fmt: skip
        await stage.settle()

        assert stage.says("没被接收 1")
        assert stage.says("现值已变为 刘绣兰")
        await stage.tap("放弃")
        await stage.tap("别处已办")
        await stage.tap("放弃")

        assert store.refused_work() == []
        assert [one.request.id for one in store.requests()] == ["q1"]
        store.close()

    running(scene)


def test_a_supervisor_reads_from_the_mirror_which_devices_need_someone(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        quiet = DeviceState("d2", "e1", 0, NOW - 60_000)
        late = DeviceState("d3", "e1", 3, NOW - 60_000, NOW - 50 * 3_600_000, 7_200_000)
        revoked = DeviceState("d4", "e1", 1, NOW - 60_000, NOW - 60_000, revoked=True)
        mine = DeviceState("d9", "e9", 5, NOW, NOW)
        states = [("device_state", asdict(one)) for one in (quiet, late, revoked, mine)]
        arrive(store, 2, *states, ("issue", asdict(an_issue())))
        stage = await opened(device_with(store))
        assert stage.says("3 台要有人管")

        await stage.tap("团队的设备")

        said = [text for text in stage.texts() if "。" in text]
        assert [text[:8] for text in said[:4]] == [
            "设备已停用，上面", "有 3 条一直没", "时钟差 2 小时", "有 1 件没被接",
        ]  # fmt: skip
        assert stage.says("4")
        store.close()

    running(scene)
