"""Hidden: a value of a customer's that shows only while it is held."""

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app import theme
from mobile_app.parts.blocks import marked
from mobile_app.parts.guard import act, part
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.here import Here


@part
def hidden(
    here: Here, label: str, masked: str, whole: str, marks: Sequence[ft.Control] = ()
) -> ft.Control:
    """A value on a line with its label and mark; it shows only while the line is held."""
    shown, show = ft.use_state(False)
    hint = [] if shown else [caption(here.words("hold_to_show"), theme.MUTED, 1)]
    below = here.look.scale > theme.SIDE_BY_SIDE
    value = marked(body(whole if shown else masked, lines=1), [*marks, *hint] if below else marks)
    line = ft.Row(
        [
            ft.Container(muted(label), width=theme.LABEL_WIDTH),
            ft.Container(value, expand=True),
            *([] if below else hint),
            ft.Container(width=0, height=theme.TOUCH),
        ],
        spacing=theme.S,
    )
    return _held(line, show)


@part
def hidden_value(here: Here, masked: str, whole: str) -> ft.Control:
    """A value by itself that shows only while it is held, with what to do below it."""
    shown, show = ft.use_state(False)
    lines: list[ft.Control] = [
        body(whole if shown else masked),
        caption(here.words("hold_to_show")),
    ]
    content = ft.Column(lines, spacing=0, tight=True)
    # High enough for a finger, and yet on one line with its label.
    return _held(ft.Container(content, padding=ft.Padding.only(bottom=theme.M)), show)


def _held(content: ft.Control, show: Callable[[bool], object]) -> ft.Control:
    return ft.GestureDetector(
        # A ground, even a clear one, makes the whole of it answer and not its letters alone.
        ft.Container(content, bgcolor=theme.CLEAR),
        on_long_press_start=act(show, True),
        on_long_press_end=act(show, False),
    )
