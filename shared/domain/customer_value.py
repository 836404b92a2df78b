"""A customer's value: what they contribute in a year, their score and tier, and why.

The server works it out; a device shows it, to the account manager and never to the customer.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from shared.domain.customer import DateText
from shared.domain.days import PeriodText
from shared.ids import derived_id
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

Tier = Literal["basic", "silver", "gold", "platinum"]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
"""The lowest first."""
PATIENCE: Final = 3
"""Whole months below the line of a tier before 关注, and of 关注 before the tier falls."""


@synced(
    "customer_value",
    merge=Merge.SERVER,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    stays=True,
)
@dataclass(frozen=True, slots=True)
class CustomerValue:
    """One row for each customer; `id` is `value_id`. Amounts are signed fen a year."""

    id: str
    customer_id: Annotated[str, INDEXED]
    period: PeriodText
    """The month whose end it was assessed for; within a month it follows the facts."""
    contribution: Annotated[int, C2]
    revenue: Annotated[int, C2]
    cost: Annotated[int, C2]
    loss: Annotated[int, C2]
    ratio: str | None
    """Revenue over cost to serve, two decimals; None where serving cost nothing."""
    score: int
    tier: Tier
    below: int
    """Months in a row that ended below the line of the tier; from three on it is 关注."""
    lines: Annotated[str, C2]
    """JSON: part, of what, base, rate, fen; see `sync_server.customer.value`."""
    reasons: str
    """JSON: what gave points, and how many."""
    reached: str
    """JSON: the tiers reached in the last six months, this one last."""
    before: str
    """JSON: tier, months below and tiers reached at the end of the month before; empty for none."""
    model: int
    """The version of the model."""
    digest: str
    """Of facts and result: the same facts under the same model give the same."""
    computed_at: int
    fees_until: DateText | None = None
    """The day of the latest fee among those of the year; None for none."""


def value_id(customer_id: str) -> str:
    """Return the id of a customer's value."""
    return derived_id("customer_value", customer_id)
