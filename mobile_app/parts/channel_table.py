"""Channels: what contacts through each cost, and what came of them, side by side."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, footnote, notice, scroll, stacked
from mobile_app.parts.buttons import secondary, segments
from mobile_app.parts.guard import part
from mobile_app.parts.marks import bar
from mobile_app.parts.text import body, caption, lead, muted, number
from mobile_app.state.business import CHANNEL_DAYS, Business
from mobile_app.state.desk import Pulse
from mobile_app.state.here import Here
from mobile_app.state.said import sentence
from shared.commission.exact import yuan
from shared.domain.channel_efficiency import LEAST, Channels, Efficiency

COLUMNS: Final = (
    "contacts", "served", "minutes", "met", "good", "share", "cost", "each_good", "sales", "amount",
)  # fmt: skip
"""The columns of the table that is saved, after the name of the channel."""


@part
def channels_page(here: Here, found: Business, _pulse: Pulse) -> ft.Control:
    """Every channel that was used; those by which the bank seeks customers come first."""
    days, choose = ft.use_state(str(CHANNEL_DAYS[0]))
    words, table = here.words, found.channels(int(days))
    spans = [(str(each), words("responses.days", n=each)) for each in CHANNEL_DAYS]
    choice = ft.Container(segments(spans, days, choose), padding=theme.L)
    if not table.rows:
        none = empty(words("business.no_contacts"), words("business.no_contacts.hint"))
        return scroll([choice, none])
    message = found.messages.get("channels")
    told = [notice(sentence(words, message))] if message else []
    uncredited = words("channels.uncredited", n=table.uncredited) if table.uncredited else ""
    return scroll(
        [
            choice,
            *(_channel(words, table, each) for each in table.rows),
            ft.Container(
                stacked([ft.Row([_export(words, found, table)]), *told], theme.S),
                padding=theme.L,
            ),
            *([footnote(uncredited)] if uncredited else []),
            footnote(words("channels.note", least=LEAST)),
        ]
    )


def _channel(words: Words, table: Channels, one: Efficiency) -> ft.Control:
    """One channel; of too few contacts everything stands back, and the bars are gone."""
    ink = theme.MUTED if one.is_thin else theme.INK
    name = words.code("channel", one.channel)
    costs = [each.each_good or 0 for each in table.rows if not each.is_thin]
    dearest = max(costs, default=0)
    lines: list[ft.Control] = [
        lead(words.dotted(name, words("channels.contacts", n=one.contacts)), ink)
    ]
    if one.ours:
        good = words("channels.good", n=one.good)
        lines += _line(good, words.percent(one.share), float(one.share or 0), one)
        share = (one.each_good or 0) / dearest if dearest else 0.0
        lines += _line(words("channels.cost"), words.exact(one.each_good), share, one)
    lines.append(muted(_facts(words, one)))
    if not one.ours:
        lines.append(caption(words("channels.only_served")))
    elif one.is_thin:
        lines.append(caption(words("channels.thin", n=one.ours, least=LEAST)))
    return ft.Container(card(stacked(lines, theme.XS)), key=one.channel)


def _line(name: str, said: str, share: float, one: Efficiency) -> list[ft.Control]:
    ink = theme.MUTED if one.is_thin else theme.INK
    head = ft.Row([ft.Container(body(name, ink), expand=True), number(said, ink)], spacing=theme.S)
    # A bar invites to compare, which so few do not allow.
    return [head] if one.is_thin else [head, bar(share, None)]


def _facts(words: Words, one: Efficiency) -> str:
    is_measured = one.contacts > one.unmeasured
    return words.dotted(
        words("channels.minutes", n=f"{one.minutes:,}") if is_measured else "",
        words("channels.served", n=one.served) if one.served and one.ours else "",
        words("channels.met", n=one.met),
        words("channels.total", amount=words.exact(one.cost))
        if one.cost is not None
        else words("business.no_price"),
        words("channels.sales", n=one.sales, amount=words.amount(one.amount))
        if one.sales
        else words("channels.no_sales"),
    )


def _export(words: Words, found: Business, table: Channels) -> ft.Control:
    head = (words("channels.channel"), *(words(f"channels.column.{name}") for name in COLUMNS))
    rows = [(words.code("channel", each.channel), *cells(each)) for each in table.rows]
    return secondary(
        words("business.export"), found.export, "channels", head, rows,
        icon=ft.Icons.TABLE_CHART_OUTLINED,
    )  # fmt: skip


def cells(one: Efficiency) -> tuple[str, ...]:
    """Write a channel as the columns of the table; what is not known is left empty."""
    return (
        str(one.contacts),
        str(one.served),
        str(one.minutes) if one.contacts > one.unmeasured else "",
        str(one.met),
        str(one.good),
        "" if one.share is None else f"{float(one.share * 100):.1f}",
        "" if one.cost is None else yuan(one.cost),
        "" if one.each_good is None else yuan(one.each_good),
        str(one.sales),
        yuan(one.amount),
    )
