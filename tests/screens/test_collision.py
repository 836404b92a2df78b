"""Under a name that is typed stands whose customer it perhaps is; nobody is stopped by it."""

from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from random import Random

import flet as ft
import pytest

from mobile_app.state.collision import collision
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.face_records import Known
from shared.collision import Sieve, names_of
from shared.domain import Roll, RollPart
from shared.domain.roll import ROLL_ID, roll_part_id
from shared.registry import Document
from sync_server.demo.numbers import uscc
from tests.screens.memory import LONG_COMPANY, company
from tests.screens.shop import COLLEAGUE, a_shop
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import arrive, device_with

THEIRS = "云港（江南）船舶重工有限公司"
PERHAPS = "可能已是本行客户，或有同事在跟（名单截至 11月20日）。联系前先问主管，避免撞单。"
SALT = "0123456789abcdef" * 2
FIELDS = {"relation": "other", "referral": "referral:name"}
"""The field for a name, by the form."""


def a_roll(*names: str, code: str = "") -> list[tuple[str, Document]]:
    """The roll as the server sends it, with these organisations."""
    sieve = Sieve(bytes.fromhex(SALT), 2)
    keys = [sieve.key(text) for name in names for text in names_of(name, code)]
    parts = [
        RollPart(roll_part_id(number), number, b64encode(part).decode())
        for number, part in enumerate(sieve.made(keys))
    ]
    roll = Roll(ROLL_ID, SALT, sieve.parts, "2026-11-20")
    return [("roll", asdict(roll)), *(("roll_part", asdict(part)) for part in parts)]


async def writing(store: DeviceStore, form: str, language: str = "zh") -> Stage:
    stage = await opened(device_with(store), language=language)
    await stage.go("/customers/c1")
    opened_form = getattr(stage.here.desk, f"{form}s").form("c1")
    opened_form.begin()
    await stage.settle()
    return stage


@pytest.mark.parametrize("form", FIELDS)
@pytest.mark.parametrize("typed", [THEIRS, "云港(江南)船舶重工", "云港江南船舶重工公司"])
def test_a_colleagues_customer_is_told_under_the_field(
    tmp_path: Path, form: str, typed: str
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS))
        stage = await writing(store, form)

        await stage.type(FIELDS[form], typed)

        assert PERHAPS in stage.texts()
        store.close()

    running(scene)


def test_what_is_told_stops_nobody(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS))
        stage = await writing(store, "referral")
        await stage.type("referral:name", THEIRS)
        await stage.tap_key("referral:housing")
        await stage.tap_key(COLLEAGUE.id)
        await stage.type("referral:percent", "30")
        assert PERHAPS in stage.texts()

        await stage.tap("转介")

        [made] = steps(store)
        assert made["doc"]["name"] == THEIRS
        store.close()

    running(scene)


def test_ones_own_customer_is_named_and_one_tap_away(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS, LONG_COMPANY))
        stage = await writing(store, "referral")

        await stage.type("referral:name", LONG_COMPANY.removesuffix("有限公司"))

        assert stage.says(f"{LONG_COMPANY}是您的客户")
        assert not stage.says("可能已是本行客户")
        await stage.tap("看客户")
        assert stage.all_views()[-1].endswith(company().id)
        store.close()

    running(scene)


@pytest.mark.parametrize("form", FIELDS)
def test_a_name_that_is_not_on_the_roll_says_what_the_roll_cannot_know(
    tmp_path: Path, form: str
) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS))
        stage = await writing(store, form)

        await stage.type(FIELDS[form], "山河仓储物流")

        assert stage.says("客户名单（截至 11月20日）里没有这个名称")
        store.close()

    running(scene)


def test_of_a_person_nothing_is_said(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS))
        stage = await writing(store, "relation")

        for name in ("刘晓燕", "阿依古丽·买买提", "山"):
            await stage.type("other", name)
            assert not stage.says("客户名单"), name
        store.close()

    running(scene)


def test_a_device_without_a_roll_says_so_of_an_organisation(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        stage = await writing(store, "relation")

        await stage.type("other", THEIRS)
        assert stage.says("本机还没有可用的客户名单")
        await stage.type("other", "刘晓燕")
        assert not stage.says("客户名单")
        store.close()

    running(scene)


def test_in_english_it_is_said_in_english(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(THEIRS))
        stage = await writing(store, "relation", "en")

        await stage.type("other", THEIRS)

        assert stage.says(
            "Perhaps a customer of the bank, or a colleague's prospect (list as of 20 Nov)"
        )
        store.close()

    running(scene)


def test_a_code_finds_whatever_name_it_stands_beside(tmp_path: Path) -> None:
    async def scene() -> None:
        store, code = a_shop(tmp_path), uscc(Random(1))
        arrive(store, 3, *a_roll(THEIRS, code=code))
        stage = await opened(device_with(store))

        found = collision(stage.here.desk, "另一个名称", code.lower())

        assert found is not None
        assert (found.known, found.own_id) == (Known("perhaps", "2026-11-20"), "")
        assert collision(stage.here.desk, "", code[:-1]) is None
        store.close()

    running(scene)


def test_in_the_relation_form_a_customer_who_is_offered_is_not_told_twice(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_shop(tmp_path)
        arrive(store, 3, *a_roll(LONG_COMPANY))
        stage = await writing(store, "relation")

        await stage.type("other", LONG_COMPANY)

        assert [str(one.key) for one in stage.shown(ft.Chip) if str(one.key).startswith("other:")]
        assert not stage.says("是您的客户")
        store.close()

    running(scene)
