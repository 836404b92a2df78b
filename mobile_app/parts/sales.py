"""Sales: a row of one, what it pays, and a share that a colleague proposes."""

from collections.abc import Callable
from functools import partial

import flet as ft

from mobile_app import theme
from mobile_app.i18n import Words
from mobile_app.parts.blocks import notice, row
from mobile_app.parts.buttons import primary, quiet
from mobile_app.parts.cards import headline, marked
from mobile_app.parts.guard import part
from mobile_app.parts.marks import sync_mark
from mobile_app.parts.reason import reason
from mobile_app.parts.text import body, caption, figure, muted
from mobile_app.state.desk import Desk
from mobile_app.state.here import Here
from mobile_app.state.pricing import Priced, percent_text
from mobile_app.state.rows import OfferItem, Product, SaleItem
from mobile_app.state.said import sentence
from mobile_app.tracing import traced


def product_name(words: Words, product: Product | None) -> str:
    """What was sold; the kind of record while the catalogue has not brought it."""
    return product.name if product else words("entity.product")


def measured(words: Words, product: Product | None, qty: int | None, amount: int | None) -> str:
    """How much of it: 7 张, 50.00 万."""
    unit = product.unit if product else ""
    pieces = words.pieces(str(qty), unit) if qty is not None else ""
    return words.dotted(pieces, words.amount(amount) if amount is not None else "")


def sale_row(here: Here, item: SaleItem, *, of_customer: bool = False) -> ft.Control:
    """One sale in a list; `of_customer` leaves out whose it is."""
    words, sale = here.words, item.sale
    why = words.dotted(
        "" if of_customer else item.customer_name,
        measured(words, item.product, sale.qty, sale.amount),
        words.day(sale.appointment_on)
        if sale.appointment_on and sale.status == "appointment"
        else words.moment(sale.occurred_at),
    )
    status = words.code("sale_status", sale.status)
    held = item.share is not None and not item.share.stands
    colour = theme.AMBER if held or sale.status == "disputed" else theme.INK
    return row(
        product_name(words, item.product),
        why,
        [caption(status, colour, 1), sync_mark(words, item.state)],
        partial(here.places.record, sale.customer_id) if of_customer else here.places.sale,
        sale.id,
        leading=ft.Icon(ft.Icons.SELL_OUTLINED, color=theme.ACCENT, size=theme.ICON)
        if of_customer
        else None,
        key=sale.id,
    )


def price_box(words: Words, price: Priced, product: Product) -> ft.Control:
    """What a sale will pay, how that comes about, and since when the rule says so."""
    if price.earned is None or price.entry is None:
        return muted(words(f"price.{price.why}")) if price.why else ft.Container(visible=False)
    since = price.since.isoformat() if price.since else ""
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(body(words("price")), expand=True),
                figure(words.exact(price.earned)),
            ]
        ),
        body(traced(words, price.entry, product).formula),
        caption(words.dotted(words("price.note"), words("price.rule", day=since) if since else "")),
    ]
    if price.change != price.earned:
        lines.append(caption(words("price.month", amount=words.exact(price.change))))
    return ft.Container(
        ft.Column(lines, spacing=theme.XS, tight=True),
        bgcolor=theme.SUNK,
        border_radius=theme.RADIUS,
        padding=theme.M,
        key="price",
    )


@part
def offer_card(
    here: Here,
    desk: Desk,
    item: OfferItem,
    key: str | None = None,  # noqa: ARG001  (Flet takes it off before the call)
) -> ft.Control:
    """A share that a colleague proposes: accept with one tap, or say why not."""
    is_disputing, ask = ft.use_state(False)
    words, share = here.words, item.share
    by = words("offer.by", name=item.seller_name or words("someone"), customer=share.customer_label)
    part_of = words(
        "offer.of",
        product=product_name(words, item.product),
        percent=percent_text(item.basis_points),
    )
    lines: list[ft.Control] = [
        headline(
            part_of,
            measured(words, item.product, share.qty, share.amount),
            caption(words.moment(share.occurred_at), lines=1),
            sync_mark(words, item.state),
        ),
        caption(by),
    ]
    if is_disputing and share.status == "offered":
        lines.append(_disputing(words, desk, item, ask))
    else:
        lines += _answers(words, desk, item, ask)
    if problem := desk.selling.problems.get(share.id):
        lines.append(notice(sentence(words, problem)))
    return marked(lines, key=share.id)


def _answers(
    words: Words, desk: Desk, item: OfferItem, ask: Callable[[bool], object]
) -> list[ft.Control]:
    """What can be answered, or what became of the answer."""
    share, accept = item.share, desk.selling.accept
    if share.status == "contested":
        return [body(words("offer.contested"))]
    if share.status == "disputed":
        said = body(words("offer.disputed", reason=share.reason or words("none")))
        return [said, ft.Row([quiet(words("offer.accept_after"), accept, item)])]
    buttons = ft.Row(
        [
            primary(words("offer.accept"), accept, item),
            quiet(words("offer.dispute"), ask, True, color=theme.MUTED),
        ],
        wrap=True,
        spacing=theme.S,
    )
    if not share.due_on:
        return [buttons]
    return [caption(words("offer.by_day", day=words.day(share.due_on)), theme.AMBER), buttons]


def _disputing(
    words: Words, desk: Desk, item: OfferItem, ask: Callable[[bool], object]
) -> ft.Control:
    """Why it is disputed."""

    def dispute(why: str) -> None:
        desk.selling.dispute(item, why)
        ask(False)

    word = words("offer.dispute")
    return reason(words, "dispute_share", word, dispute, lambda: ask(False), item.share.id)
