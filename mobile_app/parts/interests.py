"""Interests: what a customer cares for, as words that are added and removed with one tap."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.parts.blocks import card, field, marked
from mobile_app.parts.buttons import chip, chips, quiet
from mobile_app.parts.guard import part
from mobile_app.parts.marks import origin_mark
from mobile_app.parts.text import caption, muted
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import Customer


@part
def interests(here: Here, desk: Desk, customer: Customer) -> ft.Control:
    """The words so far; who looks after customers adds and removes them."""
    writing, write = ft.use_state(False)
    words = here.words
    known = customer.interests.split("\n") if customer.interests else []
    said = origin_mark(words, desk.duplicates.origins(customer.id)["interests"] if known else None)
    lines: list[ft.Control] = [marked(caption(words("interests")), said)]
    if not here.places.logs:
        lines.append(chips(_plain(one) for one in known) if known else muted(words("none")))
        return card(ft.Column(lines, spacing=theme.S, tight=True))
    if not known:
        lines.append(muted(words("interests.none")))
    usual = [one for one in words.chips("interest") if one not in known]
    lines.append(
        chips(
            [
                *(_word(one, True, desk.remove_interest, customer) for one in known),
                *(_word(one, False, desk.add_interest, customer) for one in usual),
                chip(words("interests.other"), False, write, not writing, key="interest:other"),
            ]
        )
    )
    if writing:
        lines.append(_own_word(here, desk, customer.id))
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _word(
    word: str, is_known: bool, verb: Callable[[str, str], object], customer: Customer
) -> ft.Control:
    return chip(word, is_known, verb, customer.id, word, key=f"interest:{word}")


def _plain(word: str) -> ft.Control:
    return ft.Container(
        caption(word, theme.ON_ACCENT_SOFT),
        bgcolor=theme.ACCENT_SOFT,
        border_radius=theme.RADIUS,
        padding=ft.Padding.symmetric(horizontal=theme.S, vertical=theme.XS),
    )


@part
def _own_word(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """A word that is not among the usual ones."""
    text, write = ft.use_state("")
    words = here.words

    def add() -> None:
        desk.add_interest(customer_id, text)
        write("")

    entry = field(words("interests.add"), text, verb=write, submit=add, key="interest")
    return ft.Row(
        [ft.Container(entry, expand=True), quiet(words("interests.add.do"), add)],
        spacing=theme.S,
    )
