"""Quick log: from anywhere, whom did you meet or call; one tap on the name starts the form."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.parts.blocks import empty, listing, row, search_field
from mobile_app.parts.buttons import segments
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.text import caption
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import CustomerRow
from mobile_app.state.visit import CHANNELS

_SALE: Final = "sale"


def quick_log_pane(here: Here) -> ft.Control:
    """Choose how and whom."""
    return pane(here.words("log.title"), [_choose(here, here.desk)], here=here)


@part
def _choose(here: Here, desk: Desk) -> ft.Control:
    channel, speak_by = ft.use_state("visit")
    text, look_for = ft.use_state("")
    words, found = here.words, desk.customers(text)
    channels = [(code, words(f"channel.{code}")) for code in CHANNELS]
    channels.append((_SALE, words("log.sale")))
    rows = listing([_row(here, desk, customer, channel) for customer in found.rows])
    return ft.Column(
        [
            ft.Container(
                segments(channels, channel, speak_by),
                padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.S),
            ),
            search_field(words, words("log.search"), text, look_for, here.look.wide),
            rows if found.rows else empty(words("customers.none"), words("customers.none.hint")),
        ],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _row(here: Here, desk: Desk, customer: CustomerRow, channel: str) -> ft.Control:
    words = here.words

    def begin() -> None:
        if channel == _SALE:
            here.places.sell(customer.id)
            return
        desk.start(customer.id, channel)
        here.places.form(customer.id)

    why = words.dotted(words.code("kind", customer.kind), customer.next_step or "")
    when = words.moment(customer.last_contact_at) if customer.last_contact_at else ""
    return row(customer.name, why, [caption(when, lines=1)], begin, key=customer.id)
