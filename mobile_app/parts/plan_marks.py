"""Plan marks: a difference as a bar that swings to either side, with its sign and its amount."""

from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.guard import act, part
from mobile_app.parts.pay import ink, slice_bars, step_lines
from mobile_app.parts.text import caption, muted, number, strong
from mobile_app.state.rows import PersonSheet
from mobile_app.tracing import traced
from shared.commission.entries import Entry

STATUS_COLOURS: Final = {
    "draft": theme.AMBER,
    "approved": theme.GREEN,
    "declined": theme.SEAL,
    "withdrawn": theme.MUTED,
    "open": theme.ACCENT,
    "review": theme.AMBER,
    "closing": theme.AMBER,
    "closed": theme.GREEN,
}
"""Of a rule and of a month."""


def signed(words: Words, fen: int) -> str:
    """Write a difference with its sign: +¥12.00, -¥12.00, ¥0.00."""
    return ("+" if fen > 0 else "") + words.exact(fen)


def swing(share: float) -> ft.Control:
    """A bar from the middle: to the left what is lost, to the right what is gained."""
    return ft.Row(
        [
            _half(max(0.0, -share), ft.Alignment.CENTER_RIGHT, theme.AMBER),
            ft.Container(width=theme.HAIR, height=theme.L, bgcolor=theme.EDGE),
            _half(max(0.0, share), ft.Alignment.CENTER_LEFT, theme.GREEN),
        ],
        spacing=0,
        tight=True,
    )


def _half(share: float, towards: ft.Alignment, colour: ft.ColorValue) -> ft.Control:
    drawn = ft.Container(width=theme.BAR_WIDTH * share, height=theme.BAR, bgcolor=colour)
    return ft.Container(drawn, width=theme.BAR_WIDTH, alignment=towards)


def late_or_due(
    words: Words, due_on: str | None, today: str, key: str = "plans.due"
) -> tuple[str, ft.ColorValue]:
    """Say by when something is to be settled; past that day in red, and in words."""
    if due_on is None:
        return words("plans.no_term"), theme.MUTED
    if due_on < today:
        return words("plans.overdue", day=words.day(due_on)), theme.SEAL
    return words(key, day=words.day(due_on)), theme.MUTED


@part
def entry_line(
    words: Words,
    sheet: PersonSheet,
    entry: Entry,
    *,
    opened: bool = False,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """One posted amount: what it is for, its formula, and the amount; a tap tells every step."""
    is_open, show = ft.use_state(opened)
    product, sale = sheet.products.get(entry.rule), sheet.sales.get(entry.sale or "")
    told = traced(words, entry, product)
    about = words.dotted(
        product.name if product else entry.rule, sale.customer_label if sale else ""
    )
    sign = ft.Icons.EXPAND_LESS if is_open else ft.Icons.EXPAND_MORE
    head = ft.Row(
        [
            ft.Column(
                [strong(words.code("entry", entry.type)), muted(about), caption(told.formula)],
                spacing=0,
                tight=True,
                expand=True,
            ),
            number(words.exact(entry.amount), ink(entry.type, entry.amount)),
            ft.Icon(sign, color=theme.MUTED, size=theme.ICON),
        ],
        spacing=theme.S,
    )
    lines: list[ft.Control] = [head]
    if is_open:
        lines += [*step_lines(told), *slice_bars(words, told)]
    box = ft.Container(
        ft.Column(lines, spacing=theme.S, tight=True),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.S),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
        on_click=act(show, not is_open),
        ink=True,
    )
    return ft.Semantics(button=True, expanded=is_open, content=box)
