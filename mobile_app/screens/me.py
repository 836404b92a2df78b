"""Me: who this device belongs to, and how the app looks on it."""

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app import theme
from mobile_app.i18n import LANGUAGES
from mobile_app.parts.blocks import card, fact, footnote, row, scroll, section
from mobile_app.parts.buttons import secondary, segments
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.text import caption, title
from mobile_app.state.here import Here
from mobile_app.state.look import MODES, Look


def me_pane(here: Here) -> ft.Control:
    """The user's own place."""
    return pane(here.words("tab.me"), [_me(here, here.look)], here=here)


@part
def _me(here: Here, look: Look) -> ft.Control:
    words, me = here.words, here.desk.store.me
    languages = [(code, words(f"language.{code}")) for code in LANGUAGES]
    modes = [(code, words(f"mode.{code}")) for code in MODES]
    scales = [(str(one), words(f"scale.{one}")) for one in theme.SCALES]
    return scroll(
        [
            card(
                ft.Column(
                    [
                        title(me.name),
                        fact(words("me.role"), words.code("role", me.role)),
                        fact(words("me.number"), me.employee_no),
                        fact(words("me.profile"), here.entry.profile),
                        fact(words("me.server"), here.desk.server_url),
                    ],
                    spacing=theme.S,
                    tight=True,
                )
            ),
            section(words("sync.title")),
            ft.Container(
                secondary(words("me.sync"), here.places.sync, icon=ft.Icons.SYNC),
                padding=ft.Padding.symmetric(horizontal=theme.L),
            ),
            *_selling(here),
            *_choice(words("me.language"), languages, look.language, look.speak),
            *_choice(words("me.mode"), modes, look.mode, look.shade),
            *_choice(words("me.scale"), scales, str(look.scale), look.enlarge),
            section(words("me.safety")),
            ft.Container(
                secondary(words("me.lock"), here.gate.lock, icon=ft.Icons.LOCK_OUTLINE),
                padding=ft.Padding.symmetric(horizontal=theme.L),
            ),
            footnote(words("me.lock.hint")),
            section(words("me.about")),
            ft.Container(caption(words("about")), padding=theme.L),
        ]
    )


def _selling(here: Here) -> list[ft.Control]:
    """The ways to one's own sales and to the catalogue."""
    words, places = here.words, here.places
    ways = [row(words("catalogue"), words("catalogue.hint"), [], places.catalogue)]
    if places.logs:
        ways.insert(0, row(words("sales.mine"), words("sales.mine.hint"), [], places.sales))
    return [section(words("sales")), *ways]


def _choice(
    word: str, choices: Sequence[tuple[str, str]], chosen: str, verb: Callable[[str], object]
) -> list[ft.Control]:
    return [
        section(word),
        ft.Container(
            segments(choices, chosen, verb), padding=ft.Padding.symmetric(horizontal=theme.L)
        ),
    ]
