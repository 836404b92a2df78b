"""Elsewhere: roles whose work is done at the branch machine are told so, and where."""

import flet as ft

from mobile_app.parts.blocks import empty
from mobile_app.parts.frame import pane
from mobile_app.state.here import Here


def elsewhere_pane(here: Here) -> ft.Control:
    """One sentence and no dead ends."""
    words = here.words
    role = words.code("role", here.desk.store.me.role)
    body = empty(words("elsewhere.title", role=role), words("elsewhere.hint"))
    return pane(words("app"), [body], here=here)
