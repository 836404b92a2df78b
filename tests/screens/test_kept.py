"""Words that are being written outlive the page, the turn of a tablet and the lock."""

from pathlib import Path

import flet as ft
import pytest

from shared.testing.around import a_relation
from tests.screens.stage import Stage, opened, running
from tests.screens.test_alert_page import steps
from tests.screens.test_with_the_real_store import a_store, arrive, device_with

OWN = "reason:r1"
WHY = "她说登记错了"


def written(stage: Stage) -> list[str]:
    """What stands in the field for one's own words, where it is open."""
    fields = (each for each in stage.controls() if isinstance(each, ft.TextField))
    return [str(each.value) for each in fields if each.key == OWN]


async def asking(stage: Stage) -> None:
    """Open the question why a relation ends."""
    await stage.go("/customers/c1")
    await stage.tap("结束和刘晓燕的关系")


@pytest.mark.parametrize("way", ["turned", "left", "closed"])
def test_who_comes_back_to_a_question_finds_their_words(tmp_path: Path, way: str) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("relation", a_relation("c1", "e1", id="r1")))
        stage = await opened(device_with(store))
        await asking(stage)
        await stage.type(OWN, WHY)

        if way == "turned":
            await stage.resize(1280)
        elif way == "left":
            await stage.go("/")
        else:
            stage = await opened(device_with(store))
        if not written(stage):
            await asking(stage)

        assert written(stage) == [WHY]
        await stage.tap("结束")
        [step] = steps(store)
        assert step["set"]["reason"] == [None, WHY]
        assert store.drafts() == []
        store.close()

    running(scene)


def test_who_gives_a_question_up_leaves_nothing_behind(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        arrive(store, 2, ("relation", a_relation("c1", "e1", id="r1")))
        stage = await opened(device_with(store))
        await asking(stage)
        await stage.type(OWN, WHY)
        await stage.tap("取消")

        assert store.drafts() == []
        await asking(stage)
        assert written(stage) == [""]
        store.close()

    running(scene)


def test_what_could_not_be_done_keeps_its_words(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        stage = await opened(device_with(store))
        await stage.go("/customers/c1")
        await stage.tap("申请改资料")
        await stage.tap("姓名")
        await stage.type("name:ask:c1", "")
        await stage.type("reason:c1:name", WHY)
        await stage.tap("提交申请")

        assert stage.says("还没有填")
        fields = (each for each in stage.controls() if isinstance(each, ft.TextField))
        assert [each.value for each in fields if each.key == "reason:c1:name"] == [WHY]
        assert store.draft("words:proof:c1:name") == {"text": WHY}
        store.close()

    running(scene)
