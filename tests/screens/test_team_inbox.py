"""A supervisor's inbox: the team's conflicts, its refused work, and requests that wait."""

from collections.abc import Iterator

import flet as ft
import pytest

from mobile_app.i18n import LANGUAGES, Words
from mobile_app.parts.team_cards import explained
from shared.domain import Employee
from shared.errors import CATALOGUE
from tests.screens.cases import a_conflict, a_request, an_issue, an_op, refused_work
from tests.screens.memory import NOW, MemoryDevice, MemoryStore, person
from tests.screens.stage import Stage, opened, running, walk

SUPERVISOR = Employee("e9", "SV001", "周建国", "supervisor", "u1")


def supervised() -> MemoryDevice:
    """A supervisor's device that holds one customer, whose name is as the requests found it."""
    device = MemoryDevice(MemoryStore(SUPERVISOR))
    device.store.people = [person()]
    device.store.documents["customer", "c1"] = {"id": "c1", "name": "刘秀兰"}
    return device


async def at_inbox(device: MemoryDevice, width: int = 390) -> Stage:
    """The inbox."""
    stage = await opened(device, width)
    await stage.go("/inbox")
    return stage


def badges(stage: Stage) -> Iterator[str]:
    """The counts that stand on places of the bar."""
    for view in walk(stage.page.views):
        if isinstance(view, ft.Icon) and isinstance(view.badge, ft.Badge):
            yield str(view.badge.label)


def test_an_inbox_without_anything_says_what_will_be_there() -> None:
    async def scene() -> None:
        stage = await at_inbox(supervised())

        assert stage.says("没有等你处理的")
        assert stage.says("疑似重复的客户，都会到这里")

    running(scene)


def test_beside_an_empty_inbox_nobody_is_asked_to_look_at_a_customer() -> None:
    async def scene() -> None:
        device = supervised()
        stage = await at_inbox(device, 1280)
        assert not stage.says("细节会在这里")

        device.store.request_cards = [a_request()]
        device.store.tell()
        await stage.settle()

        assert stage.says("细节会在这里")

    running(scene)


def test_each_kind_says_how_many_wait_and_the_first_that_has_some_is_shown() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue(1), an_issue(2)]
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)

        for word in ("两种说法 0", "没被接收 2", "变更申请 1"):
            assert stage.says(word)
        assert stage.says("客户不在名下")

        await stage.tap("两种说法 0")

        assert stage.says("没有两个人改得不一样的内容。")

    running(scene)


@pytest.mark.parametrize("width", [390, 700, 1280])
def test_the_place_of_the_bar_counts_what_waits(width: int) -> None:
    async def scene() -> None:
        device = supervised()
        device.store.conflict_cards = [a_conflict(mine=None)]
        device.store.issue_cards = [an_issue(1), an_issue(2)]
        device.store.request_cards = [a_request(1), a_request(2, own=True)]
        stage = await opened(device, width)

        assert set(badges(stage)) == {"4"}

        device.store.conflict_cards, device.store.issue_cards = [], []
        device.store.request_cards = []
        device.store.tell()
        await stage.settle()

        assert list(badges(stage)) == []

    running(scene)


def test_a_managers_own_place_counts_too() -> None:
    async def scene() -> None:
        device = MemoryDevice()
        device.store.conflict_cards = [a_conflict()]
        stage = await opened(device)

        assert set(badges(stage)) == {"1"}

    running(scene)


def test_more_than_ninety_nine_are_not_counted_out() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.conflict_cards = [a_conflict(n, mine=None) for n in range(100)]
        stage = await opened(device)

        assert set(badges(stage)) == {"99+"}

    running(scene)


def test_a_long_list_is_shown_in_parts() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue(n, by_name=f"同事{n:03}") for n in range(1, 50)]
        stage = await at_inbox(device)
        assert not stage.says("同事049")

        await stage.tap("再看一些")

        assert stage.says("同事049")

    running(scene)


# Conflicts


def test_a_supervisor_takes_either_of_two_colleagues_values() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.conflict_cards = [a_conflict(mine=None)]
        stage = await at_inbox(device)

        await stage.tap("用王敏的")

        assert device.store.decided == [("settle", "k1", "lost")]
        assert device.runner.woken == 1
        assert stage.says("没有等你处理的")

    running(scene)


# Refused work of the team


