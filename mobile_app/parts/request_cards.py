"""Request cards: a wish to change a guarded field, for who decides it and for who asked."""

from collections.abc import Callable
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import row
from mobile_app.parts.buttons import quiet, secondary
from mobile_app.parts.cards import customer_link, headline, marked, version
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, muted
from mobile_app.state.here import Here
from mobile_app.state.inbox import Inbox
from mobile_app.state.rows import RequestCard
from mobile_app.values import field_name, value_text

_COLOURS: Final = {
    "pending": theme.AMBER,
    "approved": theme.GREEN,
    "declined": theme.SEAL,
    "withdrawn": theme.MUTED,
}


@part
def request_card(
    here: Here,
    inbox: Inbox,
    card: RequestCard,
    about: str = "",
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One request that waits; whoever asked can take it back and does not decide it. `about`
    names the customer where the page does not."""
    declining, decline = ft.use_state(False)
    words, request = here.words, card.request
    by = words("request.by", name=card.by_name or words("someone"))
    lines = [
        headline(
            request_head(words, card),
            words.dotted(about, words("request.own") if card.own else by),
            caption(words.moment(request.occurred_at), lines=1),
            *([sync_mark(words, card.state)] if card.own else []),
        ),
        version(words("request.now"), _value(words, card, card.old)),
        version(words("request.new"), _value(words, card, card.new)),
        body(words("request.proof", text=request.reason), lines=4),
    ]
    if inbox.has_moved(card):
        moved = words("request.moved", name=card.by_name or words("someone"))
        lines.append(caption(moved, theme.AMBER))
    if card.own:
        lines += _own(here, inbox, card)
    elif declining:
        lines.append(
            reason(
                words,
                "decline",
                words("request.decline"),
                lambda said: inbox.decline(card, said),
                lambda: decline(False),
                request.id,
            )
        )
    elif here.places.decides:
        lines.append(_buttons(here, inbox, card, about, decline))
    else:
        lines.append(muted(words("request.waits")))
    return marked(lines, key=request.id)


def request_row(here: Here, card: RequestCard, about: str = "") -> ft.Control:
    """One's own request and what became of it; a tap opens the customer where the page does not
    show them."""
    words, request = here.words, card.request
    change = words(
        "told.step", before=_value(words, card, card.old), after=_value(words, card, card.new)
    )
    answer = words("request.answer", text=request.answer) if request.answer else ""
    status = caption(words(f"request_status.{request.status}"), _COLOURS[request.status], 1)
    verb = here.places.customer if about else None
    return row(
        words.dotted(request_head(words, card), about),
        words.dotted(change, answer),
        [caption(words.moment(request.occurred_at), lines=1), status],
        verb,
        *([request.customer_id] if verb else []),
        key=f"own:{request.id}",
    )


def request_head(words: Words, card: RequestCard) -> str:
    """What a request wants to change."""
    return words("request.head", field=field_name(words, "customer", card.request.field))


def _value(words: Words, card: RequestCard, value: object) -> str:
    return value_text(words, "customer", card.request.field, value)


def _own(here: Here, inbox: Inbox, card: RequestCard) -> list[ft.Control]:
    words = here.words
    said = "request.four_eyes" if here.places.decides else "request.waits"
    return [
        muted(words(said)),
        ft.Row([quiet(words("request.withdraw"), inbox.withdraw, card, color=theme.MUTED)]),
    ]


def _buttons(
    here: Here,
    inbox: Inbox,
    card: RequestCard,
    about: str,
    decline: Callable[[bool], object],
) -> ft.Control:
    words = here.words
    what = words.dotted(card.customer_name, request_head(words, card))
    approve = words("request.approve.of", what=what)
    return ft.Row(
        [
            secondary(words("request.approve"), inbox.approve, card, said=approve),
            quiet(words("request.decline"), decline, True, color=theme.SEAL),
            *customer_link(here, card.request.customer_id, about),
        ],
        wrap=True,
        spacing=theme.S,
        run_spacing=theme.XS,
    )
