"""The ground that a decision on one batch stands on, as the database has it, and locked.

What is asked for is read at once for the whole batch. What a decision may write is locked:
customers before what belongs to them, each by id.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Connection, Select, bindparam, select

from shared.domain.actors import is_job
from shared.registry import REGISTRY, Document
from shared.sync.plain import plain_digest, plain_verdict
from shared.sync.protocol import Txn, Verdict
from shared.sync.ruling import (
    Applied,
    Asks,
    Caller,
    FieldKey,
    Ground,
    Key,
    Row,
    asks,
    asks_more,
    kept_ops,
)
from sync_server.store.collaborations import lasting_until
from sync_server.store.rows import (
    MERGED,
    among,
    buried,
    current_rows,
    customer_homes,
    documents,
    look_up,
)
from sync_server.store.schema import ENTITY_TABLES, applied_op, change_log, field_history

LATE_TRANSFER_MS: Final = 30 * 24 * 3_600_000
"""How long after a customer moved on the former manager's records about them are still taken."""
_INTERACTION: Final = REGISTRY["interaction"]
_CHANGES: Final = (
    select(field_history.c.field, field_history.c.actor)
    .where(
        field_history.c.entity == bindparam("entity"),
        field_history.c.id == bindparam("id"),
    )
    .order_by(field_history.c.version)
)


def ground_of(connection: Connection, txns: Sequence[Txn], caller: Caller, now: int) -> Ground:
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
        refers |= _related(connection, asks_more(kept_ops(txns, rows), rows))
    if corrected := wanted.corrected | more.corrected:
        rows |= _corrections(connection, corrected, rows)
    if merged:
        survivors = _rows(connection, {"customer": set(merged.values())})
        rows |= survivors
        homes |= {id: row.scope for (_, id), row in survivors.items()}
        refers |= {key: row.document for key, row in survivors.items()}
    strangers = [customer for customer, scope in homes.items() if scope not in caller.scopes]
    moved = _moved(connection, strangers, caller, now - LATE_TRANSFER_MS)
    return Ground(
        seen=seen(connection, op_ids),
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


def _corrections(
    connection: Connection, corrected: Collection[str], rows: Mapping[Key, Row]
) -> dict[Key, Row]:
    """Read what puts contacts right already, or anything of the same customers."""
    contacts = (rows.get((_INTERACTION.name, id)) for id in corrected)
    customers = {str(row.document["customer_id"]) for row in contacts if row is not None}
    found = look_up(connection, customers, _correcting) if customers else ()
    return _rows(connection, {_INTERACTION.name: {row.id for row in found}})


@cache
def _correcting(*, is_postgresql: bool) -> Select[Any]:
    contact = ENTITY_TABLES[_INTERACTION.name].c
    mine = among(contact.customer_id, is_postgresql=is_postgresql)
    return select(contact.id).where(mine, contact.supersedes.is_not(None))


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


def seen(connection: Connection, op_ids: frozenset[str]) -> dict[str, Applied]:
    """Find the operations that had their verdict: kept, or seen in the change log alone."""
    if not op_ids:
        return {}
    kept = look_up(connection, op_ids, _kept)
    found = {row.op_id: Applied(row.digest, _verdict(row)) for row in kept}
    for op_id, seq, *record in look_up(connection, op_ids - found.keys(), _logged):
        found[op_id] = Applied(plain_digest(*record), plain_verdict(op_id, seq))
    return found


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
