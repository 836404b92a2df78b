"""Reading: rows, names and states of records, which every query needs.

A page of the app asks some forty things before it can be drawn. Core takes ten times as long to
make a statement and to run it as SQLite to answer it: what such a page asks is made once, with
blanks, and asked as text (`_ask`); what is asked now and then is made when it is asked (`_rows`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Select, bindparam, exists, select, text
from sqlalchemy.dialects import sqlite

from mobile_app.store.bridge import ask, reading
from mobile_app.store.mirror import Mirror
from mobile_app.store.outbox import Outbox
from mobile_app.store.records import RecordState
from mobile_app.store.set_aside import Key
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Employee
from shared.registry import REGISTRY

_NAMED: Final = sqlite.dialect(paramstyle="named")


class Reading:
    """What every query stands on. Each is one short local transaction or two."""

    def __init__(self, mirror: Mirror, outbox: Outbox, my_id: Callable[[], str]) -> None:
        self._mirror, self._reads, self._work, self._my = mirror, mirror.engine, outbox, my_id
        self._states: dict[Key, RecordState] = {}
        self._people: dict[str, Employee] | None = None

    def forget_states(self) -> None:
        """Something changed: read the states of records, and the people, anew."""
        self._states, self._people = {}, None

    def state(self, entity: str, id: str) -> RecordState:
        """Return how far a record has come."""
        key = entity, id
        if key not in self._states:
            self._states[key] = self._work.state(key)
        return self._states[key]

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        with reading(self._reads) as connection:
            return connection.execute(statement).all()

    def _ask(self, statement: Select[Any], **blanks: object) -> list[Any]:
        """Return the rows of a statement that is made once, its blanks filled.

        A row is a plain tuple, and a flag in it is 0 or 1.
        """
        sql, given = _text_of(statement)
        return ask(self._reads, sql, {**given, **blanks})

    def _of_ids(self, entity: str, ids: Collection[str], field: str = "id") -> list[Any]:
        """Return the rows of an entity that are named by their ids, or by another field."""
        return self._ask(_named(entity, field), ids=listed(ids)) if ids else []

    def employees(self) -> dict[str, Employee]:
        """Return the employees of the branch by id."""
        if self._people is None:
            rows = self._rows(every("employee"))
            self._people = {row.id: Employee(*row) for row in rows}
        return self._people

    def _name_of(self, employee_id: str) -> str | None:
        employee = self.employees().get(employee_id)
        return employee.name if employee else None

    def customer_name(self, customer_id: str) -> str | None:
        """Return a customer's name, or None when this device does not hold them."""
        found = self._customers_by_id([customer_id]).get(customer_id)
        return found.name if found else None

    def _customers_by_id(self, ids: Collection[str]) -> dict[str, Customer]:
        found = (Customer(*row) for row in self._of_ids("customer", ids))
        return {each.id: each for each in found}

    def synced_at(self) -> int | None:
        """Return when the mirror was last brought up to date (ms), None if never."""
        text = self._mirror.meta().get("synced_at")
        return None if text is None else int(text)


def fields_of(entity: str) -> list[Any]:
    """Return an entity's own columns, in the order of its record's fields."""
    table = MIRROR[entity]
    return [table.c[name] for name in REGISTRY[entity].fields]


@cache
def every(entity: str) -> Select[Any]:
    """Return the query of an entity's records, to be narrowed."""
    return select(*fields_of(entity))


def among(column: ColumnElement[str], blank: str) -> ColumnElement[bool]:
    """Say in SQL that a column is one of a list that fills a blank, written by `listed`."""
    some = text(f"SELECT value FROM json_each(:{blank})").bindparams(bindparam(blank))  # noqa: S608
    return column.in_(some)


def listed(values: Iterable[str]) -> str:
    """Write the list that fills a blank."""
    return to_json(list(values)).decode()


@cache
def _named(entity: str, field: str) -> Select[Any]:
    return every(entity).where(among(MIRROR[entity].c[field], "ids"))


@cache
def _text_of(statement: Select[Any]) -> tuple[str, Mapping[str, Any]]:
    """Return a statement as text, and the values that stand in it already."""
    compiled = statement.compile(dialect=_NAMED)
    whole = compiled.construct_expanded_state(dict(compiled.params))
    return whole.statement, {
        name: value for name, value in whole.parameters.items() if value is not None
    }


def stands() -> ColumnElement[bool]:
    """Say in SQL that a contact was not put right by a later one, which is the same customer's."""
    contact, later = MIRROR["interaction"], MIRROR["interaction"].alias("later")
    return ~exists().where(
        later.c.customer_id == contact.c.customer_id, later.c.supersedes == contact.c.id
    )
