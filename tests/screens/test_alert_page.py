"""An alert handled through real events over the real store: tap budget, protection, draft."""

from pathlib import Path
from typing import Any

import flet as ft
import pytest

from mobile_app.store.device_store import DeviceStore
from shared.testing.around import an_account, an_alert
from tests.screens.memory import NOW
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

HOUR = 3_600_000
ALERT = an_alert("c1", id="al1", raised_at=NOW - HOUR // 3)


def steps(store: DeviceStore) -> list[Any]:
    """What waits to be sent."""
    return [op for txn in store.pending(20) for op in txn["ops"]]


def alerted(folder: Path, *alerts: Any) -> DeviceStore:
    """A store to which alerts have come."""
    store = a_store(folder)
    arrive(store, 2, *(("alert", each) for each in alerts or (ALERT,)))
    return store


def test_an_alert_is_handled_in_six_taps_from_today(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        taps = 0

        await stage.tap("资金异常·转出 80.00 万·占全部资产 94 %")
        taps += 1
        for question in ("asked_to", "never_met", "told_to_hide"):
            await stage.tap_key(f"{question}:no")
            taps += 1
        await stage.tap_key("cause:housing")
        await stage.tap("已沟通")
        taps += 2

        assert taps <= 6
        [checked, handled] = steps(store)
        assert checked["set"]["status"] == ["open", "checked"]
        assert checked["set"]["answers"] == [None, "no,no,no"]
        assert checked["set"]["employee_id"] == [None, "e1"]
        assert handled["set"]["status"] == ["checked", "handled"]
        assert handled["set"]["cause"] == [None, "housing"]
        assert handled["set"]["action"] == [None, "talked"]
        assert handled["set"]["handled_at"] == [None, NOW]
        [txn] = store.pending(20)
        assert len(txn["ops"]) == 2
        assert stage.says("已处理")
        assert stage.says("本机")
        await stage.go("/today")
        assert not stage.says("资金异常")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("took_ms", "said"), [(20_000, "1 分内处理"), (90_000, "2 分内处理"), (-HOUR, "1 分内处理")]
)
def test_how_soon_it_was_handled_is_never_said_too_short(
    tmp_path: Path, took_ms: int, said: str
) -> None:
    async def scene() -> None:
        handled = {"status": "handled", "answers": "no,no,no", "cause": "housing"}
        known = {"action": "talked", "employee_id": "e1", "handled_at": NOW}
        store = alerted(tmp_path, {**ALERT, **handled, **known, "raised_at": NOW - took_ms})
        stage = await opened(device_with(store))

        await stage.go("/customers/c1/al1")

        assert stage.says(said)
        store.close()

    running(scene)


def test_today_shows_the_most_urgent_first_with_its_clock(tmp_path: Path) -> None:
    async def scene() -> None:
        late = an_alert(
            "c1", id="al2", severity="high", raised_at=NOW - 26 * HOUR, day="2026-11-23",
            amount=20_000_000,
        )  # fmt: skip
        soon = an_alert(
            "c2", id="al3", severity="normal", kind="maturity", day="2026-11-27",
            amount=5_000_000, raised_at=NOW,
        )  # fmt: skip
        store = alerted(tmp_path, soon, late, ALERT)
        stage = await opened(device_with(store))

        assert [item.alert.id for item in store.own_alerts(10)] == ["al1", "al2", "al3"]
        for said in ("紧急", "还有 1 小时 40 分", "重要", "超时 2 小时", "一般", "还有 3 天"):
            assert stage.says(said), said
        store.close()

    running(scene)


def test_a_yes_leaves_only_the_report_and_says_what_to_do(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")
        assert not stage.says("可能是诈骗，先拦住")

        await stage.tap_key("asked_to:yes")

        assert stage.says("可能是诈骗，先拦住")
        assert stage.says("陪着客户")
        assert not stage.says("已沟通")
        assert not stage.says("购房")
        await stage.tap("上报主管")
        [checked, handled] = steps(store)
        assert checked["set"]["answers"] == [None, "yes,unknown,unknown"]
        assert handled["set"]["action"] == [None, "reported"]
        assert handled["set"]["cause"] == [None, "fraud_suspected"]
        assert stage.says("已记为上报")
        store.close()

    running(scene)


def test_the_warning_is_said_in_english_too(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store), language="en")
        await stage.go("/today/c1/al1")

        await stage.tap_key("told_to_hide:yes")

        assert stage.says("This may be fraud. Stop it first")
        assert stage.says("Call your supervisor now")
        store.close()

    running(scene)


def test_the_customers_own_normal_stands_beside_what_happened(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))

        await stage.go("/today/c1/al1")

        heard = "\n".join(stage.heard())
        assert heard.count("这次\n¥800,000.00") == 1
        assert heard.count("平时一天\n¥3,200.00") == 1
        assert stage.says("¥50,000.00")
        assert stage.says("占全部资产 94 %")
        assert stage.says("37 天")
        store.close()

    running(scene)


def test_a_normal_of_few_days_says_how_little_it_rests_on(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path, an_alert("c1", id="al1", days=3))
        stage = await opened(device_with(store))

        await stage.go("/today/c1/al1")

        assert stage.says("只有 3 天有转出")
        store.close()

    running(scene)


