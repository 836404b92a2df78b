"""What managers sold out of their contacts, and what the bank's systems said of it afterwards.

A sale is offered only where the bank's own rule (`may_sell`) allows it, as a device would; what
becomes of it is drawn by its line: cards are activated or not, loans disbursed, wealth funded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from math import log
from random import Random
from typing import Final, NamedTuple

from shared.domain import Customer, Employee, Interaction, Product, Sale
from shared.domain.sale import SaleStatus, may_sell
from shared.errors import Refusal
from shared.registry import Act, Document
from shared.sync.change import Insert, Transition
from sync_server.commission.banks_word import Event
from sync_server.demo.clock import MINUTE, born_at, day_of, moment, new_id, next_workday
from sync_server.demo.draw import pick
from sync_server.demo.history import Saved

_ODDS: Final = {"done": 0.95, "interested": 0.7}
"""How often a contact of this outcome ends in a sale."""
_NO_SELLING: Final = frozenset({"complaint", "post_loan", "alert"})
_WANTED: Final[Mapping[str, Mapping[str, int]]] = {
    "person": {
        "CARD-GOLD": 40, "CARD-CAR": 10, "DEP-1Y": 20, "DEP-3Y": 8, "WM-R1": 5, "WM-R2": 7,
        "WM-R3": 6, "FUND-R4": 3, "INS-LIFE": 5, "LOAN-HOME": 4, "LOAN-SME": 6, "PAY-QR": 5,
    },
    "organisation": {"PAY-QR": 34, "LOAN-SME": 34, "DEP-1Y": 32},
}  # fmt: skip
_MEDIAN_YUAN: Final = {
    "DEP-1Y": 180_000, "DEP-3Y": 320_000, "LOAN-SME": 700_000, "LOAN-HOME": 900_000,
    "WM-R1": 120_000, "WM-R2": 120_000, "WM-R3": 100_000, "FUND-R4": 50_000, "INS-LIFE": 30_000,
}  # fmt: skip
_LEAST_YUAN: Final = {"DEP-3Y": 200_000}
_COURSE: Final[Mapping[str, Sequence[tuple[Event, int, int, float]]]] = {
    "card": (("APPLIED", 0, 1, 1.0), ("ACTIVATED", 2, 12, 0.85)),
    "payment": (("ACTIVATED", 1, 4, 0.95),),
    "deposit": (("FUNDED", 0, 4, 0.92),),
    "loan": (("APPLIED", 1, 3, 0.9), ("DISBURSED", 6, 18, 0.75)),
    "wealth": (("FUNDED", 1, 6, 0.85),),
    "fund": (("FUNDED", 1, 6, 0.85),),
    "insurance": (("FUNDED", 1, 4, 0.9), ("COOLED_OFF", 16, 18, 1.0)),
}
"""By line: each event, the fewest and most days after the one before, and how often it comes."""
_GIVEN_BACK: Final = frozenset({"card", "wealth", "fund", "insurance"})
_GIVEN_BACK_ODDS: Final = 0.07
_LATE_ODDS: Final = 0.03
_LATE_DAYS: Final = (28, 45)
"""How often, and by how many days, a system is late with its word: months may have closed."""
_REASONS: Final = ("客户改主意了", "资料不齐，下次再办", "家里不同意，先放一放", "他行给的条件更好")
_FINAL: Final[Mapping[str, SaleStatus]] = {
    "on_site": "submitted",
    "appointment": "appointment",
    "referral": "intent",
}


class Told(NamedTuple):
    """One thing that a core system says of a sale, and when its file came (ms)."""

    at: int
    sale_id: str
    external_ref: str | None
    event: Event
    on: date
    amount: int | None


@dataclass(frozen=True, slots=True)
class Sold:
    """One sale: as its seller left it, when, what came of it, and what a colleague answered."""

    sale: Sale
    line: str
    at: int
    told: tuple[Told, ...] = ()
    withdrawn: tuple[int, str] | None = None
    """When its seller took it back, and why."""
    answers: tuple[Saved, ...] = ()


def make_sales(
    rng: Random,
    today: date,
    seller: Employee,
    contacts: Sequence[Interaction],
    customers: Mapping[str, Customer],
    products: Mapping[str, Product],
) -> list[Sold]:
    """Make one manager's sales out of their contacts, in time order."""
    made = []
    for contact in contacts:
        if contact.purpose in _NO_SELLING or rng.random() >= _ODDS.get(contact.outcome, 0):
            continue
        customer = customers[contact.customer_id]
        wanted = pick(rng, _WANTED[customer.kind])
        product = products[wanted]
        if sale := _sold(rng, contact, seller, customer, product):
            made.append(_followed(rng, today, sale, product))
    return made


