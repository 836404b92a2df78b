"""Holdings: what a customer owns and owes, drawn by kind, each figure with its age."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, footnote, section, stacked
from mobile_app.parts.buttons import quiet
from mobile_app.parts.guard import part
from mobile_app.parts.marks import age, bar, explained
from mobile_app.parts.text import body, caption, number, strong
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.holdings import Band, Group, Holdings, is_old, maturities, maturity, percent
from mobile_app.state.rows import Account

_SOON: Final = 7
"""What matures within so many days needs someone now."""
_MOST: Final = 6
"""Accounts that are told one by one; of more only what matures soon, until all are asked for."""


@part
def holdings(here: Here, desk: Desk, customer_id: str) -> ft.Control:
    """All accounts of a customer in their groups; of many first those that mature soon."""
    opened, show = ft.use_state(False)
    words, found, today = here.words, desk.holdings(customer_id), desk.today_text
    if not found.groups:
        return stacked([section(words("holdings")), footnote(words("holdings.none"))], 0)
    lines = [_total(words, found), *_owed(words, found), *_maturing(words, found, today)]
    is_whole = opened or found.count <= _MOST
    for group in found.groups:
        shown = [each for each in group.accounts if is_whole or maturity(each, today)]
        lines += [ft.Divider(), _group(here, group)]
        lines += [_account(words, today, each) for each in shown]
    if found.count > _MOST:
        word = words("holdings.fewer" if opened else "holdings.all", n=found.count)
        lines.append(ft.Row([quiet(word, show, not opened)]))
    aged = age(words, found.as_of, is_old(found.as_of, words.now()))
    return stacked([section(words("holdings"), aged), card(stacked(lines, theme.S))], 0)


def money(words: Words, fen: int, colour: ft.ColorValue = theme.INK) -> ft.Control:
    """An amount as people say it; the exact one on a tap."""
    return ft.Container(number(words.amount(fen), colour), tooltip=explained(words.exact(fen)))


def _total(words: Words, found: Holdings) -> ft.Control:
    total = strong(words.amount(found.assets), lines=1)
    exact = ft.Container(total, tooltip=explained(words.exact(found.assets)))
    return ft.Row([ft.Container(strong(words("holdings.assets")), expand=True), exact])


def _owed(words: Words, found: Holdings) -> list[ft.Control]:
    """What is owed, never taken off what is owned."""
    if not found.owes:
        return []
    head: list[ft.Control] = [
        ft.Container(strong(words("holdings.owed")), expand=True),
        money(words, found.owed, theme.SEAL),
    ]
    return [ft.Row(head), caption(words("holdings.not_netted"))]


def _maturing(words: Words, found: Holdings, today: str) -> list[ft.Control]:
    """What is free soon, band by band."""
    bands = maturities(found, today)
    head = [ft.Divider(), strong(words("holdings.maturing"))] if bands else []
    return [*head, *(_band(words, each) for each in bands)]


def _band(words: Words, band: Band) -> ft.Control:
    days = words("holdings.within", n=band.until)
    if band.since:
        days = words("holdings.band", since=band.since, until=band.until)
    said = words.dotted(days, words("holdings.count", n=band.count))
    return ft.Row([ft.Container(body(said), expand=True), money(words, band.total)])


def _group(here: Here, group: Group) -> ft.Control:
    words, kind = here.words, here.words.code("account_kind", group.kind)
    total = money(words, group.total, theme.SEAL if group.is_owed else theme.INK)
    if group.is_owed:
        return ft.Row([ft.Container(strong(kind), expand=True), total])
    drawn = bar(group.share, None, words("holdings.share", n=round(group.share * 100)))
    if here.look.scale > theme.SIDE_BY_SIDE:
        return stacked([ft.Row([ft.Container(strong(kind), expand=True), total]), drawn], theme.XS)
    name = ft.Container(strong(kind), width=theme.LABEL_WIDTH)
    return ft.Row([name, ft.Container(drawn, expand=True), total], spacing=theme.S)


def _account(words: Words, today: str, one: Account) -> ft.Control:
    aged = age(words, one.as_of, is_old(one.as_of, words.now()))
    return account(words, today, one, money(words, one.balance), aged)


def account(
    words: Words, today: str, one: Account, amount: ft.Control, aged: ft.Control | None = None
) -> ft.Control:
    """One account: what it is and how much, its terms and their age, and when it matures."""
    is_soon = (maturity(one, today) or _SOON + 1) <= _SOON
    top: list[ft.Control] = [ft.Container(body(one.name, lines=2), expand=True), amount]
    below: list[ft.Control] = [ft.Container(caption(terms(words, one)), expand=True)]
    lines: list[ft.Control] = [
        ft.Row(top, spacing=theme.M, vertical_alignment=ft.CrossAxisAlignment.START),
        ft.Row([*below, *([aged] if aged else [])], spacing=theme.M),
    ]
    if one.matures_on:
        lines.append(caption(matures(words, one, today), theme.AMBER if is_soon else theme.MUTED))
    return ft.Container(ft.Column(lines, spacing=0, tight=True), key=one.id)


def terms(words: Words, one: Account) -> str:
    """Which account it is, and at what rate."""
    rate = words("account.rate", percent=percent(one.rate)) if one.rate else ""
    return words.dotted(words("account.tail", digits=one.last_four), rate)


def matures(words: Words, one: Account, today: str) -> str:
    """When it matures, and within which band; nothing where it never does."""
    if one.matures_on is None:
        return ""
    day, band = words.full_day(one.matures_on), maturity(one, today)
    if band is not None:
        return words("account.within", day=day, n=band)
    return words("account.matured" if one.matures_on < today else "account.matures", day=day)
