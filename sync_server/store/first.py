"""What a device is given first of a scope: today's customers, whole, before everyone else's rows.

A new tablet in the morning is of use after one page: the customers with something due are there,
with their tasks, numbers and history. The walk brings them once more, which costs little.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from shared.registry import REGISTRY, Entity
from sync_server.store.schema import ENTITY_TABLES

MOST_CUSTOMERS: Final = 50
"""More than anyone visits in a day."""
MOST_ROWS: Final = 1_000
"""Of one entity, so that a first page stays a page."""


def todays_rows(
    connection: Connection, scope: str, today: str
) -> list[tuple[Entity, Sequence[Row[Any]]]]:
    """Return the rows of the customers of a scope with an open task due by `today` (ISO)."""
    task = ENTITY_TABLES["task"]
    due = (
        select(task.c.customer_id)
        .where(task.c.scope_id == scope, task.c.status == "open", task.c.due <= today)
        .order_by(task.c.due.desc(), task.c.customer_id)
        .limit(MOST_CUSTOMERS * 4)  # several may be the same customer's
    )
    customers = list(dict.fromkeys(connection.execute(due).scalars()))[:MOST_CUSTOMERS]
    if not customers:
        return []
    wanted = [entity for entity in REGISTRY.values() if entity.of_customer]
    return [
        (entity, _rows_of(connection, entity, customers, scope))
        for entity in (REGISTRY["customer"], *wanted)
    ]


def _rows_of(
    connection: Connection, entity: Entity, customers: Sequence[str], scope: str
) -> Sequence[Row[Any]]:
    table = ENTITY_TABLES[entity.name]
    column: Any = table.c.id if entity.name == "customer" else table.c.customer_id
    statement = (
        select(table)
        .where(column.in_(customers), table.c.scope_id == scope)
        .order_by(table.c.id.desc())
        .limit(MOST_ROWS)
    )
    return connection.execute(statement).all()
