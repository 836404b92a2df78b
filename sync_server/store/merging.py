"""Merging: two customers made one, and taken apart again, each in one transaction.

Theory of operation. A merge is a redirect. The row of the one who ends stays, points to the one who
goes on, and moves with what is of that record alone (`Entity.stays`) to a scope that no device
holds. Everything else that names it names the other from now on, in the other's scope; so does what
devices and imports bring later by it (`redirects`). So do the pairs by which it had taken in
others: by these a device follows a former id, so each leads to the end of its chain at once.

Whatever a merge changes in any row is kept beside it, field by field, as what it was and what it
became. A split goes back over that: a field that is still what the merge made it gets its former
value, one that somebody has changed since keeps the newer and is told. Where another merge built on
what this one had made, that merge is told the former value instead, so that the two may be taken
back in any order. What a file of customers says by a number of the one who ended is kept as if the
merge had made it, and is written into the record that ended as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from shared.domain.duplicate import SWEEPER
from shared.domain.provenance import provenance_id
from shared.errors import refused
from shared.registry import REGISTRY, Document, Entity
from sync_server.customer.resting import RESTING, resting
from sync_server.customer.survivorship import survived
from sync_server.store.assessment_due import ask_to_assess
from sync_server.store.authority import credit, hold_the_ledger
from sync_server.store.collaborations import follow_collaborations
from sync_server.store.customers import follow_accounts
from sync_server.store.merge_steps import Changed, MergeSteps, Steps, apart, together
from sync_server.store.provenances import keep, known_origins, provenance_row
from sync_server.store.record_changes import tell_joined
from sync_server.store.redirects import naming
from sync_server.store.rows import MERGED, current_rows, document_in, row_scope
from sync_server.store.schema import ENTITY_TABLES, merge
from sync_server.store.sparing import TAKEN_BACK, spare
from sync_server.store.unit_of_work import Actor, UnitOfWork

_CUSTOMER: Final = REGISTRY["customer"]
_PAIR: Final = REGISTRY["duplicate"]
_ALERT: Final = REGISTRY["alert"]
_PAIRS: Final = ENTITY_TABLES["duplicate"].c
_CHAINED: Final = (
    select(merge)
    .where(merge.c.split_at.is_(None))
    .where(exists().where(_PAIRS.customer_id == merge.c.loser, _PAIRS.status == "merged"))
)
"""Merges of customers whom a merged pair still names."""
_DEPOSIT: Final = ("deposit_balance", "as_of")
"""What follows from the accounts; kept also where a merge did not change it."""
_ENDED: Final = {"status": "ended", "reason": "两份记录是同一个人"}
"""What becomes of a relation that somebody would have to themselves."""


@dataclass(frozen=True, slots=True)
class Newer:
    """A field that was changed since the merge, and so kept its newer value in the split."""

    entity: str
    id: str
    field: str


def merge_customers(unit: UnitOfWork, duplicate: Document) -> None:
    """Let the first customer of a pair go on for the other.

    Raises Refusal: `not_found`, or `merged_already` where one of them has been merged before.
    """
    connection = unit.connection
    hold_the_ledger(connection)
    survivor, loser = str(duplicate["customer_id"]), str(duplicate["other_id"])
    present = _locked(connection, survivor, loser)
    keep(unit, [survivor, loser])
    made = unit.actor
    unit.actor = Actor(SWEEPER, made.device_id)
    try:
        steps = Steps(str(duplicate["id"]))
        _end(unit, present[loser], survivor, steps)
        home = present[survivor]["scope_id"]
        _move(unit, REGISTRY.values(), (loser, survivor), home, steps)
        for alert in spare(unit, survivor):
            steps.add("alert", alert, TAKEN_BACK)
        _carry_on(unit, present, survivor, loser, steps)
        tell_joined(unit, "merged", {survivor: present[loser]}, made.name)
        _write_merge(connection, steps, survivor, loser, made.name, unit.now)
        follow_collaborations(unit, [survivor, loser])
        ask_to_assess(unit, [survivor])
        credit(unit)
    finally:
        unit.actor = made


def split_customers(unit: UnitOfWork, merge_id: str) -> list[Newer]:
    """Take a merge back; return what was changed since and keeps its newer value.

    Raises Refusal: `not_merged`, or `merged_further` where who went on was merged since.
    """
    connection = unit.connection
    hold_the_ledger(connection)
    found = connection.execute(select(merge).where(merge.c.id == merge_id)).mappings().first()
    if found is None or found["split_at"] is not None:
        raise refused("not_merged")
    present = current_rows(connection, _CUSTOMER, sorted([found["survivor"], found["loser"]]))
    further = present[found["survivor"]]["merged_into"]
    if further is not None:
        raise refused("merged_further", customer=further)
    made = unit.actor
    unit.actor = Actor(SWEEPER, made.device_id)
    try:
        newer = _restore(unit, found, present)
        both = current_rows(connection, _CUSTOMER, sorted(present))
        others = {found["survivor"]: both[found["loser"]], found["loser"]: both[found["survivor"]]}
        tell_joined(unit, "split", others, made.name)
        connection.execute(update(merge).where(merge.c.id == merge_id).values(split_at=unit.now))
        _spare_still(unit, sorted(present))
        follow_collaborations(unit, [found["survivor"], found["loser"]])
        ask_to_assess(unit, present)
        credit(unit)
    finally:
        unit.actor = made
    return newer


def lead_on(unit: UnitOfWork) -> None:
    """Let merged pairs name who goes on where their survivor was merged in turn.

    Merges do so by themselves; an earlier version's left them with the survivor.
    """
    connection, kept = unit.connection, MergeSteps(unit.connection)
    while chained := connection.execute(_CHAINED).mappings().all():
        for found in chained:
            survivor, steps = found["survivor"], Steps(found["id"])
            home = current_rows(connection, _CUSTOMER, [survivor])[survivor]["scope_id"]
            _move(unit, [_PAIR], (found["loser"], survivor), home, steps)
            kept.keep([steps])


def merge_of(connection: Connection, customer: str) -> str | None:
    """Return the merge by which a customer last took in another, or was taken in; None if never."""
    own = or_(merge.c.survivor == customer, merge.c.loser == customer)
    last = select(merge.c.id).where(own, merge.c.split_at.is_(None)).order_by(merge.c.at.desc())
    return connection.execute(last.limit(1)).scalar()


# What a merge does


def _locked(connection: Connection, survivor: str, loser: str) -> dict[str, dict[str, Any]]:
    present = current_rows(connection, _CUSTOMER, sorted([survivor, loser]))
    if len(present) < 2:
        raise refused("not_found")
    if any(row["merged_into"] is not None for row in present.values()):
        raise refused("merged_already")
    return present


def _end(unit: UnitOfWork, row: Mapping[str, Any], survivor: str, steps: Steps) -> None:
    """Let a customer point to another, first of all: a device counts what leaves with them."""
    document = document_in(_CUSTOMER, row) | {"merged_into": survivor}
    steps.compare(_CUSTOMER, row, document)
    _rewrite(unit, _CUSTOMER, row, document, f"{MERGED}{survivor}")


def _move(
    unit: UnitOfWork, entities: Iterable[Entity], whose: tuple[str, str], home: str, steps: Steps
) -> None:
    """Let everything that names a customer name another, at home in that one's scope."""
    loser, survivor = whose
    for entity in entities:
        for row in _rows_naming(unit.connection, entity, loser):
            if entity.stays and not _is_merged_pair(entity, row):
                _rewrite(unit, entity, row, document_in(entity, row), f"{MERGED}{survivor}")
                continue
            document = _renamed(entity, row, loser, survivor)
            steps.compare(entity, row, document)
            is_moved = entity.of_customer and document["customer_id"] == survivor
            scope = home if is_moved else row["scope_id"]
            _rewrite(unit, entity, row, document, scope)
    unit.flush()


