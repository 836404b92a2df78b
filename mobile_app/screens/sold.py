"""Sold: one sale, how far it is, who has what of it, and what can be done next."""

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import card, empty, fact, field, notice, scroll, section
from mobile_app.parts.buttons import primary, quiet, secondary
from mobile_app.parts.days import day_chips
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.referrals import alert_name, referral_name
from mobile_app.parts.sales import measured, price_box, product_name
from mobile_app.parts.text import caption, lead, muted, strong
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.pricing import percent_text
from mobile_app.state.rows import Sale, SaleItem
from mobile_app.state.said import sentence
from mobile_app.state.selling import FLOW, SaleStep


def sold_pane(here: Here, sale_id: str) -> ft.Control:
    """One sale."""
    desk = here.desk
    item = desk.selling.sale(sale_id)
    name = item.customer_name if item else here.words("sale.gone")
    return pane(name, [_page(here, desk, sale_id, desk.pulse)], here=here, back=True, badged=False)


@part
def _page(here: Here, desk: Desk, sale_id: str, _pulse: Pulse) -> ft.Control:
    words, item = here.words, desk.selling.sale(sale_id)
    if item is None:
        hint = words("sale.gone.hint")
        return empty(words("sale.gone"), hint, words("back"), here.places.up)
    controls = [_header(words, item), *_held(words, item), _facts(words, desk, item)]
    if item.sale.status in ("intent", "appointment", "submitted") and item.product:
        price = desk.selling.price(item.sale, item.product)
        box = price_box(words, price, item.product)
        controls.append(
            ft.Container(box, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS))
        )
    if steps := desk.selling.next_steps(item):
        controls += [section(words("sale.next")), _steps(here, desk, item, steps, key=sale_id)]
    return scroll(controls)


def _header(words: Words, item: SaleItem) -> ft.Control:
    sale = item.sale
    lines: list[ft.Control] = [
        lead(product_name(words, item.product)),
        _flow(words, sale.status),
        ft.Row(
            [
                ft.Container(
                    muted(measured(words, item.product, sale.qty, sale.amount)), expand=True
                ),
                sync_mark(words, item.state),
            ]
        ),
    ]
    return card(ft.Column(lines, spacing=theme.S, tight=True))


def _flow(words: Words, status: str) -> ft.Control:
    """The way of a sale, the place where it is marked by sign and weight."""
    steps = [*FLOW] if status in FLOW else [*FLOW[:-1], status]
    place = steps.index(status)
    return ft.Row(
        [_stop(words, step, number - place) for number, step in enumerate(steps)],
        wrap=True,
        spacing=theme.M,
        run_spacing=theme.XS,
    )


def _stop(words: Words, step: str, ahead: int) -> ft.Control:
    word = words.code("sale_status", step)
    ended = step in ("cancelled", "disputed")
    colour = theme.AMBER if ended else theme.ACCENT
    if ahead > 0:
        sign = ft.Icon(ft.Icons.CIRCLE_OUTLINED, color=theme.MUTED, size=theme.ICON_SMALL)
        return ft.Row([sign, muted(word)], spacing=theme.XS, tight=True)
    if ahead < 0:
        icon = ft.Icons.CHECK
        sign = ft.Icon(icon, color=theme.MUTED, size=theme.ICON_SMALL)
        return ft.Row([sign, muted(word)], spacing=theme.XS, tight=True)
    icon = ft.Icons.BLOCK if ended else ft.Icons.CIRCLE
    sign = ft.Icon(icon, color=colour, size=theme.ICON_SMALL)
    return ft.Row([sign, strong(word, colour)], spacing=theme.XS, tight=True)


def _held(words: Words, item: SaleItem) -> list[ft.Control]:
    """Why it does not count for now."""
    share = item.share
    if share is None or share.stands or item.sale.status == "cancelled":
        is_proposed = share is None and len(item.names) > 1 and item.sale.status != "cancelled"
        return [_inset(notice(words("sale.held.offered")))] if is_proposed else []
    why = {"contested": "contested", "decided": "lost"}.get(share.status, "offered")
    text = words(f"sale.held.{why}", reason=share.reason or words("none"))
    until = words("sale.held.until", day=words.day(share.due_on)) if share.due_on else ""
    return [_inset(notice(" ".join(filter(None, (text, until)))))]


