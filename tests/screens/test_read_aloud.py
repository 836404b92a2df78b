"""Read aloud: what a screen reader says of a screen, where nothing is said twice."""

from collections.abc import Iterator
from typing import Any

import flet as ft
import pytest

from mobile_app import theme
from tests.screens.memory import MemoryStore
from tests.screens.stage import heard, opened, running, walk
from tests.screens.test_every_screen import MANAGERS_PLACES, SUPERVISOR, SUPERVISORS_PLACES, filled

STANDARD = ft.VisualDensity.STANDARD
NAMED = (ft.IconButton, ft.Chip, ft.TextField, ft.NavigationBar, ft.NavigationRail)
"""Controls that are named, whatever stands around them."""


def told_twice(root: Any) -> Iterator[tuple[str, str]]:
    """Each label that is read beside words which say it already, with those words."""
    for parent in walk(root):
        boxes = getattr(parent, "controls", None)
        if not isinstance(parent, ft.Row | ft.Column) or not boxes:
            continue
        spoken = [[*heard(box)] for box in boxes]
        for place, box in enumerate(boxes):
            beside = [each for n, said in enumerate(spoken) if n != place for each in said]
            for label in labels(box):
                yield from ((label, each) for each in beside if each in label or label in each)


def labels(control: Any) -> Iterator[str]:
    """The labels that are given to what is drawn in a control itself."""
    for one in walk(control):
        if isinstance(one, (ft.Row, ft.Column, *NAMED)):
            return
        label = getattr(one, "semantics_label", None) or getattr(one, "label", None)
        if isinstance(label, str) and not isinstance(one, ft.Text):
            yield label


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["manager", "supervisor"])
def test_no_label_says_what_the_words_beside_it_say(language: str, role: str) -> None:
    me, places = {
        "manager": (MemoryStore().me, MANAGERS_PLACES),
        "supervisor": (SUPERVISOR, SUPERVISORS_PLACES),
    }[role]

    async def scene() -> None:
        stage = await opened(filled(8, me), language=language)
        for place in places:
            await stage.go(place)

            assert [*told_twice(stage.top())] == [], place

    running(scene)


def test_the_count_at_a_place_is_read_with_what_it_counts() -> None:
    async def scene() -> None:
        stage = await opened(filled(8, SUPERVISOR), language="en")
        n = stage.here.desk.sync.issues

        assert n > 1
        assert f"{n} need you" in list(heard(stage.top().navigation_bar))
        assert str(n) not in list(heard(stage.top().navigation_bar))

    running(scene)


def test_what_is_held_to_be_seen_is_as_high_as_a_finger_needs() -> None:
    async def scene() -> None:
        stage = await opened(filled(8, MemoryStore().me))
        await stage.go("/today/c1")

        held = stage.shown(ft.GestureDetector)

        assert held
        for one in held:
            heights = [getattr(each, "height", None) for each in walk(one.content)]
            assert theme.TOUCH in heights

    running(scene)


def test_what_is_pressed_is_as_high_as_a_finger_needs_also_where_there_is_a_mouse() -> None:
    async def scene() -> None:
        stage = await opened(filled(8, MemoryStore().me))
        await stage.go("/customers/c1")

        dense = [one for one in stage.shown(ft.Chip) if one.visual_density != STANDARD]
        small = [one for one in stage.shown(ft.IconButton) if one.height != theme.TOUCH]
        assert stage.shown(ft.Chip)
        assert stage.shown(ft.IconButton)
        assert (dense, small) == ([], [])

    running(scene)
    for each in theme.themes(1.0, theme.SIZES["caption"]):
        assert each.text_button_theme is not None
        style = each.text_button_theme.style
        assert style is not None
        assert style.visual_density == STANDARD
        assert theme.SIZES["body"] * 1.3 + 2 * theme.PRESS_PAD >= theme.TOUCH
