"""Collision: the line under a name that says whose customer an organisation perhaps is."""

from collections.abc import Collection

import flet as ft

from mobile_app import theme
from mobile_app.parts.blocks import notice
from mobile_app.parts.buttons import quiet
from mobile_app.parts.text import caption
from mobile_app.state.collision import collision
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here


def collision_lines(
    here: Here, desk: Desk, name: str, code: str = "", besides: Collection[str] = ()
) -> list[ft.Control]:
    """What there is to say of an organisation that was typed; never stops anyone.

    `besides` are customers whom the form speaks of already.
    """
    words, found = here.words, collision(desk, name, code)
    if found is None or found.own_id in besides:
        return []
    if found.own_id:
        said = caption(words("collision.own", name=found.own_name))
        go = quiet(words("collision.open"), here.places.customer, found.own_id)
        return [ft.Row([said, go], wrap=True, spacing=theme.S)]
    day = words.full_day(found.known.as_of or "")
    if found.known.answer == "perhaps":
        return [notice(words("collision.perhaps", day=day))]
    if not found.is_organisation:
        return []
    return [caption(words(f"collision.{found.known.answer}", day=day))]
