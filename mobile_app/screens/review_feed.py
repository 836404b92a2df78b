"""Review feed: every contact as it comes in, and a supervisor's one-tap word on it."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, field, listing, more
from mobile_app.parts.buttons import chip, chips, primary, quiet
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.kept import use_kept
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.text import body, caption, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import FeedItem, ReviewItem


def feed_pane(here: Here, _id: str = "") -> ft.Control:
    """The feed, newest first, above the field."""
    return _pane(here, back=True)


def feed_beside(here: Here) -> ft.Control:
    """The feed beside the field, which has the badge already."""
    return _pane(here, back=False)


def _pane(here: Here, *, back: bool) -> ft.Control:
    desk = here.desk
    body = [_feed(here, desk, desk.pulse)]
    return pane(here.words("feed.title"), body, here=here, back=back, badged=False)


@part
def _feed(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    pages, set_pages = ft.use_state(1)
    words, found = here.words, desk.feed(pages)
    if not found.rows:
        return empty(
            words("feed.empty"), words("feed.empty.hint"), words("sync.now"), desk.sync.sync_now
        )
    rows = [_entry(here, desk, item, key=item.interaction.id) for item in found.rows]
    if found.more:
        rows.append(more(words("more"), set_pages, pages + 1))
    return listing(rows)


@part
def _entry(
    here: Here,
    desk: Desk,
    item: FeedItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    kind, choose = ft.use_state("")
    words, contact = here.words, item.interaction
    text, write = use_kept(f"review:{contact.id}")

    def say() -> None:
        desk.review(item, kind, text)
        forget()

    def forget() -> None:
        choose("")
        write("")

    lines = [*_what(words, item), _kinds(words, desk, item, kind, choose)]
    if kind:
        lines += [
            field(words("feed.text"), text, verb=write, lines=2, key=f"text:{contact.id}"),
            ft.Row(
                [
                    primary(words("feed.send"), say),
                    quiet(words("cancel"), forget, color=theme.MUTED),
                ]
            ),
        ]
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _kinds(
    words: Words, desk: Desk, item: FeedItem, kind: str, choose: Callable[[str], object]
) -> ft.Control:
    """已阅 is said with one tap; praise and coaching open a line for words."""
    said = {review.review.kind for review in item.reviews}
    id_ = item.interaction.id
    seen = chip(words("review.seen"), "seen" in said, desk.review, item, "seen", key=f"seen:{id_}")
    spoken = [
        chip(words(f"review.{one}"), one in said or kind == one, choose, one, key=f"{one}:{id_}")
        for one in ("praise", "coach")
    ]
    return chips([seen, *spoken])


def _what(words: Words, item: FeedItem) -> list[ft.Control]:
    contact = item.interaction
    head = ft.Row(
        [
            ft.Container(strong(item.customer_name), expand=True),
            caption(words.moment(contact.occurred_at), lines=1),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    facts = words.dotted(
        words.code("channel", contact.channel),
        words.code("purpose", contact.purpose),
        words.code("outcome", contact.outcome),
        words.code("need", contact.need) if contact.need else "",
    )
    following = (
        words("timeline.next", step=contact.next_step, when=words.day(contact.next_due))
        if contact.next_step
        else ""
    )
    by = words.dotted(item.by_name or "", words.lasted(contact.started_at, contact.ended_at))
    return [
        head,
        body(words.dotted(facts, following)),
        *([body(contact.note)] if contact.note else []),
        ft.Row([ft.Container(caption(by), expand=True), sync_mark(words, item.state)]),
        *[_review(words, one) for one in item.reviews],
    ]


def _review(words: Words, item: ReviewItem) -> ft.Control:
    said = words.dotted(words.code("review", item.review.kind), item.review.text or "")
    line = words("said_by", name=item.by_name or words("someone"), text=said)
    return ft.Container(caption(line, theme.INK), key=item.review.id)
