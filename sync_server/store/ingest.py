"""Ingest: one exchange's operations, looked up, judged and written in one database transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Select, bindparam, insert, select

from shared.domain.actors import is_job
from shared.registry import REGISTRY, Document, Entity
from shared.sync.arbiter import judge
from shared.sync.later import deferred_columns, is_deferred
from shared.sync.plain import plain, plain_digest, plain_verdict
from shared.sync.protocol import Txn, Verdict
from shared.sync.ruling import (
    Applied,
    Asks,
    Caller,
    FieldKey,
    Ground,
    Key,
    Row,
    Ruling,
    Write,
    asks,
    asks_more,
)
from sync_server.customer.completed import completed
from sync_server.store.alerts import watch_scores
from sync_server.store.authority import WATCHED, credit, hold_the_ledger
from sync_server.store.collaborations import follow_collaborations, lasting_until
from sync_server.store.complaints import follow_complaints
from sync_server.store.merging import merge_customers, split_customers
from sync_server.store.prospects import CLAIMS, follow_prospects
from sync_server.store.provenances import follow_edits
from sync_server.store.redirects import follow_late
from sync_server.store.referrals import follow_referrals
from sync_server.store.rows import (
    MERGED,
    among,
    bump,
    buried,
    current_rows,
    customer_homes,
    documents,
    insert_rows,
    known_ids,
    look_up,
)
from sync_server.store.schema import applied_op, change_log, field_history, set_aside_op
from sync_server.store.unit_of_work import Actor, UnitOfWork
from sync_server.store.withdrawing import watch_consents

LATE_TRANSFER_MS: Final = 30 * 24 * 3_600_000
"""How long after a customer moved on the former manager's records about them are still taken."""
_HELD: Final = WATCHED | CLAIMS | {"duplicate"}
_INTERACTION: Final = REGISTRY["interaction"]
_CONSENT: Final = REGISTRY["consent"]
_CHANGES: Final = (
    select(field_history.c.field, field_history.c.actor)
    .where(
        field_history.c.entity == bindparam("entity"),
        field_history.c.id == bindparam("id"),
    )
    .order_by(field_history.c.version)
)


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
    if records is None or merged or _seen(unit.connection, batch.asks.op_ids):
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
        ground = _ground(unit.connection, some, caller, unit.now)
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
    follow_prospects(unit)
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


def _ground(connection: Connection, txns: Sequence[Txn], caller: Caller, now: int) -> Ground:
    wanted = asks(txns)
    rows, homes, merged = _looked_up(connection, wanted)
    op_ids, deleted = wanted.op_ids, _deleted(connection, wanted, rows)
    refers = _related(connection, wanted)
    more = asks_more(txns, rows)
    refers |= _related(connection, more)
    if more.rows or more.customers:
        later, later_homes, later_merged = _looked_up(connection, more)
        merged |= later_merged
        deleted |= _deleted(connection, more, later)
        rows, homes, op_ids = rows | later, homes | later_homes, op_ids | more.op_ids
    if merged:
        survivors = _rows(connection, {"customer": set(merged.values())})
        rows |= survivors
        homes |= {id: row.scope for (_, id), row in survivors.items()}
        refers |= {key: row.document for key, row in survivors.items()}
    strangers = [customer for customer, scope in homes.items() if scope not in caller.scopes]
    moved = _moved(connection, strangers, caller, now - LATE_TRANSFER_MS)
    return Ground(
        seen=_seen(connection, op_ids),
        rows=rows,
        deleted=deleted,
        homes=homes,
        collaborates=lasting_until(
            connection, caller.employee_id, strangers, now - LATE_TRANSFER_MS
        ),
        moved=moved | {merged[id] for id in moved if id in merged},
        authors=_authors(connection, txns, rows),
        now=now,
        refers=refers,
        merged=merged,
    )


def _related(connection: Connection, wanted: Asks) -> dict[Key, Document]:
    """Read what rules look at; unlocked, for nothing here writes it."""
    return {
        (name, id): document
        for name, ids in wanted.refers.items()
        for id, document in documents(connection, REGISTRY[name], ids).items()
    }


def _looked_up(
    connection: Connection, wanted: Asks
) -> tuple[dict[Key, Row], dict[str, str], dict[str, str]]:
    """Return rows, the scopes of customers, and who goes on for those of them who were merged."""
    # Customers are locked before what follows them, as an import does that moves them.
    rows = _rows(connection, {name: ids for name, ids in wanted.rows.items() if name == "customer"})
    homes, merged = customer_homes(connection, list(wanted.customers))
    ended = {id for (_, id), row in rows.items() if row.scope.startswith(MERGED)}
    merged |= customer_homes(connection, ended)[1]
    rest = {name: ids for name, ids in wanted.rows.items() if name != "customer"}
    return rows | _rows(connection, rest), homes, merged


def _deleted(connection: Connection, wanted: Asks, rows: Mapping[Key, Row]) -> frozenset[Key]:
    absent = {
        name: [id for id in ids if (name, id) not in rows] for name, ids in wanted.rows.items()
    }
    return buried(connection, absent)


def _authors(
    connection: Connection, txns: Sequence[Txn], rows: Mapping[Key, Row]
) -> dict[FieldKey, str]:
    """Find who last changed the fields that a write made on an older version is about to meet."""
    found: dict[FieldKey, str] = {}
    for op in (op for txn in txns for op in txn["ops"] if op["kind"] == "patch"):
        row = rows.get((op["entity"], op["id"]))
        if row is None or row.version == op["version"]:
            continue
        changes = connection.execute(_CHANGES, {"entity": op["entity"], "id": op["id"]})
        found |= {(op["entity"], op["id"], name): actor for name, actor in changes}
    return {key: actor for key, actor in found.items() if not is_job(actor)}


def _rows(connection: Connection, wanted: Mapping[str, Collection[str]]) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for name in sorted(wanted):
        entity = REGISTRY[name]
        for id, row in current_rows(connection, entity, list(wanted[name])).items():
            document = {column: row[column] for column in entity.fields}
            found[name, id] = Row(document, row["version"], row["scope_id"])
    return found


def _seen(connection: Connection, op_ids: frozenset[str]) -> dict[str, Applied]:
    """Find the operations that had their verdict: kept, or seen in the change log alone."""
    if not op_ids:
        return {}
    kept = look_up(connection, op_ids, _kept)
    seen = {row.op_id: Applied(row.digest, _verdict(row)) for row in kept}
    for op_id, seq, *record in look_up(connection, op_ids - seen.keys(), _logged):
        seen[op_id] = Applied(plain_digest(*record), plain_verdict(op_id, seq))
    return seen


@cache
def _kept(*, is_postgresql: bool) -> Select[Any]:
    return select(applied_op).where(among(applied_op.c.op_id, is_postgresql=is_postgresql))


@cache
def _logged(*, is_postgresql: bool) -> Select[Any]:
    log = change_log.c
    created = select(log.op_id, log.seq, log.entity, log.id, log.doc).where(
        log.op == "put", log.version == 1
    )
    return created.where(among(log.op_id, is_postgresql=is_postgresql))


def _verdict(row: Any) -> Verdict:
    if row.verdict:
        said: Verdict = from_json(row.verdict)
        return {**said, "seq": row.seq}
    return plain_verdict(row.op_id, row.seq)


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
