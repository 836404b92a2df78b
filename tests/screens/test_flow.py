"""Finding one's way: the gate, the places, two panes, the search, and what a supervisor does."""

import logging

import flet as ft
import pytest

from mobile_app.app import left_alone, press
from mobile_app.config import read_entry
from mobile_app.platform.location import NoFix
from mobile_app.state.look import window_of
from mobile_app.store.records import FeedItem, FieldRow, RecordState
from shared.domain import Employee
from shared.errors import Unreachable
from shared.sync.change import Insert
from tests.screens.memory import (
    NOW,
    MemoryDevice,
    MemoryStore,
    company,
    contact,
    person,
    todo,
)
from tests.screens.stage import Stage, opened, running

SUPERVISOR = Employee("e9", "SV001", "周建国", "supervisor", "u1")


def peopled() -> MemoryDevice:
    """A device with two customers and something to do for one of them."""
    device = MemoryDevice()
    device.store.people = [person(), company()]
    device.store.items = [todo()]
    return device


# The gate


async def enrolling(device: MemoryDevice, code: str, pin: str, again: str) -> Stage:
    """The enrolment form, filled in from a link and sent."""
    device.enrolled = False
    stage = await opened(device, url=f"https://branch.test/app/?profile=am001&code={code}")
    await stage.type("pin", pin)
    await stage.type("again", again)
    await stage.tap("登记")
    return stage


def test_enrolling_from_a_link_takes_only_a_pin() -> None:
    async def scene() -> None:
        stage = await enrolling(MemoryDevice(), "GOOD", "402917", "402917")

        assert stage.says("王敏，登记好了")
        await stage.tap("开始今天")
        assert stage.all_views() == ["/today"]

    running(scene)


@pytest.mark.parametrize(
    ("code", "pin", "again", "said"),
    [
        ("GOOD", "402917", "402918", "两次输入的 PIN 不一样"),
        ("GOOD", "4029", "4029", "PIN 要 6 位数字"),
        ("USED", "402917", "402917", "登记码不对"),
    ],
)
def test_a_failed_enrolment_says_what_to_do(code: str, pin: str, again: str, said: str) -> None:
    async def scene() -> None:
        stage = await enrolling(MemoryDevice(), code, pin, again)

        assert stage.says(said)
        assert not stage.device.enrolled

    running(scene)


def test_a_wrong_pin_says_how_many_tries_are_left() -> None:
    async def scene() -> None:
        device = peopled()
        stage = Stage(device, 390, "https://branch.test/app/?profile=am001", NoFix("indoors"))
        await stage.start()
        await stage.type("pin", "111111")

        await stage.tap("打开")

        assert stage.says("还可以试 4 次")
        assert device.locked

    running(scene)


def test_a_server_out_of_reach_is_said_and_nothing_is_lost() -> None:
    class Away(MemoryDevice):
        async def enrol(self, server_url: str, code: str, pin: str) -> None:
            raise Unreachable

    async def scene() -> None:
        stage = await enrolling(Away(), "GOOD", "402917", "402917")

        assert stage.says("用同一个登记码再试")

    running(scene)


def test_locking_leaves_nothing_on_screen() -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)
        await stage.go("/me")

        await stage.tap("现在锁定")

        assert device.locked
        assert stage.says("输入 PIN")
        assert not stage.says("刘秀兰")

    running(scene)


@pytest.mark.parametrize(
    ("away_s", "hidden", "locks"),
    [(59, True, False), (60, True, True), (299, False, False), (300, False, True)],
)
def test_a_device_that_was_left_locks_itself(away_s: float, hidden: bool, locks: bool) -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)

        left_alone(stage.here, away_s, hidden)
        await stage.settle()

        assert device.locked is locks
        assert stage.says("输入 PIN") is locks

    running(scene)


def test_the_address_names_profile_server_code_and_language() -> None:
    entry = read_entry("https://branch.test:8443/app/?profile=am001&code=AB12&lang=en", "/")

    assert entry.profile == "am001"
    assert entry.server_url == "https://branch.test:8443"
    assert entry.code == "AB12"
    assert entry.language == "en"


def test_a_profile_cannot_leave_its_folder() -> None:
    assert read_entry("https://x.test/?profile=../../etc").profile == "etc"
    assert read_entry("https://x.test/").profile == "default"


# Places and panes


def test_a_window_is_narrow_medium_or_wide() -> None:
    assert [window_of(width) for width in (390, 599, 600, 819, 820, 1280)] == [
        "narrow", "narrow", "medium", "medium", "wide", "wide",
    ]  # fmt: skip


def test_large_text_fills_a_window_as_a_smaller_one_would_be_filled() -> None:
    async def scene() -> None:
        stage = await opened(peopled(), 820)
        look = stage.here.look
        seen = [look.window]

        for width, scale in ((820, "2.0"), (1280, "2.0"), (1280, "1.0")):
            look.enlarge(scale)
            await stage.resize(width)
            seen.append(look.window)

        assert seen == ["wide", "narrow", "medium", "wide"]

    running(scene)


