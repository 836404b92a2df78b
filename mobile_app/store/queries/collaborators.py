"""Collaborators of a customer, and the customers of others with whom the user works."""

from typing import Final

from sqlalchemy import bindparam, case

from mobile_app.store.face_records import CollaboratorItem
from mobile_app.store.queries.reading import Reading, every
from mobile_app.store.tables import MIRROR
from shared.domain import Collaboration, Collaborator

_named = MIRROR["collaborator"]
_mine = MIRROR["collaboration"]

_WITH: Final = (
    every("collaborator")
    .where(_named.c.customer_id == bindparam("customer"))
    .order_by(
        case((_named.c.status == "active", 0), else_=1), _named.c.occurred_at.desc(), _named.c.id
    )
)
_AT: Final = (
    every("collaboration")
    .where(_mine.c.customer_id == bindparam("customer"))
    .order_by(_mine.c.id)
    .limit(1)
)


class CollaboratorQueries(Reading):
    """Who works with a customer, from both sides."""

    def collaborators_of(self, customer_id: str) -> list[CollaboratorItem]:
        """Return who works with a customer, and then who did, the latest first."""
        return [
            CollaboratorItem(
                each, self._name_of(each.colleague_id), self.state("collaborator", each.id)
            )
            for each in (Collaborator(*row) for row in self._ask(_WITH, customer=customer_id))
        ]

    def collaborations(self) -> list[Collaboration]:
        """Return the customers of others with whom the user works, the next step's day first."""
        ahead = case((_mine.c.next_due.is_(None), 1), else_=0)
        statement = every("collaboration").order_by(ahead, _mine.c.next_due, _mine.c.id)
        return [Collaboration(*row) for row in self._rows(statement)]

    def collaboration_at(self, customer_id: str) -> Collaboration | None:
        """Return what this device holds of such a customer; None where they are none."""
        rows = self._ask(_AT, customer=customer_id)
        return Collaboration(*rows[0]) if rows else None
