"""Revoking: a device loses its right to sync, and the supervisors of its user see it."""

from sqlalchemy import Connection

from shared.registry import REGISTRY
from sync_server.store.identity import revoke
from sync_server.store.rows import current_rows
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
