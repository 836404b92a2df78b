"""Customers: found by name, initials, the last four digits or the address, as one types."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, listing, more, row, search_field, section
from mobile_app.parts.buttons import segments
from mobile_app.parts.collaborators import collaboration_row
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.kept import use_left
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.prospects import prospects
from mobile_app.parts.text import caption, muted
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.paging import Page
from mobile_app.state.rows import Collaboration, CustomerRow


def customers_pane(here: Here, chosen: str | None = None) -> ft.Control:
    """The list of customers under its search field; a manager has one of prospects beside it."""
    listed = _both if here.places.logs else _customers
    return pane(
        here.words("tab.customers"), [listed(here, here.desk, here.desk.pulse, chosen)], here=here
    )


@part
def _both(here: Here, desk: Desk, pulse: Pulse, chosen: str | None) -> ft.Control:
    """Customers or prospects; one at a time."""
    kind, show = use_left("customers.kind", "customers")
    words, open_claims = here.words, desk.prospects.counted()
    counted = f" {open_claims}" if open_claims else ""
    kinds = [
        ("customers", words("prospects.customers")),
        ("prospects", words("prospects") + counted),
    ]
    switch = ft.Container(
        segments(kinds, kind, show),
        padding=ft.Padding.only(left=theme.L, right=theme.L, top=theme.S),
    )
    listed = _customers(here, desk, pulse, chosen) if kind == "customers" else prospects(here, desk)
    return ft.Column(
        [switch, ft.Container(listed, expand=True)],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@part
def _customers(here: Here, desk: Desk, _pulse: Pulse, chosen: str | None) -> ft.Control:
    text, set_text = use_left("customers.text", "")
    pages, set_pages = ft.use_state(1)
    words, found = here.words, desk.customers(text, pages)

    def look_for(typed: str) -> None:
        set_text(typed)
        set_pages(1)

    field = search_field(words, words("customers.search"), text, look_for, here.look.wide)
    shared = [] if text else desk.collaborators.mine()
    if found.rows or shared:
        rows = [_row(here, customer, chosen) for customer in found.rows]
        if found.more:
            rows.append(more(words("more"), set_pages, pages + 1))
        below: list[ft.Control] = [listing([*_headed(here, shared, found), *rows])]
    elif text:
        below = [empty(words("customers.none"), words("customers.none.hint"))]
    else:
        below = [
            empty(
                words("customers.empty"),
                words("customers.empty.hint"),
                words("sync.now"),
                desk.sync.sync_now,
            )
        ]
    return ft.Column(
        [field, *below],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _headed(here: Here, shared: list[Collaboration], found: Page[CustomerRow]) -> list[ft.Control]:
    """What stands above one's own customers: how many, below those that one helps with."""
    words, n = here.words, len(found.rows)
    count = caption(words("customers.first" if found.more else "customers.found", n=n))
    if not shared:
        return [ft.Container(count, padding=ft.Padding.only(left=theme.L, bottom=theme.XS))]
    helped = caption(words("customers.found", n=len(shared)))
    return [
        section(words("collaborations"), helped),
        *(collaboration_row(here, one) for one in shared),
        *([section(words("customers.held"), count)] if n else []),
    ]


def _row(here: Here, customer: CustomerRow, chosen: str | None) -> ft.Control:
    words = here.words
    why = customer.next_step or words.dotted(
        words.code("stage", customer.stage),
        words.code("need", customer.need) if customer.need else "",
    )
    return row(
        customer.name,
        words.dotted(words.code("kind", customer.kind), why),
        [_when(words, here.desk.today_text, customer), sync_mark(words, customer.state)],
        here.places.customer,
        customer.id,
        key=customer.id,
        chosen=customer.id == chosen,
    )


def _when(words: Words, today: str, customer: CustomerRow) -> ft.Control:
    """When the next step is due, or else when they were last in touch."""
    due, last = customer.next_due, customer.last_contact_at
    if due:
        day = words.day(due)
        late = caption(words("today.overdue", when=day), theme.AMBER, 1)
        return late if due < today else muted(day, 1)
    said = (
        words("customers.last", when=words.moment(last)) if last else words("customers.no_contact")
    )
    return caption(said, lines=1)
