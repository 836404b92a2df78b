"""Reading: rows, names and states of records, which every query needs."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from mobile_app.store.bridge import reading
from mobile_app.store.mirror import Mirror
from mobile_app.store.outbox import Outbox
from mobile_app.store.records import RecordState
from mobile_app.store.set_aside import Key
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Employee
from shared.registry import REGISTRY


class Reading:
    """What every query stands on. Each is one short local transaction or two."""

    def __init__(self, mirror: Mirror, outbox: Outbox, my_id: Callable[[], str]) -> None:
        self._mirror, self._reads, self._work, self._my = mirror, mirror.engine, outbox, my_id
        self._states: dict[Key, RecordState] | None = None
        self._people: dict[str, Employee] | None = None

    def forget_states(self) -> None:
        """Something changed: read the states of records, and the people, anew."""
        self._states = self._people = None

    def state(self, entity: str, id: str) -> RecordState:
        """Return how far a record has come."""
        if self._states is None:
            self._states = self._work.states()
        return self._states.get((entity, id), RecordState.IN_RECORD)

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        with reading(self._reads) as connection:
            return connection.execute(statement).all()

    def employees(self) -> dict[str, Employee]:
        """Return the employees of the branch by id."""
        if self._people is None:
            rows = self._rows(select(*fields_of("employee")))
            self._people = {row.id: Employee(*row) for row in rows}
        return self._people

    def _name_of(self, employee_id: str) -> str | None:
        employee = self.employees().get(employee_id)
        return employee.name if employee else None

    def customer_name(self, customer_id: str) -> str | None:
        """Return a customer's name, or None when this device does not hold them."""
        found = self._customers_by_id([customer_id]).get(customer_id)
        return found.name if found else None

    def _customers_by_id(self, ids: Sequence[str]) -> dict[str, Customer]:
        rows = self._rows(select(*fields_of("customer")).where(MIRROR["customer"].c.id.in_(ids)))
        return {row.id: Customer(*row) for row in rows}

    def synced_at(self) -> int | None:
        """Return when the mirror was last brought up to date (ms), None if never."""
        text = self._mirror.meta().get("synced_at")
        return None if text is None else int(text)


def fields_of(entity: str) -> list[Any]:
    """Return an entity's own columns, in the order of its record's fields."""
    table = MIRROR[entity]
    return [table.c[name] for name in REGISTRY[entity].fields]


def stands() -> ColumnElement[bool]:
    """Say in SQL that a contact was not put right by a later one, which is the same customer's."""
    contact, later = MIRROR["interaction"], MIRROR["interaction"].alias("later")
    return ~exists().where(
        later.c.customer_id == contact.c.customer_id, later.c.supersedes == contact.c.id
    )
