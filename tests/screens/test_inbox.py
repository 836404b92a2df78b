"""What waits for its user: conflicts and refused work, on the sync centre and at the customer."""

from typing import Any

import pytest

from shared.errors import refused
from tests.screens.cases import (
    a_conflict,
    an_op,
    clash_on,
    refused_visit,
    refused_work,
)
from tests.screens.memory import MemoryDevice, person
from tests.screens.stage import Stage, opened, running


def peopled() -> MemoryDevice:
    """A device with one customer."""
    device = MemoryDevice()
    device.store.people = [person()]
    return device


async def at_sync(device: MemoryDevice, width: int = 390) -> Stage:
    """The sync centre."""
    stage = await opened(device, width)
    await stage.go("/me/sync")
    return stage


# Conflicts


def test_a_conflict_shows_both_values_and_what_stood_before() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.conflict_cards = [a_conflict()]
        stage = await at_sync(device)

        said = stage.texts()

        assert "联系备注：两个人改成了不同的内容" in said
        mine, theirs, before = (said.index(one) for one in ("午后来电", "只收微信", "空"))
        assert mine < theirs < before
        assert said[mine - 1] == "我的"
        assert said[theirs - 1] == "周建国的·现在用的"
        assert said[before - 1] == "原来的"

    running(scene)


@pytest.mark.parametrize(("tap", "side"), [("用我的", "lost"), ("用周建国的", "won")])
@pytest.mark.parametrize("place", ["/me/sync", "/customers/c1"])
def test_one_tap_takes_either_value_and_the_card_is_gone(tap: str, side: str, place: str) -> None:
    async def scene() -> None:
        device = peopled()
        device.store.conflict_cards = [a_conflict()]
        stage = await opened(device)
        await stage.go(place)

        await stage.tap(tap)

        assert device.store.decided == [("settle", "k1", side)]
        assert not stage.says("两个人改成了不同的内容")

    running(scene)


def test_who_is_neither_of_the_two_reads_both_names() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.conflict_cards = [a_conflict(mine=None)]
        stage = await at_sync(device)

        assert stage.says("王敏的")
        assert stage.says("周建国的")
        assert not stage.says("我的·")
        await stage.tap("用王敏的")

        assert device.store.decided == [("settle", "k1", "lost")]

    running(scene)


@pytest.mark.parametrize(
    ("field", "values", "texts"),
    [
        ("need_amount", (None, 120_000_000, 5_050), ("空", "¥1,200,000.00", "¥50.50")),
        ("stage", ("discovery", "design", "marketing"), ("需求搜集", "方案设计", "营销")),
        ("need", (None, "housing", "growth"), ("空", "购房", "增值")),
    ],
)
def test_values_are_written_by_the_type_of_their_field(
    field: str, values: tuple[Any, Any, Any], texts: tuple[str, str, str]
) -> None:
    async def scene() -> None:
        device = peopled()
        device.store.conflict_cards = [clash_on(a_conflict(), field, *values)]
        stage = await at_sync(device)

        for text in texts:
            assert text in stage.texts()

    running(scene)


def test_a_value_of_the_banks_own_systems_is_called_theirs() -> None:
    async def scene() -> None:
        device = peopled()
        card = a_conflict(mine="won", lost_by=None)
        object.__setattr__(card.conflict, "lost_by", None)
        device.store.conflict_cards = [card]
        stage = await at_sync(device)

        assert stage.says("银行系统里的和后来改的不一样")
        await stage.tap("用银行系统的")

        assert device.store.decided == [("settle", "k1", "lost")]

    running(scene)


def test_the_badge_counts_conflicts_and_refused_work() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.conflict_cards = [a_conflict()]
        device.store.refused_items = [refused_visit()]
        stage = await opened(device)
        await stage.go("/customers")

        assert stage.says("2 条需处理")

    running(scene)


# Refused work