def test_on_a_phone_a_customer_stands_above_the_list() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers")
        await stage.tap("刘秀兰")

        assert stage.all_views() == ["/customers", "/customers/c1"]
        await stage.tap("返回")
        assert stage.all_views() == ["/customers"]

    running(scene)


def test_on_a_desk_a_customer_stands_beside_the_list() -> None:
    async def scene() -> None:
        stage = await opened(peopled(), 1280)
        await stage.go("/customers")
        assert stage.says("先选一位客户")

        await stage.tap("刘秀兰")

        assert stage.all_views() == ["/customers"]
        assert stage.says("是谁")
        assert stage.says("2 位")

    running(scene)


def test_widening_the_window_puts_list_and_detail_side_by_side() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers/c1")

        await stage.resize(1280)

        assert stage.all_views() == ["/customers"]
        assert stage.says("是谁")

    running(scene)


def test_the_search_finds_as_one_types() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers")

        await stage.type("search", "lxl")
        assert stage.says("刘秀兰")
        assert not stage.says("江苏长三角")
        await stage.type("search", "没有的人")

        assert stage.says("没有找到")

    running(scene)


def test_a_list_is_found_as_it_was_left_when_the_tablet_is_turned() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers")
        await stage.type("search", "lxl")

        await stage.resize(1280)
        assert stage.says("刘秀兰")
        assert not stage.says("江苏长三角")
        await stage.tap("清空")
        assert stage.says("江苏长三角")

        await stage.tap("潜客")
        await stage.resize(390)
        assert stage.says("记一个潜客")

    running(scene)


def test_the_search_has_its_name_when_something_is_typed() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers")

        await stage.type("search", "lxl")

        assert "姓名、首字母、尾号四位、地址" in stage.heard()

    running(scene)


def test_the_digits_of_a_pin_show_only_when_asked_for() -> None:
    async def scene() -> None:
        stage = Stage(peopled(), 390, "https://branch.test/app/?profile=am001", NoFix("indoors"))
        await stage.start()
        [pin] = stage.shown(ft.TextField)
        assert pin.password

        await stage.tap("PIN：显示")

        [pin] = stage.shown(ft.TextField)
        assert not pin.password
        assert "PIN：隐藏" in stage.heard()

    running(scene)


def test_a_long_list_is_shown_in_parts() -> None:
    async def scene() -> None:
        device = MemoryDevice()
        device.store.people = [person(number, f"客户{number:03}") for number in range(1, 50)]
        stage = await opened(device)
        await stage.go("/customers")
        assert stage.says("前 30 位")
        assert not stage.says("客户049")

        await stage.tap("再看一些")

        assert stage.says("客户049")
        assert not stage.says("再看一些")

    running(scene)


def test_shortcuts_work_unless_one_is_typing() -> None:
    async def scene() -> None:
        stage = await opened(peopled(), 1280)
        press(stage.page, stage.here, "n")
        await stage.settle()
        assert stage.all_views() == ["/log"]
        press(stage.page, stage.here, "/")
        await stage.settle()
        assert stage.all_views() == ["/customers"]

        stage.page.session.store.set("typing", True)
        press(stage.page, stage.here, "n")
        await stage.settle()

        assert stage.all_views() == ["/customers"]

    running(scene)


def test_escape_goes_one_step_up() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/customers/c1")

        press(stage.page, stage.here, "Escape")
        await stage.settle()

        assert stage.all_views() == ["/customers"]

    running(scene)


def test_a_contact_is_logged_from_anywhere_in_one_tap_on_the_name() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/log")
        await stage.tap("电话")

        await stage.tap("刘秀兰")

        assert stage.all_views()[-1] == "/customers/c1/log"
        assert stage.here.desk.form("c1").channel == "call"

    running(scene)


def test_the_language_is_switched_in_place_and_kept() -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)
        await stage.go("/me")

        await stage.tap("English")

        assert stage.says("Text size")
        assert device.store.settings["look.language"] == "en"

    running(scene)


def test_the_text_size_is_in_the_theme_alone() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        await stage.go("/me")

        await stage.tap("最大")

        assert stage.page.theme is not None
        assert stage.page.theme.text_theme is not None
        assert stage.page.theme.text_theme.body_large is not None
        assert stage.page.theme.text_theme.body_large.size == 32

    running(scene)


def test_large_text_goes_below_what_it_stood_beside() -> None:
    async def scene() -> None:
        stage = await opened(peopled())
        for path, pairs in {
            "/customers": [("刘秀兰", "已入档")],
            "/customers/c1": [
                ("地址", "江苏省南京市鼓楼区中山北路 12 号"),
                ("个性化推荐", "个性化推荐：同意"),
            ],
        }.items():
            await stage.go(path)
            stage.here.look.enlarge("1.0")
            await stage.settle()
            assert [pair for pair in pairs if not stage.beside(*pair)] == []

            stage.here.look.enlarge("2.0")
            await stage.settle()
            assert [pair for pair in pairs if stage.beside(*pair)] == []

    running(scene)


def test_a_change_of_the_store_shows_at_once() -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)

        device.store.items = [todo(), todo(2, customer_name="单晓敏")]
        device.store.tell()
        await stage.settle()

        assert stage.says("单晓敏")
        assert stage.says("还有 2 件")

    running(scene)