def _is_merged_pair(entity: Entity, row: Mapping[str, Any]) -> bool:
    """Whether a row is no suspicion about one record any more, but the way from another to it."""
    return entity is _PAIR and row["status"] == "merged"


def _renamed(entity: Entity, row: Mapping[str, Any], loser: str, survivor: str) -> Document:
    document = document_in(entity, row)
    named = {name: survivor for name in naming(entity) if row[name] == loser}
    if entity.name == "conflict" and row["entity"] == "customer":
        named["record_id"] = survivor
    document |= named
    if entity.name == "relation" and document["other_id"] == document["customer_id"]:
        # Nobody is related to themselves; the other one's word for it stays to be read.
        document |= _ENDED
    return document


def _carry_on(
    unit: UnitOfWork,
    present: Mapping[str, Mapping[str, Any]],
    survivor: str,
    loser: str,
    steps: Steps,
) -> None:
    """Let who goes on say what either knew better, and have the deposits of both."""
    connection = unit.connection
    before = {id: document_in(_CUSTOMER, row) for id, row in present.items()}
    known = known_origins(connection, present)
    document, origins = survived(before[survivor], before[loser], known[survivor], known[loser])
    unit.import_rows(_CUSTOMER, [document])
    follow_accounts(unit, current_rows(connection, _CUSTOMER, [survivor]))
    unit.flush()
    after = _current(connection, _CUSTOMER, survivor)
    steps.compare(_CUSTOMER, before[survivor], after)
    first = MergeSteps(connection).first("customer", survivor) or {}
    for name in _DEPOSIT:  # without accounts it is what it was before any merge
        was = first[name][0] if name in first else before[survivor][name]
        steps.add("customer", survivor, {name: (was, after[name])})
    entity = REGISTRY["provenance"]
    kept = _current(connection, entity, provenance_id(survivor))
    row = provenance_row(survivor, origins, unit.now, kept)
    steps.compare(entity, kept, row)
    unit.import_rows(entity, [row])


