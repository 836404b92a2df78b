"""Prospects: claimed with a name, kept by contacts, told what became of them, and awarded."""

from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import flet as ft
from pydantic_core import to_json

from mobile_app.store.device_store import DeviceStore
from shared.domain import Employee, ProspectContest
from shared.domain.prospect import MOST_OPEN, PROTECTED_DAYS
from shared.registry import Document
from shared.testing.around import a_prospect, a_prospect_contact
from sync_server.demo.numbers import uscc
from tests.screens.memory import DAY_MS, ME, NOW
from tests.screens.shop import a_shop, shop_device
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_collision import a_roll
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

CODE = uscc(Random(5))


def held(id: str = "p1", **fields: Any) -> Document:
    """A claim of the user's that the server has answered."""
    return a_prospect(ME.id, id=id, **{"taken_at": NOW, "renewed_at": NOW, **fields})


async def at_prospects(store: DeviceStore, *rows: Document) -> Stage:
    arrive(store, 3, *(("prospect", each) for each in rows))
    stage = await opened(shop_device(store))
    await stage.go("/customers")
    await stage.tap(f"潜客 {len(rows)}" if rows else "潜客")
    return stage


def test_a_name_is_enough_to_claim(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store)
        assert stage.says("还没有潜客")

        await stage.tap("记一个潜客")
        await stage.type("prospect:name", "云汀重工有限公司")
        await stage.tap("认领")

        [made] = steps(store)
        assert (made["entity"], made["doc"]["name"]) == ("prospect", "云汀重工有限公司")
        assert (made["doc"]["kind"], made["doc"]["employee_id"]) == ("organisation", ME.id)
        assert stage.says("等服务器答复：先到先得")
        store.close()

    running(scene)


def test_a_wrong_code_is_said_while_it_is_typed(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store)
        await stage.tap("记一个潜客")
        await stage.type("prospect:name", "云汀重工")

        await stage.type("prospect:code", CODE[:-1] + ("0" if CODE[-1] != "0" else "1"))
        assert stage.says("代码不对：18 位，末位校验")
        await stage.type("prospect:code", f" {CODE.lower()} ")
        assert not stage.says("代码不对：18 位，末位校验")
        await stage.tap("认领")

        assert steps(store)[0]["doc"]["code"] == CODE
        store.close()

    running(scene)


def test_what_is_perhaps_held_already_is_said_before_it_is_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        roll = a_roll("云汀重工有限公司", "云汀市明达培训有限公司")
        arrive(store, 3, *roll, ("prospect", held()))
        stage = await opened(shop_device(store))
        await stage.go("/customers")
        await stage.tap("潜客 1")

        await stage.tap("记一个潜客")
        await stage.type("prospect:name", "云汀重工")
        assert stage.says("或有同事在跟")
        await stage.type("prospect:name", "云汀市明达培训有限责任公司")
        assert stage.says("好像已认领过")
        assert not stage.says("或有同事在跟")
        store.close()

    running(scene)


def test_the_days_that_are_left_are_drawn_and_a_contact_begins_them_anew(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store, held(renewed_at=NOW - 80 * DAY_MS))
        assert stage.says("还保护 10 天")
        [drawn] = stage.shown(ft.ProgressBar)
        assert drawn.value == 10 / PROTECTED_DAYS
        assert len([said for said in stage.heard() if "还保护 10 天" in said]) == 1
        assert "11%" not in stage.heard()

        await stage.tap("记一次联系")
        await stage.tap_key("interested:p1")
        await stage.tap("记下")

        [made] = steps(store)
        assert (made["entity"], made["doc"]["channel"]) == ("prospect_contact", "visit")
        assert stage.says(f"还保护 {PROTECTED_DAYS} 天")
        assert stage.says("联系 1 次")
        store.close()

    running(scene)


def test_it_is_released_lost_with_a_reason_and_claimed_again(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store, held())

        await stage.tap("没谈成")
        await stage.tap("在他行办了")
        await stage.tap("没谈成")
        assert stage.says("原因：在他行办了")
        await stage.tap("重新认领")
        await stage.tap("放弃")

        said = [each["set"]["status"] for each in steps(store)]
        assert said == [["claimed", "lost"], ["lost", "claimed"], ["claimed", "released"]]
        store.close()

    running(scene)


