"""The user's own month of commission, over the real encrypted store."""

from dataclasses import asdict, replace
from pathlib import Path

import flet as ft
import pytest

from mobile_app.state.performance import entry_key
from mobile_app.tracing import traced
from shared.domain import Employee
from tests.screens.memory import ME
from tests.screens.payday import (
    NOVEMBER,
    a_period,
    a_quality,
    a_share,
    a_target,
    open_sale,
    pay_day,
    settle,
)
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import a_store, arrive, device_with


async def looking(tmp_path: Path, *shares: object, more: object = (), **look: object) -> Stage:
    store = a_store(tmp_path)
    pay_day(store, *shares, more=more)  # type: ignore[arg-type]
    stage = await opened(device_with(store), **look)  # type: ignore[arg-type]
    await stage.go("/performance")
    return stage


def test_the_month_begins_with_what_it_pays(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = await looking(
            tmp_path, a_share(1), open_sale(2), more=[("target", a_target("CARD", "4"))]
        )

        assert stage.says("预估应发")
        assert stage.says("¥120.00")
        assert stage.says("¥60.00")
        assert stage.says("按 1月1日起的规则")
        assert stage.says("1 / 4 张·预估 2")
        assert stage.says("25 %")

    running(scene)


def test_every_number_opens_its_trace(tmp_path: Path) -> None:
    async def scene() -> None:
        joint = a_share(1, qty=7, shares='[["e1",7000],["e2",3000]]')
        stage = await looking(tmp_path, joint)
        await stage.tap("已确认")
        assert stage.all_views()[-1] == "/performance/confirmed.booked"

        await stage.tap("销售所得")

        assert stage.says("7 张 x 60.00 x 70 % = 294.00")
        assert stage.says("11月10日激活，算在 2026年11月；用第 1 版规则（1月1日起）。")
        assert stage.says("整笔：7 张 x 60.00 = 420.00。")
        assert stage.says("你的分成 70 %：420.00 x 70 % = 294.00。")
        assert stage.says("改版原因：年度方案")

    running(scene)


def test_tiers_are_told_and_drawn(tmp_path: Path) -> None:
    async def scene() -> None:
        first = a_share(1, "LOAN", amount=600_000, on="2026-11-05")
        stage = await looking(tmp_path, first, a_share(2, "LOAN", on="2026-11-12"))
        await stage.go("/performance/sale.s2")

        await stage.tap("销售所得")

        assert stage.says("4,000.00 x 5 % + 5,000.00 x 8 % = 600.00")
        assert stage.says("0.00 起，10,000.00 以下·5 %")
        assert stage.says("这笔之前累计 6,000.00，共得 300.00；加上这笔累计 15,000.00")

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_entry_is_told_in_words(tmp_path: Path, language: str) -> None:
    async def scene() -> None:
        stage = await looking(
            tmp_path,
            *(a_share(n, qty=2) for n in range(3)),
            a_share(4, "LOAN"),
            a_share(5, "INS", amount=30_000_000),
            a_share(6, on="2026-05-10", cancelled_on="2026-11-20", sale_status="cancelled"),
            more=[("target", a_target("CARD", "5")), ("quality", a_quality("0.9"))],
            language=language,
        )
        mine = stage.here.desk.performance
        month = mine.month()
        kinds = set()
        for entry in month.entries["confirmed"]:
            kinds.add(entry.type)
            await stage.go(f"/performance/confirmed.payable/{entry_key('confirmed', entry)}")

            assert not stage.says("这里出了问题"), entry
            told = traced(stage.here.words, entry)
            as_written = {step["text"] for step in entry.trace.as_json()["steps"]}
            assert stage.says(told.steps[0]), entry
            assert not as_written & set(told.steps), entry

        assert kinds == {"EARN", "CAP_TRIM", "QUALITY", "DEFER", "CLAWBACK"}

    running(scene)


def test_an_objection_is_one_tap_away_and_works_offline(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = await looking(tmp_path, a_share(1))
        await stage.go("/performance/sale.s1")
        await stage.tap("对畅行信用卡·刘*兰提异议")
        await stage.tap("少算了一笔")

        await stage.tap("提出异议")

        [card] = stage.here.desk.performance.disputes()
        assert (card.dispute.claim, card.dispute.sale_id) == ("少算了一笔", "s1")
        assert card.dispute.amount == 6000
        assert stage.says("等答复，最迟")
        assert stage.says("本机")
        await stage.tap("撤回")
        assert stage.here.desk.performance.disputes()[0].dispute.status == "withdrawn"

    running(scene)


def test_the_device_says_that_it_agrees_with_the_branch_and_when_it_does_not(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        pay_day(store, a_share(1), open_sale(2))
        settle(store)
        stage = await opened(device_with(store))
        await stage.go("/performance")
        assert stage.says("与网点一致")
        assert stage.says("网点还没有算进这 1 笔")

        arrive(store, 4, ("sale_share", asdict(a_share(2))))
        await stage.settle()

        assert stage.says("与网点还不一致：本机算得应发 ¥120.00，网点 ¥60.00")

    running(scene)


def test_debt_pays_nothing_and_is_carried_on(tmp_path: Path) -> None:
    async def scene() -> None:
        gone = {"cancelled_on": "2026-11-02", "sale_status": "cancelled"}
        stage = await looking(tmp_path, a_share(1, on="2026-09-10", **gone))

        assert stage.says("¥0.00")
        assert stage.says("这个月欠 ¥60.00")
        assert stage.says("已撤销，按规则追索")

        await stage.tap("上一月")
        assert stage.says("2026年10月")

    running(scene)


def test_what_waits_says_why_and_what_to_do(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = await looking(
            tmp_path,
            open_sale(1, stands=False, shares='[["e1",7000],["e2",3000]]'),
            open_sale(2, stands=False, status="contested"),
            open_sale(3),
        )

        assert stage.says("等同事答复分成")
        assert stage.says("等主管裁定")
        assert stage.says("等激活")

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 700, 1280])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_an_empty_month_and_a_full_one_show(
    tmp_path: Path, count: int, width: int, language: str
) -> None:
    async def scene() -> None:
        shares = [a_share(n, "CARD" if n % 2 else "LOAN") for n in range(count)]
        stage = await looking(tmp_path, *shares, width=width, language=language)

        assert not stage.says("这里出了问题")
        words = stage.here.words
        nothing = words("pay.empty", month=words.month(NOVEMBER))
        assert stage.says(words("n_items", n=count) if count else nothing)

    running(scene)


def test_a_closed_month_shows_what_it_paid_and_that_it_is_closed(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = await looking(tmp_path, a_share(1), more=[("pay_period", a_period("review"))])
        assert stage.says("复核中")
        arrive(stage.device.store, 3, ("pay_period", a_period("closing")))  # type: ignore[arg-type]
        await stage.settle()
        assert stage.says("关账中")

    running(scene)


def test_one_who_left_with_a_debt_owes_it(tmp_path: Path) -> None:
    async def scene() -> None:
        gone = {"cancelled_on": "2026-11-02", "sale_status": "cancelled"}
        left: Employee = replace(ME, left_on="2026-11-20")
        stage = await looking(
            tmp_path, a_share(1, on="2026-09-10", **gone), more=[("employee", asdict(left))]
        )

        assert stage.says("离职后的应收款")
        assert stage.here.desk.performance.shown == NOVEMBER

    running(scene)


def test_a_number_that_is_drawn_is_never_cut(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        pay_day(store, more=[("target", a_target("LOAN_SME", "1500000000"))])
        stage = await opened(device_with(store), language="en")
        await stage.go("/performance")

        [shown] = [each for each in stage.shown(ft.Text) if "¥1,500,000,000.00" in each.value]
        assert shown.max_lines is None
        store.close()

    running(scene)
