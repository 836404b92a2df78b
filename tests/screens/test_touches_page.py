"""Before one calls: who else of the bank was in touch, on the page and where a contact begins."""

from dataclasses import asdict
from pathlib import Path

from tests.screens.memory import DAY_MS, NOW, contact
from tests.screens.shop import a_shop, shop_device
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import arrive


def test_colleagues_contacts_stand_before_the_call_button(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        lately = contact(
            1, "c1", employee_id="e2", channel="call", outcome="declined",
            occurred_at=NOW - 3 * DAY_MS,
        )  # fmt: skip
        old = contact(2, "c1", employee_id="e2", occurred_at=NOW - 40 * DAY_MS)
        own = contact(3, "c1", occurred_at=NOW - DAY_MS)
        arrive(store, 3, *(("interaction", asdict(each)) for each in (lately, old, own)))
        stage = await opened(shop_device(store))
        name = store.employees()["e2"].name

        await stage.go("/customers/c1")

        line = f"{name} 3 天前电话联系过：已婉拒"
        assert stage.says("打电话前先看一眼")
        assert stage.says(line)
        assert not stage.says("40 天前")
        await stage.tap("记电话")
        assert stage.says(line)
        await stage.go("/customers/c1")
        await stage.tap(stage.here.words("facing.enter"))
        assert not stage.says("联系过")
        store.close()

    running(scene)


def test_where_nobody_else_was_nothing_is_said(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, ("interaction", asdict(contact(1, "c1"))))
        stage = await opened(shop_device(store))

        await stage.go("/customers/c1")

        assert not stage.says("打电话前先看一眼")
        store.close()

    running(scene)


def test_what_a_customer_often_does_by_themselves_hides_no_colleague(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        machine = [
            contact(
                n, "c1", employee_id="", channel="self_service", source="自助", purpose="service",
                occurred_at=NOW - n * DAY_MS // 10,
            )
            for n in range(10, 130)
        ]  # fmt: skip
        theirs = contact(1, "c1", employee_id="e2", channel="call", occurred_at=NOW - 20 * DAY_MS)
        arrive(store, 3, *(("interaction", asdict(each)) for each in (theirs, *machine)))
        stage = await opened(shop_device(store))

        await stage.go("/customers/c1")

        assert stage.says(f"{store.employees()['e2'].name} 20 天前电话联系过")
        store.close()

    running(scene)
