"""Business: a month by its four pillars, and the ways to fifths, channels and retention."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, row, scroll, section
from mobile_app.parts.buttons import segments
from mobile_app.parts.channel_table import channels_page
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import act, part
from mobile_app.parts.pillars import cost_page, process_page, satisfaction_page, state_page
from mobile_app.parts.quintiles import quintiles_page
from mobile_app.parts.retention import retention_page
from mobile_app.parts.text import body, caption, figure, muted
from mobile_app.state.business import MONTHS, PILLARS, Business, Month
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from shared.domain.customer_state import State

Page = Callable[[Here, Business, Pulse], ft.Control]
_PAGES: Final[dict[str, Page]] = {
    "process": process_page,
    "state": state_page,
    "satisfaction": satisfaction_page,
    "cost": cost_page,
    "quintiles": quintiles_page,
    "channels": channels_page,
    "retention": retention_page,
}
_WAYS: Final = {
    "quintiles": ft.Icons.LEADERBOARD_OUTLINED,
    "channels": ft.Icons.COMPARE_ARROWS,
    "retention": ft.Icons.FAVORITE_BORDER,
}
_SHOWN: Final[tuple[State, ...]] = ("growing", "stable", "dormant", "lost")
"""States that stand below the number of those at risk."""
Told = tuple[str, list[str], str]
"""A pillar's figure, what stands below it, and how it compares with the month before."""


def business_pane(here: Here, _id: str = "") -> ft.Control:
    """The figures of the user's customers."""
    desk = here.desk
    page = [_overview(here, desk.business, desk.pulse)]
    return pane(here.words("business.title"), page, here=here, back=True, badged=False)


def business_detail(here: Here, name: str) -> ft.Control:
    """What one of the figures is made of."""
    desk, words = here.desk, here.words
    page = _PAGES.get(name)
    if page is None:
        gone = empty(words("plans.gone"), words("plans.gone.hint"))
        return pane(words("business.title"), [gone], here=here, back=True, badged=False)
    inside = page(here, desk.business, desk.pulse)
    return pane(words(f"business.{name}"), [inside], here=here, back=True, badged=False)


@part
def _overview(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    words, month = here.words, found.month()
    cards = [_pillar(here, name, _TOLD[name](words, found, month)) for name in PILLARS]
    return scroll(
        [
            month_switch(words, found),
            *(_paired(cards) if here.look.wide else cards),
            section(words("business.further")),
            *(_way(here, name) for name in _WAYS),
            footnote(words("business.note" if found.is_team else "business.note.own")),
        ]
    )


def month_switch(words: Words, found: Business) -> ft.Control:
    """Which month is looked at."""
    choices = [(name, words(f"business.{name}")) for name in MONTHS]
    return ft.Container(segments(choices, found.chosen, found.choose), padding=theme.L)


def _paired(cards: list[ft.Control]) -> list[ft.Control]:
    for each in cards:
        each.expand = True
    return [
        ft.Row(
            cards[place : place + 2],
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        for place in range(0, len(cards), 2)
    ]


def _pillar(here: Here, name: str, told: Told) -> ft.Control:
    """One pillar; a tap shows what it is made of."""
    words = here.words
    number, below, compared = told
    head = ft.Row(
        [
            ft.Container(muted(words(f"business.{name}.figure")), expand=True),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED, size=theme.ICON),
        ],
        spacing=theme.S,
    )
    lines: list[ft.Control] = [head, figure(number), *(body(each) for each in below if each)]
    if compared:
        lines.append(caption(compared))
    tile = card(ft.Column(lines, spacing=theme.XS, tight=True))
    tile.on_click, tile.ink = act(here.places.business, name), True
    return ft.Container(ft.Semantics(button=True, content=tile), key=name)


def _process(words: Words, found: Business, month: Month) -> Told:
    now, before = month.process, month.process_before
    done = words("business.done", visits=now.visits, calls=now.calls, others=now.others)
    gold = words("business.gold", n=now.gold_met, of=now.gold, share=words.percent(now.gold_share))
    planned = words("business.planned", n=now.kept, of=now.planned)
    # Of the plan nothing is compared: what was due earlier has had longer to be done.
    change = [
        words("business.contacts.change", n=words.signed(now.contacts - before.contacts)),
        _change(words, "business.gold.change", now.gold_share, before.gold_share),
    ]
    compared = _against(words, found, change) if before.contacts else ""
    return words.percent(now.kept_share), [planned, done, gold if now.gold else ""], compared


def _state(words: Words, _found: Business, month: Month) -> Told:
    stands = month.standings
    if not stands.n:
        return words("none"), [words("business.no_states")], ""
    counts = [f"{words.code('state', each)} {stands.counts.get(each, 0)}" for each in _SHOWN]
    change = [words("business.at_risk.change", n=words.signed(stands.net("at_risk")))]
    within = words("business.within", change=words.dotted(*change)) if stands.is_compared else ""
    if not stands.is_compared:
        within = words("business.no_states_before")
    at_risk = stands.counts.get("at_risk", 0)
    return str(at_risk), [words.dotted(*counts), words("business.of", n=stands.n)], within


def _satisfaction(words: Words, found: Business, month: Month) -> Told:
    now, before = month.satisfaction, month.satisfaction_before
    if now.median is None:
        return words("none"), [words("business.no_scores")], ""
    low = words("business.low", n=now.low, of=now.n, share=words.percent(now.low_share))
    change = [_change(words, "business.low.change", now.low_share, before.low_share)]
    said = words("business.scores_before", n=before.n, median=_score(words, before.median))
    compared = _against(words, found, [*change, said]) if before.n else ""
    return _score(words, now.median), [low], compared


def _cost(words: Words, found: Business, month: Month) -> Told:
    now, before = month.serving, month.serving_before
    took = words("business.took", minutes=f"{now.minutes:,}", n=now.contacts)
    missing = words("business.unpriced", n=now.unpriced) if now.unpriced else ""
    if now.contacts and not now.is_priced:
        return words("none"), [took, words("business.no_price")], ""
    change = words("business.cost.change", amount=_signed_amount(words, month.cost_change))
    compared = _against(words, found, [change]) if before.is_priced else ""
    each = words("business.each_contact", amount=words.exact(now.each))
    return words.exact(now.cost), [words.dotted(took, each), missing], compared


_TOLD: Final[dict[str, Callable[[Words, Business, Month], Told]]] = {
    "process": _process,
    "state": _state,
    "satisfaction": _satisfaction,
    "cost": _cost,
}


def _signed_amount(words: Words, change: int) -> str:
    """Write a change of an amount with its sign."""
    return f"{'+' if change > 0 else ''}{words.exact(change)}"


def _score(words: Words, median: Fraction | None) -> str:
    """Write a median of scores: 4, 4.5."""
    return words("none") if median is None else f"{float(median):g}"


def _change(words: Words, key: str, now: Fraction | None, before: Fraction | None) -> str:
    if now is None or before is None:
        return ""
    return words(key, points=words.points(now - before))


def _against(words: Words, found: Business, change: list[str]) -> str:
    return words(f"business.against.{found.chosen}", change=words.dotted(*change))


def _way(here: Here, name: str) -> ft.Control:
    words = here.words
    icon = ft.Icon(_WAYS[name], color=theme.MUTED, size=theme.ICON)
    further = ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED, size=theme.ICON)
    return row(
        words(f"business.{name}"),
        words(f"business.{name}.hint"),
        [further],
        here.places.business,
        name,
        leading=icon,
        key=name,
    )