def test_what_was_done_together_is_one_card_with_its_reason_and_no_code() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.refused_items = [refused_visit()]
        stage = await at_sync(device)

        assert stage.says("客户不在名下")
        assert stage.says("这位客户不在你的名下")
        assert stage.says("拜访·贷款·需跟进")
        assert stage.says("流动资金·下一步 送方案")
        assert stage.says("同时：待办·再次上门、状态：待办 → 已完成")
        assert stage.says("同时：待办·送方案、11月27日 前")
        codes = ("not_yours", "follow_up", "loan", "i1", "t1", "t9", "open", "done", "2026-")
        assert [text for text in stage.texts() if any(code in text for code in codes)] == []
        assert len([text for text in stage.texts() if text == "原样重发"]) == 1

    running(scene)


def test_refused_work_is_sent_again_as_it_is() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.refused_items = [refused_visit()]
        stage = await at_sync(device)

        await stage.tap("原样重发")

        assert device.store.decided == [("resend", "o1", {}, set())]
        assert device.runner.woken == 1
        assert not stage.says("客户不在名下")

    running(scene)


def test_work_is_given_up_only_with_a_reason() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.refused_items = [refused_visit()]
        stage = await at_sync(device)
        await stage.tap("放弃")
        assert stage.find("放弃", "click").disabled

        await stage.tap("重复记了")
        await stage.type("reason:o1", "王敏已记过")
        await stage.tap("放弃")

        assert device.store.decided == [("discard", "o1", "重复记了、王敏已记过")]

    running(scene)


def test_giving_up_can_be_thought_better_of() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.refused_items = [refused_visit()]
        stage = await at_sync(device)
        await stage.tap("放弃")

        await stage.tap("取消")

        assert device.store.decided == []
        assert stage.says("原样重发")

    running(scene)


def test_an_edit_that_does_not_fit_is_corrected_in_its_own_field() -> None:
    async def scene() -> None:
        device = peopled()
        edit = an_op(1, "patch", "customer", "c1", set={"need_amount": [None, -5]})
        device.store.refused_items = [
            refused_work("invalid", edit, path="customer/need_amount", problem="Input should be…")
        ]
        stage = await at_sync(device)
        assert stage.says("需求金额：这个值用不了")
        await stage.tap("改后重发")
        await stage.type("need_amount:o1", "abc")
        await stage.tap("改后重发")
        assert stage.says("金额没认出来")

        await stage.type("need_amount:o1", "50.50")
        await stage.tap("改后重发")

        assert device.store.decided == [("resend", "o1", {"o1": {"need_amount": 5_050}}, set())]

    running(scene)


def test_a_correction_that_still_does_not_fit_says_so_and_keeps_what_was_typed() -> None:
    async def scene() -> None:
        device = peopled()
        edit = an_op(1, "patch", "customer", "c1", set={"contact_note": [None, "x" * 500]})
        device.store.refused_items = [refused_work("invalid", edit, path="customer/contact_note")]
        device.store.unfit = refused("unfit", path="customer/contact_note", problem="too long")
        stage = await at_sync(device)
        await stage.tap("改后重发")

        await stage.tap("改后重发")

        assert device.store.decided == []
        assert stage.says("联系备注：这个值用不了")
        assert stage.says("取消")

    running(scene)


def test_an_edit_of_a_guarded_field_becomes_a_request_with_proof() -> None:
    async def scene() -> None:
        device = peopled()
        edit = an_op(1, "patch", "customer", "c1", set={"name": ["刘秀兰", "刘秀蓝"]})
        device.store.refused_items = [refused_work("guarded_field", edit, fields="name")]
        stage = await at_sync(device)
        assert stage.says("姓名：刘秀兰 → 刘秀蓝")
        assert stage.says("姓名 需要审批才能改")
        assert not stage.says("原样重发")
        await stage.tap("提交变更申请")

        await stage.tap("身份证原件已核对")
        await stage.tap("提交变更申请")

        assert device.store.decided == [("ask", "o1", "身份证原件已核对")]

    running(scene)


