"""The day: what is due, whom to turn to, and what helps to write a visit down."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy import func, select

from mobile_app.store.queries.consents import ConsentQueries
from mobile_app.store.queries.reading import fields_of
from mobile_app.store.records import RecordState, TodayItem
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Interaction, Task, VisitTemplate
from shared.domain.day_list import Candidate, Proposal, is_occasion, propose
from shared.domain.task import is_overdue

PROPOSALS: Final = 6
_FREQUENT_AMONG: Final = 200
"""How many of the user's latest records say which choices are frequent."""

_customer = MIRROR["customer"]
_interaction = MIRROR["interaction"]
_task = MIRROR["task"]
_template = MIRROR["visit_template"]


class DayQueries(ConsentQueries):
    """What the user's day is made of."""

    def today(self, today: str, now: int) -> list[TodayItem]:
        """Return the day's list: what is due, what is done today, and proposals."""
        tasks = self._due(today)
        busy = {task.customer_id for task in tasks}
        free, day = self._candidates(busy), date.fromisoformat(today)
        near = {each.customer_id for each in free if is_occasion(each, day, now)}
        spared = self.spared(near) if near else frozenset()
        proposals = propose(free, day, now, PROPOSALS, spared)
        people = self._customers_by_id([*busy, *(proposal.customer_id for proposal in proposals)])
        spared |= self.spared(people.keys() - near)
        origins = self._origins(tasks)
        found = [self._task_item(task, people, origins, today) for task in tasks]
        items = [item for item in found if item is not None]
        items += [_proposal_item(proposal, people) for proposal in proposals]
        return [replace(item, spared=item.customer_id in spared) for item in items]

    def _due(self, today: str) -> list[Task]:
        mine = _customer.c.owner_id == self._my()
        due = (_task.c.status == "open") & (_task.c.due <= today)
        done = (_task.c.status == "done") & (_task.c.due == today)
        statement = (
            select(*fields_of("task"))
            .join(_customer, _customer.c.id == _task.c.customer_id)
            .where(mine, due | done)
            .order_by(_task.c.status.desc(), _task.c.due, _task.c.promised.desc(), _task.c.id)
        )
        return [Task(*row) for row in self._rows(statement)]

    def _origins(self, tasks: Iterable[Task]) -> dict[str, Interaction]:
        """Return the contacts that systems of the bank told of, and that tasks follow from."""
        statement = select(*fields_of("interaction")).where(
            _interaction.c.id.in_([each.interaction_id for each in tasks if each.interaction_id]),
            _interaction.c.source.is_not(None),
        )
        return {row.id: Interaction(*row) for row in self._rows(statement)}

    def _candidates(self, busy: Iterable[str]) -> list[Candidate]:
        last = (
            select(
                _interaction.c.customer_id,
                func.max(_interaction.c.occurred_at).label("at"),
            )
            .group_by(_interaction.c.customer_id)
            .subquery()
        )
        statement = (
            select(_customer.c.id, _customer.c.stage, _customer.c.birth_date, last.c.at)
            .outerjoin(last, last.c.customer_id == _customer.c.id)
            .where(_customer.c.owner_id == self._my(), _customer.c.id.not_in(list(busy)))
        )
        return [Candidate(*row) for row in self._rows(statement)]

    def _task_item(
        self,
        task: Task,
        people: Mapping[str, Customer],
        origins: Mapping[str, Interaction],
        today: str,
    ) -> TodayItem | None:
        customer = people.get(task.customer_id)
        if customer is None:
            return None
        return TodayItem(
            task_id=task.id,
            customer_id=customer.id,
            customer_name=customer.name,
            customer_kind=customer.kind,
            kind=task.kind,
            title=task.title,
            reason=task.reason,
            due=task.due,
            overdue=is_overdue(task, today),
            done=task.status == "done",
            state=self.state("task", task.id),
            promised=task.promised,
            origin=origins.get(task.interaction_id or ""),
        )

    def templates(self, purpose: str) -> list[VisitTemplate]:
        """Return the prompts that the branch keeps for a purpose."""
        statement = select(*fields_of("visit_template")).where(
            _template.c.purpose == purpose, _template.c.active.is_(True)
        )
        return [VisitTemplate(*row) for row in self._rows(statement.order_by(_template.c.name))]

    def frequent(self, field: str) -> list[str]:
        """Return the user's own choices of a field, most frequent first."""
        latest = (
            select(_interaction.c[field].label("choice"))
            .where(_interaction.c.employee_id == self._my(), _interaction.c[field].is_not(None))
            .order_by(_interaction.c.occurred_at.desc())
            .limit(_FREQUENT_AMONG)
            .subquery()
        )
        statement = (
            select(latest.c.choice)
            .group_by(latest.c.choice)
            .order_by(func.count().desc(), latest.c.choice)
        )
        return [str(row.choice) for row in self._rows(statement)]


def _proposal_item(proposal: Proposal, people: Mapping[str, Customer]) -> TodayItem:
    customer = people[proposal.customer_id]
    return TodayItem(
        task_id=None,
        customer_id=customer.id,
        customer_name=customer.name,
        customer_kind=customer.kind,
        kind="call",
        title=proposal.reason,
        reason=str(proposal.days),
        due=None,
        overdue=False,
        done=False,
        state=RecordState.IN_RECORD,
    )
