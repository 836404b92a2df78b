"""Conflict cards: two people's values of one field and what stood before; a tap takes either."""

import flet as ft

from mobile_app.i18n import Words
from mobile_app.parts.buttons import secondary
from mobile_app.parts.cards import customer_link, headline, marked, version
from mobile_app.parts.text import caption
from mobile_app.state.here import Here
from mobile_app.state.inbox import Inbox
from mobile_app.state.rows import ConflictCard
from mobile_app.values import field_name, value_text


def conflict_card(here: Here, inbox: Inbox, card: ConflictCard, about: str = "") -> ft.Control:
    """One open conflict; `about` names the customer where the page does not."""
    words, conflict = here.words, card.conflict
    look = customer_link(here, conflict.customer_id, about)
    lines = [
        headline(_head(words, card), about, caption(words.moment(conflict.at), lines=1)),
        *(_side(words, inbox, card, side) for side in _order(card)),
        version(words("conflict.before"), _value(words, card, card.before), *look),
    ]
    return marked(lines, key=conflict.id)


def _head(words: Words, card: ConflictCard) -> str:
    conflict = card.conflict
    field = field_name(words, conflict.entity, conflict.field)
    if conflict.entity == "task":
        field = words("conflict.of_task", field=field)
    return words("conflict.head" if conflict.lost_by else "conflict.head.system", field=field)


def _order(card: ConflictCard) -> tuple[str, str]:
    """One's own value first; for one who is neither, the one that is in use."""
    return ("lost", "won") if card.mine == "lost" else ("won", "lost")


def _side(words: Words, inbox: Inbox, card: ConflictCard, side: str) -> ft.Control:
    name = _name(words, card, side)
    own = card.mine == side
    whose = words("conflict.mine") if own else words("conflict.by", name=name)
    take = words("conflict.take.mine") if own else words("conflict.take.by", name=name)
    return version(
        words.dotted(whose, words("conflict.stands") if side == card.stands else ""),
        _value(words, card, card.won if side == "won" else card.lost),
        secondary(words("conflict.take"), inbox.take, card, side, said=take),
    )


def _name(words: Words, card: ConflictCard, side: str) -> str:
    if side == "lost" and card.conflict.lost_by is None:
        return words("conflict.system")
    return (card.won_by if side == "won" else card.lost_by) or words("someone")


def _value(words: Words, card: ConflictCard, value: object) -> str:
    return value_text(words, card.conflict.entity, card.conflict.field, value)
