"""Customer: who it is, what they want, who looks after them and what is next; then the timeline."""

from collections.abc import Iterable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.attachments import attachment_chip, viewer
from mobile_app.parts.blocks import card, empty, fact, footnote, more, notice, scroll, section
from mobile_app.parts.buttons import chips, primary, secondary
from mobile_app.parts.conflict_cards import conflict_card
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.request_cards import request_card
from mobile_app.parts.text import body, caption, lead, muted, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import (
    AttachmentItem,
    CustomerCard,
    Identifier,
    ReviewItem,
    TimelineItem,
)


def customer_pane(here: Here, customer_id: str) -> ft.Control:
    """One customer, with what to start at the foot."""
    card_found = here.desk.customer(customer_id)
    name = card_found.customer.name if card_found else here.words("customer.gone")
    mine = card_found is not None and here.places.logs
    foot = _starts(here, here.desk, customer_id, here.desk.pulse) if mine else None
    return pane(
        name,
        [
            _page(here, here.desk, customer_id, here.desk.pulse),
            viewer(here.words, here.desk.viewing),
        ],
        here=here,
        back=not here.look.wide,
        badged=False,
        foot=foot,
    )


def nothing_chosen(here: Here) -> ft.Control:
    """The detail side while no customer is chosen."""
    return empty(here.words("customer.none_chosen"), here.words("customer.none_chosen.hint"))


@part
def _page(here: Here, desk: Desk, customer_id: str, _pulse: Pulse) -> ft.Control:
    pages, set_pages = ft.use_state(1)
    words, found = here.words, desk.customer(customer_id)
    if found is None:
        return empty(words("customer.gone"), words("customer.gone.hint"))
    items = desk.timeline(customer_id, pages)
    controls = [_header(words, found), _touched(words, found), _particulars(here, found)]
    if loose := desk.loose_attachments(customer_id):
        controls += [section(words("attachments")), card(_attached(words, desk, loose))]
    controls += [conflict_card(here, desk.inbox, one) for one in desk.inbox.conflicts(customer_id)]
    controls += [
        request_card(here, desk.inbox, one, key=one.request.id)
        for one in desk.inbox.requests(customer_id)
    ]
    controls.append(section(words("timeline"), caption(words("n_items", n=len(items.rows)))))
    if not items.rows:
        controls.append(footnote(words("timeline.empty")))
    controls += [_moment(words, desk, item) for item in items.rows]
    if items.more:
        controls.append(more(words("more"), set_pages, pages + 1))
    return scroll(controls, theme.XS)


def _header(words: Words, found: CustomerCard) -> ft.Control:
    customer, task = found.customer, found.next_task
    wants = words.dotted(
        words.code("stage", customer.stage),
        words.code("need", customer.need) if customer.need else words("customer.no_need"),
        words.amount(customer.need_amount) if customer.need_amount is not None else "",
    )
    following = words.dotted(task.title, words.day(task.due)) if task else words("customer.no_next")
    lines = [
        _answer(
            words("header.who"),
            words.dotted(customer.name, words.code("kind", customer.kind)),
            words("as_of", when=words.age(found.synced_at)),
        ),
        _answer(words("header.wants"), wants, _balance(words, found)),
        _answer(words("header.next"), words.dotted(found.owner_name or "", following), ""),
    ]
    return card(ft.Column(lines, spacing=theme.M, tight=True))


def _answer(question: str, answer: str, remark: str) -> ft.Control:
    right: list[ft.Control] = [lead(answer, lines=3)]
    if remark:
        right.append(caption(remark))
    return ft.Row(
        [
            ft.Container(
                caption(question),
                width=theme.LABEL_WIDTH,
                padding=ft.Padding.only(top=theme.XS / 2),
            ),
            ft.Column(right, spacing=0, tight=True, expand=True),
        ],
        spacing=theme.S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _balance(words: Words, found: CustomerCard) -> str:
    customer = found.customer
    if customer.deposit_balance is None:
        return ""
    return words(
        "customer.balance",
        amount=words.amount(customer.deposit_balance),
        when=words.age(customer.as_of),
    )


def _touched(words: Words, found: CustomerCard) -> ft.Control:
    if not found.others:
        return ft.Container(visible=False)
    return ft.Container(
        notice(words("customer.touched", names=words.listed(list(found.others)))),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS),
    )


