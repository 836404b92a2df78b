"""Collaborations: what collaborators' devices hold of customers, brought up in one transaction.

Theory of operation. Whoever writes of customers says so here before the unit of work is finished.
Of those who have collaborators the rows are made anew and written where they differ; one whose
collaboration ended is deleted, and with it leaves the colleague's devices. The customer is locked
meanwhile, so that of two transactions that bring a task and a collaborator one sees the other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, or_, select

from shared.domain.collaborator import collaborates, collaboration_id, collaboration_of
from shared.registry import REGISTRY, Document
from sync_server.store.rows import among, current_rows, documents, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import Actor, UnitOfWork

_COLLABORATION: Final = REGISTRY["collaboration"]
_CUSTOMER: Final = REGISTRY["customer"]
_NAMED: Final = ENTITY_TABLES["collaborator"].c
_TASK: Final = ENTITY_TABLES["task"].c
_CONTACT: Final = ENTITY_TABLES["interaction"].c


def follow_collaborations(unit: UnitOfWork, customers: Collection[str]) -> None:
    """Bring what collaborators of these customers hold up to what the unit has written."""
    found = unit.written({"collaborator", "customer"})
    written = found.get("collaborator", set())
    customers = {*customers, *found.get("customer", ())}
    if not written and not _has_any(unit.connection, customers):
        return
    unit.flush()
    fresh = documents(unit.connection, REGISTRY["collaborator"], written).values()
    wanted = sorted({*customers, *(str(each["customer_id"]) for each in fresh)})
    held = current_rows(unit.connection, _CUSTOMER, wanted)
    actor = unit.actor
    unit.actor = Actor("job:collaborations", actor.device_id)
    try:
        _write(unit, held)
    finally:
        unit.actor = actor


def _write(unit: UnitOfWork, customers: Mapping[str, Document]) -> None:
    named = _rows(unit.connection, "collaborator", customers)
    lasting = [
        each
        for each in named
        if collaborates(each, str(customers[str(each["customer_id"])]["owner_id"]))
    ]
    rows = list(_made(unit.connection, lasting, customers))
    unit.import_rows(_COLLABORATION, rows)
    stays = {str(each["id"]) for each in rows}
    over = [collaboration_id(str(each["id"])) for each in named]
    gone = current_rows(unit.connection, _COLLABORATION, [id for id in over if id not in stays])
    for id, row in gone.items():
        unit.remove(_COLLABORATION, id, row["scope_id"], row["version"] + 1)


def _made(
    connection: Connection, named: Sequence[Document], customers: Mapping[str, Document]
) -> Iterable[Document]:
    mine = {str(each["customer_id"]) for each in named}
    owners = {str(customers[id]["owner_id"]) for id in mine}
    names = documents(connection, REGISTRY["employee"], owners)
    tasks, contacts = _next_tasks(connection, mine), _last_contacts(connection, mine)
    for each in named:
        customer = customers[str(each["customer_id"])]
        id, owner = str(customer["id"]), str(customer["owner_id"])
        owner_name = str(names[owner]["name"]) if owner in names else ""
        yield collaboration_of(each, customer, owner_name, tasks.get(id), contacts.get(id))


def lasting_until(
    connection: Connection, employee_id: str, customers: Collection[str], since: int
) -> dict[str, int | None]:
    """Return with which of these customers an employee collaborates, or did not long ago.

    Until when (ms) stands beside each; None where it lasts. What ended before `since` is over.
    """
    if not customers:
        return {}
    statement = select(_NAMED.customer_id, _NAMED.status, _NAMED.ended_at).where(
        _NAMED.colleague_id == employee_id,
        _NAMED.customer_id.in_(sorted(customers)),
        or_(_NAMED.status == "active", _NAMED.ended_at >= since),
    )
    found: dict[str, int | None] = {}
    for customer, status, ended_at in connection.execute(statement.order_by(_NAMED.ended_at)):
        if status == "active" or found.get(customer, 0) is not None:
            found[customer] = None if status == "active" else ended_at
    return found


def _has_any(connection: Connection, customers: Collection[str]) -> bool:
    return bool(customers) and bool(look_up(connection, customers, _any_of))


def _rows(connection: Connection, entity: str, customers: Collection[str]) -> list[Document]:
    names = REGISTRY[entity].fields
    found = look_up(connection, customers, _of_customers, entity)
    return [dict(zip(names, row, strict=False)) for row in found]


def _next_tasks(connection: Connection, customers: Collection[str]) -> dict[str, Document]:
    found = _rows(connection, "task", customers) if customers else []
    waiting = [each for each in found if each["status"] == "open"]
    latest_first = sorted(waiting, key=lambda each: (each["due"], each["id"]), reverse=True)
    return {str(each["customer_id"]): each for each in latest_first}


def _last_contacts(connection: Connection, customers: Collection[str]) -> dict[str, Document]:
    found = _rows(connection, "interaction", customers) if customers else []
    put_right = {each["supersedes"] for each in found}
    standing = [each for each in found if each["id"] not in put_right]
    ordered = sorted(standing, key=lambda each: (each["occurred_at"], each["id"]))
    return {str(each["customer_id"]): each for each in ordered}


@cache
def _any_of(*, is_postgresql: bool) -> Select[Any]:
    condition = among(_NAMED.customer_id, is_postgresql=is_postgresql)
    return select(_NAMED.id).where(condition).limit(1)


@cache
def _of_customers(entity: str, *, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES[entity]
    condition = among(table.c.customer_id, is_postgresql=is_postgresql)
    return select(table).where(condition).order_by(table.c.id)
