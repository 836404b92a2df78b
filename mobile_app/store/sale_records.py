"""What the screens read of selling: products, sales and shares with the names that they show."""

from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.commission.rules import Rule
from shared.domain import Product, Sale, SaleShare


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