def _inset(content: ft.Control) -> ft.Control:
    return ft.Container(
        content, padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.XS)
    )


def _facts(words: Words, desk: Desk, item: SaleItem) -> ft.Control:
    sale = item.sale
    parts = [
        words("sale.part", name=name or words("someone"), percent=percent_text(bp))
        for name, bp in item.names
    ]
    rows: list[ft.Control] = [
        *_source(words, desk, sale),
        fact(words("sale.at"), words.moment(sale.occurred_at)),
        fact(words("sale.by"), item.seller_name or words("someone")),
        fact(words("sale.shares"), words.listed(parts)),
        fact(words("sale.number"), sale.external_ref or words("sale.no_number")),
    ]
    if sale.appointment_on:
        rows.append(fact(words("sale.appointment_on"), words.day(sale.appointment_on)))
    if sale.precaution:
        kept = words.code("precaution", sale.precaution)
        rows.append(fact(words("sale.precaution"), kept))
    rows += [
        fact(words.code("event", event), words.full_day(day))
        for event, day in desk.selling.told_days(sale)
    ]
    if sale.cancelled_on:
        rows.append(fact(words("sale.cancelled_on"), words.full_day(sale.cancelled_on)))
    if sale.reason:
        rows.append(fact(words("sale.reason"), sale.reason))
    return card(ft.Column(rows, spacing=theme.S, tight=True))


def _source(words: Words, desk: Desk, sale: Sale) -> list[ft.Control]:
    """What it follows from, where this device knows it."""
    alert = desk.alerts.item(sale.alert_id) if sale.alert_id else None
    referral = desk.referrals.item(sale.referral_id) if sale.referral_id else None
    named = [alert_name(words, alert.alert)] if alert else []
    named += [referral_name(words, referral)] if referral else []
    return [fact(words("source"), words.listed(named))] if named else []


@part
def _steps(
    here: Here,
    desk: Desk,
    item: SaleItem,
    steps: list[str],
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """What can be done next, as buttons; each asks what belongs to it."""
    step, _ = ft.use_state(SaleStep(desk))
    return _taking(here, step, item, steps)


@part
def _taking(here: Here, step: SaleStep, item: SaleItem, steps: list[str]) -> ft.Control:
    words = here.words
    if step.after not in steps:
        onward = next((each for each in steps if each != "cancelled"), None)
        buttons = [
            (primary if each == onward else secondary)(
                words(f"sale_step.{each}"), step.choose, each
            )
            for each in steps
        ]
        content: ft.Control = ft.Row(buttons, wrap=True, spacing=theme.S, run_spacing=theme.S)
    elif step.after == "cancelled":
        content = reason(
            words,
            "cancel_sale",
            words("sale_step.cancelled"),
            lambda why: step.take(item.sale, why),
            lambda: step.choose(""),
            item.sale.id,
        )
    else:
        content = _asked(words, step, item)
    said = [notice(sentence(words, step.problem))] if step.problem else []
    return _inset(
        ft.Column(
            [content, *said],
            spacing=theme.S,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    )


def _asked(words: Words, step: SaleStep, item: SaleItem) -> ft.Control:
    """The day of an appointment, or what the bank's systems call it."""
    if step.after == "appointment":
        lines: list[ft.Control] = [
            muted(words("sale.day", day=words.day(step.day or None))),
            day_chips(
                words,
                step.days,
                step.day_code,
                step.first_date,
                step.choose_day,
                step.choose_date,
            ),
        ]
    else:
        lines = [
            field(words("sale.ref"), step.external_ref, verb=step.write_ref, key="ref"),
            caption(words("sale.ref.hint")),
        ]
    word = words(f"sale_step.{step.after}")
    buttons = [
        primary(word, step.take, item.sale, enabled=step.complete),
        quiet(words("cancel"), step.choose, "", color=theme.MUTED),
    ]
    return ft.Column(
        [*lines, ft.Row(buttons, wrap=True, spacing=theme.S)],
        spacing=theme.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
