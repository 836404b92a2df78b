"""Worth: what a customer contributes, their tier and why, as the server last worked it out."""

from sqlalchemy import select

from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import CustomerValue
from shared.domain.customer_value import value_id


class WorthQueries(Reading):
    """What the user's customers are worth to the bank."""

    def value_of(self, customer_id: str) -> CustomerValue | None:
        """Return a customer's value; None while the server has not worked it out."""
        table = MIRROR["customer_value"]
        mine = table.c.id == value_id(customer_id)
        row = next(iter(self._rows(select(*fields_of("customer_value")).where(mine))), None)
        return None if row is None else CustomerValue(*row)
