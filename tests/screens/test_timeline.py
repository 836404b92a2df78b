"""The timeline of every channel: what stands in it, whose word each line is, and its parts."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import flet as ft
import pytest

from mobile_app.parts.channels import ICONS
from mobile_app.state.paging import PAGE
from mobile_app.state.timeline import VIEWS
from mobile_app.store.device_store import DeviceStore
from shared.domain import Consent
from shared.domain.interaction import Channel
from shared.testing.around import a_case, an_alert
from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.shop import a_shop, shop_device, sold
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import arrive

CALLED: dict[str, Any] = {
    "id": "k1", "employee_id": "", "channel": "call_centre", "purpose": "service",
    "outcome": "done", "direction": "inbound", "source": "客服系统", "agent": "坐席 8012",
    "received_at": NOW, "need": None, "next_step": None, "next_due": None, "satisfaction": 5,
}  # fmt: skip
ALLOWED = Consent("n1", "c1", "e2", "personalisation", "given", "spoken", NOW - 5 * DAY_MS)


def a_history(folder: Path) -> DeviceStore:
    """A visit, a colleague's WeChat, two that systems tell of, a sale, an alert and a consent."""
    store = a_shop(folder)
    wechat = contact(2, channel="wechat", employee_id="e2")
    counter = replace(contact(4), **CALLED | {"id": "k2", "channel": "counter", "direction": None})
    arrive(
        store, 3,
        ("interaction", asdict(contact(1, need="education", satisfaction=4))),
        ("interaction", asdict(wechat)),
        ("interaction", asdict(replace(contact(3), **CALLED))),
        ("interaction", asdict(replace(counter, source="柜面系统", agent=None))),
        ("sale", sold(1, product_id="p2", occurred_at=NOW - 6 * DAY_MS)),
        ("alert", an_alert("c1", id="al1", status="handled", employee_id="e1", handled_at=NOW,
                           raised_at=NOW - 7 * DAY_MS, cause="verified", action="called")),
        ("consent", asdict(ALLOWED)),
        ("service_case", a_case("c1", id="k8", status="closed", employee_id="e2",
                                resolution="已退回", satisfaction=4)),
        ("service_case", a_case("c1", id="k9", subject="还没办完")),
    )  # fmt: skip
    return store


async def at_timeline(store: DeviceStore, language: str = "zh", width: int = 390) -> Stage:
    stage = await opened(shop_device(store), width, language=language)
    await stage.go("/customers/c1")
    return stage


def signs(stage: Stage) -> list[object]:
    return [one.icon for one in stage.shown(ft.Icon)]


def test_every_channel_has_a_sign_of_its_own() -> None:
    assert set(ICONS) == set(get_args(Channel))
    assert len(set(ICONS.values())) == len(ICONS)


def test_every_channel_stands_in_it_with_its_sign_and_who_had_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_history(tmp_path)

        stage = await at_timeline(store)

        channels = ("visit", "wechat", "call_centre", "counter")
        assert {ICONS[channel] for channel in channels} <= set(signs(stage))
        assert stage.says("客服·呼入·业务办理·已办成")
        assert stage.says("客服系统，经办 坐席 8012")
        assert stage.says("柜面系统")
        assert stage.says("李强")
        store.close()

    running(scene)


