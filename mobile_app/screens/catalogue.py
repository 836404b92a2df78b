"""Catalogue: what can be sold, how far in the field, at which risk, and what it pays now."""

from fractions import Fraction

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import empty, listing, search_field
from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.text import body, caption, lead, muted
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here
from mobile_app.state.rows import Product, ProductItem
from shared.commission.exact import percent
from shared.commission.rules import Rule


def catalogue_pane(here: Here, _id: str = "") -> ft.Control:
    """The products of the bank."""
    desk = here.desk
    return pane(here.words("catalogue"), [_products(here, desk, desk.pulse)], here=here, back=True)


@part
def _products(here: Here, desk: Desk, _pulse: Pulse) -> ft.Control:
    text, look_for = ft.use_state("")
    words, found = here.words, desk.selling.catalogue(text)
    if not found and not text:
        return empty(
            words("sale.none"), words("sale.none.hint"), words("sync.now"), desk.sync.sync_now
        )
    rows = listing([_product(words, desk.today_text, item) for item in found])
    return ft.Column(
        [
            search_field(words, words("catalogue.search"), text, look_for, here.look.wide),
            rows if found else empty(words("customers.none"), words("catalogue.none.hint")),
        ],
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _product(words: Words, today: str, item: ProductItem) -> ft.Control:
    product = item.product
    why = words.dotted(
        words.code("line", product.line),
        words.code("risk", product.risk_grade) if product.risk_grade else "",
        words.code("field_mode", product.field_mode),
        product.summary or "",
    )
    pays: list[ft.Control] = [body(pays_now(words, rule, product)) for rule in item.rules]
    if not pays:
        pays.append(caption(words("catalogue.no_rule")))
    colour = theme.MUTED if item.is_sold else theme.AMBER
    valid = caption(_validity(words, item, today), colour)
    # What it pays stands below: beside a long name, large text would leave neither its room.
    foot = ft.Row([*(pays if item.is_sold else []), valid], wrap=True, spacing=theme.M)
    return ft.Container(
        ft.Column([lead(product.name, lines=3), muted(why), foot], spacing=0, tight=True),
        padding=ft.Padding.symmetric(horizontal=theme.L, vertical=theme.ROW_PAD),
        border=ft.Border.only(bottom=ft.BorderSide(theme.HAIR, theme.LINE)),
        key=product.id,
    )


def _validity(words: Words, item: ProductItem, today: str) -> str:
    product = item.product
    if not item.is_sold:
        is_ahead = product.valid_from > today
        day = words.full_day(product.valid_from)
        return words("catalogue.coming", day=day) if is_ahead else words("catalogue.ended")
    if product.valid_until:
        return words("catalogue.until", day=words.full_day(product.valid_until))
    return words("catalogue.open")


def pays_now(words: Words, rule: Rule, product: Product) -> str:
    """What a rule pays, in a few words: 每张 ¥60.00, 金额的 1.2 %, 分档 5 % 至 10 %."""
    if rule.tiers:
        rates = [tier.rate for tier in rule.tiers]
        return words("catalogue.TIER", low=percent(rates[0]), high=percent(rates[-1]))
    if rule.kind == "RATE":
        return words("catalogue.RATE", rate=percent(rule.rate or Fraction()))
    unit = product.unit if words.language == "zh" else words("catalogue.piece")
    return words(f"catalogue.{rule.kind}", unit=unit, price=words.exact(rule.unit_price))
