"""The sale form through real events over the real store: tap budget, estimate, what protects."""

from pathlib import Path
from typing import Any

from mobile_app.store.device_store import DeviceStore
from tests.screens.shop import COLLEAGUE, a_shop, selling, shop_device, sold
from tests.screens.stage import running
from tests.screens.test_with_the_real_store import arrive


def operations(store: DeviceStore) -> list[Any]:
    """What waits to be sent."""
    return [op for txn in store.pending(20) for op in txn["ops"]]


def test_a_sale_is_logged_in_four_taps_and_an_amount(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        taps = 0

        await stage.tap("记销售")
        await stage.tap_key("product:CARD")
        taps += 2
        await stage.type("qty", "7")
        await stage.tap_key("stage:submitted")
        await stage.tap("保存")
        taps += 2

        assert taps <= 4
        made, step = operations(store)
        assert made["doc"]["qty"] == 7
        assert made["doc"]["status"] == "intent"
        assert step["set"] == {"status": ["intent", "submitted"]}
        assert stage.all_views()[-1] == "/customers/c1"
        assert stage.says("已提交")
        assert stage.says("本机")
        store.close()

    running(scene)


def test_the_estimate_stands_under_the_amount_with_its_formula_and_rule(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:CARD")
        assert stage.says("填上数量就有预估。")

        await stage.type("qty", "7")

        assert stage.says("¥420.00")
        assert stage.says("7 张 x 60.00 = 420.00")
        assert stage.says("规则 2026-01-01 起")
        store.close()

    running(scene)


def test_a_joint_sale_shows_what_is_left_and_pays_by_the_share(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:CARD")
        await stage.type("qty", "7")
        await stage.tap_key("stage:submitted")
        await stage.tap_key("with:e2")
        assert stage.says("我 50 %")

        await stage.type(f"share:{COLLEAGUE.id}", "30")

        assert stage.says("我 70 %")
        assert stage.says("7 张 x 60.00 x 70 % = 294.00")
        await stage.tap("保存")
        assert operations(store)[0]["doc"]["shares"] == '[["e1",7000],["e2",3000]]'
        assert stage.says("已提交")
        store.close()

    running(scene)


def test_shares_that_leave_the_seller_nothing_cannot_be_saved(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:CARD")
        await stage.type("qty", "1")
        await stage.tap_key("stage:submitted")
        await stage.tap_key("with:e2")

        await stage.type("share:e2", "100")

        assert stage.says("分成不成立")
        assert stage.find("保存", "click").disabled
        store.close()

    running(scene)


def test_a_product_above_the_grade_is_refused_before_it_is_saved(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path, risk_grade="R2")
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        assert stage.says("稳盈三号·R3·超出客户风险等级")

        await stage.tap_key("product:WM-R3")

        assert stage.says("产品风险 R3 高于客户的风险等级 R2，不能销售。")
        assert stage.find("保存", "click").disabled
        store.close()

    running(scene)


def test_an_expired_grade_allows_an_intent_with_a_new_assessment_as_a_task(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path, risk_valid_until="2026-10-01")
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:WM-R3")
        await stage.type("amount", "50000")
        await stage.tap("保存")

        made, task = operations(store)
        assert (made["doc"]["status"], made["doc"]["precaution"]) == ("intent", "reassessment")
        assert task["doc"]["title"] == "重新风险测评"
        store.close()

    running(scene)


def test_a_customer_of_65_needs_a_precaution_and_an_appointment_its_day(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path, birth_date="1949-05-01")
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:WM-R3")
        await stage.type("amount", "50000.00")
        assert stage.says("客户已满 65 岁")
        assert stage.says("还差一项保护措施")
        await stage.tap_key("precaution:dual_recording")
        await stage.tap_key("stage:appointment")
        assert stage.says("还差预约日期")
        await stage.tap_key("due:week")

        await stage.tap("保存")

        made, step = operations(store)
        assert made["doc"]["precaution"] == "dual_recording"
        assert step["set"]["status"] == ["intent", "appointment"]
        assert step["set"]["appointment_on"][1] == "2026-12-01"
        store.close()

    running(scene)


def test_a_wealth_product_is_never_handed_in_from_the_field(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:WM-R3")

        assert stage.says("预约")
        assert not stage.says("已提交")
        store.close()

    running(scene)


def test_a_sale_of_a_visit_names_the_visit(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("开始拜访")
        await stage.tap_key("purpose:card")
        await stage.tap_key("outcome:done")

        await stage.tap("提交并记销售")
        await stage.tap_key("product:CARD")
        await stage.type("qty", "1")
        await stage.tap_key("stage:submitted")
        await stage.type("ref", "C-2026-1")
        await stage.tap("保存")

        visit, *_, made, step = operations(store)
        assert visit["entity"] == "interaction"
        assert made["doc"]["interaction_id"] == visit["id"]
        assert step["set"]["external_ref"] == [None, "C-2026-1"]
        store.close()

    running(scene)


def test_a_sale_draft_outlives_the_process(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:CARD")
        await stage.type("qty", "7")
        store.close()

        again = a_shop(tmp_path)
        after = await selling(shop_device(again))
        await after.tap("接着写这笔销售")

        assert after.says("¥420.00")
        assert after.says("接着上次没写完的继续")
        again.close()

    running(scene)


def test_an_amount_in_yuan_is_priced_by_its_rate(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(shop_device(store))
        await stage.tap("记销售")
        await stage.tap_key("product:DEP")

        await stage.type("amount", "50,000.00")

        assert stage.says("50,000.00 x 0.1 % = 50.00")
        store.close()

    running(scene)


def test_the_product_sold_most_stands_first(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale", sold(1, product_id="p3", qty=None, amount=100)))
        stage = await selling(shop_device(store))

        await stage.tap("记销售")

        keys = [str(getattr(one, "key", "")) for one in stage.controls()]
        first = next(key for key in keys if key.startswith("product:"))
        assert first == "product:DEP"
        store.close()

    running(scene)
