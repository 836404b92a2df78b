"""Business: what the figures of a team, or of one manager's customers, are worked out from.

Every read is of all customers on the device, which a supervisor's team has, or of those of one
owner. Rows come as the rules of `shared.domain` take them; nothing is summed here.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select

from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.records import Someone, TeamValue
from mobile_app.store.tables import MIRROR
from shared.domain import ChurnRisk
from shared.domain.channel_efficiency import SOLD, Sold
from shared.domain.pillars import Planned
from shared.domain.retention import Stood
from shared.domain.serving import LONGEST_MS, Priced, Prices, Worked, prices_of

_contact = MIRROR["interaction"]
_customer = MIRROR["customer"]
_risk = MIRROR["churn_risk"]
_sale = MIRROR["sale"]
_state = MIRROR["customer_state"]
_task = MIRROR["task"]
_value = MIRROR["customer_value"]
_MOST_ASKED: Final = 500
"""Ids in one statement."""


class BusinessQueries(Reading):
    """Contacts, plans, values, states and sales of many customers at once."""

    def worked(self, owner: str | None, since: int, until: int) -> list[Worked]:
        """Return the contacts between two moments (ms), but for those that were put right."""
        own, later = _contact.c, _contact.alias("later")
        lasted = own.ended_at - own.started_at
        # As one list: asked of each contact it takes several times as long.
        corrected = select(later.c.supersedes).where(later.c.supersedes.is_not(None))
        statement = select(
            own.customer_id,
            own.employee_id,
            own.channel,
            own.outcome,
            own.occurred_at,
            case((lasted.between(0, LONGEST_MS), lasted)),
            own.satisfaction,
            own.purpose,
        ).where(own.occurred_at >= since, own.occurred_at < until, own.id.not_in(corrected))
        return [Worked(*row) for row in self._rows(_owned(statement, own.customer_id, owner))]

    def planned(self, owner: str | None, first: str, last: str) -> list[Planned]:
        """Return the tasks that were due from one day to another, by their customers' owners."""
        own = _task.c
        statement = (
            select(_customer.c.owner_id, own.due, own.status)
            .join(_customer, _customer.c.id == own.customer_id)
            .where(own.due.between(first, last), *_of(owner))
        )
        return [Planned(*row) for row in self._rows(statement)]

    def team_values(self, owner: str | None) -> list[TeamValue]:
        """Return what each customer is worth, as the server last worked it out."""
        own = _value.c
        statement = (
            select(
                own.customer_id,
                _customer.c.owner_id,
                own.tier,
                own.contribution,
                own.revenue,
                own.cost,
                own.loss,
                own.computed_at,
            )
            .join(_customer, _customer.c.id == own.customer_id)
            .where(*_of(owner))
        )
        return [TeamValue(*row) for row in self._rows(statement)]

    def prices(self) -> Prices:
        """Return what contacts cost by the latest value model that any value here went by."""
        own = _value.c
        latest = select(func.max(own.model)).scalar_subquery()
        return prices_of(
            Priced(*row)
            for row in self._rows(select(own.model, own.lines).where(own.model == latest))
        )

    def stood(self, owner: str | None) -> list[Stood]:
        """Return every change of every customer's state."""
        own = _state.c
        statement = select(own.customer_id, own.state, own.since)
        return [Stood(*row) for row in self._rows(_owned(statement, own.customer_id, owner))]

    def sold(self, owner: str | None, since: int) -> list[Sold]:
        """Return the sales since a moment (ms) that were handed in or are confirmed."""
        own = _sale.c
        statement = select(own.customer_id, own.occurred_at, own.amount).where(
            own.occurred_at >= since, own.status.in_(sorted(SOLD))
        )
        return [Sold(*row) for row in self._rows(_owned(statement, own.customer_id, owner))]

    def risks_of(self, customers: Collection[str]) -> list[ChurnRisk]:
        """Return what spoke for some customers' leaving, as it was last worked out."""
        some = sorted(customers)
        return [
            ChurnRisk(*row)
            for start in range(0, len(some), _MOST_ASKED)
            for row in self._rows(
                select(*fields_of("churn_risk")).where(
                    _risk.c.customer_id.in_(some[start : start + _MOST_ASKED])
                )
            )
        ]

    def someones(self, customers: Collection[str]) -> dict[str, Someone]:
        """Return some customers with their names by id."""
        some, own, people = sorted(customers), _customer.c, self.employees()
        return {
            row.id: Someone(
                row.id, row.name, people[row.owner_id].name if row.owner_id in people else ""
            )
            for start in range(0, len(some), _MOST_ASKED)
            for row in self._rows(
                select(own.id, own.name, own.owner_id).where(
                    own.id.in_(some[start : start + _MOST_ASKED])
                )
            )
        }


def _of(owner: str | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [_customer.c.owner_id == owner]


def _owned(statement: Select[Any], customer: ColumnElement[str], owner: str | None) -> Select[Any]:
    """Narrow a statement to customers who are on this device, and to one owner's."""
    return statement.where(customer.in_(select(_customer.c.id).where(*_of(owner))))
