"""Worth: what a customer contributes, their tier and why, as the server last worked it out."""

from mobile_app.store.queries.reading import Reading
from shared.domain import CustomerValue
from shared.domain.customer_value import value_id


class WorthQueries(Reading):
    """What the user's customers are worth to the bank."""

    def value_of(self, customer_id: str) -> CustomerValue | None:
        """Return a customer's value; None while the server has not worked it out."""
        rows = self._of_ids("customer_value", [value_id(customer_id)])
        return CustomerValue(*rows[0]) if rows else None
