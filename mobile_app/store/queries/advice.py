"""Advice: what a customer's own contacts say of how they like to be turned to."""

from sqlalchemy import select

from mobile_app.store.queries.reading import Reading, stands
from mobile_app.store.tables import MIRROR
from shared.domain.preference import YEAR_MS, Contact

_contact = MIRROR["interaction"]


class AdviceQueries(Reading):
    """What to do next with a customer, and how."""

    def year_of_contacts(self, customer_id: str, now: int) -> list[Contact]:
        """Return a customer's contacts of twelve months, those that stand."""
        statement = select(_contact.c.channel, _contact.c.outcome, _contact.c.occurred_at).where(
            _contact.c.customer_id == customer_id,
            _contact.c.occurred_at > now - YEAR_MS,
            stands(),
        )
        return [Contact(*row) for row in self._rows(statement)]
