"""Alerts: how urgent one is, what happened, its clock, and the customer's own normal beside it."""

from functools import partial
from typing import Final

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, row, section
from mobile_app.parts.grounds import told
from mobile_app.parts.guard import act, part
from mobile_app.parts.marks import bar, marked_bar, signed, sync_mark
from mobile_app.parts.text import body, caption, lead, muted, number, strong
from mobile_app.state.alerts import Drawn, drawn, share_of_assets
from mobile_app.state.clock import Minute
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.rows import Alert, AlertItem
from shared.domain.alert import WAITING
from shared.domain.usual import Severity

_SIGNS: Final[dict[str, tuple[ft.IconData, ft.ColorValue]]] = {
    "urgent": (ft.Icons.ERROR, theme.SEAL),
    "high": (ft.Icons.WARNING_AMBER, theme.AMBER),
    "normal": (ft.Icons.NOTIFICATIONS_NONE, theme.ACCENT),
}
_LEARNED_FROM: Final = 12
"""Days with a flow below which the usual is uncertain."""


def severity_mark(words: Words, severity: Severity) -> ft.Control:
    """How severe something is, in colour, sign and word."""
    icon, colour = _SIGNS[severity]
    return signed(icon, words.code("severity", severity), colour)


@part
def deadline(words: Words, _minute: Minute, alert: Alert) -> ft.Control:
    """How long there is left, or for how long it has been overdue; runs by the minute."""
    is_over = alert.due_at < words.now()
    return caption(words.deadline(alert.due_at), theme.SEAL if is_over else theme.INK, 1)


def what_happened(words: Words, item: AlertItem) -> str:
    """What happened, in one line."""
    alert, contact = item.alert, item.contact
    if alert.kind == "abnormal_flow":
        direction = words.code("direction", alert.direction)
        flow = words("alert.flow", direction=direction, amount=words.amount(alert.amount))
        return words.dotted(flow, of_assets(words, alert))
    if alert.kind == "maturity":
        day = words.full_day(alert.day)
        free = words("alert.matures", amount=words.amount(alert.amount), day=day)
        return words.dotted(free, item.account.name if item.account else "")
    if alert.kind != "satisfaction":
        return told(words, item)
    if contact is None or contact.satisfaction is None:
        return words("alert.fell")
    score = words.code("satisfaction", str(contact.satisfaction))
    return words("alert.scored", when=words.moment(contact.occurred_at), score=score)


def of_assets(words: Words, alert: Alert) -> str:
    """What part of all assets a flow is."""
    share = share_of_assets(alert)
    return "" if share is None else words("alert.of_assets", n=round(share * 100))


def alert_row(
    here: Here, desk: Desk, item: AlertItem, chosen: str | None = None, *, of_customer: bool = False
) -> ft.Control:
    """One alert in a list; a tap opens it."""
    words, alert = here.words, item.alert
    if here.look.scale > theme.SIDE_BY_SIDE and not of_customer:
        return alert_card(here, desk, item, named=True)
    icon, colour = _SIGNS[alert.severity]
    kind = words.code("alert_kind", alert.kind)
    happened = what_happened(words, item)
    right: list[ft.Control] = [
        severity_mark(words, alert.severity),
        deadline(words, desk.minute, alert),
    ]
    if alert.status not in WAITING:
        done = words.code("alert_status", alert.status)
        colour = theme.GREEN if alert.status == "handled" else theme.MUTED
        right = [caption(done, colour, 1), sync_mark(words, item.state)]
    return row(
        kind if of_customer else item.customer_name,
        words.dotted(words.moment(alert.raised_at) if of_customer else kind, happened),
        right,
        partial(here.places.record, alert.customer_id) if of_customer else here.places.listed,
        alert.id,
        leading=ft.Icon(icon, color=colour, size=theme.ICON),
        key=f"alert:{alert.id}",
        chosen=chosen in (alert.id, alert.customer_id),
    )


def alert_card(here: Here, desk: Desk, item: AlertItem, *, named: bool = False) -> ft.Control:
    """An open alert above everything else of its customer, `named` where that is not said already;
    a tap opens it."""
    words, alert = here.words, item.alert
    icon, colour = _SIGNS[alert.severity]
    severity = words.code("severity", alert.severity)
    head = words.dotted(words.code("alert_kind", alert.kind), severity)
    checked = words.code("alert_status", alert.status) if alert.status == "checked" else ""
    clock = deadline(words, desk.minute, alert)
    is_large = here.look.scale > theme.SIDE_BY_SIDE
    opens = here.places.listed if named else partial(here.places.record, alert.customer_id)
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Icon(icon, color=colour, size=theme.ICON),
                ft.Container(strong(head, colour), expand=True),
                *([] if is_large else [clock]),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.EDGE, size=theme.ICON),
            ],
            spacing=theme.S,
        ),
        *([lead(item.customer_name)] if named else []),
        body(words.dotted(what_happened(words, item), checked)),
        *([clock] if is_large else []),
    ]
    box = ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        key=f"alert:{alert.id}",
        on_click=act(opens, alert.id),
        ink=True,
        padding=ft.Padding.symmetric(horizontal=theme.M, vertical=theme.M),
        margin=ft.Margin.symmetric(horizontal=theme.L, vertical=theme.XS),
        bgcolor=theme.CARD,
        # One edge of its own colour; Flutter draws such a border with square corners only.
        border=ft.Border.only(
            left=ft.BorderSide(theme.XS, colour),
            top=ft.BorderSide(theme.HAIR, theme.LINE),
            right=ft.BorderSide(theme.HAIR, theme.LINE),
            bottom=ft.BorderSide(theme.HAIR, theme.LINE),
        ),
    )
    return ft.Semantics(button=True, content=box)


def against_usual(words: Words, alert: Alert) -> list[ft.Control]:
    """A flow drawn beside the customer's own normal, its share of all assets below."""
    shape = drawn(alert)
    if shape is None:
        return []
    lines = [*_measured(words, alert, shape), *_share(words, alert)]
    if alert.days is not None:
        key = "alert.learned" if alert.days >= _LEARNED_FROM else "alert.learned.little"
        direction = words.code("direction", alert.direction)
        said = words(key, n=alert.days, direction=_within(words, direction))
        lines.append(caption(said, theme.MUTED if alert.days >= _LEARNED_FROM else theme.AMBER))
    content = ft.Column(
        lines,
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return [section(words("alert.usual")), card(content)]


def _within(words: Words, direction: str) -> str:
    """A word in the middle of a sentence."""
    return direction.lower() if words.language == "en" else direction


def _measured(words: Words, alert: Alert, shape: Drawn) -> list[ft.Control]:
    return [
        *_line(words, "alert.this_time", alert.amount, shape.amount, shape, theme.SEAL),
        *_line(words, "alert.median", alert.median, shape.median, shape, theme.ACCENT),
        caption(words("alert.line", amount=words.exact(alert.threshold))),
    ]


def _line(
    words: Words, key: str, amount: int | None, share: float, shape: Drawn, colour: ft.ColorValue
) -> list[ft.Control]:
    exact = words.exact(amount)
    head = ft.Row([ft.Container(muted(words(key)), expand=True), number(exact)])
    return [head, marked_bar(share, [shape.threshold], colour)]


def _share(words: Words, alert: Alert) -> list[ft.Control]:
    share, said = share_of_assets(alert), of_assets(words, alert)
    if share is None:
        return []
    whole = words("alert.assets", amount=words.exact(alert.assets))
    head = ft.Row([ft.Container(muted(said), expand=True), number(whole)])
    return [head, bar(share, None)]
