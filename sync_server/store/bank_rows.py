"""What the bank's files name, looked up in the record: people by number, products by code, sales.

Ids are the record's own; other systems know none of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, select

from shared.registry import REGISTRY, Document
from sync_server.store.rows import among, look_up
from sync_server.store.schema import ENTITY_TABLES


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose sale it is: the first day on which they may sell, None if nobody said one."""

    joined_on: str | None


@cache
def _by(entity: str, column: str, *, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES[entity]
    return select(table).where(among(table.c[column], is_postgresql=is_postgresql))


def employees_by_number(connection: Connection, numbers: Collection[str]) -> dict[str, Document]:
    """Return the employees with these numbers."""
    return _documents(connection, "employee", "employee_no", numbers)


def product_codes(connection: Connection, codes: Collection[str]) -> frozenset[str]:
    """Return those of these codes that the catalogue has."""
    return frozenset(_documents(connection, "product", "code", codes))


def org_units_by_name(connection: Connection, names: Collection[str]) -> dict[str, Document]:
    """Return the org units with these names."""
    return _documents(connection, "org_unit", "name", names)


def _documents(
    connection: Connection, entity: str, column: str, values: Collection[str]
) -> dict[str, Document]:
    if not values:
        return {}
    rows = look_up(connection, values, _by, entity, column)
    mine = REGISTRY[entity].fields
    return {row._mapping[column]: {name: row._mapping[name] for name in mine} for row in rows}


@cache
def _sellers(column: Column[Any], *, is_postgresql: bool) -> Select[Any]:
    employee, sale = ENTITY_TABLES["employee"], ENTITY_TABLES["sale"]
    return (
        select(column, employee.c.joined_on)
        .join(employee, employee.c.id == sale.c.employee_id)
        .where(among(column, is_postgresql=is_postgresql))
        .order_by(employee.c.joined_on.nulls_first())
    )


def sellers(
    connection: Connection, sale_ids: Collection[str], references: Collection[str]
) -> Mapping[str, Seller]:
    """Return who sold these, by the id or the external reference that the bank calls a sale.

    Of two who claim one reference, the one who joined first.
    """
    sale = ENTITY_TABLES["sale"]
    found: dict[str, Seller] = {}
    for column, wanted in ((sale.c.id, sale_ids), (sale.c.external_ref, references)):
        rows: Sequence[Any] = look_up(connection, wanted, _sellers, column) if wanted else ()
        for name, joined_on in rows:
            found.setdefault(name, Seller(joined_on))
    return found