def test_what_is_learnt_is_added_and_nothing_else_is_sent(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store, held())

        await stage.tap("补充")
        await stage.type("prospect:contact_name", "周经理")
        await stage.tap("保存")

        [made] = steps(store)
        assert made["set"] == {"contact_name": [None, "周经理"]}
        assert stage.says("周经理")
        store.close()

    running(scene)


def test_each_answer_of_the_server_is_a_sentence(tmp_path: Path) -> None:
    answers = {
        "p1": ({"status": "declined", "cause": "is_customer", "others": "李强"}, "管户是李强"),
        "p2": ({"status": "contested", "contest_id": "x", "others": "李强"}, "请别上门"),
        "p3": ({"contest_id": "x", "others": "李强"}, "裁定前还归您"),
        "p4": ({"status": "declined", "cause": "awarded", "answer": "先谈成"}, "主管：先谈成"),
        "p5": ({"status": "won", "customer_id": "c1"}, "已成为您的客户"),
        "p6": ({"shares": f'[["{ME.id}",7000],["e2",3000]]', "others": "李强"}, "约定您占 70 %"),
    }

    async def scene() -> None:
        for id, (fields, sentence) in answers.items():
            (folder := tmp_path / id).mkdir()
            store = a_shop(folder)
            arrive(store, 3, ("prospect", held(id, **fields)))
            stage = await opened(shop_device(store))
            await stage.go("/customers")
            counted = " 1" if fields.get("status", "claimed") in ("claimed", "contested") else ""
            await stage.tap(f"潜客{counted}")
            assert stage.says(sentence), id
            store.close()

    running(scene)


def test_who_holds_as_many_as_one_may_is_told_before_writing_more(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        rows = [held(f"p{n}", name=f"第{n}公司") for n in range(MOST_OPEN)]
        stage = await at_prospects(store, *rows)
        assert stage.says(f"在手 {MOST_OPEN}，最多 {MOST_OPEN}")

        await stage.tap("记一个潜客")
        await stage.type("prospect:name", "再一个")

        assert stage.says("先放弃一个")
        store.close()

    running(scene)


def test_a_draft_outlives_the_app(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await at_prospects(store)
        await stage.tap("记一个潜客")
        await stage.type("prospect:name", "写到一半")

        again = await opened(shop_device(store))
        await again.go("/customers")
        await again.tap("潜客")

        assert again.here.desk.prospects.form().name == "写到一半"
        assert again.says("认领")
        store.close()

    running(scene)


def test_a_supervisor_awards_a_contested_prospect(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path, BOSS)
        claims = to_json([["p1", "e1"], ["p2", "e2"]]).decode()
        first = a_prospect("e1", id="p1", taken_at=NOW, renewed_at=NOW, contest_id="x")
        second = {**first, "id": "p2", "employee_id": "e2", "status": "contested"}
        contest = ProspectContest("x", BOSS.id, "云汀市明达培训有限公司", claims, NOW, "2026-11-30")
        arrive(
            store, 2,
            *(("employee", asdict(Employee(*each, "account_manager", "u1")))
              for each in (("e1", "AM001", "王敏"), ("e2", "AM002", "李强"))),
            ("prospect", first), ("prospect", second),
            ("prospect_contact", a_prospect_contact(second, note="见到财务总监")),
            ("prospect_contest", asdict(contest)),
        )  # fmt: skip
        stage = await opened(device_with(store))
        await stage.go("/commission")
        await stage.tap("裁定 1")
        assert stage.says("潜客争议")
        await stage.go("/commission/prospect.x")
        for said in ("王敏认领", "李强认领", "先认领，裁定前归 TA", "还没有联系记录"):
            assert stage.says(said), said
        assert stage.says("见到财务总监")

        await stage.tap("全归李强")
        await stage.tap("裁定")
        await stage.tap("按往来记录")
        await stage.tap("确认裁定")

        [step] = steps(store)
        assert step["set"] == {
            "status": ["open", "decided"],
            "heard": [None, claims],
            "shares": [None, '[["e2",10000]]'],
            "reason": [None, "按往来记录"],
            "decided_by": [None, BOSS.id],
        }
        assert stage.says("已经处理完了")
        store.close()

    running(scene)
