"""Customers: found as one types, and one of them with all that stands above the timeline."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select

from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.records import CustomerCard, CustomerRow, Touch
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Identifier, Interaction, Task
from shared.domain.touches import RECENT_MS, touches

_TOUCHES: Final = 100
"""Contacts of 30 days that are gone through; more would say no more."""

_customer = MIRROR["customer"]
_identifier = MIRROR["identifier"]
_interaction = MIRROR["interaction"]
_task = MIRROR["task"]


class CustomerQueries(Reading):
    """Customers in a list, and one of them whole."""

    def customers(self, text: str, limit: int = 200, offset: int = 0) -> list[CustomerRow]:
        """Find customers by name, pinyin initials, last four digits or address."""
        statement = select(*fields_of("customer")).order_by(
            _rank(text), _customer.c.initials, _customer.c.id
        )
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
        statement = (
            select(_interaction.c.customer_id, func.max(_interaction.c.occurred_at).label("at"))
            .where(_interaction.c.customer_id.in_(customers))
            .group_by(_interaction.c.customer_id)
        )
        return {row.customer_id: row.at for row in self._rows(statement)}

    def _next_tasks(self, customers: Sequence[str]) -> dict[str, Task]:
        statement = (
            select(*fields_of("task"))
            .where(_task.c.customer_id.in_(customers), _task.c.status == "open")
            .order_by(_task.c.due.desc(), _task.c.id.desc())
        )
        return {row.customer_id: Task(*row) for row in self._rows(statement)}

    def customer(self, id: str, now: int | None = None) -> CustomerCard | None:
        """Return everything above one customer's timeline, or None if they are not here."""
        rows = self._rows(select(*fields_of("customer")).where(_customer.c.id == id))
        if not rows:
            return None
        customer = Customer(*rows[0])
        identifiers = self._rows(
            select(*fields_of("identifier"))
            .where(_identifier.c.customer_id == id)
            .order_by(_identifier.c.kind)
        )
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
        latest = self._last_contacts([customer_id]).get(customer_id, 0)
        until = latest if now is None else now
        statement = (
            select(*fields_of("interaction"))
            .where(
                _interaction.c.customer_id == customer_id,
                _interaction.c.occurred_at >= until - RECENT_MS,
            )
            .order_by(_interaction.c.occurred_at.desc())
            .limit(_TOUCHES)
        )
        contacts = [Interaction(*row) for row in self._rows(statement)]
        return tuple(
            Touch(each, self._name_of(each.employee_id))
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