def _write_merge(
    connection: Connection, steps: Steps, survivor: str, loser: str, actor: str, now: int
) -> None:
    made = {"survivor": survivor, "loser": loser, "actor": actor, "at": now}
    connection.execute(insert(merge), {"id": steps.merge_id, **made})
    MergeSteps(connection).keep([steps])


# What a split does


def _restore(
    unit: UnitOfWork, found: RowMapping, present: Mapping[str, Mapping[str, Any]]
) -> list[Newer]:
    connection, survivor, loser = unit.connection, found["survivor"], found["loser"]
    steps = MergeSteps(connection).of(found["id"])
    back = document_in(_CUSTOMER, present[loser]) | {"merged_into": None}
    scope = row_scope(_CUSTOMER, back, {})
    homes = {survivor: present[survivor]["scope_id"], loser: scope}
    _bring_back(unit, present[loser], back, scope)
    del steps["customer"][loser]
    deposits = steps["customer"][survivor]
    is_changed = any(present[survivor][name] != deposits[name][1] for name in _DEPOSIT)
    newer: list[Newer] = []
    for name, rows in steps.items():
        newer += _put_back(unit, found, REGISTRY[name], rows, homes)
    unit.flush()
    _follow_returned(unit, (loser, survivor), steps, scope)
    if is_changed or _had_more(connection, found):
        _recount(unit, sorted(homes), {survivor: {each: deposits[each][0] for each in _DEPOSIT}})
    return [each for each in newer if each.entity != "provenance" and each.field not in _DEPOSIT]


def _follow_returned(
    unit: UnitOfWork,
    whose: tuple[str, str],
    steps: Mapping[str, Mapping[str, Changed]],
    home: str,
) -> None:
    """Let what was made since the merge go with what it rests on."""
    loser, survivor = whose
    returned = {
        id
        for rows in steps.values()
        for id, changed in rows.items()
        if list(changed.get("customer_id", ())) == [loser, survivor]
    }
    rows = [
        (name, row)
        for name in RESTING
        for row in _rows_naming(unit.connection, REGISTRY[name], survivor)
    ]
    for name, row in resting(rows, returned):
        document = document_in(REGISTRY[name], row) | {"customer_id": loser}
        _rewrite(unit, REGISTRY[name], row, document, home)
    unit.flush()


