"""Advice: how a customer likes to be turned to, answered from memory until the store changes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.domain.preference import Preference, preference

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk


@dataclass(eq=False)
class Advice:
    """What the user is advised of a customer."""

    _desk: "Desk"

    def preference(self, customer_id: str) -> Preference:
        """What was learned of a customer's channels and times."""
        return self._desk.read(self._preference, customer_id)

    def _preference(self, customer_id: str) -> Preference:
        now = self._desk.now()
        return preference(self._desk.store.year_of_contacts(customer_id, now), now)