def test_a_colleagues_refused_work_is_readable_whole_and_says_why() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.documents["task", "t1"] = {"id": "t1", "title": "再次上门"}
        device.store.issue_cards = [an_issue()]
        stage = await at_inbox(device)

        assert stage.says("客户不在名下")
        assert stage.says("王敏·刘秀兰")
        assert stage.says("拜访·贷款·需跟进")
        assert stage.says("要看近三个月的流水")
        assert stage.says("同时：待办·再次上门、状态：待办 → 已完成")
        assert stage.says("送到时这位客户不在王敏名下")
        codes = ("not_yours", "follow_up", "loan", "i1", "t1", "t9", "open", "done", "2026-")
        assert [text for text in stage.texts() if any(code in text for code in codes)] == []

    running(scene)


def test_refused_work_is_taken_into_the_record_with_a_reason() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue()]
        stage = await at_inbox(device)
        await stage.tap("收入档案")
        assert stage.find("收入档案", "click").disabled

        await stage.tap("已核实属实")
        await stage.tap("收入档案")

        assert device.store.decided == [("issue", "n1", "accepted", "已核实属实")]
        assert device.runner.woken == 1

    running(scene)


def test_refused_work_is_given_up_with_a_reason_of_ones_own() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue()]
        stage = await at_inbox(device)
        await stage.tap("放弃")

        await stage.type("reason:n1", "客户已改约")
        await stage.tap("放弃")

        assert device.store.decided == [("issue", "n1", "discarded", "客户已改约")]

    running(scene)


@pytest.mark.parametrize("code", ["invalid", "stale_transition", "gone", "guarded_field"])
def test_what_the_rules_would_refuse_again_is_not_offered_to_be_taken_in(code: str) -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue(code=code)]
        stage = await at_inbox(device)

        assert not stage.says("收入档案")
        assert stage.says("放弃")
        assert stage.says("请王敏") or stage.says("王敏")

    running(scene)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_refusal_is_explained_to_a_supervisor_by_what_is_safe(code: str) -> None:
    chinese, english = (
        explained(Words(each, lambda: NOW), an_issue(code=code)) for each in LANGUAGES
    )

    assert "内容完整" in chinese or "现值没有动" in chinese
    assert "kept whole" in english or "its value stays" in english
    assert "王敏" in chinese + english


def test_a_supervisors_own_refused_work_stands_first() -> None:
    async def scene() -> None:
        device = supervised()
        step = an_op(1, "transition", "issue", "n9", set={"status": ["open", "accepted"]})
        device.store.refused_items = [refused_work("not_found", step)]
        device.store.issue_cards = [an_issue()]
        stage = await at_inbox(device)

        said = stage.texts()

        assert said.index("我自己的") < said.index("团队的")
        assert stage.says("对应的记录不在了")

    running(scene)


# The customer beside it, and the sync centre


def test_on_a_desk_the_customer_is_looked_at_beside_the_inbox() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device, 1280)
        assert stage.says("细节会在这里")

        await stage.tap("看客户刘秀兰")

        assert stage.all_views() == ["/inbox"]
        assert stage.says("是谁")
        assert stage.says("依据：身份证原件已核对")

    running(scene)


def test_on_a_phone_the_customer_stands_above_the_inbox() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.issue_cards = [an_issue()]
        stage = await at_inbox(device)

        await stage.tap("看客户刘秀兰")

        assert stage.all_views() == ["/inbox", "/inbox/c1"]

    running(scene)


def test_turning_the_tablet_keeps_the_kind_that_is_looked_at() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.conflict_cards = [a_conflict(mine=None)]
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device)
        await stage.tap("变更申请 1")

        await stage.resize(844)

        assert stage.says("依据：身份证原件已核对")

    running(scene)


def test_a_supervisors_sync_centre_leads_to_the_inbox() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.conflict_cards = [a_conflict(mine=None)]
        stage = await opened(device)
        await stage.go("/me/sync")
        assert not stage.says("用王敏的")

        await stage.tap("到待处理里定")

        assert stage.all_views() == ["/inbox"]

    running(scene)


def test_the_badge_of_a_supervisor_opens_the_sync_centre() -> None:
    async def scene() -> None:
        stage = await opened(supervised())

        await stage.tap("已同步")

        assert stage.all_views() == ["/me", "/me/sync"]
        await stage.tap("返回")
        assert stage.all_views() == ["/me"]

    running(scene)


def test_the_customer_stays_in_sight_when_the_last_case_is_decided() -> None:
    async def scene() -> None:
        device = supervised()
        device.store.contacts["c1"] = []
        device.store.request_cards = [a_request()]
        stage = await at_inbox(device, 1280)
        await stage.tap("看客户刘秀兰")

        await stage.tap("批准：刘秀兰·改姓名")

        assert stage.says("没有等你处理的")
        assert stage.says("是谁")

    running(scene)
