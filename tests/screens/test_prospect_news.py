"""今日 tells of prospects what the manager must do or know, and leads to them with a tap."""

from pathlib import Path
from typing import Any, get_args

import flet as ft
import pytest

from mobile_app.parts.prospects import NEWS
from mobile_app.state.prospects import TOLD_DAYS, NewsKind
from mobile_app.store.device_store import DeviceStore
from shared.domain.prospect import PROTECTED_DAYS, SOON_DAYS
from shared.registry import Document
from shared.testing.around import a_prospect
from tests.screens.memory import DAY_MS, ME, NOW
from tests.screens.shop import a_shop, shop_device
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import arrive

LAST = NOW - (PROTECTED_DAYS - SOON_DAYS) * DAY_MS
"""When a term began of which just so many days are left that it is told."""


def held(id: str = "p1", **fields: Any) -> Document:
    """A claim of the user's that the server has answered, with nothing to be told of it."""
    known = {"taken_at": NOW, "renewed_at": NOW, "name": "云汀明达培训", **fields}
    return a_prospect(ME.id, id=id, **known)


def contested(**fields: Any) -> Document:
    return held(**{"status": "contested", "contest_id": "k1", "others": "李强", **fields})


def lost(**fields: Any) -> Document:
    """One that a supervisor has awarded to a colleague."""
    said = {"cause": "awarded", "others": "李强", "answer": "先有拜访记录", "decided_at": NOW}
    return held(**{"status": "declined", "taken_at": None, "renewed_at": None, **said, **fields})


async def today(
    store: DeviceStore, *rows: Document, width: int = 390, language: str = "zh"
) -> Stage:
    arrive(store, 3, *(("prospect", each) for each in rows))
    stage = await opened(shop_device(store), width, language=language)
    await stage.go("/today")
    return stage


def test_a_claim_of_which_there_is_nothing_to_say_is_no_card(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, held(), held("p2", status="released"), held("p3", status="lost"))

        assert not stage.says("潜客有变化")
        assert not stage.says("云汀明达培训")
        store.close()

    running(scene)


def test_a_contest_is_told_to_who_holds_it_and_to_who_contests(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        holder = contested(id="p2", status="claimed", name="云汀重工")

        stage = await today(store, contested(), holder)

        assert stage.says("潜客有变化")
        assert stage.says("李强先认领，由主管裁定；裁定前请别上门。")
        assert stage.says("李强也认领了，由主管裁定；裁定前还归您。")
        assert stage.texts().count("待裁定") == 2
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (lost(), "判给了李强。"),
        (lost(cause="is_customer", answer=None), "已是本行客户，管户是李强。"),
        (lost(cause="too_many", others="", answer=None), "在手已满 50 个"),
        (held(decided_at=NOW, answer="先接触"), "判给了您。"),
        (held(decided_at=NOW), "没有别人认领了，归您。"),
        (
            held(decided_at=NOW, others="李强", shares=f'[["{ME.id}",7000],["e2",3000]]'),
            "和李强共同跟进，约定您占 70 %。",
        ),
        (lost(status="lapsed", cause="no_contact", others="", answer=None), "太久没有联系"),
        (lost(status="won", cause=None, answer=None), "已成为本行客户，管户是李强。"),
    ],
)
def test_every_decision_that_came_is_told_in_a_sentence(
    tmp_path: Path, row: Document, said: str
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, row)

        assert stage.says("潜客有变化")
        assert stage.says(said)
        store.close()

    running(scene)


