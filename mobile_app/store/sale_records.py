"""What the screens read of selling: products, sales and shares with the names that they show."""

from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.commission.rules import Rule
from shared.domain import Product, Referral, Sale, SaleShare


@dataclass(frozen=True, slots=True)
class ProductItem:
    """A product of the catalogue."""

    product: Product
    is_sold: bool
    """Whether it is on sale on the day that was asked about."""
    rules: tuple[Rule, ...]
    """What it pays on that day; one, unless the plan is wrong."""


@dataclass(frozen=True, slots=True)
class SaleItem:
    """One sale; `product` is None while the catalogue has not brought it."""

    sale: Sale
    product: Product | None
    customer_name: str
    seller_name: str | None
    state: RecordState
    share: SaleShare | None
    """The user's own share, as the server keeps it; None before it has."""
    names: tuple[tuple[str, int], ...]
    """Who has what of it, in basis points."""


@dataclass(frozen=True, slots=True)
class OfferItem:
    """A share that a colleague proposed to the user, or that two claim."""

    share: SaleShare
    product: Product | None
    seller_name: str | None
    state: RecordState
    basis_points: int
    """The user's part."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sale that followed from an alert or a referral, as far as this device knows it."""

    sale_id: str
    customer_id: str | None
    """None where the sale is a colleague's, of which this device holds its user's share alone."""
    customer_name: str
    """Masked where the customer is not here."""
    referral_id: str | None
    product: Product | None
    qty: int | None
    amount: int | None
    status: str
    occurred_at: int
    parts: tuple[tuple[str, int], ...]
    """Who has what of it, in basis points."""


@dataclass(frozen=True, slots=True)
class ReferralItem:
    """One copy of a referral, and what came of it."""

    referral: Referral
    from_name: str | None
    to_name: str | None
    customer_name: str
    """With whom it came up; masked where they are not on this device."""
    outcomes: tuple[Outcome, ...]
    is_mine: bool
    """Whether the user referred."""
    answers: bool
    """Whether it is the user's to answer."""
    state: RecordState
