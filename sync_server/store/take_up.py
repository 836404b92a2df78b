"""Taking up: after an upgrade, the server judges what it had set aside and now understands.

It is judged as if its author brought it now, but for the clock, which stands at the moment when it
came: what was not late then is not late. What is refused becomes an issue of its author's like any
other. An operation that was not understood at all loses its verdict `deferred` for the one that it
is given now; one that was done but for some columns keeps its verdict, and its rest has its own. If
that is a refusal the columns stay open, so that the rest can be sent again or accepted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, RowMapping, bindparam, delete, select, update

from shared.registry import REGISTRY
from shared.sync.later import deferred_columns, rest, understood
from shared.sync.protocol import MAX_OPS, Op, Txn, Verdict, read_ops
from shared.sync.ruling import Caller
from sync_server.store.ingest import accept, actor_of
from sync_server.store.schema import ENTITY_TABLES, applied_op, set_aside_op
from sync_server.store.scopes import granted
from sync_server.store.unit_of_work import UnitOfWork

_WAITING: Final = (
    select(set_aside_op, applied_op.c.verdict)
    .join(applied_op, applied_op.c.op_id == set_aside_op.c.op_id)
    .where(set_aside_op.c.status != "rejected")
    .order_by(set_aside_op.c.at, set_aside_op.c.device_id)
)
_SAY_LESS: Final = (
    update(applied_op).where(applied_op.c.op_id == bindparam("of")).values(verdict=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An operation that was set aside and is understood now."""

    op: Op
    """The operation, or its rest."""
    txn: str
    of: str
    """The operation that was set aside."""
    verdict: Verdict
    row: RowMapping

    @property
    def is_rest(self) -> bool:
        return self.op["op_id"] != self.of


def take_up(connection: Connection) -> None:
    """Judge and write what is understood now of what was set aside, in the order it came."""
    waiting = filter(None, map(_understood, connection.execute(_WAITING).mappings().all()))
    for (at, device, employee), group in groupby(waiting, key=_author):
        caller = _caller(connection, employee, device)
        if caller is not None:
            for batch in _batches(sorted(group, key=lambda each: each.op["device_seq"])):
                _judge_anew(UnitOfWork(connection, actor_of(caller), at), batch, caller)


def _author(waiting: _Waiting) -> tuple[int, str, str]:
    return waiting.row["at"], waiting.row["device_id"], waiting.row["employee_id"]


def _understood(row: RowMapping) -> _Waiting | None:
    try:
        [op] = read_ops(f"[{row['body']}]")
    except ValueError:  # not as this version writes it; another may
        return None
    verdict: Verdict = from_json(row["verdict"])
    if row["status"] == "deferred":
        found = op if understood(op) else None
        txn = row["txn"] or op["op_id"]
    else:
        known = REGISTRY[op["entity"]].fields
        found = rest(op, verdict) if known.keys() & set(deferred_columns(verdict)) else None
        txn = found["op_id"] if found else ""
    return _Waiting(found, txn, op["op_id"], verdict, row) if found else None


def _caller(connection: Connection, employee_id: str, device_id: str) -> Caller | None:
    employee = ENTITY_TABLES["employee"]
    found = connection.execute(select(employee.c.role).where(employee.c.id == employee_id))
    role = found.scalar_one_or_none()
    if role is None:
        return None
    return Caller(employee_id, device_id, role, frozenset(granted(connection, employee_id)))


def _batches(waiting: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
    """Cut between transactions, at MAX_OPS or as soon after it as possible."""
    batch: list[_Waiting] = []
    for _, group in groupby(waiting, key=lambda each: each.txn):
        batch += group
        if len(batch) >= MAX_OPS:
            yield batch
            batch = []
    if batch:
        yield batch


def _judge_anew(unit: UnitOfWork, batch: Sequence[_Waiting], caller: Caller) -> None:
    whole = [each.of for each in batch if not each.is_rest]
    run = unit.connection.execute
    run(delete(applied_op).where(applied_op.c.op_id.in_(whole)))
    run(delete(set_aside_op).where(set_aside_op.c.op_id.in_([each.of for each in batch])))
    verdicts = accept(unit, _txns(batch), caller).verdicts
    taken = {verdict["op_id"] for verdict in verdicts if verdict["status"] != "rejected"}
    if done := [each for each in batch if each.is_rest and each.op["op_id"] in taken]:
        run(_SAY_LESS, [{"of": each.of, "now": _without_flags(each.verdict)} for each in done])


def _txns(batch: Sequence[_Waiting]) -> list[Txn]:
    return [
        {"txn": txn, "ops": [each.op for each in group]}
        for txn, group in groupby(batch, key=lambda each: each.txn)
    ]


def _without_flags(verdict: Verdict) -> str:
    """The verdict of an operation whose rest has a verdict of its own."""
    left_open = {f"deferred:{column}" for column in deferred_columns(verdict)}
    flags: Any = [flag for flag in verdict.get("flags", ()) if flag not in left_open]
    return to_json({**verdict, "flags": flags}).decode()
