"""Alerts: what the user must look at in time, and what became of those of one customer.

What only sells goes with the customer's leave to be sold to, at once and with no network. The
server takes the same alerts back in the exchange that brings it the word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, func, select

from mobile_app.store.face_records import AlertItem
from mobile_app.store.queries.consents import ConsentQueries
from mobile_app.store.queries.reading import every, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import Account, Alert, Customer, Identifier, Interaction, ServiceCase
from shared.domain.alert import MARKETING, WAITING, only_sells

_alert = MIRROR["alert"]
_customer = MIRROR["customer"]
_SEVEREST: Final = case({"urgent": 0, "high": 1}, value=_alert.c.severity, else_=2)

_ONLY_SELLS: Final = _alert.c.kind.in_(MARKETING) & (_alert.c.status == "open")
"""`only_sells`, in SQL."""
_IS_WAITING: Final = _alert.c.status.in_(WAITING)
_OF_CUSTOMER: Final = (
    every("alert")
    .where(_alert.c.customer_id == bindparam("customer"))
    .order_by(
        case((_IS_WAITING, 0), else_=1),
        case((_IS_WAITING, _SEVEREST), else_=0),
        _alert.c.raised_at.desc(),
        _alert.c.id,
    )
)


class AlertQueries(ConsentQueries):
    """Alerts in a list, and one of them."""

    def own_alerts(self, limit: int) -> list[AlertItem]:
        """Return what is not handled about the user's own customers, most urgent first."""
        statement = self._waiting(fields_of("alert"))
        ordered = statement.order_by(_SEVEREST, _alert.c.due_at, _alert.c.id)
        return self._alerts(self._rows(ordered.limit(limit)))

    def alerts_waiting(self) -> int:
        """Return how many of them there are."""
        return int(self._rows(self._waiting([func.count()]))[0][0])

    def _waiting(self, columns: Sequence[Any]) -> Select[Any]:
        asked = self._rows(self._own([_alert.c.customer_id]).where(_ONLY_SELLS).distinct())
        spared = self.spared([each.customer_id for each in asked]) if asked else ()
        unasked = _ONLY_SELLS & _alert.c.customer_id.in_(spared)
        return self._own(columns).where(_IS_WAITING, ~unasked)

    def _own(self, columns: Sequence[Any]) -> Select[Any]:
        return (
            select(*columns)
            .select_from(_alert)
            .join(_customer, _customer.c.id == _alert.c.customer_id)
            .where(_customer.c.owner_id == self._my())
        )

    def team_alerts(self, since: int) -> list[tuple[str, Alert]]:
        """Return the alerts raised since a moment (ms): who handled each, or else must."""
        statement = (
            select(*fields_of("alert"), _customer.c.owner_id)
            .select_from(_alert)
            .join(_customer, _customer.c.id == _alert.c.customer_id)
            .where(_alert.c.raised_at >= since)
        )
        found = [(Alert(*row[:-1]), row.owner_id) for row in self._rows(statement)]
        return [(each.employee_id or owner, each) for each, owner in found]

    def alerts_of(self, customer_id: str) -> list[AlertItem]:
        """Return a customer's alerts: those to handle, most urgent first, then the latest."""
        return self._alerts(self._ask(_OF_CUSTOMER, customer=customer_id))

    def alert(self, id: str) -> AlertItem | None:
        """Return one alert, or None when this device does not hold it."""
        found = self._alerts(self._of_ids("alert", [id]))
        return found[0] if found else None

    def _alerts(self, rows: Iterable[Any]) -> list[AlertItem]:
        found = self._as_allowed([Alert(*row) for row in rows])
        people: dict[str, Customer] = self._customers_by_id([each.customer_id for each in found])
        rests_on = [each.evidence for each in found if each.evidence]
        accounts, contacts = self._accounts(rests_on), self._contacts(rests_on)
        papers = self._papers([each.evidence for each in found if each.kind == "papers"])
        cases = [each.evidence for each in found if each.kind == "complaint" and each.evidence]
        subjects = {
            each.id: each.subject
            for each in (ServiceCase(*row) for row in self._of_ids("service_case", cases))
        }
        return [
            AlertItem(
                alert=each,
                customer_name=people[each.customer_id].name if each.customer_id in people else "",
                by_name=self._name_of(each.employee_id) if each.employee_id else None,
                state=self.state("alert", each.id),
                account=accounts.get(each.evidence or ""),
                contact=contacts.get(each.evidence or ""),
                paper=papers.get(each.evidence or ""),
                subject=subjects.get(each.evidence or "", ""),
            )
            for each in found
        ]

    def _as_allowed(self, found: Sequence[Alert]) -> list[Alert]:
        asked = {each.customer_id for each in found if only_sells(each)}
        spared = self.spared(asked) if asked else ()
        return [
            replace(each, status="withdrawn")
            if only_sells(each) and each.customer_id in spared
            else each
            for each in found
        ]

    def _accounts(self, ids: Sequence[str]) -> dict[str, Account]:
        found = (Account(*row) for row in self._of_ids("account", ids))
        return {each.id: each for each in found}

    def _contacts(self, ids: Sequence[str]) -> dict[str, Interaction]:
        found = (Interaction(*row) for row in self._of_ids("interaction", ids))
        return {each.id: each for each in found}

    def _papers(self, ids: Sequence[str | None]) -> dict[str, Identifier]:
        known = [id for id in ids if id]
        found = (Identifier(*row) for row in self._of_ids("identifier", known))
        return {each.id: each for each in found}