def saved_by_sellers(sales: Sequence[Sold]) -> Iterator[Saved]:
    """Yield what sellers' devices wrote: each sale, and its taking back."""
    for sold in sales:
        sale = sold.sale
        first = replace(sale, status="intent", external_ref=None, appointment_on=None)
        changes: list[Insert | Transition] = [Insert.of("sale", first)]
        if sale.status != "intent":
            said = {name: getattr(sale, name) for name in ("external_ref", "appointment_on")}
            known = {name: value for name, value in said.items() if value is not None}
            changes.append(Transition("sale", sale.id, "status", "intent", sale.status, known))
        yield Saved(sale.employee_id, sold.at, changes)
        if sold.withdrawn:
            at, reason = sold.withdrawn
            step = Transition(
                "sale", sale.id, "status", sale.status, "cancelled", {"reason": reason}
            )
            yield Saved(sale.employee_id, at, [step])


def _sold(
    rng: Random, contact: Interaction, seller: Employee, customer: Customer, product: Product
) -> Sale | None:
    """Return the sale as far as the bank's rule lets it go with this customer; None for not."""
    ended = contact.ended_at or contact.occurred_at
    at = ended + rng.randrange(3 * MINUTE, 8 * MINUTE)
    wish = Sale(
        id=new_id(rng, at),
        customer_id=customer.id,
        employee_id=seller.id,
        product_id=product.id,
        occurred_at=ended,
        qty=_pieces(rng, product),
        amount=_amount(rng, product),
        interaction_id=contact.id,
    )
    usual = _usual(rng, wish, product)
    attempts = (
        usual,
        replace(usual, precaution=rng.choice(("family", "dual_recording"))),
        replace(wish, precaution="reassessment"),
    )
    related: dict[str, Document | None] = {
        "product_id": asdict(product),
        "customer_id": asdict(customer),
        "employee_id": asdict(seller),
    }
    return next((each for each in attempts if _is_allowed(each, related, at)), None)


def _is_allowed(sale: Sale, related: Mapping[str, Document | None], at: int) -> bool:
    try:
        may_sell(Act(asdict(sale), None, related, sale.employee_id, at))
    except Refusal:
        return False
    return True


def _usual(rng: Random, sale: Sale, product: Product) -> Sale:
    """Return the sale as far as its product goes in the field, with what is said along with it."""
    status = _FINAL[product.field_mode]
    if status == "submitted":
        reference = f"{day_of(sale.occurred_at):%y%m%d}{rng.randrange(10**6):06}"
        return replace(sale, status=status, external_ref=reference)
    if status == "appointment":
        day = next_workday(day_of(sale.occurred_at) + timedelta(days=rng.randint(1, 5)))
        return replace(sale, status=status, appointment_on=day.isoformat())
    return sale


def _pieces(rng: Random, product: Product) -> int | None:
    if product.measure != "count":
        return None
    return pick(rng, {1: 80, 2: 14, 3: 6}) if product.line == "payment" else 1


def _amount(rng: Random, product: Product) -> int | None:
    """Draw an amount in fen, in whole 万 as people deal in."""
    if product.measure != "amount":
        return None
    yuan = max(
        rng.lognormvariate(log(_MEDIAN_YUAN[product.code]), 0.6), _LEAST_YUAN.get(product.code, 0)
    )
    return max(1, round(yuan / 10_000)) * 1_000_000


def _followed(rng: Random, today: date, sale: Sale, product: Product) -> Sold:
    """Add what became of a sale before today begins."""
    sold = Sold(sale, product.line, born_at(sale.id))
    if sale.precaution == "reassessment":
        return sold
    told = tuple(each for each in _said(rng, sold) if each.on < today and each.at < moment(today))
    if not told and rng.random() < 0.25:
        at = sold.at + rng.randint(2, 9) * 24 * 60 * MINUTE
        return replace(sold, withdrawn=(at, rng.choice(_REASONS))) if at < moment(today) else sold
    return replace(sold, told=told)


def _said(rng: Random, sold: Sold) -> Iterator[Told]:
    day = day_of(sold.at)
    is_counted = False
    for event, soonest, latest, odds in _COURSE[sold.line]:
        if rng.random() >= odds:
            return
        day += timedelta(days=rng.randint(soonest, latest))
        is_counted = event != "APPLIED"
        yield _told(rng, sold.sale, event, day)
    if is_counted and sold.line in _GIVEN_BACK and rng.random() < _GIVEN_BACK_ODDS:
        yield _told(rng, sold.sale, "CANCELLED", day + timedelta(days=rng.randint(12, 40)))


def _told(rng: Random, sale: Sale, event: Event, on: date) -> Told:
    late = rng.randint(*_LATE_DAYS) if rng.random() < _LATE_ODDS else 0
    at = moment(on + timedelta(days=1 + late), 6)
    return Told(at, sale.id, sale.external_ref, event, on, sale.amount)