def test_proposals_say_why_and_stand_apart_from_what_is_due() -> None:
    async def scene() -> None:
        device = peopled()
        device.store.items = [
            todo(done=True),
            todo(task_id=None, customer_id="c2", kind="call", title="silent", reason="62"),
        ]
        stage = await opened(device)

        assert stage.says("今天的都办完了")
        assert stage.says("可以联系")
        assert stage.says("62 天没有联系")

    running(scene)


def test_one_change_is_read_once() -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)
        before = stage.here.desk.pulse.count

        for _ in range(5):
            device.store.tell()
        await stage.settle()

        assert stage.here.desk.pulse.count == before + 1

    running(scene)


# Sync centre


def test_the_user_can_choose_to_work_offline() -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)
        await stage.go("/me/sync")
        [switch] = [one for one in stage.controls() if getattr(one, "key", None) == "work_offline"]

        await stage.session.dispatch_event(switch._i, "change", None)
        await stage.settle()

        assert device.runner.work_offline

    running(scene)


# The supervisor


def test_a_supervisor_says_a_word_with_one_tap() -> None:
    async def scene() -> None:
        device = MemoryDevice(MemoryStore(SUPERVISOR))
        device.store.feed_items = [
            FeedItem(contact(), "刘秀兰", "person", "王敏", RecordState.IN_RECORD, ())
        ]
        stage = await opened(device)
        await stage.go("/field/feed")

        await stage.tap("已阅")

        [(review,)] = device.store.committed
        assert isinstance(review, Insert)
        assert review.document["kind"] == "seen"
        assert review.document["interaction_id"] == "i1"
        assert review.document["employee_id"] == "e9"

    running(scene)


def test_a_supervisor_reads_a_customer_and_starts_no_visit() -> None:
    async def scene() -> None:
        device = MemoryDevice(MemoryStore(SUPERVISOR))
        device.store.people = [person()]
        stage = await opened(device)

        await stage.go("/customers/c1")

        assert stage.says("是谁")
        assert not stage.says("开始拜访")

    running(scene)


def test_the_feed_is_one_tap_from_the_field_and_back_returns_to_it() -> None:
    async def scene() -> None:
        device = MemoryDevice(MemoryStore(SUPERVISOR))
        device.store.field_rows = [FieldRow("e1", "王敏", 1, 0, 0, 1, NOW, 0, NOW)]
        device.store.feed_items = [
            FeedItem(contact(), "刘秀兰", "person", "王敏", RecordState.IN_RECORD, ())
        ]
        stage = await opened(device)
        assert stage.says("还没点评")

        await stage.tap("点评")
        assert stage.all_views() == ["/field", "/field/feed"]
        assert stage.says("刘秀兰")

        await stage.tap("返回")
        assert stage.all_views() == ["/field"]

    running(scene)


def test_on_a_desk_the_contacts_stand_beside_the_numbers_of_the_day() -> None:
    async def scene() -> None:
        device = MemoryDevice(MemoryStore(SUPERVISOR))
        device.store.feed_items = [
            FeedItem(contact(), "刘秀兰", "person", "王敏", RecordState.IN_RECORD, ())
        ]
        stage = await opened(device, 1280)

        assert stage.says("今日战况")
        assert stage.says("刘秀兰")

    running(scene)


def test_a_supervisor_coaches_in_words() -> None:
    async def scene() -> None:
        device = MemoryDevice(MemoryStore(SUPERVISOR))
        device.store.feed_items = [
            FeedItem(contact(), "刘秀兰", "person", "王敏", RecordState.IN_RECORD, ())
        ]
        stage = await opened(device)
        await stage.go("/field/feed")
        await stage.tap("辅导")
        await stage.type("text:i1", "先问清用途再谈产品")

        await stage.tap("发出")

        [(review,)] = device.store.committed
        assert isinstance(review, Insert)
        assert (review.document["kind"], review.document["text"]) == ("coach", "先问清用途再谈产品")

    running(scene)


# The guard


@pytest.mark.parametrize(
    ("read", "place"), [("today", "/today"), ("customers", "/customers"), ("customer", "/today/c1")]
)
def test_a_failing_screen_becomes_a_tile_and_the_app_goes_on(
    read: str, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        device = peopled()
        device.store.broken = read
        stage = await opened(device)
        with caplog.at_level(logging.CRITICAL):
            await stage.go(place)
            assert stage.says("这里出了问题")

        device.store.broken = ""
        device.store.tell()
        await stage.go("/me/sync")

        assert stage.says("现在同步")

    running(scene)


def test_a_failing_handler_leaves_the_screen_standing_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        device = peopled()
        stage = await opened(device)
        await stage.go("/me/sync")
        device.runner.wake = _fails  # type: ignore[method-assign]

        with caplog.at_level(logging.CRITICAL):
            await stage.tap("现在同步")

        assert stage.says("现在同步")
        assert any("没有做成" in text for text in stage.dialogs())

    running(scene)


def _fails() -> None:
    raise RuntimeError("no link")
