"""What stands around a customer: holdings with their age, and ties that are claims or facts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import flet as ft

from mobile_app.store.device_store import DeviceStore
from shared.domain.days import bank_day
from shared.testing.around import a_relation, an_account
from tests.screens.memory import LONG_COMPANY, NOW
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

HOUR = 3_600_000
TIME = an_account("c1", id="ac1", matures_on="2026-11-28", as_of=NOW - 2 * HOUR)
DEMAND = an_account(
    "c1", id="ac2", kind="demand", name="活期储蓄", last_four="0017", balance=3_500_000,
    rate="0.0005", as_of=NOW - 60 * HOUR,
)  # fmt: skip
LOAN = an_account(
    "c1", id="ac3", kind="loan", name="住房贷款", last_four="4410", balance=60_000_000,
    rate="0.0385", as_of=NOW - HOUR, matures_on="2041-03-01",
)  # fmt: skip
CLOSED = an_account("c1", id="ac4", last_four="9999", closed_on="2026-01-01")


def holding(folder: Path, *accounts: Any) -> DeviceStore:
    store = a_store(folder)
    arrive(store, 2, *(("account", each) for each in accounts))
    return store


async def customer(store: DeviceStore, **how: Any) -> Stage:
    stage = await opened(device_with(store), **how)
    await stage.go("/customers/c1")
    return stage


def test_holdings_stand_in_groups_with_rate_maturity_and_age(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path, TIME, DEMAND, LOAN, CLOSED)

        stage = await customer(store)

        for said in (
            "资产合计", "85.50 万", "占资产 96 %",
            "尾号 8821·年利率 1.55 %", "11月28日 到期，7 天内",
            "尾号 0017·年利率 0.05 %", "数据 2 小时前",
        ):  # fmt: skip
            assert stage.says(said), said
        assert not stage.says("9999")
        store.close()

    running(scene)


def test_what_is_owed_is_never_taken_off_what_is_owned(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path, TIME, DEMAND, LOAN)

        stage = await customer(store)

        found = stage.here.desk.holdings("c1")
        assert (found.assets, found.owed) == (85_500_000, 60_000_000)
        assert stage.says("欠款合计")
        assert stage.says("60.00 万")
        assert stage.says("欠款没有从资产里扣掉")
        assert not stage.says("25.50 万")
        store.close()

    running(scene)


def test_a_customer_without_accounts_is_told_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)

        stage = await customer(store)

        assert stage.says("还没有账户数据")
        assert stage.says("还不知道家里、公司里还有谁")
        store.close()

    running(scene)


def test_a_relation_to_a_name_is_recorded_in_three_taps(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)

        await stage.tap("记关系")
        await stage.tap_key("relation:child")
        await stage.type("other", "刘晓燕")
        await stage.type("said", "女儿在江宁上班")
        await stage.tap("记为客户自述")

        [made] = steps(store)
        assert made["doc"]["kind"] == "child"
        assert made["doc"]["other_name"] == "刘晓燕"
        assert made["doc"]["other_id"] is None
        assert made["doc"]["note"] == "女儿在江宁上班"
        assert stage.says("客户自述")
        assert stage.says("“女儿在江宁上班”")
        assert stage.says("本机")
        store.close()

    running(scene)


def test_a_relation_to_another_customer_leads_to_them_and_back(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)
        await stage.tap("记关系")
        await stage.tap_key("relation:guarantor")
        await stage.type("other", "高端装备")

        await stage.tap_key("other:c2")
        await stage.tap("记为客户自述")

        [made] = steps(store)
        assert (made["doc"]["other_id"], made["doc"]["other_name"]) == ("c2", None)
        await stage.tap(LONG_COMPANY)
        assert stage.all_views()[-1] == "/customers/c2"
        assert stage.says("被担保人")
        assert stage.says("刘秀兰")
        store.close()

    running(scene)


def test_a_half_written_relation_is_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await customer(store)
        await stage.tap("记关系")
        await stage.tap_key("relation:spouse")
        store.close()

        again = a_store(tmp_path)
        after = await customer(again)
        assert after.says("还差姓名")
        await after.tap("取消")

        assert again.drafts() == []
        assert after.says("记关系")
        again.close()

    running(scene)


def test_a_claim_and_a_fact_differ_by_sign_and_word(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        proven = a_relation("c1", "e1", id="r2", kind="spouse", other_name="刘建国")
        arrive(
            store, 2, ("relation", a_relation("c1", "e1", id="r1")),
            ("relation", {**proven, "status": "verified", "reason": "结婚证"}),
        )  # fmt: skip

        stage = await customer(store)

        assert stage.says("客户自述")
        assert stage.says("已核实")
        assert stage.says("凭证：结婚证")
        signs = {one.icon for one in stage.shown(ft.Icon)}
        assert {ft.Icons.RECORD_VOICE_OVER_OUTLINED, ft.Icons.VERIFIED_OUTLINED} <= signs
        store.close()

    running(scene)


def test_a_supervisor_verifies_a_claim_with_what_was_seen(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        arrive(store, 2, ("relation", a_relation("c1", "e1", id="r1")))
        stage = await customer(store)
        await stage.tap("核实和刘晓燕的关系")
        await stage.tap("户口本")

        await stage.tap("核实")

        [step] = steps(store)
        assert step["set"] == {"status": ["claimed", "verified"], "reason": [None, "户口本"]}
        assert stage.says("凭证：户口本")
        store.close()

    running(scene)


def test_nobody_is_offered_to_verify_as_an_account_manager(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("relation", a_relation("c1", "e1", id="r1")))

        stage = await customer(store)

        assert not stage.says("核实和刘晓燕的关系")
        store.close()

    running(scene)


def test_a_relation_ends_with_a_reason_and_stays_readable(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("relation", a_relation("c1", "e1", id="r1")))
        stage = await customer(store)
        await stage.tap("结束和刘晓燕的关系")
        await stage.tap("记错了")

        await stage.tap("结束")

        [step] = steps(store)
        assert step["set"] == {"status": ["claimed", "ended"], "reason": [None, "记错了"]}
        assert stage.says("结束原因：记错了")
        store.close()

    running(scene)


def test_a_relation_of_another_customer_who_is_not_here_names_nobody(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        theirs = a_relation("c9", "e1", id="r1", kind="shareholder", other_id="c1", other_name=None)
        arrive(store, 2, ("relation", theirs))

        stage = await customer(store)

        assert stage.says("另一位客户（不在本机）")
        assert stage.says("在对方那里是：股东")
        store.close()

    running(scene)


def test_long_names_and_large_sums_stay_in_their_lines(tmp_path: Path) -> None:
    async def scene() -> None:
        long = an_account("c1", id="ac5", name=LONG_COMPANY * 3, balance=9_999_999_999_999)
        store = holding(tmp_path, long)

        stage = await customer(store, language="en")

        assert stage.says("¥99,999,999,999.99")
        store.close()

    running(scene)


def test_of_many_accounts_those_that_mature_soon_come_first(tmp_path: Path) -> None:
    async def scene() -> None:
        far = [
            an_account("c1", id=f"far{n}", last_four=f"10{n:02}", matures_on="2028-01-01")
            for n in range(8)
        ]
        store = holding(tmp_path, TIME, *far)
        stage = await customer(store)
        assert stage.says("尾号 8821")
        assert not stage.says("尾号 1001")

        await stage.tap("看全部 9 个账户")

        assert stage.says("尾号 1001")
        store.close()

    running(scene)


def test_what_matures_soon_is_told_in_bands(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        days = {"a1": 3, "a2": 7, "a3": 8, "a4": 31, "a5": 120}
        made = [an_account("c1", id=id, balance=1_000_000, matures_on=on(days[id])) for id in days]
        loan = an_account("c1", id="l1", kind="loan", balance=9_000_000, matures_on=on(3))
        arrive(store, 2, *(("account", each) for each in (*made, loan)))

        stage = await opened(device_with(store))
        await stage.go("/customers/c1")

        for said in ("7 天内·2 笔", "8–30 天·1 笔", "31–90 天·1 笔"):
            assert stage.texts().count(said) == 1, said
        store.close()

    running(scene)


def on(ahead: int) -> str:
    """The day so many days from today."""
    return (bank_day(NOW) + timedelta(days=ahead)).isoformat()


def test_assets_are_those_of_all_accounts_however_many_there_are(tmp_path: Path) -> None:
    async def scene() -> None:
        many = [
            an_account("c1", id=f"m{n}", last_four=str(n), balance=1_000_000) for n in range(250)
        ]
        store = holding(tmp_path, *many)

        stage = await customer(store)

        found = stage.here.desk.holdings("c1")
        assert (found.count, found.assets) == (250, 250_000_000)
        assert stage.says("看全部 250 个账户")
        store.close()

    running(scene)
