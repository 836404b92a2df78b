"""Ingest: one exchange's operations, looked up, judged and written in one database transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pydantic_core import to_json
from sqlalchemy import Connection, insert

from shared.registry import REGISTRY, Document, Entity
from shared.sync.arbiter import judge
from shared.sync.later import deferred_columns, is_deferred
from shared.sync.plain import plain, plain_verdict
from shared.sync.protocol import Txn, Verdict
from shared.sync.ruling import Applied, Caller, Ground, Ruling, Write
from sync_server.customer.completed import completed
from sync_server.store.alerts import watch_scores
from sync_server.store.authority import WATCHED, credit, hold_the_ledger
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.complaints import follow_complaints
from sync_server.store.ground import ground_of, seen
from sync_server.store.merging import merge_customers, split_customers
from sync_server.store.prospects import CLAIMS, follow_prospects
from sync_server.store.provenances import follow_edits
from sync_server.store.redirects import follow_late
from sync_server.store.referrals import follow_referrals
from sync_server.store.rows import bump, current_rows, customer_homes, insert_rows, known_ids
from sync_server.store.schema import applied_op, set_aside_op
from sync_server.store.unit_of_work import Actor, UnitOfWork
from sync_server.store.withdrawing import watch_consents

_HELD: Final = WATCHED | CLAIMS | {"duplicate"}
_INTERACTION: Final = REGISTRY["interaction"]
_CONSENT: Final = REGISTRY["consent"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a batch came to: its verdicts, and whom its commit concerns."""

    verdicts: list[Verdict]
    seq: int | None
    scopes: frozenset[str]


def accept(unit: UnitOfWork, txns: Sequence[Txn], caller: Caller) -> Accepted:
    """Judge and write a batch. The verdicts count once the caller has committed."""
    ruling = _plain(unit, txns, caller) or _judged(unit, txns, caller)
    seq = unit.finish()
    _stamp(unit, ruling, seq)
    _remember(unit, txns, ruling, caller)
    return Accepted(ruling.verdicts, seq, frozenset(unit.scopes))


def _plain(unit: UnitOfWork, txns: Sequence[Txn], caller: Caller) -> Ruling | None:
    """Accept a batch of new records of which nothing is known yet; None for any other."""
    batch = plain(txns, caller)
    if batch is None:
        return None
    homes, merged = customer_homes(unit.connection, batch.asks.customers)
    records = batch.records(caller, homes)
    if records is None or merged or seen(unit.connection, batch.asks.op_ids):
        return None
    if known_ids(unit.connection, batch.asks.rows):
        return None
    unit.create_all(records)
    watch_scores(unit, (each.document for each in records if each.entity is _INTERACTION))
    follow_collaborations(unit, batch.asks.customers)
    return Ruling([plain_verdict(record.op_id, None) for record in records])


def _judged(unit: UnitOfWork, txns: Sequence[Txn], caller: Caller) -> Ruling:
    if any(op["entity"] in _HELD for txn in txns for op in txn["ops"]):
        hold_the_ledger(unit.connection)  # before any row, or two exchanges wait for each other
    whole, customers = Ruling(), set[str]()
    for some in _parts(txns):
        ground = ground_of(unit.connection, some, caller, unit.now)
        ground.seen = {**ground.seen, **_answered(whole)}
        customers |= _about(ground)
        ruling = judge(some, caller, ground, completed)
        _write_rows(unit, ruling)
        follow_late(unit.connection, _late(ruling))
        _decide_duplicates(unit, ruling)
        whole.verdicts += ruling.verdicts
        whole.writes += ruling.writes
        whole.applied += ruling.applied
        unit.flush()
        follow_edits(unit, ruling.writes)
    made = [row for row in whole.writes if row.version == 1 and row.document is not None]
    watch_scores(unit, _documents(made, _INTERACTION))
    watch_consents(unit, _documents(made, _CONSENT))
    follow_complaints(unit)
    follow_referrals(unit)
    follow_prospects(unit, whole.writes)
    follow_collaborations(unit, customers)
    credit(unit)
    return whole


