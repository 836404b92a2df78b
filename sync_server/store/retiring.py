"""Retiring: a device loses its right to sync, and the supervisors of its user see it."""

from sqlalchemy import Connection, select, update

from shared.registry import REGISTRY
from sync_server.store.identity import revoke
from sync_server.store.rows import current_rows
from sync_server.store.schema import device
from sync_server.store.unit_of_work import Actor, UnitOfWork


def revoke_device(connection: Connection, device_id: str, now: int) -> None:
    """Stop a device, as `revoke`, and let its last known state say so."""
    revoke(connection, device_id)
    entity = REGISTRY["device_state"]
    state = current_rows(connection, entity, [device_id]).get(device_id)
    if state is None:  # it was never heard of, so nobody has it on a screen
        return
    unit = UnitOfWork(connection, Actor("admin:revoke"), now)
    unit.import_rows(entity, [{**{name: state[name] for name in entity.fields}, "revoked": True}])
    unit.finish()


def retire_former(unit: UnitOfWork, device_id: str) -> None:
    """Let go of what a device was before it took a new code: it speaks for itself now.

    Not at its enrolment: the answer to that may be lost, and then it is still the former one.
    """
    former = unit.connection.execute(select(device.c.former).where(device.c.id == device_id))
    id = former.scalar_one()
    if id is None:
        return
    entity = REGISTRY["device_state"]
    for row in current_rows(unit.connection, entity, [id]).values():
        unit.remove(entity, id, row["scope_id"], row["version"] + 1)
    unit.connection.execute(
        update(device)
        .where(device.c.id == id)
        .values(status="replaced", pending=0, oldest_pending_at=None)
    )
