"""A need is passed on, taken on by the colleague, and what comes of it stands beside its cause."""

from pathlib import Path
from typing import Any

from mobile_app.store.device_store import DeviceStore
from shared.domain.referral import both_copies, copy_id
from shared.domain.sale import read_shares
from shared.registry import Document
from shared.testing.around import a_referral, a_relation, an_alert
from tests.screens.memory import ME, NOW
from tests.screens.shop import COLLEAGUE, a_shop, sold
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_sales import offer
from tests.screens.test_with_the_real_store import arrive, device_with

HANDLED = an_alert(
    "c1", id="al1", raised_at=NOW - 3_600_000, status="handled", answers="no,no,no",
    cause="housing", action="referred", employee_id="e1", handled_at=NOW - 60_000,
)  # fmt: skip


def to_me(**fields: Any) -> Document:
    """What the colleague passed on to the user about one of the user's customers."""
    made = a_referral("c7", COLLEAGUE.id, ME.id, id="rf", name="刘秀兰", **fields)
    return both_copies(made, "单玉珍")[1]


async def at(store: DeviceStore, place: str, *rows: tuple[str, Document]) -> Stage:
    arrive(store, 3, *rows)
    stage = await opened(device_with(store))
    await stage.go(place)
    return stage


def test_a_handled_alert_leads_to_a_referral_of_a_relative(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        tie = a_relation("c1", ME.id, id="r1", other_name="刘晓燕")
        stage = await at(store, "/customers/c1/al1", ("alert", HANDLED), ("relation", tie))

        await stage.tap("转介给同事")
        await stage.tap_key("referred:刘晓燕")
        await stage.tap_key("referral:housing")
        await stage.type("referral:amount_text", "1200000")
        await stage.tap_key(COLLEAGUE.id)
        assert not steps(store)
        await stage.type("referral:percent", "30")
        await stage.tap("转介")

        [made] = steps(store)
        doc = made["doc"]
        assert (doc["name"], doc["need"], doc["amount"]) == ("刘晓燕", "housing", 120_000_000)
        assert (doc["to_id"], doc["pay_bp"], doc["alert_id"]) == (COLLEAGUE.id, 3_000, "al1")
        assert stage.says("待接受")
        assert stage.says("办成后 王敏 分 30 %")
        store.close()

    running(scene)


def test_a_part_that_leaves_the_colleague_nothing_is_none(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at(store, "/customers/c1")
        await stage.tap("转介给同事")
        form = stage.here.desk.referrals.form("c1")
        for name, code in (("name", "刘秀兰"), ("need", "housing"), ("to_id", COLLEAGUE.id)):
            form.choose(name, code)

        for percent, missing in (("", "percent"), ("0", "percent"), ("100", "percent")):
            form.write("percent", percent)
            assert form.missing == missing
        form.write("percent", "99.99")
        assert form.missing == ""
        form.write("amount_text", "许多")
        assert form.missing == "amount"
        store.close()

    running(scene)


def test_what_is_passed_on_to_me_stands_on_today_and_is_taken_on_with_one_tap(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at(store, "/today", ("referral", to_me()))
        for said in ("同事转介给我", "李强 → 王敏", "来自客户 单*珍", "办成后 李强 分 30 %"):
            assert stage.says(said), said

        await stage.tap("接受转介")

        [step] = steps(store)
        assert step["id"] == copy_id("rf")
        assert step["set"] == {"status": ["offered", "accepted"], "for_id": [None, "c1"]}
        assert not stage.says("同事转介给我")
        await stage.go("/customers/c1")
        assert stage.says("已接受")
        store.close()

    running(scene)


def test_it_is_declined_with_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at(store, "/today", ("referral", to_me()))

        await stage.tap("婉拒")
        await stage.tap_key(f"近期排不开:{copy_id('rf')}")
        await stage.tap("婉拒")

        [step] = steps(store)
        assert step["set"] == {"status": ["offered", "declined"], "reason": [None, "近期排不开"]}
        store.close()

    running(scene)


def test_a_sale_to_its_customer_carries_the_agreed_split_by_itself(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        accepted = to_me(status="accepted", for_id="c1")
        stage = await at(store, "/customers/c1/sell", ("referral", accepted))
        await stage.tap_key("product:CARD")
        await stage.type("qty", "1")

        assert stage.says("按转介约定：李强 30 %")
        assert not stage.says("和同事一起做的")
        await stage.tap_key("stage:submitted")
        await stage.tap("保存")

        doc = steps(store)[0]["doc"]
        assert doc["referral_id"] == copy_id("rf")
        assert {(each.employee, each.pay_bp) for each in read_shares(doc["shares"])} == {
            (ME.id, 7_000),
            (COLLEAGUE.id, 3_000),
        }
        await stage.go("/customers/c1")
        assert stage.says("王敏 70 %、李强 30 %")
        store.close()

    running(scene)


def test_an_alert_shows_all_that_came_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        made = a_referral("c1", ME.id, COLLEAGUE.id, id="rf", alert_id="al1", status="accepted")
        share = offer(referral_id=copy_id("rf"), status="accepted", stands=True)
        stage = await at(
            store, "/customers/c1/al1", ("alert", HANDLED), ("referral", made),
            ("sale_share", share), ("sale", sold(product_id="p3", qty=None, alert_id="al1")),
        )  # fmt: skip

        for said in ("后续成果", "三年定期", "王敏 100 %", "云汀信用卡", "李强 70 %、王敏 30 %"):
            assert stage.says(said), said
        store.close()

    running(scene)
