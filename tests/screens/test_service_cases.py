"""Service cases on the device: opened in four taps, taken to their end, the domain's rules held."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain import Interaction
from shared.domain.service_case import due_at
from shared.registry import Document
from shared.testing.around import a_case, a_case_step, an_alert
from tests.screens.memory import NOW, contact
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

HOUR = 3_600_000
COMPLAINT = a_case("c1", id="sc1", opened_at=NOW - 30 * HOUR, opened_by="e1", assignee_id="e1")


def the_case(**fields: Any) -> Document:
    return {**COMPLAINT, **fields}


def with_cases(folder: Path, *cases: Document, me: Any = None) -> DeviceStore:
    store = a_store(folder, *([me] if me else []))
    arrive(store, 2, *(("service_case", each) for each in cases))
    return store


async def at_case(store: DeviceStore, **how: Any) -> Stage:
    stage = await opened(device_with(store), **how)
    await stage.go("/today/c1/sc1")
    return stage


def test_a_case_is_opened_in_four_taps_with_its_clock(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        await stage.tap("记一件")
        await stage.tap_key("kind:complaint")
        assert stage.says("时限 明天")
        await stage.tap("收费有疑问")
        await stage.tap("记下")

        [made] = [op["doc"] for op in steps(store)]
        assert (made["kind"], made["severity"], made["subject"]) == (
            "complaint", "high", "收费有疑问",
        )  # fmt: skip
        assert (made["opened_by"], made["assignee_id"], made["status"]) == ("e1", "e1", "open")
        assert made["due_at"] == due_at(made) == NOW + 24 * HOUR
        assert stage.all_views()[-1] == "/customers/c1"
        for said in ("收费有疑问", "投诉·待受理", "重要", "还有 1 天", "本机"):
            assert stage.says(said), said
        assert store.drafts() == []
        store.close()

    running(scene)


def test_a_kind_brings_its_usual_severity_which_can_be_changed(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1/case")

        await stage.tap_key("kind:loss_report")
        form = stage.here.desk.service.form("c1")
        assert (form.severity, form.due_at) == ("urgent", NOW + HOUR)
        await stage.tap_key("severity:normal")
        await stage.tap_key("channel:counter")
        await stage.type("case", "钱包丢了，卡在里面")
        await stage.tap("记下")

        [made] = [op["doc"] for op in steps(store)]
        assert made["due_at"] == NOW + 4 * HOUR
        assert (made["subject"], made["channel"]) == ("钱包丢了，卡在里面", "counter")
        store.close()

    running(scene)


def test_what_was_begun_of_a_case_outlives_the_process(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1/case")
        await stage.tap_key("kind:request")
        await stage.tap("开具证明")
        store.close()

        again = a_store(tmp_path)
        after = await opened(device_with(again))
        await after.go("/customers/c1")
        await after.tap("接着记")
        await after.tap("记下")

        [made] = [op["doc"] for op in steps(again)]
        assert made["subject"] == "开具证明"
        again.close()

    running(scene)


def test_a_case_that_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1/case")
        await stage.tap_key("kind:request")

        await stage.tap("不记了")

        assert stage.all_views()[-1] == "/customers/c1"
        assert (store.drafts(), steps(store)) == ([], [])
        assert stage.says("记一件")
        store.close()

    running(scene)


def test_a_complaint_is_taken_resolved_and_closed_with_the_customers_word(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, COMPLAINT)
        stage = await at_case(store)

        await stage.tap("我来处理")
        assert stage.says("投诉·处理中")
        await stage.tap("已退还费用")
        await stage.tap("已解决")
        assert stage.says("处理结果：已退还费用")
        await stage.tap_key("score:4")
        await stage.tap("关闭工单")

        assert stage.says("投诉·已关闭")
        assert stage.says("客户评价：满意")
        ops = steps(store)
        moves = [op["set"]["status"] for op in ops if op["kind"] == "transition"]
        assert moves == [["open", "working"], ["working", "resolved"], ["resolved", "closed"]]
        lines = [op["doc"] for op in ops if op["kind"] == "insert"]
        assert [(each["status"], each["what"]) for each in lines] == [
            ("working", "开始处理"), ("resolved", "已退还费用"), ("closed", "已问过客户"),
        ]  # fmt: skip
        assert [len(txn["ops"]) for txn in store.pending(20)] == [2, 2, 2]
        assert store.document("service_case", "sc1")["satisfaction"] == 4  # type: ignore[index]
        store.close()

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_resolved_without_saying_how(tmp_path: Path, language: str) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, the_case(status="working"))
        stage = await at_case(store, language=language)

        await stage.tap(stage.here.words("service.do.resolved"))

        said = {"zh": "还没有写怎么解决的", "en": "How it was resolved is not said yet"}
        assert stage.says(said[language])
        assert steps(store) == []
        store.close()

    running(scene)


def test_a_complaint_is_not_closed_before_the_customer_was_asked(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, the_case(status="resolved", resolution="已退还费用"))
        stage = await at_case(store)

        await stage.tap("关闭工单")

        assert stage.says("投诉要先问客户对处理结果是否满意，再关闭")
        assert steps(store) == []
        store.close()

    running(scene)


def test_the_clock_stands_still_while_the_customer_is_waited_for(tmp_path: Path) -> None:
    async def scene() -> None:
        fields = {"status": "waiting_for_customer", "stepped_at": NOW - 10 * HOUR}
        store = with_cases(tmp_path, the_case(**fields))
        stage = await at_case(store)

        assert stage.says("等客户，计时暂停，还有 4 小时")
        await stage.tap("客户答复了")

        [move] = [op for op in steps(store) if op["kind"] == "transition"]
        assert move["set"]["due_at"][1] == NOW + 4 * HOUR
        assert stage.says("还有 4 小时")
        store.close()

    running(scene)


def test_a_case_opened_again_has_its_whole_term(tmp_path: Path) -> None:
    async def scene() -> None:
        done = {"status": "closed", "resolution": "已解释清楚", "satisfaction": 2}
        store = with_cases(tmp_path, the_case(**done))
        stage = await at_case(store)

        await stage.tap("问题又出现了")
        await stage.tap("重新打开")

        case = store.document("service_case", "sc1")
        assert case is not None
        assert (case["status"], case["resolution"], case["satisfaction"]) == (
            "reopened", None, None,
        )  # fmt: skip
        assert case["due_at"] == NOW + 24 * HOUR
        assert stage.says("问题又出现了")
        store.close()

    running(scene)


def test_a_word_in_between_leaves_the_case_where_it_is(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, the_case(status="working"))
        arrive(store, 3, ("case_step", a_case_step(COMPLAINT, "e9", what="已催办", id="l1")))
        stage = await at_case(store)
        assert stage.says("已催办")
        assert stage.says("周建国")

        await stage.type("what", "  客户明天带回单来 ")
        await stage.tap("只记一笔")

        [line] = [op["doc"] for op in steps(store)]
        assert (line["what"], line["status"]) == ("客户明天带回单来", None)
        assert stage.says("2 条")
        store.close()

    running(scene)


def test_open_cases_stand_first_and_closed_ones_are_folded(tmp_path: Path) -> None:
    async def scene() -> None:
        closed = the_case(id="sc2", status="closed", subject="补打回单", satisfaction=5)
        store = with_cases(tmp_path, closed, COMPLAINT)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        assert stage.says("短信通知费重复扣收")
        assert stage.says("超时 6 小时")
        folded = sum("补打回单" in text for text in stage.texts())
        await stage.tap("已关闭 1 件")

        assert sum("补打回单" in text for text in stage.texts()) == folded + 1
        assert not stage.says("已关闭 1 件")
        store.close()

    running(scene)


def test_what_is_late_or_due_today_stands_on_today_the_latest_first(tmp_path: Path) -> None:
    async def scene() -> None:
        late = the_case(id="sc2", subject="柜台态度", due_at=NOW - 9 * HOUR)
        today = the_case(id="sc3", subject="调整额度", due_at=NOW + HOUR)
        later = the_case(id="sc4", subject="补打回单", due_at=NOW + 40 * HOUR)
        fields = {"id": "sc5", "subject": "利率", "due_at": NOW + HOUR, "stepped_at": NOW - HOUR}
        waiting = the_case(status="waiting_for_customer", **fields)
        store = with_cases(tmp_path, today, late, later, waiting)
        stage = await opened(device_with(store))

        shown = [text for text in stage.texts() if text.startswith("投诉·")]
        assert [text.split("·")[1] for text in shown] == ["柜台态度", "调整额度"]
        assert stage.says("工单到时限")
        await stage.tap("投诉·柜台态度·待受理")

        assert stage.all_views()[-1] == "/today/sc2"
        store.close()

    running(scene)


def test_a_supervisor_finds_what_is_late_in_the_team_and_takes_it(tmp_path: Path) -> None:
    async def scene() -> None:
        today = the_case(id="sc3", subject="调整额度", due_at=NOW + HOUR)
        store = with_cases(tmp_path, COMPLAINT, today, me=BOSS)
        stage = await opened(device_with(store))
        assert stage.here.desk.sync.issues == 1
        await stage.go("/inbox")

        assert stage.says("工单超时 1")
        assert not stage.says("调整额度")
        await stage.tap("王敏·投诉·短信通知费重复扣收·待受理")
        assert stage.all_views()[-1] == "/inbox/sc1"
        await stage.tap("我来处理")

        case = store.document("service_case", "sc1")
        assert case is not None
        assert (case["assignee_id"], case["employee_id"]) == ("e9", "e9")
        store.close()

    running(scene)


def test_a_manager_has_no_count_of_the_team(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, COMPLAINT)
        stage = await opened(device_with(store))

        assert stage.here.desk.sync.issues == 0
        assert stage.says("超时 6 小时")
        store.close()

    running(scene)


def test_a_complaint_heard_on_a_visit_becomes_a_case_of_that_contact(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.tap("开始拜访·刘秀兰")
        await stage.tap_key("purpose:complaint")
        await stage.tap_key("outcome:follow_up")
        await stage.type("note", "年费扣了两次")

        await stage.tap("提交并记工单")
        assert stage.all_views()[-1] == "/today/c1/case"
        await stage.tap("记下")

        told = {op["entity"]: op["doc"] for op in steps(store) if op["kind"] == "insert"}
        case = told["service_case"]
        assert case["interaction_id"] == told["interaction"]["id"]
        assert (case["kind"], case["subject"], case["channel"]) == (
            "complaint", "年费扣了两次", "visit",
        )  # fmt: skip
        store.close()

    running(scene)


def test_an_alert_of_a_complaint_leads_to_its_case(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, COMPLAINT)
        raised = an_alert("c1", id="al1", kind="complaint", evidence="sc1", severity="high")
        arrive(store, 3, ("alert", raised))
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")

        await stage.tap("看工单")

        assert stage.all_views()[-1] == "/today/c1/sc1"
        store.close()

    running(scene)


def test_a_low_score_can_be_opened_as_a_complaint_once(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        told: Interaction = replace(contact(1, "c1"), satisfaction=1, note="等了一个小时")
        raised = an_alert("c1", id="al1", kind="satisfaction", evidence=told.id, severity="high")
        arrive(store, 2, ("interaction", asdict(told)), ("alert", raised))
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")

        await stage.tap("记成投诉工单")
        await stage.tap("记下")

        [made] = [op["doc"] for op in steps(store)]
        assert (made["subject"], made["interaction_id"]) == ("等了一个小时", told.id)
        assert made["opened_at"] == told.occurred_at
        await stage.go("/today/c1/al1")
        assert not stage.says("记成投诉工单")
        store.close()

    running(scene)


def test_a_case_that_is_not_here_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = with_cases(tmp_path, COMPLAINT)
        stage = await at_case(store)
        assert stage.says("短信通知费重复扣收")

        store.forget_record()
        await stage.settle()

        assert stage.says("这张工单不在本机")
        store.close()

    running(scene)
