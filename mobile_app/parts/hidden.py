"""Hidden: a value of a customer's that shows only while it is held."""

import flet as ft

from mobile_app import theme
from mobile_app.parts.guard import act, part
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.here import Here


@part
def hidden(here: Here, label: str, masked: str, whole: str) -> ft.Control:
    """A value that shows only while it is held."""
    shown, show = ft.use_state(False)
    value = body(whole if shown else masked, lines=1)
    line = ft.Row(
        [
            ft.Container(muted(label), width=theme.LABEL_WIDTH),
            ft.Container(value, expand=True),
            caption("" if shown else here.words("hold_to_show"), theme.MUTED, 1),
        ],
        spacing=theme.S,
    )
    return ft.GestureDetector(
        # A ground, even a clear one, makes the whole line answer and not its letters alone.
        ft.Container(line, bgcolor=theme.CLEAR),
        on_long_press_start=act(show, True),
        on_long_press_end=act(show, False),
    )
