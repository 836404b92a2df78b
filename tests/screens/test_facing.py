"""The screen turned to a customer: theirs alone, and no way on but through the lock."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mobile_app.app import left_alone, press
from mobile_app.store.device_store import DeviceStore
from shared.domain import Provenance, Review, Task
from shared.domain.consent import ConsentPurpose
from shared.domain.provenance import provenance_id
from shared.testing.around import (
    a_consent,
    a_relation,
    a_risk,
    a_state,
    a_value,
    an_account,
    an_alert,
)
from shared.testing.builders import a_duplicate
from tests.screens.cases import decided
from tests.screens.memory import NOW, contact, person
from tests.screens.shop import DEPOSIT, WEALTH, a_shop, shop_device, sold
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import arrive


def a_full_page(folder: Path) -> DeviceStore:
    """A customer of whom everything is known."""
    store = a_shop(folder)
    told = contact(1, "c1", employee_id="e2")
    arrive(
        store, 3,
        ("customer", asdict(replace(person(), interests="书法", contact_note="难缠"))),
        ("account", an_account("c1", id="ac1", matures_on="2026-11-28")),
        ("alert", an_alert("c1", id="al1")),
        ("relation", a_relation("c1", "e1", id="r1")),
        ("customer_value", a_value("c1")),
        ("customer_state", a_state("c1")),
        ("churn_risk", a_risk("c1")),
        ("interaction", asdict(told)),
        ("duplicate", a_duplicate("c1", "c9", **decided("merged"))),
        ("provenance", asdict(Provenance(provenance_id("c1"), "c1", NOW, "name verified -"))),
        ("review", asdict(Review("v1", told.id, "c1", "e9", "coach", NOW, "先问清用途"))),
        ("sale", sold(1, product_id="p2", status="appointment", appointment_on="2026-11-27")),
    )  # fmt: skip
    return store


async def turned(store: DeviceStore, **how: str) -> Stage:
    stage = await opened(shop_device(store), **how)  # type: ignore[arg-type]
    await stage.go("/customers/c1")
    await stage.tap(stage.here.words("facing.enter"))
    return stage


def test_one_tap_shows_a_customer_what_is_theirs(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_full_page(tmp_path)

        stage = await turned(store)

        for said in (
            "刘秀兰",
            "三年期定期存款",
            "¥820,000.00",
            "年利率 1.55 %",
            "11月27日",
            "稳盈三号",
        ):
            assert stage.says(said), said
        store.close()

    running(scene)


def test_nothing_that_is_said_of_a_customer_is_shown_to_them(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_full_page(tmp_path)

        stage = await turned(store)

        inner = (
            "资金异常", "紧急", "刘晓燕", "女儿", "书法", "难缠", "李强", "周建国", "先问清用途",
            "有意向", "佣金", "预估", "60.00 元", "今日", "业绩", "往来记录", "客户自述",
            "再次上门", "白银", "贡献", "服务成本", "得分", "流失", "客户状态", "稳定",
            "资料来源", "合并",
        )  # fmt: skip
        assert [word for word in inner if stage.says(word)] == []
        store.close()

    running(scene)


def test_no_key_and_no_path_leads_out_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_full_page(tmp_path)
        stage = await turned(store)

        for key in ("Escape", "/", "n"):
            press(stage.page, stage.here, key)
            await stage.settle()
        await stage.go("/customers")
        await stage.go("/today/c1/al1")

        assert stage.says("您在本行的账户")
        assert not stage.says("资金异常")
        store.close()

    running(scene)


def test_leaving_it_asks_for_the_pin(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_full_page(tmp_path)
        stage = await turned(store)

        await stage.tap("结束展示")

        assert stage.here.gate.phase == "locked"
        assert stage.says("输入 PIN")
        await stage.here.gate.unlock("402917")
        await stage.settle()
        assert stage.all_views()[-1] == "/customers/c1"
        assert stage.says("往来记录")
        store.close()

    running(scene)


def test_a_screen_left_with_a_customer_locks_by_itself(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_full_page(tmp_path)
        stage = await turned(store)

        assert left_alone(stage.here, 301, hidden=False)
        assert stage.here.gate.phase == "locked"
        store.close()

    running(scene)


def test_a_customer_with_nothing_yet_sees_that(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await turned(store, language="en")

        assert stage.says("None for now")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("grade", "until", "shows_wealth"),
    [("R3", None, True), ("R2", None, False), (None, None, False), ("R3", "2026-11-01", False)],
)
def test_nothing_risky_is_shown_to_whom_it_could_not_be_sold(
    tmp_path: Path, grade: str | None, until: str | None, shows_wealth: bool
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path, risk_grade=grade, risk_valid_until=until)

        stage = await turned(store)

        assert stage.says(str(DEPOSIT["name"]))
        assert stage.says(str(WEALTH["name"])) == shows_wealth
        store.close()

    running(scene)


@pytest.mark.parametrize("purpose", ["personalisation", "marketing_contact"])
def test_who_refuses_to_be_sold_to_is_shown_no_products(
    tmp_path: Path, purpose: ConsentPurpose
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await turned(store)
        assert stage.says("可以了解的产品")

        arrive(store, 3, ("consent", a_consent("c1", "e1", purpose=purpose)))
        await stage.settle()

        assert not stage.says("可以了解的产品")
        assert stage.says("您的授权")
        store.close()

    running(scene)


def test_a_task_that_was_missed_hides_no_appointment_that_is_ahead(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        missed = Task("x1", "c1", "call", "回访", "2026-11-20")
        ahead = Task("x2", "c1", "visit", "上门", "2026-11-27")
        later = Task("x3", "c1", "call", "回电", "2026-12-02")
        inner = Task("x4", "c1", "follow_up", "备材料", "2026-11-28")
        tasks = (missed, ahead, later, inner)
        arrive(store, 3, *(("task", asdict(each)) for each in tasks))

        stage = await turned(store)

        for said in ("11月27日", "拜访", "12月2日", "电话"):
            assert stage.says(said), said
        for said in ("11月20日", "11月28日", "备材料", "回电"):
            assert not stage.says(said), said
        store.close()

    running(scene)
