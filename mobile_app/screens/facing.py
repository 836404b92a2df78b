"""Facing: the screen turned to a customer, with what is theirs and nothing of what is said of them.

No place of the bar, no back, no search: from here the only way on is through the lock.
"""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import fact
from mobile_app.parts.buttons import quiet
from mobile_app.parts.consents import consents
from mobile_app.parts.frame import bare
from mobile_app.parts.guard import part, screen
from mobile_app.parts.holdings import account
from mobile_app.parts.marks import age
from mobile_app.parts.service import promise_mark
from mobile_app.parts.text import body, figure, muted, number, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.facing import Facing, facing_of
from mobile_app.state.here import Here, here


@screen
def facing() -> ft.View:
    """What a customer may see of themselves."""
    found = here()
    desk = found.desk
    page = _page(found, desk, found.gate.facing, desk.pulse)
    return bare("/", page, theme.READING_WIDTH)


@part
def _page(here: Here, desk: Desk, customer_id: str, _pulse: Pulse) -> ft.Control:
    words, shown = here.words, facing_of(desk, customer_id)
    head = ft.Row(
        [
            ft.Container(figure(shown.name or words("facing.gone")), expand=True),
            quiet(words("facing.leave"), here.gate.lock),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    lines: list[ft.Control] = [head, muted(words("facing.hint"))]
    if shown.name:
        lines += _accounts(words, desk.today_text, shown)
        lines += _appointments(words, shown)
        lines += _promises(words, shown)
        lines += _products(words, shown)
        lines += _titled(words, "facing.consents", [consents(here, desk, customer_id, facing=True)])
    return ft.Column(
        lines,
        spacing=theme.M,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _titled(words: Words, key: str, lines: list[ft.Control]) -> list[ft.Control]:
    """A part of the page; an empty one says so."""
    head = ft.Container(
        ft.Semantics(header=True, content=strong(words(key))),
        padding=ft.Padding.only(top=theme.L),
    )
    return [head, *(lines or [muted(words("facing.none"))])]


def _accounts(words: Words, today: str, shown: Facing) -> list[ft.Control]:
    held = shown.holdings
    lines: list[ft.Control] = []
    if held.groups:
        lines.append(_sum(words("holdings.assets"), words.exact(held.assets)))
    if held.owes:
        lines.append(_sum(words("holdings.owed"), words.exact(held.owed)))
    lines += [
        account(words, today, each, number(words.exact(each.balance)))
        for group in held.groups
        for each in group.accounts
    ]
    if held.as_of is not None:
        lines.append(age(words, held.as_of))
    return _titled(words, "facing.yours", lines)


def _sum(label: str, amount: str) -> ft.Control:
    return ft.Row([ft.Container(strong(label), expand=True), strong(amount, lines=1)])


def _appointments(words: Words, shown: Facing) -> list[ft.Control]:
    lines: list[ft.Control] = [
        fact(words.full_day(each.day), each.product or words.code("task", each.kind))
        for each in shown.appointments
    ]
    return _titled(words, "facing.appointments", lines)


def _promises(words: Words, shown: Facing) -> list[ft.Control]:
    """What they were promised and what became of it; nothing where nothing was."""
    if not shown.promises:
        return []
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(fact(words.full_day(each.day), each.what), expand=True),
                promise_mark(words, each.became),
            ],
            spacing=theme.S,
        )
        for each in shown.promises
    ]
    return _titled(words, "facing.promises", lines)


def _products(words: Words, shown: Facing) -> list[ft.Control]:
    """What they may ask about; nothing where they refused to be sold to."""
    if shown.products is None:
        return []
    lines: list[ft.Control] = [
        body(words.dotted(each.name, words.code("line", each.line), each.risk_grade or ""))
        for each in shown.products
    ]
    return _titled(words, "facing.products", lines)