def test_sales_alerts_and_consents_stand_in_it_once(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_history(tmp_path)

        stage = await at_timeline(store)

        for said in ("稳盈三号", "资金异常", "个性化推荐·同意", "投诉·短信通知费重复扣收"):
            assert sum(said == text for text in stage.texts()) == 1, said
        store.close()

    running(scene)


def test_whose_word_a_line_is_is_told_by_sign_and_word(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_history(tmp_path)

        stage = await at_timeline(store)

        marks = [
            (row.controls[0].icon, row.controls[1].value)
            for row in stage.shown(ft.Row)
            if len(row.controls) == 2
            and isinstance(row.controls[0], ft.Icon)
            and isinstance(row.controls[1], ft.Text)
        ]
        assert (ft.Icons.RECORD_VOICE_OVER_OUTLINED, "客户自述") in marks
        assert (ft.Icons.ACCOUNT_BALANCE_OUTLINED, "银行系统") in marks
        store.close()

    running(scene)


def test_what_a_system_tells_of_satisfaction_is_not_the_customers_claim(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("interaction", asdict(replace(contact(3), **CALLED))))

        stage = await at_timeline(store)

        assert stage.says("很满意")
        assert not stage.says("客户自述")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("view", "n", "shown", "left_out"),
    [
        ("met", 1, "拜访", "微信"),
        ("phone", 1, "客服系统，经办 坐席 8012", "柜面系统"),
        ("written", 1, "微信·存款·有意向", "柜面系统"),
        ("branch", 1, "柜面系统", "微信·存款·有意向"),
        ("matters", 4, "投诉·短信通知费重复扣收", "柜面系统"),
        ("told", 2, "柜面系统", "微信·存款·有意向"),
    ],
)
def test_a_chip_shows_its_part_with_its_count(
    tmp_path: Path, view: str, n: int, shown: str, left_out: str
) -> None:
    async def scene() -> None:
        store = a_history(tmp_path)
        stage = await at_timeline(store)
        words = stage.here.words
        assert stage.says(words("view.n", view=words.code("view", view), n=n))

        await stage.tap_key(f"view:{view}")

        assert stage.says(shown)
        assert left_out not in stage.texts()
        store.close()

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_part_says_so(tmp_path: Path, language: str) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("interaction", asdict(contact(1))))
        stage = await at_timeline(store, language)
        words = stage.here.words

        for view in VIEWS:
            await stage.tap_key(f"view:{view}")
            is_empty = view not in ("all", "met")
            assert stage.says(words(f"timeline.empty.{view}")) is is_empty if is_empty else True
        store.close()

    running(scene)


def test_a_customer_without_a_contact_has_no_chips(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await at_timeline(store)

        assert stage.says("还没有往来")
        assert not stage.says("见面 0")
        store.close()

    running(scene)


def test_a_choice_is_not_remembered(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_history(tmp_path)
        arrive(store, 4, ("customer", a_neighbour()))
        stage = await at_timeline(store)
        await stage.tap_key("view:met")
        await stage.go("/customers/c2")
        await stage.go("/customers/c1")

        assert stage.says("微信·存款·有意向")
        store.close()

    running(scene)


def a_neighbour() -> dict[str, Any]:
    from tests.screens.memory import person

    return asdict(replace(person(), id="c2", name="赵伟"))


def test_a_correction_counts_once(tmp_path: Path) -> None:
    store = a_shop(tmp_path)
    first = contact(1)
    arrive(
        store, 3,
        ("interaction", asdict(first)),
        ("interaction", asdict(replace(first, id="i2", channel="call", supersedes="i1"))),
    )  # fmt: skip

    assert [(each.channel, each.n) for each in store.contact_counts("c1")] == [("call", 1)]
    store.close()


def test_more_of_a_part_comes_on_request_in_the_order_of_time(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        visits = [
            contact(n, occurred_at=NOW - n * DAY_MS, note=f"第{n}次", next_step=None, next_due=None)
            for n in range(1, 2 * PAGE)
        ]
        calls = [replace(each, id=f"k{each.id}", channel="call", note="打过") for each in visits]
        arrive(store, 3, *(("interaction", asdict(each)) for each in (*visits, *calls)))
        stage = await at_timeline(store)
        await stage.tap_key("view:met")
        assert stage.says(f"第{PAGE}次")
        assert not stage.says(f"第{PAGE + 1}次")

        await stage.tap("再看一些")

        notes = [text for text in stage.texts() if text.startswith("第") and text.endswith("次")]
        assert notes == [f"第{n}次" for n in range(1, 2 * PAGE)]
        assert not stage.says("打过")
        store.close()

    running(scene)


def test_what_nobody_measured_is_not_said_to_have_lasted(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        began = NOW - 40 * DAY_MS
        ends = (began - DAY_MS, began + 25 * 3_600_000, began + 20 * 60_000)
        for n, end in enumerate(ends):
            visit = contact(n, occurred_at=began + n, started_at=began, ended_at=end)
            arrive(store, 3 + n, ("interaction", asdict(visit)))

        stage = await at_timeline(store)

        assert stage.says("20 分钟")
        assert not stage.says("·1 分钟")
        assert not stage.says("1500 分钟")
        store.close()

    running(scene)
