"""Naming a collaborator at a customer, and working with a customer of another's."""

from dataclasses import asdict
from pathlib import Path

from shared.domain import Collaboration
from shared.testing.around import a_collaborator
from tests.screens.memory import ME, NOW
from tests.screens.shop import a_shop, shop_device
from tests.screens.stage import opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import arrive

SHARED = Collaboration(
    "co1", ME.id, "c77", "loan", NOW, "organisation", "云汀重工有限公司", "e2", "李强", "design",
    phone="13800001234", need="liquidity", next_step="送方案", next_due="2026-11-27",
    last_at=NOW, last_by_id="e2", last_channel="call", last_outcome="interested",
)  # fmt: skip


def test_a_colleague_is_named_in_three_taps_and_ended_with_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await opened(shop_device(store))
        await stage.go("/customers/c1")
        assert stage.says("只有管户经理一个人在跟")

        await stage.tap("加协办")
        await stage.tap_key("colleague:e2")
        await stage.tap_key("role:wealth")
        await stage.tap("定为协办")

        [made] = steps(store)
        assert (made["doc"]["colleague_id"], made["doc"]["role"]) == ("e2", "wealth")
        assert stage.says("李强")
        assert not stage.says("定为协办")
        store.close()

    running(scene)


def test_what_ended_stays_readable_and_is_offered_again(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        over = {**a_collaborator("c1", "e2", ME.id), "status": "ended", "reason": "事情办完了"}
        arrive(store, 3, ("collaborator", over))
        stage = await opened(shop_device(store))

        await stage.go("/customers/c1")

        assert stage.says("事情办完了")
        assert [each.id for each in stage.here.desk.collaborators.offered("c1", "")] == ["e2"]
        store.close()

    running(scene)


def test_a_customer_of_another_is_seen_and_called_but_not_sold_to(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("collaboration", asdict(SHARED)))
        stage = await opened(shop_device(store))
        await stage.go("/customers")
        assert stage.says("我协办的客户")
        await stage.tap("云汀重工有限公司")

        for said in ("方案设计·流动资金", "李强·送方案·", "*******1234", "李强管户", "有意向"):
            assert said == "李强管户" or stage.says(said), said
        assert not stage.says("13800001234")
        assert not stage.says("记销售")
        await stage.tap("记电话")
        assert stage.says("云汀重工有限公司")
        assert not stage.says("照片")
        await stage.tap("贷款")
        await stage.tap("有意向")
        await stage.tap("提交")
        [made] = [op for op in steps(store) if op["entity"] == "interaction"]
        assert made["doc"]["customer_id"] == "c77"
        store.close()

    running(scene)


def test_large_text_leaves_the_name_of_a_shared_customer_its_room(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("collaboration", asdict(SHARED)))
        stage = await opened(shop_device(store))
        await stage.go("/customers")
        assert stage.beside("贷款·送方案·周五", "李强管户")

        stage.here.look.enlarge("2.0")
        await stage.settle()

        assert stage.says("李强管户")
        assert not stage.beside("贷款·送方案·周五", "李强管户")
        store.close()

    running(scene)
