"""Families and groups on the customer's page: who belongs together, and what may be counted."""

from pathlib import Path
from typing import Any

from mobile_app.store.device_store import DeviceStore
from shared.registry import Document
from shared.testing.around import a_relation
from shared.testing.builders import a_customer
from tests.screens.memory import ME, NOW
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import a_store, arrive, device_with


def tie(one: str, kind: str, other: str | None, status: str, **said: Any) -> tuple[str, Document]:
    known = {"kind": kind, "other_id": other, "other_name": None, **said}
    return "relation", {**a_relation(one, ME.id, **known), "status": status}


def one(id: str, name: str, balance: int | None, **said: Any) -> tuple[str, Document]:
    known = {"id": id, "name": name, "deposit_balance": balance, "as_of": NOW, **said}
    return "customer", a_customer(ME.id, **known)


async def at(store: DeviceStore, customer: str) -> Stage:
    stage = await opened(device_with(store))
    await stage.go(f"/customers/{customer}")
    return stage


def a_family(folder: Path) -> DeviceStore:
    """A mother, her daughter who is proven, the daughter's husband who is said to be one."""
    store = a_store(folder)
    arrive(
        store, 2,
        one("m", "单玉珍", 10_000_000), one("d", "刘晓燕", 5_000_000), one("h", "赵伟", 90_000_000),
        tie("m", "child", "d", "verified"), tie("d", "spouse", "h", "claimed"),
        tie("m", "guarantor", "c1", "verified"),
    )  # fmt: skip
    return store


def test_a_family_is_seen_through_its_members_and_counts_only_the_proven(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_family(tmp_path)

        stage = await at(store, "m")

        for said in (
            "家庭", "子女", "刘晓燕的配偶", "存款合计", "15.00 万", "3 人里的 2 人",
            "担保、联系人等", f"{ME.name}管户",
        ):  # fmt: skip
            assert stage.says(said), said
        await stage.tap("赵伟")
        assert stage.all_views()[-1] == "/customers/h"
        assert stage.says("单玉珍")
        store.close()

    running(scene)


def test_the_people_of_a_company_can_be_tapped(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(
            store, 2,
            one("p", "陈明", None), one("q", "周红", None),
            one("co", "云汀重工有限公司", None, kind="organisation", legal_representative="陈明",
                contact_name="王芳"),
            one("sis", "云汀物流有限公司", 700_000_000, kind="organisation"),
            tie("co", "group_member", "sis", "claimed"), tie("co", "shareholder", "q", "verified"),
        )  # fmt: skip

        stage = await at(store, "co")

        for said in ("关键人", "法定代表人·客户主档", "联系人·客户主档", "王芳", "集团"):
            assert stage.says(said), said
        assert not stage.says("7.00 亿")
        await stage.tap("记下陈明是谁")
        await stage.tap("陈明")
        await stage.tap("记为客户自述")
        [made] = steps(store)
        assert (made["doc"]["kind"], made["doc"]["other_id"]) == ("legal_representative", "p")
        assert not stage.says("法定代表人·客户主档")
        await stage.tap("陈明")
        assert stage.all_views()[-1] == "/customers/p"
        store.close()

    running(scene)