def test_a_decision_leads_to_the_prospect_and_is_gone_once_it_was_looked_at(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await today(store, lost())

        await stage.tap("云汀明达培训")

        assert stage.page.route == "/today/p1"
        assert stage.says("主管：先有拜访记录")
        assert stage.says("重新认领")
        await stage.go("/today")
        assert not stage.says("潜客有变化")
        again = lost(decided_at=NOW + 1, answer="又看了一遍")
        arrive(store, 4, ("prospect", again))
        await stage.settle()
        assert stage.says("潜客有变化")
        store.close()

    running(scene)


def test_a_decision_of_long_ago_is_not_told_to_a_new_device(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, lost(decided_at=NOW - TOLD_DAYS * DAY_MS - 1))

        assert not stage.says("潜客有变化")
        store.close()

    running(scene)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "判给了李强。主管：先有拜访记录"),
        ("en", "Awarded to 李强. Supervisor: 先有拜访记录"),
    ],
)
def test_a_decision_is_told_with_its_reason_as_the_language_joins_sentences(
    tmp_path: Path, language: str, said: str
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, lost(), language=language)

        assert stage.says(said)
        store.close()

    running(scene)


def test_a_contest_that_was_looked_at_still_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await today(store, contested())

        await stage.tap("云汀明达培训")
        await stage.go("/today")

        assert stage.says("李强先认领")
        store.close()

    running(scene)


def test_a_claim_that_lapses_soon_is_told_and_a_contact_takes_it_off(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        soon, later = held(renewed_at=LAST), held("p2", renewed_at=LAST + DAY_MS, name="云汀重工")
        stage = await today(store, soon, later)
        assert stage.says("快到期")
        assert stage.says(f"还保护 {SOON_DAYS} 天")
        assert not stage.says("云汀重工")

        await stage.tap("云汀明达培训")
        await stage.tap("记一次联系")
        await stage.tap_key("interested:p1")
        await stage.tap("记下")

        assert [each["entity"] for each in steps(store)] == ["prospect_contact"]
        await stage.go("/today")
        assert not stage.says("潜客有变化")
        store.close()

    running(scene)


def test_one_whose_term_has_run_out_is_still_told_until_the_server_ends_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, held(renewed_at=NOW - (PROTECTED_DAYS + 1) * DAY_MS))

        assert stage.says("保护期已过，联系一次就续上")
        store.close()

    running(scene)


def test_what_is_to_be_answered_comes_first_then_decisions_then_the_soonest_end(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(
            store,
            held("p1", renewed_at=LAST, name="甲"),
            held("p2", renewed_at=LAST - 3 * DAY_MS, name="乙"),
            lost(id="p3", name="丙"),
            contested(id="p4", name="丁"),
        )

        order = [text for text in stage.texts() if text in "甲乙丙丁"]
        assert order == ["丁", "丙", "乙", "甲"]
        store.close()

    running(scene)


def test_it_can_be_put_right_where_it_was_opened(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await today(store, held(renewed_at=LAST))
        await stage.tap("云汀明达培训")

        await stage.tap("补充")
        await stage.type("prospect:contact_name", "周经理")
        await stage.tap("保存")

        [step] = steps(store)
        assert step["set"] == {"contact_name": [None, "周经理"]}
        assert stage.says("周经理")
        store.close()

    running(scene)


@pytest.mark.parametrize("width", [820, 1280])
def test_it_opens_beside_the_list_where_there_is_room(tmp_path: Path, width: int) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await today(store, contested(), width=width)

        await stage.tap("云汀明达培训")

        assert stage.says("潜客有变化")
        assert stage.says("放弃")
        store.close()

    running(scene)


def test_it_is_told_in_english_too(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store, contested(), held("p2", renewed_at=LAST), language="en")

        assert stage.says("News of prospects")
        assert stage.says("Lapses soon")
        assert stage.says("李强 claimed it first")
        store.close()

    running(scene)


def test_every_kind_has_a_sign_of_its_own() -> None:
    assert set(NEWS) == set(get_args(NewsKind))
    assert len({icon for icon, _ in NEWS.values()}) == len(NEWS)


def test_an_empty_day_says_what_it_said(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)

        stage = await today(store)

        assert not stage.says("潜客")
        assert not [one for one in stage.shown(ft.Icon) if one.icon == NEWS["lapsing"][0]]
        store.close()

    running(scene)
