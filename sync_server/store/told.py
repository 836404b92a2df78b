"""The bank's core events as the database keeps them: by key, and by the sales that they name."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import Connection, Select, Subquery, and_, delete, or_, select, union

from shared.findings import EarlyEvent
from shared.money import Fen
from sync_server.commission.banks_word import FIELD_OF, CoreEvent, Event
from sync_server.store.rows import among, insert_rows, look_up
from sync_server.store.schema import ENTITY_TABLES, core_event
from sync_server.store.unit_of_work import UnitOfWork

_SALES: Final = ENTITY_TABLES["sale"]
_EMPLOYEES: Final = ENTITY_TABLES["employee"]


def kept(connection: Connection, keys: Collection[str]) -> dict[str, CoreEvent]:
    """Return the events that are kept under these keys."""
    return {row.key: _event(row) for row in look_up(connection, keys, _named, "key")}


def events_of(
    connection: Connection, sales: Collection[str], refs: Collection[str]
) -> list[CoreEvent]:
    """Return the events that name one of these sales, by its id or by its reference."""
    named = [("sale_id", sales), ("external_ref", refs)]
    found = (row for name, ids in named if ids for row in look_up(connection, ids, _named, name))
    return list({row.key: _event(row) for row in found}.values())


def keep(unit: UnitOfWork, events: Mapping[str, CoreEvent]) -> None:
    """Keep events under their keys, in place of what was kept there."""
    unit.connection.execute(delete(core_event).where(core_event.c.key.in_(sorted(events))))
    rows = [
        (
            key,
            event.external_ref,
            event.sale_id,
            event.event,
            event.on.isoformat(),
            event.amount,
            event.qty,
            unit.actor.name,
            unit.now,
        )
        for key, event in events.items()
    ]
    insert_rows(unit.connection, core_event, rows)


def about(events: Iterable[CoreEvent], sale_id: str, ref: str | None) -> list[CoreEvent]:
    """Return those of the events that name a sale."""
    return [
        event
        for event in events
        if event.sale_id == sale_id or (ref is not None and event.external_ref == ref)
    ]


def before_joining(connection: Connection) -> list[EarlyEvent]:
    """Return what does not count, for it is dated before the seller joined, by day."""
    found, employee = _not_counted(), _EMPLOYEES.c
    early = (
        select(found.c.key, found.c.day, employee.joined_on)
        .join(_EMPLOYEES, employee.id == found.c.employee_id)
        .where(found.c.day < employee.joined_on)
        .order_by(found.c.day, found.c.key)
    )
    return [EarlyEvent(*row) for row in connection.execute(early)]


def not_counted_of(connection: Connection, employees: Collection[str]) -> set[str]:
    """Return those sales of employees that do not say all that the bank has told of them."""
    return {row.id for row in look_up(connection, employees, _of_sellers)} if employees else set()


@cache
def _of_sellers(*, is_postgresql: bool) -> Select[Any]:
    found = _not_counted()
    return select(found.c.id).where(among(found.c.employee_id, is_postgresql=is_postgresql))


def _not_counted() -> Subquery:
    """Every event whose sale is here and does not say it."""
    said, sale = core_event.c, _SALES.c
    unsaid = or_(
        *(and_(said.event == event, sale[field].is_(None)) for event, field in FIELD_OF.items())
    )
    each = select(said.key, said.day, sale.id, sale.employee_id).where(unsaid)
    return union(
        each.join(_SALES, sale.id == said.sale_id),
        each.join(_SALES, sale.external_ref == said.external_ref),
    ).subquery()


@cache
def _named(column: str, *, is_postgresql: bool) -> Select[Any]:
    return select(core_event).where(among(core_event.c[column], is_postgresql=is_postgresql))


def _event(row: Any) -> CoreEvent:
    return CoreEvent(
        row.key,
        row.external_ref,
        row.sale_id,
        cast(Event, row.event),
        date.fromisoformat(row.day),
        None if row.amount is None else Fen(row.amount),
        row.qty,
    )
