"""Standing: where a customer stands with the bank, and what speaks for their leaving."""

from typing import Final

from sqlalchemy import bindparam

from mobile_app.store.queries.reading import Reading, every
from mobile_app.store.tables import MIRROR
from shared.domain import ChurnRisk, CustomerState
from shared.domain.churn_risk import churn_id

_state = MIRROR["customer_state"]
_STATES: Final = (
    every("customer_state")
    .where(_state.c.customer_id == bindparam("customer"))
    .order_by(_state.c.since.desc())
)


class StandingQueries(Reading):
    """States and churn risks, as the server last assessed them."""

    def states_of(self, customer_id: str) -> list[CustomerState]:
        """Return the states that a customer has had, the present one first."""
        return [CustomerState(*row) for row in self._ask(_STATES, customer=customer_id)]

    def risk_of(self, customer_id: str) -> ChurnRisk | None:
        """Return a customer's churn risk; None where nothing ever spoke for it."""
        rows = self._of_ids("churn_risk", [churn_id(customer_id)])
        return ChurnRisk(*rows[0]) if rows else None