def _had_more(connection: Connection, found: RowMapping) -> bool:
    """Whether who went on by a merge had taken in others while it stood."""
    others = merge.c.survivor == found["survivor"], merge.c.id != found["id"]
    stood = or_(merge.c.split_at.is_(None), merge.c.split_at >= found["at"])
    return connection.execute(select(merge.c.id).where(*others, stood).limit(1)).first() is not None


def _recount(unit: UnitOfWork, both: list[str], before: Mapping[str, Document]) -> None:
    """Bring deposits up to the accounts that are left; where none are, to what they were."""
    unit.set_fields(_CUSTOMER, before, current_rows(unit.connection, _CUSTOMER, both))
    follow_accounts(unit, current_rows(unit.connection, _CUSTOMER, both))


def _spare_still(unit: UnitOfWork, customers: Iterable[str]) -> None:
    """Spare those who refuse also without the merge that is taken back.

    Where that is by another merge, it is what has taken these alerts back from now on.
    """
    for customer in customers:
        alerts, other = spare(unit, customer), merge_of(unit.connection, customer)
        if other is not None:
            for alert in alerts:
                MergeSteps(unit.connection).note(other, ("alert", alert), TAKEN_BACK)


def _bring_back(unit: UnitOfWork, row: Mapping[str, Any], back: Document, scope: str) -> None:
    _rewrite(unit, _CUSTOMER, row, back, scope)
    for entity in REGISTRY.values():
        if entity.stays:
            for mine in _rows_naming(unit.connection, entity, str(row["id"])):
                _rewrite(unit, entity, mine, document_in(entity, mine), scope)


def _put_back(
    unit: UnitOfWork,
    found: RowMapping,
    entity: Entity,
    steps: Mapping[str, Changed],
    homes: Mapping[str, str],
) -> Iterator[Newer]:
    kept = MergeSteps(unit.connection)
    there = current_rows(unit.connection, entity, sorted(steps))
    for id, changed in steps.items():
        row = there.get(id)
        if row is None:  # deleted since
            continue
        values = apart(entity, row)
        for name, (before, after) in changed.items():
            if values.get(name) == after:
                values[name] = before
            elif not kept.tell_other(found, (entity.name, id), name, before, after):
                yield Newer(entity.name, id, name)
        document = together(entity, values)
        whose = document.get("customer_id") if entity.of_customer else document["id"]
        _rewrite(unit, entity, row, document, homes.get(str(whose), row["scope_id"]))


# Rows


def _rows_naming(connection: Connection, entity: Entity, customer: str) -> Sequence[dict[str, Any]]:
    statement = _those_naming(entity.name)
    if statement is None:
        return ()
    return [row._asdict() for row in connection.execute(statement, {"customer": customer})]


@cache
def _those_naming(name: str) -> Select[Any] | None:
    """Return what finds the rows that name a customer; None for an entity that names none."""
    table = ENTITY_TABLES[name]
    named = [table.c[each] == bindparam("customer") for each in naming(REGISTRY[name])]
    if not named:
        return None
    return select(table).where(or_(*named)).order_by(table.c.id).with_for_update()


def _rewrite(
    unit: UnitOfWork, entity: Entity, row: Mapping[str, Any], document: Document, scope: str
) -> None:
    """Write a row with other values, in another scope, or both; nothing where neither differs."""
    changed = [name for name in entity.fields if row[name] != document[name]]
    if row["scope_id"] != scope:
        unit.leave(entity, row["id"], row["scope_id"], row["version"])
    if changed or row["scope_id"] != scope:
        version = row["version"] + 1
        unit.change(entity, document, scope, version, to_json(document), fields=changed)


def _current(connection: Connection, entity: Entity, id: str) -> Document:
    return document_in(entity, current_rows(connection, entity, [id])[id])
