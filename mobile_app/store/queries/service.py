"""Service cases by their clock, by customer and one by one; and what a customer was promised."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, case, select

from mobile_app.store.face_records import CaseItem, PromiseItem, StepItem
from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import CaseStep, ServiceCase, Task
from shared.domain.service_case import DONE

_case = MIRROR["service_case"]
_step = MIRROR["case_step"]
_customer = MIRROR["customer"]
_task = MIRROR["task"]
_MEETING: Final = ("visit", "call")
"""Kinds of tasks in which the bank and a customer meet or speak."""
_MOST: Final = 200
"""Cases and lines of a log that a page goes through."""


class ServiceQueries(Reading):
    """Cases in a list, and one of them."""

    def own_cases(self) -> list[CaseItem]:
        """Return what is not resolved of the user's own customers, the first due first."""
        mine = self._unresolved().where(_customer.c.owner_id == self._my())
        return self._cases(mine)

    def all_cases(self) -> list[CaseItem]:
        """Return what is not resolved of all customers on this device, the first due first."""
        return self._cases(self._unresolved())

    def _unresolved(self) -> Select[Any]:
        return (
            select(*fields_of("service_case"))
            .join(_customer, _customer.c.id == _case.c.customer_id)
            .where(_case.c.status.not_in(sorted(DONE)))
            .order_by(_case.c.due_at, _case.c.id)
            .limit(_MOST)
        )

    def cases_of(self, customer_id: str) -> list[CaseItem]:
        """Return a customer's cases: those that go on, the first due first, then the latest."""
        done = _case.c.status.in_(sorted(DONE))
        statement = (
            select(*fields_of("service_case"))
            .where(_case.c.customer_id == customer_id)
            .order_by(
                done,
                case((done, -_case.c.stepped_at), else_=_case.c.due_at),
                _case.c.id,
            )
            .limit(_MOST)
        )
        return self._cases(statement)

    def service_case(self, id: str) -> CaseItem | None:
        """Return one case, or None when this device does not hold it."""
        found = self._cases(select(*fields_of("service_case")).where(_case.c.id == id))
        return found[0] if found else None

    def case_steps(self, case_id: str) -> list[StepItem]:
        """Return the log of a case, the latest first."""
        statement = (
            select(*fields_of("case_step"))
            .where(_step.c.case_id == case_id)
            .order_by(_step.c.occurred_at.desc(), _step.c.id.desc())
            .limit(_MOST)
        )
        found = [CaseStep(*row) for row in self._rows(statement)]
        return [
            StepItem(each, self._name_of(each.employee_id), self.state("case_step", each.id))
            for each in found
        ]

    def promises_of(self, customer_id: str) -> list[PromiseItem]:
        """Return what a customer was promised: what is to be done by its day, then the latest."""
        is_open = _task.c.status == "open"
        statement = (
            select(*fields_of("task"))
            .where(_task.c.customer_id == customer_id, _task.c.promised.is_(True))
            .order_by(
                is_open.desc(),
                case((is_open, _task.c.due), else_=None),
                _task.c.due.desc(),
                _task.c.id,
            )
            .limit(_MOST)
        )
        found = [Task(*row) for row in self._rows(statement)]
        return [PromiseItem(each, self.state("task", each.id)) for each in found]

    def appointments_of(self, customer_id: str, today: str) -> list[Task]:
        """Return a customer's visits and calls from today on that are no promise, by their days."""
        statement = (
            select(*fields_of("task"))
            .where(
                _task.c.customer_id == customer_id,
                _task.c.status == "open",
                _task.c.promised.is_(False),
                _task.c.kind.in_(_MEETING),
                _task.c.due >= today,
            )
            .order_by(_task.c.due, _task.c.id)
            .limit(_MOST)
        )
        return [Task(*row) for row in self._rows(statement)]

    def _cases(self, statement: Select[Any]) -> list[CaseItem]:
        found: Sequence[ServiceCase] = [ServiceCase(*row) for row in self._rows(statement)]
        people = self._customers_by_id([each.customer_id for each in found]) if found else {}
        return [
            CaseItem(
                case=each,
                customer_name=people[each.customer_id].name if each.customer_id in people else "",
                assignee_name=self._name_of(each.assignee_id) if each.assignee_id else None,
                opened_by_name=self._name_of(each.opened_by) if each.opened_by else each.source,
                state=self.state("service_case", each.id),
            )
            for each in found
        ]
