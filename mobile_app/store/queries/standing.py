"""Standing: where a customer stands with the bank, and what speaks for their leaving."""

from sqlalchemy import select

from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import ChurnRisk, CustomerState
from shared.domain.churn_risk import churn_id

_state = MIRROR["customer_state"]
_risk = MIRROR["churn_risk"]


class StandingQueries(Reading):
    """States and churn risks, as the server last assessed them."""

    def states_of(self, customer_id: str) -> list[CustomerState]:
        """Return the states that a customer has had, the present one first."""
        mine = select(*fields_of("customer_state")).where(_state.c.customer_id == customer_id)
        rows = self._rows(mine.order_by(_state.c.since.desc()))
        return [CustomerState(*row) for row in rows]

    def risk_of(self, customer_id: str) -> ChurnRisk | None:
        """Return a customer's churn risk; None where nothing ever spoke for it."""
        mine = _risk.c.id == churn_id(customer_id)
        row = next(iter(self._rows(select(*fields_of("churn_risk")).where(mine))), None)
        return None if row is None else ChurnRisk(*row)
