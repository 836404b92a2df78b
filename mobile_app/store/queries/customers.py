"""Customers: found as one types, and one of them with all that stands above the timeline."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select

from mobile_app.store.queries.reading import Reading, among, every, listed, stands
from mobile_app.store.records import CustomerCard, CustomerRow, Touch
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Identifier, Interaction, Task
from shared.domain.touches import RECENT_MS, touches

_TOUCHES: Final = 100
"""Colleagues' contacts of 30 days that are gone through; more would say no more."""

_customer = MIRROR["customer"]
_identifier = MIRROR["identifier"]
_interaction = MIRROR["interaction"]
_task = MIRROR["task"]
_LAST: Final = (
    select(_interaction.c.customer_id, func.max(_interaction.c.occurred_at))
    .where(among(_interaction.c.customer_id, "customers"))
    .group_by(_interaction.c.customer_id)
)
_IDENTIFIERS: Final = (
    every("identifier")
    .where(_identifier.c.customer_id == bindparam("customer"))
    .order_by(_identifier.c.kind)
)
_RECENT: Final = (
    every("interaction")
    .where(
        _interaction.c.customer_id == bindparam("customer"),
        _interaction.c.occurred_at >= bindparam("since"),
        _interaction.c.employee_id != bindparam("me"),
        or_(_interaction.c.employee_id != "", func.coalesce(_interaction.c.agent, "") != ""),
        stands(),
    )
    .order_by(_interaction.c.occurred_at.desc())
    .limit(_TOUCHES)
)


class CustomerQueries(Reading):
    """Customers in a list, and one of them whole."""

    def customers(self, text: str, limit: int = 200, offset: int = 0) -> list[CustomerRow]:
        """Find customers by name, pinyin initials, last four digits or address."""
        statement = every("customer").order_by(_rank(text), _customer.c.initials, _customer.c.id)
        if text.strip():
            statement = statement.where(_matches(text.strip()))
        found = [Customer(*row) for row in self._rows(statement.limit(limit).offset(offset))]
        ids = [customer.id for customer in found]
        last, next_task = self._last_contacts(ids), self._next_tasks(ids)
        return [
            self._customer_row(each, last.get(each.id), next_task.get(each.id)) for each in found
        ]

    def _customer_row(
        self, customer: Customer, last_at: int | None, task: Task | None
    ) -> CustomerRow:
        return CustomerRow(
            id=customer.id,
            kind=customer.kind,
            name=customer.name,
            initials=customer.initials,
            phone=customer.phone,
            address=customer.address,
            owner_id=customer.owner_id,
            owner_name=self._name_of(customer.owner_id),
            stage=customer.stage,
            need=customer.need,
            need_amount=customer.need_amount,
            last_contact_at=last_at,
            next_step=task.title if task else None,
            next_due=task.due if task else None,
            state=self.state("customer", customer.id),
        )

    def _last_contacts(self, customers: Sequence[str]) -> dict[str, int]:
        return dict(self._ask(_LAST, customers=listed(customers)))

    def _next_tasks(self, customers: Sequence[str]) -> dict[str, Task]:
        statement = (
            every("task")
            .where(_task.c.customer_id.in_(customers), _task.c.status == "open")
            .order_by(_task.c.due.desc(), _task.c.id.desc())
        )
        return {row.customer_id: Task(*row) for row in self._rows(statement)}

    def customer(self, id: str, now: int | None = None) -> CustomerCard | None:
        """Return everything above one customer's timeline, or None if they are not here."""
        customer = self._customers_by_id([id]).get(id)
        if customer is None:
            return None
        identifiers = self._ask(_IDENTIFIERS, customer=id)
        return CustomerCard(
            customer=customer,
            owner_name=self._name_of(customer.owner_id),
            last_contact_at=self._last_contacts([id]).get(id),
            next_task=self._next_tasks([id]).get(id),
            identifiers=tuple(Identifier(*row) for row in identifiers),
            touches=self._touches(id, now),
            state=self.state("customer", id),
            synced_at=self.synced_at(),
        )

    def _touches(self, customer_id: str, now: int | None) -> tuple[Touch, ...]:
        """What colleagues had to do with a customer lately."""
        until = self._last_contacts([customer_id]).get(customer_id, 0) if now is None else now
        asked = {"customer": customer_id, "since": until - RECENT_MS, "me": self._my()}
        rows = self._ask(_RECENT, **asked)
        contacts = [Interaction(*row) for row in rows]
        return tuple(
            Touch(each, self._name_of(each.employee_id) or each.agent)
            for each in touches(contacts, self._my(), until)
        )


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _matches(text: str) -> ColumnElement[bool]:
    safe, digits = _like(text), text.isascii() and text.isdigit()
    ways: list[ColumnElement[bool]] = [
        _customer.c.name.like(f"%{safe}%", escape="\\"),
        _customer.c.address.like(f"%{safe}%", escape="\\"),
    ]
    if text.isascii():
        initials = _like(text.lower())
        ways.append(_customer.c.initials.like(f"{initials}%", escape="\\"))
        ways.append(_customer.c.initials.like(f"% {initials}%", escape="\\"))
    if digits:
        ways.append(_customer.c.phone.like(f"%{safe}"))
        ways.append(
            _customer.c.id.in_(
                select(_identifier.c.customer_id).where(_identifier.c.last_four == text)
            )
        )
    return or_(*ways)


def _rank(text: str) -> ColumnElement[int]:
    """Names that begin with the text stand before those that only contain it."""
    safe = _like(text.strip())
    begins = _customer.c.name.like(f"{safe}%", escape="\\") | _customer.c.initials.like(
        f"{safe.lower()}%", escape="\\"
    )
    return case((begins, 0), else_=1)
