"""Reason: why something is decided, in one line of chips and a few words of one's own."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import field
from mobile_app.parts.buttons import chip, chips, primary, quiet
from mobile_app.parts.guard import part
from mobile_app.parts.kept import use_kept
from mobile_app.parts.text import muted

_MOST = 100


@part
def reason(
    words: Words,
    family: str,
    word: str,
    verb: Callable[[str], object],
    leave: Callable[[], object],
    of: str,
) -> ft.Control:
    """Ask why; nothing happens without a reason. `family` names the question and its chips,
    `word` what happens then, and `of` the record, so that each has fields of its own. A `verb` that
    could not be done returns False, and the words stay."""
    chosen, choose = use_kept(f"{family}.chip:{of}")
    text, write = use_kept(f"{family}:{of}")

    def forget() -> None:
        choose("")
        write("")

    def say(said: str) -> None:
        if verb(said) is not False:
            forget()

    def give_up() -> None:
        leave()
        forget()

    said = words.listed([chosen, text.strip()[:_MOST]])
    named = words.chips(family)
    return ft.Column(
        [
            muted(words(f"{family}.ask")),
            chips(
                chip(one, one == chosen, choose, "" if one == chosen else one, key=f"{one}:{of}")
                for one in named
            ),
            field(words("reason.own"), text, verb=write, key=f"reason:{of}"),
            ft.Row(
                [
                    primary(word, say, said, enabled=bool(said)),
                    quiet(words("cancel"), give_up, color=theme.MUTED),
                ],
                wrap=True,
                spacing=theme.S,
            ),
        ],
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
