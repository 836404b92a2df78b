"""Timeline: one contact as it now stands, what was said to it, and what is remarkable about it."""

from collections.abc import Iterable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.attachments import attachment_chip
from mobile_app.parts.buttons import chips, quiet
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.text import body, caption, strong
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import (
    AttachmentItem,
    Interaction,
    RecordState,
    ReviewItem,
    TimelineItem,
)


def moment(here: Here, desk: Desk, item: TimelineItem) -> ft.Control:
    """One contact in a timeline."""
    words, contact = here.words, item.interaction
    facts = _facts(words, contact)
    lines = [
        ft.Row(
            [
                ft.Container(strong(_head(words, contact)), expand=True),
                caption(words.moment(contact.occurred_at), lines=1),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        *([body(facts)] if facts else []),
        *([body(contact.note)] if contact.note else []),
        *([attached(words, desk, item.attachments)] if item.attachments else []),
        ft.Row([ft.Container(caption(_by(words, item)), expand=True), *_foot(here, desk, item)]),
        *[_former(words, one) for one in item.formers[:1]],
        *_twin(here, desk, item),
        *[_review(words, review) for review in item.reviews],
    ]
    return ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        key=contact.id,
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
    )


def attached(words: Words, desk: Desk, items: Iterable[AttachmentItem]) -> ft.Control:
    """What is attached to something, to be opened."""
    return chips(
        attachment_chip(words, each, desk.content_state(each), desk.viewing.open, each.attachment)
        for each in items
    )


def _head(words: Words, contact: Interaction) -> str:
    return words.dotted(
        words.code("channel", contact.channel),
        words.code("purpose", contact.purpose),
        words.code("outcome", contact.outcome),
    )


def _facts(words: Words, contact: Interaction) -> str:
    following = words("timeline.next", step=contact.next_step, when=words.day(contact.next_due))
    return words.dotted(
        words.code("need", contact.need) if contact.need else "",
        following if contact.next_step else "",
        words.code("satisfaction", str(contact.satisfaction)) if contact.satisfaction else "",
    )


def _by(words: Words, item: TimelineItem) -> str:
    contact = item.interaction
    where = words("timeline.no_fix", why=words.code("no_fix", contact.no_fix_reason))
    return words.dotted(
        item.by_name or "",
        words.lasted(contact.started_at, contact.ended_at),
        where if contact.no_fix_reason else "",
    )


def _foot(here: Here, desk: Desk, item: TimelineItem) -> list[ft.Control]:
    """How far it has come; one's own can be put right, a refused one under sync."""
    contact, mark = item.interaction, sync_mark(here.words, item.state)
    if not desk.is_own(contact) or item.state is RecordState.ISSUE:
        return [mark]
    said = here.words("correct.of", what=_head(here.words, contact))
    correct = quiet(
        here.words("correct"), here.places.correct, contact.customer_id, contact.id, said=said
    )
    if contact.outcome not in ("interested", "done"):
        return [correct, mark]
    of = here.words("sale.of_contact", what=_head(here.words, contact))

    def sell() -> None:
        desk.selling.begin(contact.customer_id, contact.id)
        here.places.sell(contact.customer_id)

    return [quiet(here.words("start.sale"), sell, said=of), correct, mark]


def _former(words: Words, former: Interaction) -> ft.Control:
    """What it said before it was put right, in short."""
    what = words.dotted(_head(words, former), _facts(words, former), former.note or "")
    return caption(words("corrected.from", what=what), lines=3)


def _twin(here: Here, desk: Desk, item: TimelineItem) -> list[ft.Control]:
    """An earlier contact that is almost the same, until someone has said that both are right."""
    words, twin = here.words, item.twin
    if twin is None or desk.keeps_both(item.interaction, twin):
        return []
    name = words("twin.me") if desk.is_own(twin) else item.twin_by or words("someone")
    lines: list[ft.Control] = [
        body(words("twin", name=name, when=words.moment(twin.occurred_at)), theme.ON_AMBER_SOFT)
    ]
    if here.places.logs:
        lines.append(_twin_buttons(here, desk, item.interaction, twin))
    return [
        ft.Container(
            ft.Column(lines, spacing=theme.XS, tight=True),
            bgcolor=theme.AMBER_SOFT,
            border_radius=theme.RADIUS,
            padding=theme.S,
        )
    ]


def _twin_buttons(here: Here, desk: Desk, contact: Interaction, twin: Interaction) -> ft.Control:
    words, ink = here.words, theme.ON_AMBER_SOFT
    buttons = [quiet(words("twin.keep"), desk.keep_both, contact, twin, color=ink)]
    if desk.is_own(contact):
        correct = quiet(
            words("twin.correct"),
            here.places.correct,
            contact.customer_id,
            contact.id,
            color=ink,
        )
        buttons.append(correct)
    return ft.Row(buttons, wrap=True, spacing=theme.S)


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