def test_an_edit_of_what_was_deleted_is_saved_as_new() -> None:
    async def scene() -> None:
        device = peopled()
        edit = an_op(1, "patch", "task", "t1", set={"title": ["再次上门", "带合同上门"]})
        device.store.refused_items = [refused_work("gone", edit, restorable=True)]
        stage = await at_sync(device)

        await stage.tap("另存为新记录")

        assert device.store.decided == [("save new", "o1", "已另存为新记录")]

    running(scene)


def test_a_step_that_came_too_late_does_not_keep_the_visit_back() -> None:
    async def scene() -> None:
        device = peopled()
        late = refused_visit("stale_transition", current="dropped")
        object.__setattr__(late, "op_id", "o2")
        device.store.refused_items = [late]
        stage = await at_sync(device)
        assert stage.says("状态已变为 已取消")

        await stage.tap("去掉这一步，其余重发")

        assert device.store.decided == [("give up", "o2")]

    running(scene)


# A refused contact in its own form


def unknown() -> MemoryDevice:
    """A device whose visit to a customer was refused because the record does not know them."""
    device = peopled()
    device.store.people.append(person(3, "单晓敏"))
    device.store.refused_items = [refused_visit("unknown_customer")]
    return device


def test_a_refused_visit_is_put_right_in_the_form_it_came_from() -> None:
    async def scene() -> None:
        device = unknown()
        stage = await at_sync(device)
        await stage.tap("改后重发")
        assert stage.all_views() == ["/me", "/me/sync/o1"]
        assert stage.says("共享档案里没有这位客户")
        assert stage.here.desk.forms["mend:o1"].purpose == "loan"
        await stage.type("customer", "晓敏")
        await stage.tap_key("customer:c3")
        await stage.tap_key("outcome:done")
        await stage.tap_key("step:call_back")

        await stage.tap("改后重发")

        [(verb, op_id, edits, without)] = device.store.decided
        assert (verb, op_id, without) == ("resend", "o1", set())
        assert edits["o1"]["customer_id"] == "c3"
        assert (edits["o1"]["outcome"], edits["o1"]["purpose"]) == ("done", "loan")
        assert edits["o1"]["next_step"] == "电话回访"
        assert edits["o3"]["customer_id"] == "c3"
        assert (edits["o3"]["title"], edits["o3"]["kind"]) == ("电话回访", "call")
        assert edits["o3"]["due"] == edits["o1"]["next_due"]
        assert stage.all_views() == ["/me", "/me/sync"]
        assert device.store.kept == {}

    running(scene)


def test_a_next_step_that_is_taken_back_takes_its_task_along() -> None:
    async def scene() -> None:
        device = unknown()
        stage = await at_sync(device)
        await stage.tap("改后重发")
        await stage.tap_key("step:none")

        await stage.tap("改后重发")

        [(_, _, edits, without)] = device.store.decided
        assert without == {"o3"}
        assert (edits["o1"]["next_step"], edits["o1"]["next_due"]) == (None, None)

    running(scene)


def test_putting_right_is_kept_as_a_draft() -> None:
    async def scene() -> None:
        device = unknown()
        stage = await at_sync(device)
        await stage.tap("改后重发")
        await stage.tap_key("outcome:done")
        await stage.tap("返回")

        again = await opened(device)
        await again.go("/me/sync/o1")

        assert again.here.desk.forms["mend:o1"].outcome == "done"

    running(scene)


def test_what_was_settled_elsewhere_has_nothing_to_put_right() -> None:
    async def scene() -> None:
        stage = await opened(peopled())

        await stage.go("/me/sync/o1")

        assert stage.says("这条已经处理过了")
        await stage.tap("返回")
        assert stage.all_views() == ["/me", "/me/sync"]

    running(scene)
