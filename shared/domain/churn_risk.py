"""Churn risk: how likely a customer is to leave, as points each of which has a reason.

No model has learned these points and none hides behind them: whoever reads them can check every
one against what the record says. The server works them out; a device shows them to the bank's own
people and never to the customer.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple

from pydantic_core import from_json

from shared.domain.customer import DateText
from shared.ids import derived_id
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

ChurnReason = Literal[
    "assets_down", "inflow_stopped", "matured_left", "no_contact", "low_satisfaction",
    "complaint", "products_closed",
]  # fmt: skip
AT_RISK: Final = 60
"""From so many points on a customer is at risk."""
CALM: Final = 40
"""Below so many the risk is over; between the two lines nothing changes."""


class Point(NamedTuple):
    """What one reason gives, and the figure that it rests on."""

    reason: ChurnReason
    points: int
    figure: int
    """Percent of assets that left, of the usual inflow that is left, or of the money that matured
    and went; days without contact; a score; a number of complaints or closings."""


@synced(
    "churn_risk",
    merge=Merge.SERVER,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    stays=True,
)
@dataclass(frozen=True, slots=True)
class ChurnRisk:
    """One row for each customer who ever had a point; `id` is `churn_id`."""

    id: str
    customer_id: Annotated[str, INDEXED]
    points: int
    reasons: Annotated[str, C2]
    """JSON: reason, points, figure of each; the sum of the points is `points`."""
    as_of: DateText
    """The day on which they came to this."""


def churn_id(customer_id: str) -> str:
    """Return the id of a customer's churn risk."""
    return derived_id("churn_risk", customer_id)


def points_of(reasons: str) -> tuple[Point, ...]:
    """Read the reasons of a churn risk, the weightiest first."""
    found = [Point(reason, int(points), int(figure)) for reason, points, figure in _read(reasons)]
    return tuple(sorted(found, key=lambda each: -each.points))


def _read(reasons: str) -> list[tuple[ChurnReason, int, int]]:
    return from_json(reasons) if reasons else []
