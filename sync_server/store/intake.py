"""The intake: what a device brings in one exchange, its operations and its own state, as one write.

They share a transaction because each costs a durable flush of its own otherwise.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, select, update

from shared.domain import DeviceState
from shared.registry import REGISTRY
from shared.sync.protocol import DeviceStatus, Receipt, SyncRequest, Txn
from shared.sync.ruling import Caller
from sync_server.store.identity import KnownDevice
from sync_server.store.ingest import Accepted, accept, actor_of
from sync_server.store.retiring import retire_former
from sync_server.store.rows import insert_rows
from sync_server.store.schema import device, receipt
from sync_server.store.scopes import granted
from sync_server.store.unit_of_work import UnitOfWork

SEEN_EVERY_MS: Final = 60_000
"""How often a device's last word is written down when nothing else is to be said."""


def has_news(known: KnownDevice, status: DeviceStatus, now: int, txns: Sequence[Txn] = ()) -> bool:
    """Whether what a device says of itself differs from what is written down."""
    return _waiting(status, txns) != known.pending or now - known.last_seen > SEEN_EVERY_MS


def take_in(connection: Connection, known: KnownDevice, request: SyncRequest, now: int) -> Accepted:
    """Write what a device brings. The verdicts count once the transaction is committed."""
    caller = _caller(connection, known)
    unit = UnitOfWork(connection, actor_of(caller), now)
    if has_news(known, request["device"], now, request["txns"]):
        _note_device(unit, known, request, now)
    _keep_receipts(unit, known, request.get("receipts", ()))
    return accept(unit, request["txns"], caller)


def _keep_receipts(unit: UnitOfWork, known: KnownDevice, receipts: Sequence[Receipt]) -> None:
    """Write down what a device says is off it; one that comes again is known already."""
    if not receipts:
        return
    wanted = {each["id"]: each for each in receipts}
    there = unit.connection.execute(select(receipt.c.id).where(receipt.c.id.in_(sorted(wanted))))
    for id in there.scalars():
        del wanted[id]
    rows = [
        (id, known.device_id, known.employee_id, each["purged"], each["rows"], each["at"], unit.now)
        for id, each in wanted.items()
    ]
    insert_rows(unit.connection, receipt, rows)


def take_in_carried(
    connection: Connection, known: KnownDevice, txns: Sequence[Txn], now: int
) -> Accepted:
    """Write work that came in a bundle; what its device said of itself then is no news by now."""
    caller = _caller(connection, known)
    return accept(UnitOfWork(connection, actor_of(caller), now), txns, caller)


def _caller(connection: Connection, known: KnownDevice) -> Caller:
    scopes = frozenset(granted(connection, known.employee_id))
    return Caller(known.employee_id, known.device_id, known.role, scopes, known.welcome)


def _waiting(status: DeviceStatus, txns: Sequence[Txn]) -> int:
    """How much is still only on the device once this exchange is through."""
    return max(0, status["pending"] - sum(len(txn["ops"]) for txn in txns))


def _note_device(unit: UnitOfWork, known: KnownDevice, request: SyncRequest, now: int) -> None:
    """Write down what the device reports; supervisors read it as a device state."""
    if not known.last_seen:
        retire_former(unit, known.device_id)
    status = request["device"]
    waiting = _waiting(status, request["txns"])
    oldest = status["oldest_pending_at"] if waiting > 0 else None
    skew = status["sent_at"] - now
    unit.connection.execute(
        update(device)
        .where(device.c.id == known.device_id)
        .values(
            pending=waiting,
            oldest_pending_at=oldest,
            skew_ms=skew,
            last_seen=now,
        )
    )
    state = DeviceState(
        known.device_id, known.employee_id, waiting, now, oldest, skew, known.status != "active"
    )
    unit.import_rows(REGISTRY["device_state"], [asdict(state)])
