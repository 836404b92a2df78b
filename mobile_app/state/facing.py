"""Facing: what a customer may see of themselves while the screen is turned to them.

It is made anew of what is theirs, and not by hiding parts of the page that their manager reads: a
part that is added there does not come here by itself.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mobile_app.state.holdings import Holdings, holdings_of
from mobile_app.state.rows import Product
from shared.domain.task import Promise, Task, promise

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

_PROMISES: Final = 5
"""Promises that are shown."""
_NOT_THEIRS: Final = frozenset({"risk_too_high", "risk_expired"})
"""What is said of a product that a customer's grade does not reach, or is too old or not there."""


@dataclass(frozen=True)
class Appointment:
    """A day on which the customer and the bank meet, for a product or otherwise."""

    day: str
    product: str
    kind: str


@dataclass(frozen=True)
class Promised:
    """What a customer was told that it would be done, by which day, and what became of it."""

    what: str
    day: str
    became: Promise


@dataclass(frozen=True)
class Facing:
    """A customer's own name, accounts, appointments and what they were promised, and products
    within their risk grade."""

    name: str
    holdings: Holdings
    appointments: tuple[Appointment, ...] = ()
    promises: tuple[Promised, ...] = ()
    products: tuple[Product, ...] | None = None
    """None where they refused to be sold to."""


def facing_of(desk: "Desk", customer_id: str) -> Facing:
    """Return what a customer may see; nothing where they are not on this device."""
    card = desk.customer(customer_id)
    if card is None:
        return Facing("", holdings_of(()))
    return Facing(
        name=card.customer.name,
        holdings=desk.holdings(customer_id),
        appointments=tuple(_appointments(desk, customer_id)),
        promises=tuple(_promises(desk, customer_id)),
        products=None
        if desk.advice.is_spared(customer_id)
        else tuple(_products(desk, customer_id)),
    )


def _appointments(desk: "Desk", customer_id: str) -> list[Appointment]:
    """What is ahead, the next first; of a task only what kind it is, its words are internal."""
    today = desk.today_text
    ahead = [
        Appointment(item.sale.appointment_on, item.product.name if item.product else "", "visit")
        for item in desk.selling.sales_of(customer_id)
        if item.sale.status == "appointment"
        and item.sale.appointment_on
        and item.sale.appointment_on >= today
    ]
    tasks: list[Task] = desk.read(desk.store.appointments_of, customer_id, today)
    ahead += [Appointment(each.due, "", each.kind) for each in tasks]
    return sorted(ahead, key=lambda each: each.day)


def _promises(desk: "Desk", customer_id: str) -> list[Promised]:
    """What they were told already, in the words that they were told; nothing that was dropped."""
    today = desk.today_text
    found = [
        Promised(item.task.title, item.task.due, promise(item.task, today) or "open")
        for item in desk.service.promises(customer_id)
    ]
    return [each for each in found if each.became != "dropped"][:_PROMISES]


def _products(desk: "Desk", customer_id: str) -> list[Product]:
    """What is on sale and within the customer's risk grade; nothing risky to whom has none."""
    found = []
    for item in desk.selling.catalogue(""):
        refusal = desk.selling.objection(customer_id, item.product.id) if item.is_sold else None
        if item.is_sold and (refusal is None or refusal.code not in _NOT_THEIRS):
            found.append(item.product)
    return found
