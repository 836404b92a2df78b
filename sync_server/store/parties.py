"""Parties: customers as they are compared, read for many at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from sync_server.customer.likeness import Party
from sync_server.store.rows import among, look_up
from sync_server.store.schema import ENTITY_TABLES

_CUSTOMER: Final = ENTITY_TABLES["customer"].c
_IDENTIFIER: Final = ENTITY_TABLES["identifier"].c
_COMPARED: Final = (
    "id", "kind", "name", "owner_id", "phone", "birth_date", "gender", "address",
    "legal_representative",
)  # fmt: skip
_PARTIES: Final = select(*(_CUSTOMER[name] for name in _COMPARED)).where(
    _CUSTOMER.merged_into.is_(None)
)


def parties(connection: Connection, ids: Collection[str]) -> dict[str, Party]:
    """Return customers by id, without those who were merged into another."""
    return _with_numbers(connection, look_up(connection, ids, _by_id))


def parties_after(connection: Connection, last: str, most: int) -> list[Party]:
    """Return the next customers in the order of ids, without those who were merged."""
    page = _PARTIES.where(_CUSTOMER.id > last).order_by(_CUSTOMER.id).limit(most)
    return list(_with_numbers(connection, connection.execute(page).all()).values())


def _with_numbers(connection: Connection, rows: Sequence[Any]) -> dict[str, Party]:
    numbers: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    if rows:
        for found in look_up(connection, {row.id for row in rows}, _numbers):
            numbers[found.customer_id].append((found.kind, found.value))
    return {row.id: Party(**row._asdict(), numbers=numbers[row.id]) for row in rows}


@cache
def _by_id(*, is_postgresql: bool) -> Select[Any]:
    return _PARTIES.where(among(_CUSTOMER.id, is_postgresql=is_postgresql)).order_by(_CUSTOMER.id)


@cache
def _numbers(*, is_postgresql: bool) -> Select[Any]:
    own = _IDENTIFIER
    found = select(own.customer_id, own.kind, own.value)
    return found.where(among(own.customer_id, is_postgresql=is_postgresql))
