"""What was sold and how far it is, what colleagues propose, and what can be sold."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mobile_app.store.device_store import DeviceStore
from mobile_app.store.faults import DiskFull
from shared.domain import SaleShare
from shared.domain.sale_share import share_id
from shared.registry import Document
from shared.sync.change import Insert
from tests.screens.memory import ME, NOW
from tests.screens.shop import CARD, a_shop, selling, shop_device, sold
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import a_store, arrive, device_with, refuse


def offer(**fields: Any) -> Document:
    """30 % of a colleague's sale, proposed to the user."""
    known: dict[str, Any] = {
        "id": share_id("x1", ME.id), "employee_id": ME.id, "sale_id": "x1", "seller_id": "e2",
        "customer_label": "王*兰", "product_id": str(CARD["id"]), "product_code": "CARD",
        "occurred_at": NOW, "shares": '[["e2",7000],["e1",3000]]', "sale_status": "submitted",
        "qty": 4, "stands": False, "due_on": "2026-11-27",
    }  # fmt: skip
    return asdict(SaleShare(**{**known, **fields}))


async def at_sale(store: DeviceStore, sale: Document, *others: tuple[str, Document]) -> Stage:
    """The page of one sale."""
    arrive(store, 3, ("sale", sale), *others)
    stage = await opened(shop_device(store))
    await stage.go(f"/customers/c1/{sale['id']}")
    return stage


def sent(store: DeviceStore) -> dict[str, Any]:
    """What the last operation that waits sets."""
    return dict(store.pending(20)[-1]["ops"][-1]["set"])


