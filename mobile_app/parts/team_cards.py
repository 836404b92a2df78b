"""Team cards: a colleague's refused work, readable whole, and what a supervisor can do about it."""

from collections.abc import Callable

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.buttons import quiet, secondary
from mobile_app.parts.cards import customer_link, headline, marked
from mobile_app.parts.guard import part
from mobile_app.parts.reason import reason
from mobile_app.parts.refused_cards import told_lines
from mobile_app.parts.text import caption
from mobile_app.state.here import Here
from mobile_app.state.inbox import Inbox, acceptable
from mobile_app.state.rows import IssueCard
from mobile_app.telling import told, why
from mobile_app.words import TABLE


@part
def issue_card(
    here: Here,
    inbox: Inbox,
    card: IssueCard,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One refused transaction of a colleague: what belongs together is one card."""
    asking, ask = ft.use_state("")
    words, issue = here.words, card.issue
    lines = [
        headline(
            why(words, card.refusal),
            words.dotted(card.by_name or words("someone"), card.customer_name or ""),
            caption(words.moment(issue.at), lines=1),
        ),
        *told_lines(words, [told(words, op, inbox.title_of(op)) for op in card.ops]),
        caption(explained(words, card), theme.INK),
    ]
    if asking:
        verb = inbox.accept if asking == "accept" else inbox.give_up
        lines.append(
            reason(
                words,
                f"team.{asking}",
                words(f"team.{asking}"),
                lambda said: verb(card, said),
                lambda: ask(""),
                issue.id,
            )
        )
    else:
        lines.append(_buttons(here, card, ask))
    return marked(lines, key=issue.id)


def explained(words: Words, card: IssueCard) -> str:
    """Why it was refused and what can be done, as the one reads it who decides."""
    own = f"team.why.{card.refusal.code}"
    rest = "team.why.other" if acceptable(card) else "team.why.never"
    return words(own if own in TABLE else rest, name=card.by_name or words("someone"))


def _buttons(here: Here, card: IssueCard, ask: Callable[[str], object]) -> ft.Control:
    words = here.words
    accept = [secondary(words("team.accept"), ask, "accept")] if acceptable(card) else []
    return ft.Row(
        [
            *accept,
            quiet(words("team.discard"), ask, "discard", color=theme.SEAL),
            *customer_link(here, card.customer_id, card.customer_name),
        ],
        wrap=True,
        spacing=theme.S,
        run_spacing=theme.XS,
    )
