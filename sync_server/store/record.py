"""The shared record as other systems read it: one customer, and the timeline of all channels.

The id of a customer who was merged into another leads to the one who goes on. Every row leaves
through `shown`, which masks what the reader may not see.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from shared import identity
from shared.errors import refused
from shared.registry import REGISTRY
from sync_server.outward import Right, shown
from sync_server.store.schema import ENTITY_TABLES

Rights = frozenset[Right]
_CUSTOMER: Final = ENTITY_TABLES["customer"]
_EMPLOYEE: Final = ENTITY_TABLES["employee"]
_IDENTIFIER: Final = ENTITY_TABLES["identifier"]
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {"accounts": "account", "relations": "relation"}
)
"""What hangs from a customer, as whole rows."""
_VALUE: Final = ("period", "contribution", "score", "tier", "computed_at")
"""What is told of a customer's value; how it came about stays with the bank's people."""
_FOUND: Final = ("id", "kind", "name", "owner_id", "org_unit_id")
_MOST_FOUND: Final = 50
"""Customers of one telephone: a family's, or a company's switchboard."""


def customer_record(connection: Connection, id: str, rights: Rights) -> dict[str, Any]:
    """Return a customer with owner, identifiers, accounts, relations and value.

    Moments are ms since 1970 UTC, amounts fen. Raises Refusal `not_found`.
    """
    id = who_goes_on(connection, id)
    row = (
        connection.execute(
            select(_CUSTOMER, _EMPLOYEE.c.name.label("owner_name"))
            .outerjoin(_EMPLOYEE, _EMPLOYEE.c.id == _CUSTOMER.c.owner_id)
            .where(_CUSTOMER.c.id == id)
        )
        .mappings()
        .one()
    )
    document = {name: row[name] for name in REGISTRY["customer"].fields}
    parts = {name: _rows(connection, entity, id, rights) for name, entity in _PARTS.items()}
    return {
        **shown("customer", document, rights),
        "version": row["version"],
        "owner_name": row["owner_name"],
        "identifiers": _identifiers(connection, id, rights),
        **parts,
        "value": _value(connection, id, rights),
    }


def _rows(
    connection: Connection, entity: str, customer_id: str, rights: Rights
) -> list[dict[str, Any]]:
    table, fields = ENTITY_TABLES[entity], REGISTRY[entity].fields
    mine = select(*(table.c[name] for name in fields)).where(table.c.customer_id == customer_id)
    rows = connection.execute(mine.order_by(table.c.id)).mappings()
    return [shown(entity, {name: row[name] for name in fields}, rights) for row in rows]


def _identifiers(connection: Connection, customer_id: str, rights: Rights) -> list[dict[str, Any]]:
    own = _IDENTIFIER.c
    names = ["kind", "last_four", "source", *(["value"] if "numbers" in rights else [])]
    rows = connection.execute(
        select(*(own[name] for name in names))
        .where(own.customer_id == customer_id)
        .order_by(own.kind, own.id)
    )
    return [dict(row) for row in rows.mappings()]


def _value(connection: Connection, customer_id: str, rights: Rights) -> dict[str, Any] | None:
    found = _rows(connection, "customer_value", customer_id, rights)
    return {name: found[0][name] for name in _VALUE} if found else None


def customers_known_by(
    connection: Connection, kind: str, value: str, rights: Rights
) -> list[dict[str, Any]]:
    """Return whom a number belongs to, however it is written: id, kind, name, owner, version.

    `kind` is that of an identifier, or "phone".
    """
    found = select(_CUSTOMER.c.id).order_by(_CUSTOMER.c.id).limit(_MOST_FOUND)
    if kind == "phone":
        spelt = identity.spellings(identity.phone(value))
        found = found.where(_CUSTOMER.c.phone.in_(sorted(spelt)))
    else:
        number, own = identity.standard(value), _IDENTIFIER.c
        known = select(own.customer_id).where(
            own.kind == kind, own.value.in_(sorted({number, number.lower(), value.strip()}))
        )
        found = found.where(_CUSTOMER.c.id.in_(known))
    ids = connection.execute(found).scalars().all()
    going_on = {who_goes_on(connection, id) for id in ids}
    those = select(_CUSTOMER).where(_CUSTOMER.c.id.in_(sorted(going_on))).order_by(_CUSTOMER.c.id)
    return [_found(row, rights) for row in connection.execute(those).mappings()]


def _found(row: Mapping[Any, Any], rights: Rights) -> dict[str, Any]:
    document = {name: row[name] for name in _FOUND}
    return {**shown("customer", document, rights), "version": row["version"]}


def timeline_page(
    connection: Connection, customer_id: str, limit: int, after: str | None, rights: Rights
) -> dict[str, Any]:
    """Return `limit` contacts of a customer, latest first, from the one after `after` on.

    `{"items": [{"id", "kind", "at", "by", "by_id", ...}], "next"}`: kind is the channel, `at` ms
    since 1970 UTC, `next` what to pass as `cursor` for the following page, null on the last.

    Raises Refusal `malformed` where `after` is no contact, `not_found` where there is no customer.
    """
    customer_id = who_goes_on(connection, customer_id)
    table = ENTITY_TABLES["interaction"]
    statement = (
        select(table, _EMPLOYEE.c.name.label("by"))
        .outerjoin(_EMPLOYEE, _EMPLOYEE.c.id == table.c.employee_id)
        .where(table.c.customer_id == customer_id)
        .order_by(table.c.occurred_at.desc(), table.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        at = connection.execute(select(table.c.occurred_at).where(table.c.id == after)).scalar()
        if at is None:
            raise refused("malformed", path="cursor", problem="not one that was given here")
        statement = statement.where(
            or_(table.c.occurred_at < at, (table.c.occurred_at == at) & (table.c.id < after))
        )
    rows = connection.execute(statement).mappings().all()
    items = [_item(row, rights) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(rows) > limit else None}


def _item(row: Mapping[Any, Any], rights: Rights) -> dict[str, Any]:
    document = {name: row[name] for name in REGISTRY["interaction"].fields}
    renamed = {"channel", "occurred_at", "employee_id"}
    seen = shown("interaction", document, rights)
    return {
        "kind": row["channel"],
        "at": row["occurred_at"],
        "by": row["by"] or row["agent"],
        "by_id": row["employee_id"] or None,
    } | {name: value for name, value in seen.items() if name not in renamed}


def who_goes_on(connection: Connection, id: str) -> str:
    """Return the customer whom an id leads to; raise `not_found` for one that nobody ever had."""
    following: str | None = id
    while following is not None:
        id = following
        found = select(_CUSTOMER.c.merged_into).where(_CUSTOMER.c.id == id)
        row = connection.execute(found).one_or_none()
        if row is None:
            raise refused("not_found")
        following = row.merged_into
    return id