def _particulars(here: Here, found: CustomerCard) -> ft.Control:
    words, customer = here.words, found.customer
    rows: list[ft.Control] = []
    if customer.phone:
        rows.append(
            _hidden(
                here, words("customer.phone"), words.masked_phone(customer.phone), customer.phone
            )
        )
    rows += [_identifier(here, one) for one in found.identifiers]
    for key, value in (
        ("customer.contact", customer.contact_name),
        ("column.contact_note", customer.contact_note),
        ("customer.address", customer.address),
        ("customer.occupation", customer.occupation),
        ("customer.industry", customer.industry),
    ):
        if value:
            rows.append(fact(words(key), value))
    if not rows:
        return ft.Container(visible=False)
    rows.append(ft.Row([sync_mark(words, found.state)], alignment=ft.MainAxisAlignment.END))
    return card(ft.Column(rows, spacing=theme.S, tight=True))


def _identifier(here: Here, one: Identifier) -> ft.Control:
    word = here.words.code("identifier", one.kind)
    return _hidden(here, word, f"**** {one.last_four}", one.value)


@part
def _hidden(here: Here, label: str, masked: str, whole: str) -> ft.Control:
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


def _moment(words: Words, desk: Desk, item: TimelineItem) -> ft.Control:
    contact = item.interaction
    head = words.dotted(
        words.code("channel", contact.channel),
        words.code("purpose", contact.purpose),
        words.code("outcome", contact.outcome),
    )
    facts = words.dotted(
        words.code("need", contact.need) if contact.need else "",
        words("timeline.next", step=contact.next_step, when=words.day(contact.next_due))
        if contact.next_step
        else "",
        words.code("satisfaction", str(contact.satisfaction)) if contact.satisfaction else "",
    )
    where = words("timeline.no_fix", why=words.code("no_fix", contact.no_fix_reason))
    by = words.dotted(
        item.by_name or "",
        words.lasted(contact.started_at, contact.ended_at),
        where if contact.no_fix_reason else "",
    )
    lines = [
        ft.Row(
            [
                ft.Container(strong(head), expand=True),
                caption(words.moment(contact.occurred_at), lines=1),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        *([body(facts)] if facts else []),
        *([body(contact.note)] if contact.note else []),
        *([_attached(words, desk, item.attachments)] if item.attachments else []),
        ft.Row([ft.Container(caption(by), expand=True), sync_mark(words, item.state)]),
        *[_review(words, review) for review in item.reviews],
    ]
    return ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        key=contact.id,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def _attached(words: Words, desk: Desk, items: Iterable[AttachmentItem]) -> ft.Control:
    return chips(
        attachment_chip(words, each, desk.content_state(each), desk.viewing.open, each.attachment)
        for each in items
    )


def _review(words: Words, item: ReviewItem) -> ft.Control:
    said = words.dotted(words.code("review", item.review.kind), item.review.text or "")
    return ft.Container(
        ft.Row(
            [
                ft.Container(
                    caption(
                        words("said_by", name=item.by_name or words("someone"), text=said),
                        theme.INK,
                    ),
                    expand=True,
                ),
                sync_mark(words, item.state),
            ]
        ),
        key=item.review.id,
        bgcolor=theme.SUNK,
        border_radius=theme.RADIUS,
        padding=theme.S,
    )


@part
def _starts(here: Here, desk: Desk, customer_id: str, _pulse: Pulse) -> ft.Control:
    words = here.words

    def begin(channel: str) -> None:
        desk.start(customer_id, channel)
        here.places.form(customer_id)

    if desk.has_draft(customer_id):
        return primary(words("visit.go_on"), here.places.form, customer_id, expand=True)
    return ft.Row(
        [
            primary(
                words("start.visit"), begin, "visit", icon=ft.Icons.DIRECTIONS_WALK, expand=True
            ),
            secondary(words("start.call"), begin, "call", icon=ft.Icons.CALL_OUTLINED, expand=True),
        ],
        spacing=theme.S,
    )