def _parts(txns: Sequence[Txn]) -> Iterator[Sequence[Txn]]:
    """Yield transactions that are judged together.

    A decision on a duplicate moves the ground beneath all that follows: what comes before it, it
    alone, and what comes after are judged one after another.
    """
    for _, some in groupby(enumerate(txns), key=lambda each: _is_decision(*each)):
        yield [txn for _, txn in some]


def _is_decision(place: int, txn: Txn) -> int:
    """Return a number of its own for a decision on a duplicate, and -1 for anything else."""
    return place if any(op["entity"] == "duplicate" for op in txn["ops"]) else -1


def _answered(ruling: Ruling) -> dict[str, Applied]:
    return {op["op_id"]: Applied(content, verdict) for op, content, verdict in ruling.applied}


def _late(ruling: Ruling) -> Iterator[tuple[Entity, str, Document]]:
    """Yield the new records that name customers who were merged, as they came."""
    for row in ruling.writes:
        if row.came is not None:
            yield row.entity, row.id, row.came


def _decide_duplicates(unit: UnitOfWork, ruling: Ruling) -> None:
    """Do what a decision on two customers says; its rule has seen that it can be done."""
    for row in ruling.writes:
        if row.entity.name == "duplicate" and row.document is not None:
            unit.flush()
            if row.document["status"] == "merged":
                merge_customers(unit, row.document)
            elif row.document["status"] == "split":
                split_customers(unit, row.id)


def _about(ground: Ground) -> set[str]:
    """Return the customers whom a batch is about, before it is judged and a row of theirs gone."""
    rows = ground.rows.items()
    of_rows = {str(row.document.get("customer_id") or "") for _, row in rows}
    return {id for (name, id), _ in rows if name == "customer"} | of_rows | ground.homes.keys()


def _documents(made: Iterable[Write], entity: Entity) -> Iterator[Document]:
    return (row.document for row in made if row.entity is entity and row.document is not None)


def _write_rows(unit: UnitOfWork, ruling: Ruling) -> None:
    for row in (*ruling.writes, *_new_issues(unit.connection, ruling)):
        if row.document is None:
            unit.remove(row.entity, row.id, row.scope, row.version, row.op_id)
        elif row.version == 1:
            unit.create(row.entity, row.document, row.scope, row.encoded, row.op_id)
        else:
            unit.change(
                row.entity,
                row.document,
                row.scope,
                row.version,
                row.encoded,
                row.op_id,
                row.fields,
            )


def _new_issues(connection: Connection, ruling: Ruling) -> list[Write]:
    """Leave out issues that are there: a transaction under an id that another one has had."""
    if not ruling.issues:
        return []
    wanted = {issue.id: issue for issue in ruling.issues}
    there = current_rows(connection, REGISTRY["issue"], list(wanted))
    return [issue for id, issue in wanted.items() if id not in there]


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


def _remember(unit: UnitOfWork, txns: Sequence[Txn], ruling: Ruling, caller: Caller) -> None:
    if not ruling.applied:
        return
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
    _set_aside(unit, txns, ruling, caller)


def _is_plain(verdict: Verdict) -> bool:
    return verdict["status"] == "applied" and verdict["version"] == 1 and "flags" not in verdict


def _set_aside(unit: UnitOfWork, txns: Sequence[Txn], ruling: Ruling, caller: Caller) -> None:
    """Keep whole what was not or only partly understood."""
    txn_of = {op["op_id"]: txn["txn"] for txn in txns for op in txn["ops"]}
    rows = [
        {
            "op_id": op["op_id"],
            "device_id": caller.device_id,
            "employee_id": caller.employee_id,
            "status": verdict["status"],
            "code": verdict.get("code"),
            "body": to_json(op).decode(),
            "at": unit.now,
            "txn": txn_of[op["op_id"]],
        }
        for op, _, verdict in ruling.applied
        if is_deferred(verdict) or deferred_columns(verdict)
    ]
    if rows:
        unit.connection.execute(insert(set_aside_op), rows)


def actor_of(caller: Caller) -> Actor:
    """Name the caller in the change log."""
    return Actor(caller.employee_id, caller.device_id)
