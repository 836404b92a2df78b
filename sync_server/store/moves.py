"""Moving a customer, with all that is theirs, from one account manager to another."""

from sqlalchemy import Connection

from shared.errors import refused
from shared.registry import REGISTRY
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.identity import employee_by_no
from sync_server.store.rows import current_rows
from sync_server.store.unit_of_work import Actor, UnitOfWork


def move_customer(
    connection: Connection, customer_id: str, employee_no: str, now: int
) -> int | None:
    """Make an employee the owner of a customer; return the transaction's seq, None if they were.

    The former owner's devices lose the customer and everything that follows it, the new owner's
    get it whole, in one transaction.
    """
    entity = REGISTRY["customer"]
    row = current_rows(connection, entity, [customer_id]).get(customer_id)
    if row is None:
        raise refused("not_found")
    owner = employee_by_no(connection, employee_no)
    document = {name: row[name] for name in entity.fields}
    unit = UnitOfWork(connection, Actor("admin:move"), now)
    unit.import_rows(entity, [{**document, "owner_id": owner.id, "org_unit_id": owner.org_unit_id}])
    follow_collaborations(unit, [customer_id])
    return unit.finish()
