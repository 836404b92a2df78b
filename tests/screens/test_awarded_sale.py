"""A customer who was a prospect awarded to two: the sale carries the awarded split by itself."""

from pathlib import Path
from typing import Any

import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain.referral import copy_id
from shared.domain.sale import read_shares
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Insert
from shared.testing.around import a_prospect
from tests.screens.memory import ME
from tests.screens.shop import CARD, COLLEAGUE, a_shop, sold
from tests.screens.stage import Stage, running
from tests.screens.test_alert_page import steps
from tests.screens.test_referrals_page import at, to_me

SPLIT = f'[["{ME.id}",7000],["{COLLEAGUE.id}",3000]]'


def won(**fields: Any) -> Document:
    """The user's claim of what is the customer c1 by now."""
    known = {"status": "won", "customer_id": "c1", "shares": SPLIT, "name": "秀兰裁缝铺"}
    return a_prospect(ME.id, id="p1", **{**known, **fields})


async def selling(store: DeviceStore, *rows: tuple[str, Document]) -> Stage:
    stage = await at(store, "/customers/c1/sell", *rows)
    await stage.tap_key("product:CARD")
    await stage.type("qty", "1")
    return stage


def test_it_is_shared_as_awarded_and_nobody_is_asked(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(store, ("prospect", won()))

        assert stage.says("裁定的潜客 秀兰裁缝铺")
        assert stage.says("按潜客裁定：李强 30 %，其余归我")
        assert not stage.says("和同事一起做的")
        await stage.tap_key("stage:submitted")
        await stage.tap("保存")

        doc = steps(store)[0]["doc"]
        assert (doc["prospect_id"], doc["referral_id"]) == ("p1", None)
        assert {(each.employee, each.pay_bp) for each in read_shares(doc["shares"])} == {
            (ME.id, 7_000),
            (COLLEAGUE.id, 3_000),
        }
        store.close()

    running(scene)


def test_the_seller_can_say_that_it_does_not_come_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await selling(store, ("prospect", won()))

        await stage.tap_key("source:p1")

        assert not stage.says("按潜客裁定")
        await stage.tap_key("stage:submitted")
        await stage.tap("保存")
        doc = steps(store)[0]["doc"]
        assert (doc["prospect_id"], doc["shares"]) == (None, "")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    "fields",
    [
        {"shares": ""},
        {"customer_id": "c2"},
        {"status": "claimed", "customer_id": None},
        {"employee_id": "e2"},
    ],
)
def test_nothing_else_is_a_source(tmp_path: Path, fields: dict[str, Any]) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        whose = {**won(), **fields}

        stage = await selling(store, ("prospect", whose))

        assert not stage.says("裁定的潜客")
        assert stage.here.desk.selling.form("c1").parts == {}
        store.close()

    running(scene)


def test_of_a_referral_and_an_award_the_seller_says_which_it_comes_of(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        referral = to_me(status="accepted", for_id="c1", pay_bp=2_000)
        stage = await selling(store, ("prospect", won()), ("referral", referral))
        form = stage.here.desk.selling.form("c1")
        assert (form.referral_id, form.prospect_id, form.parts) == ("", "", {})

        await stage.tap_key("source:p1")
        assert stage.says("按潜客裁定：李强 30 %")
        await stage.tap_key(f"source:{copy_id('rf')}")

        assert stage.says("按转介约定：李强 20 %")
        assert (form.referral_id, form.prospect_id) == (copy_id("rf"), "")
        store.close()

    running(scene)


def test_another_split_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at(store, "/customers/c1", ("prospect", won()))
        other = sold(
            1, product_id=CARD["id"], qty=1, amount=None, prospect_id="p1",
            shares=SPLIT.replace("7000", "9000").replace("3000", "1000"),
        )  # fmt: skip

        with pytest.raises(Refusal, match="split_awarded"):
            store.commit(Insert("sale", other))

        assert steps(store) == []
        assert stage.says("刘秀兰")
        store.close()

    running(scene)
