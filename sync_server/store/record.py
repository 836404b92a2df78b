"""The shared record as other systems read it: one customer, and the timeline of all channels."""

from typing import Any

from sqlalchemy import Connection, func, or_, select

from shared.errors import refused
from sync_server.store.schema import ENTITY_TABLES


def customer_record(connection: Connection, id: str) -> dict[str, Any]:
    """Return a customer with owner and identifiers, numbers but for their last four masked."""
    table, employee = ENTITY_TABLES["customer"], ENTITY_TABLES["employee"]
    row = (
        connection.execute(
            select(table, employee.c.name.label("owner_name"))
            .outerjoin(employee, employee.c.id == table.c.owner_id)
            .where(table.c.id == id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise refused("not_found")
    return {**row, "identifiers": _identifiers(connection, id)}


def _identifiers(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    table = ENTITY_TABLES["identifier"]
    rows = connection.execute(
        select(table.c.kind, table.c.last_four, table.c.source)
        .where(table.c.customer_id == customer_id)
        .order_by(table.c.kind, table.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def timeline_page(
    connection: Connection, customer_id: str, limit: int, after: str | None
) -> dict[str, Any]:
    """Return `limit` contacts of a customer, latest first, from the one after `after` on.

    `{"items": [{"id", "kind", "at", "by", "by_id", ...}], "next"}`: kind is the channel, `at` ms
    since 1970 UTC, `next` what to pass as `after` for the following page, null on the last.
    """
    _must_exist(connection, customer_id)
    table, employee = ENTITY_TABLES["interaction"], ENTITY_TABLES["employee"]
    statement = (
        select(table, employee.c.name.label("by"))
        .outerjoin(employee, employee.c.id == table.c.employee_id)
        .where(table.c.customer_id == customer_id)
        .order_by(table.c.occurred_at.desc(), table.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        at = select(table.c.occurred_at).where(table.c.id == after).scalar_subquery()
        statement = statement.where(
            or_(table.c.occurred_at < at, (table.c.occurred_at == at) & (table.c.id < after))
        )
    rows = connection.execute(statement).mappings().all()
    items = [_item(dict(row)) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(rows) > limit else None}


def _item(row: dict[str, Any]) -> dict[str, Any]:
    hidden = {"channel", "occurred_at", "employee_id", "scope_id", "version", "by"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    return {
        "kind": row["channel"],
        "at": row["occurred_at"],
        "by": row["by"],
        "by_id": row["employee_id"],
    } | shown


def _must_exist(connection: Connection, customer_id: str) -> None:
    table = ENTITY_TABLES["customer"]
    count = select(func.count()).select_from(table).where(table.c.id == customer_id)
    if connection.execute(count).scalar_one() == 0:
        raise refused("not_found")
