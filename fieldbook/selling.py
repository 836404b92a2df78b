"""`fieldbook device products | sale | sales | offers | answer`: selling without a screen.

The form, the rules, the estimate and the words are those of the app, over the same store.
"""

import argparse
from dataclasses import asdict
from typing import Any

from fieldbook.device import device_task, unlocked
from fieldbook.stop import Stop
from mobile_app.device import Device, wall_clock
from mobile_app.i18n import Words
from mobile_app.parts.sales import measured, product_name
from mobile_app.platform.location import NoFix
from mobile_app.screens.catalogue import pays_now
from mobile_app.state.desk import Desk
from mobile_app.state.pricing import Priced, percent_text
from mobile_app.state.rows import OfferItem, ProductItem, SaleItem
from mobile_app.state.sale_form import SaleForm
from mobile_app.tracing import traced
from shared.commission.exact import yuan
from shared.domain.sale import IN_THE_FIELD
from shared.money import Fen
from shared.registry import Document
from shared.sync.change import Transition


def desk_of(device: Device) -> Desk:
    """Return an unlocked device as the app's screens see it."""
    return Desk(
        device.store, device.runner, wall_clock, device.store.new_id, _nowhere, device.attachments
    )


async def _nowhere() -> NoFix:
    return NoFix("unsupported")


@device_task
async def products(asked: argparse.Namespace) -> tuple[Any, str]:
    """List what can be sold, how far in the field, and what it pays now."""
    words = Words(asked.lang, wall_clock)
    async with unlocked(asked) as device:
        found = desk_of(device).selling.catalogue(asked.search)
    answer = [
        {**asdict(item.product), "is_sold": item.is_sold, "stages": _stages(item)} for item in found
    ]
    return answer, "\n".join(_product(words, item) for item in found) or words("sale.none")


def _stages(item: ProductItem) -> list[str]:
    """Return how far a product goes in the field."""
    reach = IN_THE_FIELD[item.product.field_mode] if item.is_sold else ()
    return [stage for stage in reach if stage != "cancelled"]


def _product(words: Words, item: ProductItem) -> str:
    product = item.product
    pays = [pays_now(words, rule, product) for rule in item.rules]
    facts = words.dotted(
        words.code("field_mode", product.field_mode),
        words.listed([words(f"sale_status.{stage}") for stage in _stages(item)]),
        words.code("risk", product.risk_grade) if product.risk_grade else "",
        words.listed(pays) or words("catalogue.no_rule"),
        "" if item.is_sold else words("catalogue.ended"),
    )
    return f"{product.code}\t{product.name}\t{facts}"


@device_task
async def sale(asked: argparse.Namespace) -> tuple[Any, str]:
    """Log a sale; it is on this device's disk when this returns."""
    words = Words(asked.lang, wall_clock)
    async with unlocked(asked) as device:
        form = _form(desk_of(device), asked)
        _hold_to_the_form(words, form, asked)
        price, item = form.price, form.item
        device.store.commit(*form.changes())
    assert item is not None  # noqa: S101 - the form was made with it
    formula = traced(words, price.entry, item.product).formula if price.entry else ""
    answer = {
        "id": form.sale_id,
        "status": form.stage,
        "estimate": None if price.earned is None else yuan(Fen(price.earned)),
        "formula": formula,
    }
    return answer, f"{form.sale_id}\n{_priced(words, price, formula)}"


def _form(desk: Desk, asked: argparse.Namespace) -> SaleForm:
    """Fill the app's form in; what the user has begun there is left alone."""
    name = desk.name_of(asked.customer)
    if not name:
        raise Stop("This customer is not on this device. Sync, or check the id.")
    code = asked.product.upper()
    known = {item.product.code: item.product.id for item in desk.selling.catalogue(code)}
    if code not in known:
        raise Stop(f"The catalogue on this device has no product {code}. Sync, or check the code.")
    return SaleForm(
        desk,
        asked.customer,
        name,
        desk.ids(),
        desk.now(),
        interaction_id=asked.interaction,
        product_id=known[code],
        qty_text="" if asked.qty is None else str(asked.qty),
        amount_text="" if asked.amount is None else yuan(asked.amount),
        stage=asked.stage,
        precaution=asked.precaution or "",
        appointment_on=asked.appointment_on and asked.appointment_on.isoformat(),
        external_ref=asked.ref or "",
        parts=_parts(desk, asked.share),
    )


