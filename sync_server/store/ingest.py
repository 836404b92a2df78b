"""Ingest: one exchange's operations, looked up, judged and written in one database transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, insert, select

from shared.registry import REGISTRY
from shared.sync.arbiter import judge
from shared.sync.protocol import Txn, Verdict
from shared.sync.ruling import Applied, Asks, Caller, Ground, Key, Row, Ruling, asks
from sync_server.store.rows import bump, buried, current_rows, customer_scopes, insert_rows
from sync_server.store.schema import applied_op, change_log, conflict, set_aside_op
from sync_server.store.unit_of_work import Actor, UnitOfWork

LATE_TRANSFER_MS: Final = 30 * 24 * 3_600_000
"""How long after a customer moved on the former manager's records about them are still taken."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a batch came to: its verdicts, and whom its commit concerns."""

    verdicts: list[Verdict]
    seq: int | None
    scopes: frozenset[str]


def accept(unit: UnitOfWork, txns: Sequence[Txn], caller: Caller) -> Accepted:
    """Judge and write a batch. The verdicts count once the caller has committed."""
    wanted = asks(txns)
    ruling = judge(txns, caller, _ground(unit.connection, wanted, caller, unit.now))
    _write_rows(unit, ruling)
    seq = unit.finish()
    _stamp(unit, ruling, seq)
    _remember(unit, ruling, caller)
    return Accepted(ruling.verdicts, seq, frozenset(unit.scopes))


def _ground(connection: Connection, wanted: Asks, caller: Caller, now: int) -> Ground:
    # Customers are locked before what follows them, as an import does that moves them.
    rows = _rows(connection, {name: ids for name, ids in wanted.rows.items() if name == "customer"})
    homes = customer_scopes(connection, list(wanted.customers))
    rows |= _rows(
        connection, {name: ids for name, ids in wanted.rows.items() if name != "customer"}
    )
    keys = [(name, id) for name, ids in wanted.rows.items() for id in ids]
    strangers = [customer for customer, scope in homes.items() if scope not in caller.scopes]
    return Ground(
        seen=_seen(connection, wanted.op_ids),
        rows=rows,
        deleted=buried(connection, (key for key in keys if key not in rows)),
        homes=homes,
        moved=_moved(connection, strangers, caller, now - LATE_TRANSFER_MS),
    )


def _rows(connection: Connection, wanted: Mapping[str, Collection[str]]) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for name in sorted(wanted):
        entity = REGISTRY[name]
        for id, row in current_rows(connection, entity, list(wanted[name])).items():
            document = {column: row[column] for column in entity.fields}
            found[name, id] = Row(document, row["version"], row["scope_id"])
    return found


def _seen(connection: Connection, op_ids: frozenset[str]) -> dict[str, Applied]:
    found = connection.execute(
        select(applied_op).where(applied_op.c.op_id.in_(sorted(op_ids)))
    ).mappings()
    return {row["op_id"]: Applied(row["digest"], _verdict(row)) for row in found}


def _verdict(row: Any) -> Verdict:
    if row["verdict"]:
        said: Verdict = from_json(row["verdict"])
        return {**said, "seq": row["seq"]}
    return {"op_id": row["op_id"], "status": row["status"], "version": 1, "seq": row["seq"]}


def _moved(
    connection: Connection, customers: Sequence[str], caller: Caller, since: int
) -> frozenset[str]:
    """Find which of these customers were the caller's not long ago."""
    if not customers:
        return frozenset()
    left = select(change_log.c.id).where(
        change_log.c.entity == "customer",
        change_log.c.op == "leave",
        change_log.c.id.in_(customers),
        change_log.c.scope_id.in_(sorted(caller.scopes)),
        change_log.c.at >= since,
    )
    return frozenset(connection.execute(left).scalars())


def _write_rows(unit: UnitOfWork, ruling: Ruling) -> None:
    for row in ruling.writes:
        if row.document is None:
            unit.remove(row.entity, row.id, row.scope, row.version, row.op_id)
        elif row.version == 1:
            unit.create(row.entity, row.document, row.scope, row.encoded, row.op_id)
        else:
            unit.change(row.entity, row.document, row.scope, row.version, row.encoded, row.op_id)


def _stamp(unit: UnitOfWork, ruling: Ruling, seq: int | None) -> None:
    """Give the new verdicts the seq at which the device will have read their effect back."""
    settled = [
        verdict
        for verdict in ruling.verdicts
        if verdict["status"] != "rejected" and verdict["seq"] is None
    ]
    if seq is None and settled:
        seq = bump(unit.connection)
    for verdict in settled:
        verdict["seq"] = seq


def _remember(unit: UnitOfWork, ruling: Ruling, caller: Caller) -> None:
    if ruling.applied:
        rows = [
            (
                op["op_id"],
                caller.device_id,
                content,
                verdict["status"],
                verdict["seq"],
                None if _is_plain(verdict) else to_json(verdict).decode(),
                unit.now,
            )
            for op, content, verdict in ruling.applied
        ]
        insert_rows(unit.connection, applied_op, rows)
    _set_aside(unit, ruling, caller)
    _keep_losers(unit, ruling, caller)


def _is_plain(verdict: Verdict) -> bool:
    return verdict["status"] == "applied" and verdict["version"] == 1 and "flags" not in verdict


def _set_aside(unit: UnitOfWork, ruling: Ruling, caller: Caller) -> None:
    """Keep whole what was refused, or was only partly understood."""
    rows = [
        {
            "op_id": op["op_id"],
            "device_id": caller.device_id,
            "employee_id": caller.employee_id,
            "status": verdict["status"],
            "code": verdict.get("code"),
            "body": to_json(op).decode(),
            "at": unit.now,
        }
        for op, _, verdict in ruling.applied
        if verdict["status"] in ("rejected", "deferred") or _has_deferred(verdict)
    ]
    if rows:
        unit.connection.execute(insert(set_aside_op), rows)


def _has_deferred(verdict: Verdict) -> bool:
    return any(flag.startswith("deferred:") for flag in verdict.get("flags", ()))


def _keep_losers(unit: UnitOfWork, ruling: Ruling, caller: Caller) -> None:
    rows = [
        {
            "op_id": op["op_id"],
            "field": clash.field,
            "entity": op["entity"],
            "id": op["id"],
            "before": to_json(clash.before).decode(),
            "lost": to_json(clash.lost).decode(),
            "won": to_json(clash.won).decode(),
            "employee_id": caller.employee_id,
            "at": unit.now,
        }
        for op, clash in ruling.clashes
    ]
    if rows:
        unit.connection.execute(insert(conflict), rows)


def actor_of(caller: Caller) -> Actor:
    """Name the caller in the change log."""
    return Actor(caller.employee_id, caller.device_id)
