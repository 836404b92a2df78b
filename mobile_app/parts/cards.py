"""Cards: what asks for a decision, marked at its edge so that it is seen and never shouts."""

import flet as ft

from mobile_app import theme
from mobile_app.parts.buttons import quiet
from mobile_app.parts.text import body, caption, strong
from mobile_app.state.here import Here


def marked(lines: list[ft.Control], key: str) -> ft.Control:
    """A thin card with an amber edge: one thing that waits for a decision."""
    return ft.Container(
        ft.Column(lines, spacing=theme.S, tight=True),
        key=key,
        padding=ft.Padding.only(left=theme.M, right=theme.S, top=theme.S, bottom=theme.S),
        margin=ft.Margin.symmetric(horizontal=theme.L, vertical=theme.XS),
        bgcolor=theme.CARD,
        # One edge of its own colour; Flutter draws such a border with square corners only.
        border=ft.Border.only(
            left=ft.BorderSide(theme.XS, theme.AMBER),
            top=ft.BorderSide(theme.HAIR, theme.LINE),
            right=ft.BorderSide(theme.HAIR, theme.LINE),
            bottom=ft.BorderSide(theme.HAIR, theme.LINE),
        ),
    )


def headline(word: str, remark: str, *right: ft.Control) -> ft.Control:
    """What a card is about and what stands under it; on the right its time and its mark."""
    words: list[ft.Control] = [strong(word, lines=3)]
    if remark:
        words.append(caption(remark, lines=2))
    side = ft.Column(
        list(right), spacing=theme.XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.END
    )
    return ft.Row(
        [ft.Column(words, spacing=0, tight=True, expand=True), side],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def version(whose: str, text: str, right: ft.Control | None = None) -> ft.Control:
    """One of several values of a field: whose it is, the value, and what can be done with it."""
    told = ft.Column(
        [caption(whose, lines=2), body(text, lines=4)], spacing=0, tight=True, expand=True
    )
    side = [right] if right else []
    return ft.Row([told, *side], spacing=theme.S, vertical_alignment=ft.CrossAxisAlignment.CENTER)


def customer_link(here: Here, customer_id: str | None, name: str | None) -> list[ft.Control]:
    """The way to the customer whom a card is about, where they are on this device."""
    if not customer_id or not name:
        return []
    words = here.words
    said = words("inbox.customer.of", name=name)
    return [quiet(words("inbox.customer"), here.places.customer, customer_id, said=said)]
