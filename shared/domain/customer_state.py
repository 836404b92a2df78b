"""A customer's state: where the relation between a customer and the bank stands, and why.

The server moves it, by facts and by the table in `sync_server.customer.states`; each change is a
row of its own with its cause, so that the way of a customer can be read like a timeline.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.customer import DateText, ShortText
from shared.ids import derived_id
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

State = Literal[
    "potential", "new", "growing", "stable", "at_risk", "dormant", "lost", "won_back",
]  # fmt: skip
StateCause = Literal[
    "no_account", "account_opened", "settled", "growth", "growth_over", "churn_points",
    "recovered", "silent", "active_again", "all_closed", "returned",
]  # fmt: skip


@synced(
    "customer_state",
    merge=Merge.SERVER,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    stays=True,
)
@dataclass(frozen=True, slots=True)
class CustomerState:
    """One change of state, never rewritten; `id` is `state_id`."""

    id: str
    customer_id: Annotated[str, INDEXED]
    state: State
    before: State | None
    """None for the first that was assessed."""
    cause: StateCause
    evidence: Annotated[ShortText, C2]
    """The figure that the cause rests on: a day, a number of days, points, percent or fen."""
    since: DateText
    """The first day of it; of one day there is one change at most."""


def state_id(customer_id: str, since: str) -> str:
    """Return the id of the change that a customer's state made on a day."""
    return derived_id("customer_state", customer_id, since)
