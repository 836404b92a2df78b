"""Standing: a customer's state and churn points as the customer's page tells them."""

from dataclasses import dataclass

from shared.domain import ChurnRisk, CustomerState
from shared.domain.churn_risk import AT_RISK, Point, points_of


@dataclass(frozen=True)
class Standing:
    """Where a customer stands, how they came there, and what speaks for their leaving."""

    states: tuple[CustomerState, ...]
    """The present one first."""
    points: tuple[Point, ...]
    """The weightiest first."""

    @property
    def state(self) -> CustomerState:
        """The one that stands."""
        return self.states[0]

    @property
    def total(self) -> int:
        """All points."""
        return sum(each.points for each in self.points)

    @property
    def share(self) -> float:
        """The points as a part of the line from which on a customer is at risk, 0 to 1."""
        return min(1.0, self.total / AT_RISK)


def standing_of(states: list[CustomerState], risk: ChurnRisk | None) -> Standing | None:
    """Put together what is known; None while nobody has assessed the customer."""
    if not states:
        return None
    return Standing(tuple(states), points_of(risk.reasons) if risk else ())
