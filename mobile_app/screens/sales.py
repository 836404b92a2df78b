"""Sales: the user's own by how far they are, and what colleagues propose."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, scroll, section
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.referrals import referral_card
from mobile_app.parts.sales import offer_card, sale_row
from mobile_app.parts.text import body, caption, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.selling import Stretch


def sales_pane(here: Here, _id: str = "") -> ft.Control:
    """The user's sales."""
    desk = here.desk
    return pane(here.words("sales.mine"), [_sales(here, desk, desk.pulse)], here=here, back=True)


@part
def _sales(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    words, stretches, offers = here.words, desk.selling.pipeline(), desk.selling.offers()
    controls: list[ft.Control] = []
    if offers:
        controls.append(section(words("offers"), caption(words("n_items", n=len(offers)))))
        controls += [offer_card(here, desk, one, key=one.share.id) for one in offers]
    if referred := desk.referrals.own():
        count = caption(words("n_items", n=len(referred)))
        controls.append(section(words("referrals"), count))
        controls += [referral_card(here, desk, one, key=one.referral.id) for one in referred]
    if not stretches:
        hint = words("sales.empty.hint")
        controls.append(
            empty(words("sales.empty"), hint, words("tab.log"), here.places.show, "log")
        )
    for stretch in stretches:
        controls.append(_head(words, stretch))
        controls += [sale_row(here, item) for item in stretch.items]
    return scroll(controls)


def _head(words: Words, stretch: Stretch) -> ft.Control:
    """How many and how much stand at one status, drawn against the largest."""
    status, count = words.code("sale_status", stretch.status), len(stretch.items)
    figures: list[ft.Control] = [body(words("sales.count", n=count))]
    if stretch.amount:
        figures.append(body(words.amount(stretch.amount)))
    return ft.Container(
        ft.Row(
            [
                ft.Semantics(header=True, content=strong(status)),
                bar(stretch.share),
                ft.Row(
                    figures,
                    spacing=theme.M,
                    alignment=ft.MainAxisAlignment.END,
                    expand=True,
                ),
            ],
            spacing=theme.M,
        ),
        padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.L, bottom=theme.XS),
    )