def test_answers_are_kept_for_a_cause_that_a_visit_finds_later(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")
        for question in ("asked_to", "never_met", "told_to_hide"):
            await stage.tap_key(f"{question}:no")

        await stage.tap("先存核实结果")

        assert [op["set"]["status"] for op in steps(store)] == [["open", "checked"]]
        assert stage.says("防骗核实")
        await stage.go("/today")
        assert stage.says("资金异常")
        await stage.go("/today/c1/al1")
        await stage.tap_key("cause:housing")
        await stage.type("note", "给女儿买房")
        await stage.tap("已转介")
        assert steps(store)[-1]["set"]["note"] == [None, "给女儿买房"]
        assert stage.says("给女儿买房")
        store.close()

    running(scene)


def test_money_that_matures_asks_no_questions(tmp_path: Path) -> None:
    async def scene() -> None:
        account = an_account("c1", id="ac1", matures_on="2026-11-30")
        store = alerted(
            tmp_path,
            an_alert(
                "c1", id="al1", kind="maturity", severity="normal", day="2026-11-30",
                amount=82_000_000, direction=None, median=None, threshold=None, days=None,
                evidence="ac1",
            ),
        )  # fmt: skip
        arrive(store, 3, ("account", account))
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")
        assert stage.says("82.00 万 11月30日到期·三年期定期存款")
        assert not stage.says("先问三句")

        await stage.tap_key("cause:housing")
        await stage.tap("已约面谈")

        [handled] = steps(store)
        assert handled["set"]["status"] == ["open", "handled"]
        store.close()

    running(scene)


def test_a_half_answered_alert_outlives_the_process(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/today/c1/al1")
        await stage.tap_key("asked_to:no")
        await stage.tap_key("never_met:unknown")
        store.close()

        again = a_store(tmp_path)
        after = await opened(device_with(again))
        await after.go("/today/c1/al1")
        assert after.says("接着上次没写完的继续")
        await after.tap_key("told_to_hide:no")
        await after.tap_key("cause:medical")
        await after.tap("无需处理")

        assert steps(again)[0]["set"]["answers"] == [None, "no,unknown,no"]
        assert again.drafts() == []
        again.close()

    running(scene)


def test_the_customers_page_shows_it_above_everything_and_keeps_it_after(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        texts = stage.texts()
        assert texts.index("资金异常·紧急") < texts.index("是谁")

        await stage.tap("资金异常·紧急")
        for question in ("asked_to", "never_met", "told_to_hide"):
            await stage.tap_key(f"{question}:no")
        await stage.tap_key("cause:medical")
        await stage.tap("已沟通")
        await stage.go("/customers/c1")

        await stage.tap("资金异常")
        assert stage.says("就医")
        store.close()

    running(scene)


def test_back_from_an_alert_leads_to_where_it_was_opened(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))

        await stage.tap("资金异常·转出 80.00 万·占全部资产 94 %")
        assert stage.all_views() == ["/today", "/today/al1"]
        await stage.tap("返回")
        assert stage.all_views() == ["/today"]

        await stage.go("/today/c1")
        await stage.tap("资金异常·紧急")
        await stage.tap("返回")
        assert stage.all_views() == ["/today", "/today/c1"]
        store.close()

    running(scene)


def test_beside_the_days_list_the_alert_that_is_open_is_marked(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store), 1280)

        await stage.tap("资金异常·转出 80.00 万·占全部资产 94 %")

        assert stage.says("先问三句")
        assert [one.selected for one in stage.shown(ft.Semantics) if one.selected] == [True]
        store.close()

    running(scene)


def test_a_supervisor_reads_it_and_leaves_it_to_the_owner(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(store, 2, ("alert", ALERT))
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        await stage.tap("资金异常·紧急")

        assert stage.says("由管户经理处理")
        assert not stage.says("先问三句")
        store.close()

    running(scene)


def test_an_alert_whose_customer_moved_on_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        arrive(store, 2, ("alert", ALERT))
        await stage.go("/today/c1/al1")
        assert stage.says("先问三句，防诈骗")

        await stage.settle()
        store.apply_page(
            {
                "line": "page", "after": "2", "cursor": "3", "seq": 3, "begin": [],
                "complete": [], "gone": ["s"], "rows": [],
            }
        )  # fmt: skip
        await stage.settle()

        assert stage.says("没有这条预警")
        store.close()

    running(scene)


def test_large_text_puts_an_alert_on_lines_of_its_own(tmp_path: Path) -> None:
    async def scene() -> None:
        store = alerted(tmp_path)
        stage = await opened(device_with(store))
        stage.here.look.enlarge("2.0")
        await stage.settle()

        for said in (
            "资金异常·紧急",
            "刘秀兰",
            "转出 80.00 万·占全部资产 94 %",
            "还有 1 小时 40 分",
        ):
            assert stage.says(said), said
        await stage.tap("资金异常·紧急")
        assert stage.says("先问三句，防诈骗")
        store.close()

    running(scene)


def test_many_alerts_leave_room_for_the_days_list(tmp_path: Path) -> None:
    async def scene() -> None:
        many = [an_alert("c1", id=f"al{n}", amount=(n + 10) * 1_000_000) for n in range(5)]
        store = alerted(tmp_path, *many)
        stage = await opened(device_with(store))
        assert stage.says("5 条")
        assert not stage.says("转出 14.00 万")

        await stage.tap("再看 2 条预警")

        assert stage.says("转出 14.00 万")
        assert not stage.says("条预警")
        store.close()

    running(scene)
