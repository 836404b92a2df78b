"""Touches: colleagues' latest contacts with a customer, seen before one calls."""

from collections.abc import Sequence
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import notice
from mobile_app.parts.text import body, strong
from mobile_app.state.rows import Touch

_SHOWN: Final = 3


def touched(words: Words, touches: Sequence[Touch]) -> list[ft.Control]:
    """Who else was in touch lately, when, how and with what outcome; nothing where nobody was."""
    if not touches:
        return []
    lines: list[ft.Control] = [strong(words("touches"), theme.ON_AMBER_SOFT)]
    lines += [body(_line(words, each), theme.ON_AMBER_SOFT) for each in touches[:_SHOWN]]
    if len(touches) > _SHOWN:
        rest = words("touches.more", n=len(touches) - _SHOWN)
        lines.append(body(rest, theme.ON_AMBER_SOFT))
    return [
        ft.Container(
            ft.Column(lines, spacing=theme.XS, tight=True),
            bgcolor=theme.AMBER_SOFT,
            border_radius=theme.RADIUS,
            padding=theme.M,
            margin=ft.Margin.symmetric(horizontal=theme.L, vertical=theme.XS),
        )
    ]


def last_touch(words: Words, touches: Sequence[Touch]) -> list[ft.Control]:
    """The latest of them in one line, where a contact is started."""
    return [notice(_line(words, touches[0]))] if touches else []


def _line(words: Words, touch: Touch) -> str:
    contact = touch.contact
    return words(
        "touch.line",
        name=touch.by_name or words("someone"),
        when=words.ago(contact.occurred_at),
        channel=words.code("channel", contact.channel),
        outcome=words.code("outcome", contact.outcome),
    )