def _parts(desk: Desk, shares: list[str]) -> dict[str, str]:
    """Read colleagues' shares, each EMPLOYEE_NO=PERCENT."""
    ids = {each.employee_no: each.id for each in desk.selling.colleagues()}
    parts = {}
    for number, _, percent in (text.partition("=") for text in shares):
        if number not in ids:
            raise Stop(f"{number} is no account manager of your unit. Nothing was saved.")
        parts[ids[number]] = percent
    return parts


def _hold_to_the_form(words: Words, form: SaleForm, asked: argparse.Namespace) -> None:
    """Refuse what the form would not take; the bank's own rules are held to by the store."""
    for name, given, is_asked in (
        ("--qty", asked.qty, form.asks_qty),
        ("--amount", asked.amount, form.asks_amount),
    ):
        if given is not None and not is_asked:
            raise Stop(f"This product is not told in that: leave {name} out. Nothing was saved.")
    if form.stage == "appointment" and not form.appointment_on:
        raise Stop(f"{words('sale.missing.day')} (--appointment-on)")
    if not form.shares_fit:
        raise Stop(words("sale.shares.wrong"))


def _priced(words: Words, price: Priced, formula: str) -> str:
    if price.earned is None:
        return words(f"price.{price.why}")
    return words.dotted(f"{words('price')} {formula}", words("price.note"))


@device_task
async def sales(asked: argparse.Namespace) -> tuple[Any, str]:
    """List the user's sales, latest first, and how far each has come."""
    words = Words(asked.lang, wall_clock)
    async with unlocked(asked) as device:
        found = device.store.own_sales()
    answer = [
        {
            **asdict(item.sale),
            "product": item.product.code if item.product else None,
            "customer": item.customer_name,
            "state": str(item.state),
            "stands": item.share.stands if item.share else None,
        }
        for item in found
    ]
    return answer, "\n".join(_sale(words, item) for item in found) or words("sales.empty")


def _sale(words: Words, item: SaleItem) -> str:
    one = item.sale
    facts = (
        words.moment(one.occurred_at),
        item.customer_name,
        product_name(words, item.product),
        measured(words, item.product, one.qty, one.amount),
        words.code("sale_status", one.status),
        words.code("state", item.state),
        one.external_ref or "",
    )
    return "\t".join([one.id, *facts]).rstrip()


@device_task
async def offers(asked: argparse.Namespace) -> tuple[Any, str]:
    """List the shares that colleagues propose, those to answer first."""
    words = Words(asked.lang, wall_clock)
    async with unlocked(asked) as device:
        found = device.store.offers()
    answer = [
        {**asdict(item.share), "seller": item.seller_name, "state": str(item.state)}
        for item in found
    ]
    return answer, "\n".join(_offer(words, item) for item in found)


def _offer(words: Words, item: OfferItem) -> str:
    share = item.share
    facts = (
        words("offer.by", name=item.seller_name or words("someone"), customer=share.customer_label),
        words(
            "offer.of",
            product=product_name(words, item.product),
            percent=percent_text(item.basis_points),
        ),
        measured(words, item.product, share.qty, share.amount),
        words.code("share_status", share.status),
    )
    return "\t".join([share.id, *facts])


@device_task
async def answer(asked: argparse.Namespace) -> tuple[Any, str]:
    """Accept a share that a colleague proposes, or dispute it."""
    words = Words(asked.lang, wall_clock)
    after = "accepted" if asked.dispute is None else "disputed"
    said: Document = {} if asked.dispute is None else {"reason": asked.dispute}
    async with unlocked(asked) as device:
        known = {item.share.id: item.share for item in device.store.offers()}
        if asked.offer not in known:
            raise Stop("No such offer waits for an answer on this device.")
        before = known[asked.offer].status
        device.store.commit(Transition("sale_share", asked.offer, "status", before, after, said))
    return {"id": asked.offer, "status": after}, words(f"share_status.{after}")
