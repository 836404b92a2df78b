"""Provenances: where customers' fields come from, brought up to what was changed since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared.domain.duplicate import SWEEPER
from shared.domain.provenance import Origin, Provenance, provenance_id, read, written
from shared.registry import REGISTRY, Document
from shared.sync.ruling import Write
from sync_server.customer.survivorship import TRACED, origins_of
from sync_server.store.rows import among, document_of, documents, look_up
from sync_server.store.schema import field_history
from sync_server.store.unit_of_work import UnitOfWork, as_job

JOB: Final = "job:provenances"
Change = tuple[str, str, int]
"""A field, who changed it, and when (ms)."""
_CUSTOMER: Final = REGISTRY["customer"]
_PROVENANCE: Final = REGISTRY["provenance"]
_OWN: Final = SWEEPER
"""Whose changes brought their own word on where the values come from."""


def keep(unit: UnitOfWork, customers: Collection[str]) -> None:
    """Write where the fields of customers come from, of those for whom it is not so written."""
    _write(unit, dict.fromkeys(customers, ()))


def follow_edits(unit: UnitOfWork, writes: Iterable[Write]) -> None:
    """Bring up where those fields come from that an exchange has just written and flushed.

    Nothing is read where it wrote none. Their rows are still locked, so what it wrote is the last
    word on them, whatever the clock of another server process said before.
    """
    author = unit.actor.name
    edited: defaultdict[str, list[Change]] = defaultdict(list)
    for row in writes:
        if row.entity is _CUSTOMER:
            changes = [(name, author, unit.now) for name in row.fields if name in TRACED]
            if changes:
                edited[row.id] += changes
    if edited:
        with as_job(unit, JOB):
            _write(unit, edited)


def _write(unit: UnitOfWork, changes: Mapping[str, Sequence[Change]]) -> None:
    """Write the origins of customers; each has changed last as is said here."""
    rows = documents(unit.connection, _CUSTOMER, changes)
    known = known_origins(unit.connection, rows)
    put(unit, {id: origins_of(rows[id], each, changes[id]) for id, each in known.items()})


def put(
    unit: UnitOfWork,
    known: Mapping[str, Mapping[str, Origin]],
    homes: Mapping[str, str] | None = None,
) -> None:
    """Write the origins of customers, of those for whom it is not so written.

    `homes` are the customers' own scopes, needed where one of them was merged.
    """
    kept = _kept(unit.connection, known)
    fresh = [
        provenance_row(id, origins, unit.now, kept.get(id))
        for id, origins in known.items()
        if id not in kept or read(str(kept[id]["fields"])) != origins
    ]
    unit.import_rows(_PROVENANCE, fresh, homes=homes)


def known_origins(
    connection: Connection, customers: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Origin]]:
    """Return where each customer's fields come from: as it was kept, and what happened since."""
    kept = _kept(connection, customers)
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    for row in look_up(connection, customers, _changes) if customers else ():
        known = kept.get(row.id)
        is_newer = known is None or row.at > int(str(known["kept_at"]))
        if is_newer and row.actor != _OWN:
            changes[row.id].append((row.field, row.actor, row.at))
    return {
        id: origins_of(dict(row), read(str(kept[id]["fields"])) if id in kept else {}, changes[id])
        for id, row in customers.items()
    }


def provenance_row(
    customer: str, origins: Mapping[str, Origin], now: int, before: Document | None
) -> Document:
    """Return a customer's provenance as a row, in place of the one before.

    What an exchange or an import with a clock ahead of this one has told already is told no more.
    """
    upto = now if before is None else max(now, int(str(before["kept_at"])))
    return document_of(Provenance(provenance_id(customer), customer, upto, written(origins)))


def _kept(connection: Connection, customers: Collection[str]) -> dict[str, Document]:
    rows = documents(connection, _PROVENANCE, {provenance_id(id) for id in customers})
    return {str(row["customer_id"]): row for row in rows.values()}


@cache
def _changes(*, is_postgresql: bool) -> Select[Any]:
    own = field_history.c
    return (
        select(own.id, own.field, own.actor, own.at)
        .where(own.entity == "customer", own.field.in_(TRACED))
        .where(among(own.id, is_postgresql=is_postgresql))
        .order_by(own.id, own.version)
    )