def test_a_sale_shows_how_far_it_is_and_what_it_would_pay(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_sale(store, sold(qty=7, status="submitted", external_ref="C-1"))

        for said in ("云汀信用卡", "意向", "已提交", "已确认", "7 张", "C-1", "王敏 100 %"):
            assert stage.says(said), said
        assert stage.says("7 张 x 60.00 = 420.00")
        store.close()

    running(scene)


def test_an_intent_becomes_an_appointment_with_a_day(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_sale(store, sold())
        await stage.tap("转预约")
        assert stage.find("转预约", "click").disabled
        await stage.tap_key("due:week")

        await stage.tap("转预约")

        assert sent(store)["appointment_on"] == [None, "2026-12-01"]
        assert not stage.says("转预约")
        store.close()

    running(scene)


def test_handing_in_takes_the_banks_number(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_sale(store, sold())
        await stage.tap("提交")
        await stage.type("ref", "C-77")

        await stage.tap("提交")

        assert sent(store) == {"status": ["intent", "submitted"], "external_ref": [None, "C-77"]}
        assert stage.says("C-77")
        store.close()

    running(scene)


def test_a_sale_is_cancelled_with_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_sale(store, sold(status="submitted"))
        await stage.tap("撤销")
        await stage.tap("客户改变主意")

        await stage.tap("撤销")

        assert sent(store)["reason"] == [None, "客户改变主意"]
        assert stage.says("已撤销")
        assert not stage.says("下一步")
        store.close()

    running(scene)


def test_a_joint_sale_says_that_it_is_held_and_until_when(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        parts = '[["e1",7000],["e2",3000]]'
        sale = sold(status="submitted", shares=parts)
        own = offer(
            id=share_id("s1", ME.id), sale_id="s1", seller_id=ME.id, shares=parts, status="own"
        )

        stage = await at_sale(store, sale, ("sale_share", own))

        assert stage.says("暂挂：等同事接受分成")
        assert stage.says("最迟 周五 定")
        assert stage.says("王敏 70 %、李强 30 %")
        store.close()

    running(scene)


def test_a_confirmed_sale_shows_the_banks_days_and_no_more_steps(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_sale(
            store, sold(status="confirmed", applied_on="2026-11-18", activated_on="2026-11-20")
        )

        assert stage.says("激活")
        assert stage.says("11月20日")
        assert not stage.says("撤销")
        store.close()

    running(scene)


def test_the_customers_page_shows_what_was_sold(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale", sold(status="submitted")))
        stage = await selling(shop_device(store))

        await stage.tap("云汀信用卡")

        assert stage.all_views()[-1] == "/customers/c1/s1"
        store.close()

    running(scene)


def test_ones_own_sales_stand_by_status_with_counts_and_amounts(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(
            store, 3,
            ("sale", sold(1)), ("sale", sold(2)),
            ("sale", sold(3, product_id="p3", qty=None, amount=5_000_000, status="confirmed")),
        )  # fmt: skip
        stage = await opened(shop_device(store))
        await stage.go("/me")
        await stage.tap("我的销售")

        texts = stage.texts()
        assert texts.index("2 笔") < texts.index("1 笔")
        assert stage.says("5.00 万")
        store.close()

    running(scene)


def test_an_offer_is_accepted_with_one_tap_offline(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale_share", offer()))
        stage = await opened(shop_device(store))
        assert store.to_settle().total == 1
        await stage.go("/me/sales")
        assert stage.says("云汀信用卡·你 30 %")
        assert stage.says("李强 提出，客户 王*兰")

        await stage.tap("接受")

        assert sent(store) == {"status": ["offered", "accepted"]}
        assert store.to_settle().total == 0
        assert not stage.says("接受")
        store.close()

    running(scene)


def test_an_offer_is_disputed_with_a_reason_and_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale_share", offer()))
        stage = await opened(shop_device(store))
        await stage.go("/me/sales")
        await stage.tap("有异议")
        await stage.tap("比例不对")

        await stage.tap("有异议")

        assert sent(store)["reason"] == [None, "比例不对"]
        assert stage.says("已提异议：比例不对。主管会裁定，在此之前暂挂。")
        assert stage.says("本机")
        store.close()

    running(scene)


def test_an_answer_that_a_full_disk_does_not_keep_says_so_and_can_be_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale_share", offer()))
        stage = await opened(shop_device(store))
        await stage.go("/me/sales")

        def full(*_: Any) -> None:
            raise DiskFull

        with monkeypatch.context() as patched:
            patched.setattr(store, "commit", full)
            await stage.tap("接受")
        assert stage.says("设备存满了")
        await stage.tap("接受")

        assert sent(store) == {"status": ["offered", "accepted"]}
        store.close()

    running(scene)


def test_the_catalogue_says_what_pays_what_and_what_has_ended(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await opened(shop_device(store))
        await stage.go("/me")

        await stage.tap("产品目录")

        for said in (
            "每张 ¥60.00",
            "金额的 0.1 %",
            "现在没有佣金",
            "仅预约",
            "R3 平衡型",
            "已停售",
        ):
            assert stage.says(said), said
        texts = stage.texts()
        assert texts[-1] == "已停售"
        await stage.type("search", "定期")
        assert stage.says("三年定期")
        assert not stage.says("云汀信用卡")
        store.close()

    running(scene)


def test_before_the_first_sync_the_catalogue_says_what_to_do(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/me/catalogue")

        assert stage.says("产品目录还没有同步到本机")
        store.close()

    running(scene)


def test_a_sale_is_started_from_the_quick_log(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await opened(shop_device(store))
        await stage.go("/log")
        await stage.tap("销售")

        await stage.tap("刘秀兰")

        assert stage.all_views()[-1] == "/customers/c1/sell"
        assert stage.says("刘秀兰的销售")
        store.close()

    running(scene)


def test_a_refused_sale_is_told_in_words_and_can_be_sent_again(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        store.commit(Insert("sale", sold(qty=7)))
        refuse(store, "unknown_product")
        stage = await opened(shop_device(store))

        await stage.go("/me/sync")

        assert stage.says("目录里没有这个产品")
        assert stage.says("数量：7")
        assert stage.says("重发")
        store.close()

    running(scene)


def test_a_sale_shows_in_english_too(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("sale", sold(qty=7)), ("sale_share", offer()))
        stage = await opened(shop_device(store), 1280, language="en")

        for place in ("/customers/c1/s1", "/customers/c1/sell", "/me/sales", "/me/catalogue"):
            await stage.go(place)
            assert not stage.says("这里出了问题"), place
            await stage.resize(390)
            await stage.resize(1280)
        assert stage.says("¥60.00 per piece")
        store.close()

    running(scene)
