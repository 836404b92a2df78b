"""The fields of a customer carry whose word they are: a claim never looks like what is proven."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import flet as ft
import pytest

from mobile_app.store.device_store import DeviceStore
from shared.domain import Customer, Identifier
from shared.domain.provenance import Origin, Provenance, provenance_id, written
from shared.sync.change import Patch
from tests.screens.memory import DAY_MS, NOW, company, person
from tests.screens.stage import Stage, opened, running
from tests.screens.test_facing import turned
from tests.screens.test_with_the_real_store import BOSS, a_store, arrive, device_with

WORDS = {"客户自述", "已核实", "银行系统", "Claim", "Verified", "Bank systems"}
KNOWN = {
    "name": Origin("verified", NOW - 20 * DAY_MS), "phone": Origin("manager", NOW - DAY_MS),
    "birth_date": Origin("system", None), "address": Origin("system", NOW),
    "need": Origin("manager", NOW), "occupation": Origin("system", NOW),
}  # fmt: skip
LIU = replace(
    person(), birth_date="1952-03-12", address="河湾路1号", need="housing", occupation="退休教师",
    contact_note="午后在", interests="书法", phone="13800001234",
)  # fmt: skip


def holding(
    folder: Path, origins: Mapping[str, Origin] = KNOWN, customer: Customer = LIU
) -> DeviceStore:
    """A device that holds a customer, and where their fields come from."""
    store = a_store(folder)
    kept = Provenance(provenance_id(customer.id), customer.id, NOW, written(origins))
    number = Identifier("y1", customer.id, "id_card", "320106195203124521", "4521", "core")
    arrive(
        store, 2, ("customer", asdict(customer)), ("provenance", asdict(kept)),
        ("identifier", asdict(number)),
    )  # fmt: skip
    return store


async def at_customer(
    store: DeviceStore, width: int = 390, language: str = "zh", id: str = "c1"
) -> Stage:
    stage = await opened(device_with(store), width, language=language)
    await stage.go(f"/customers/{id}")
    return stage


def mark_of(stage: Stage, value: str) -> str:
    """The mark that stands on the line of a value; nothing where there is none."""
    said = stage.texts()
    after = said[said.index(value) + 1]
    return after if after in WORDS else ""


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_every_field_carries_whose_word_it_is(tmp_path: Path, width: int) -> None:
    async def scene() -> None:
        store = holding(tmp_path)

        stage = await at_customer(store, width)

        assert mark_of(stage, "刘秀兰·个人") == "已核实"
        assert mark_of(stage, "需求搜集·购房·120.00 万") == "客户自述"
        assert mark_of(stage, "*******1234") == "客户自述"
        assert mark_of(stage, "**** 4521") == "银行系统"
        assert mark_of(stage, "19**-**-**") == "银行系统"
        assert mark_of(stage, "河湾路1号") == "银行系统"
        assert mark_of(stage, "退休教师") == "银行系统"
        assert mark_of(stage, "午后在") == "客户自述"
        assert mark_of(stage, "兴趣") == "客户自述"
        store.close()

    running(scene)


def test_the_marks_are_told_in_english_too(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path)

        stage = await at_customer(store, language="en")

        assert mark_of(stage, "河湾路1号") == "Bank systems"
        assert mark_of(stage, "午后在") == "Claim"
        assert any(said.startswith("刘秀兰") for said in stage.texts())
        store.close()

    running(scene)


def test_a_claim_differs_by_sign_and_not_by_colour_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path)

        stage = await at_customer(store)

        rows = [each.controls for each in stage.shown(ft.Row) if len(each.controls) == 2]
        signs = {
            word.value: sign.icon
            for sign, word in rows
            if isinstance(sign, ft.Icon) and isinstance(word, ft.Text) and word.value in WORDS
        }
        assert set(signs) == {"客户自述", "已核实", "银行系统"}
        assert len(set(signs.values())) == 3
        store.close()

    running(scene)


def test_what_is_typed_over_here_is_a_claim_before_the_server_has_it(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path)
        store.commit(Patch("customer", "c1", {"address": ("河湾路1号", "河湾路2号")}))

        stage = await at_customer(store)

        assert mark_of(stage, "河湾路2号") == "客户自述"
        assert mark_of(stage, "退休教师") == "银行系统"
        store.close()

    running(scene)


def test_a_field_of_which_nobody_knows_carries_no_mark(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path, {})

        stage = await at_customer(store)

        assert mark_of(stage, "河湾路1号") == ""
        assert mark_of(stage, "刘秀兰·个人") == ""
        store.close()

    running(scene)


def test_the_people_of_a_company_carry_whose_word_they_are(tmp_path: Path) -> None:
    async def scene() -> None:
        seen, said = Origin("verified", NOW), Origin("manager", NOW)
        store = holding(
            tmp_path,
            {"legal_representative": seen, "contact_name": said},
            replace(company(), legal_representative="高翔", contact_name="何欣"),
        )  # fmt: skip

        stage = await at_customer(store, id=company().id)

        texts = stage.texts()
        for name, mark in (("高翔", "已核实"), ("何欣", "客户自述")):
            places = [place for place, text in enumerate(texts) if text == name]
            assert len(places) == 2
            assert all(mark in texts[place + 1 : place + 3] for place in places)
        store.close()

    running(scene)


def test_a_supervisor_sees_the_same_marks(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path)
        store.enrol("d1", "token", "https://branch.test", BOSS)

        stage = await at_customer(store)

        assert mark_of(stage, "午后在") == "客户自述"
        assert mark_of(stage, "兴趣") == "客户自述"
        store.close()

    running(scene)


def test_a_screen_turned_to_the_customer_has_no_such_mark(tmp_path: Path) -> None:
    async def scene() -> None:
        store = holding(tmp_path)

        stage = await turned(store)

        assert stage.says("刘秀兰")
        assert not [said for said in stage.texts() if said in {"已核实", "银行系统"}]
        store.close()

    running(scene)
