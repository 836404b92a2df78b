"""Deciding by hand: the queue of customers who are perhaps one, and an operator's word on two."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from shared.domain.duplicate import LOOKED_AT, Duplicate, duplicate_id
from shared.errors import refused
from shared.registry import REGISTRY, Document
from sync_server.customer.likeness import likeness
from sync_server.store.authority import hold_the_ledger
from sync_server.store.duplicates import reasons_of
from sync_server.store.merging import Newer, merge_customers, split_customers
from sync_server.store.parties import parties
from sync_server.store.rows import current_rows, documents
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import Actor, UnitOfWork

OPERATOR: Final = "admin:identity"
_DUPLICATE: Final = REGISTRY["duplicate"]
_CUSTOMER: Final = REGISTRY["customer"]
_PAIRS: Final = ENTITY_TABLES["duplicate"].c
_MERGED: Final = ENTITY_TABLES["customer"].c


def open_duplicates(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Return the pairs that wait for a supervisor, those with the most points first.

    A pair of which one was merged into another meanwhile, or that is alike no longer, waits for
    nobody. Moments are ms.
    """
    told = ("id", "customer_id", "other_id", "score", "reasons", "found_at")
    ended = select(_MERGED.id).where(
        _MERGED.id.in_([_PAIRS.customer_id, _PAIRS.other_id]), _MERGED.merged_into.is_not(None)
    )
    is_alike = or_(_PAIRS.score >= LOOKED_AT, _PAIRS.reasons.contains("number_same"))
    found = (
        select(*(_PAIRS[name] for name in told))
        .where(_PAIRS.status == "open", is_alike, ~ended.exists())
        .order_by(_PAIRS.score.desc(), _PAIRS.id)
        .limit(most)
    )
    rows = connection.execute(found).mappings()
    return [{**row, "reasons": row["reasons"].splitlines()} for row in rows]


def merge_by_hand(
    connection: Connection, customers: tuple[str, str], reason: str, now: int
) -> Document:
    """Merge two customers because an operator says so; return the pair. The elder one goes on.

    Raises Refusal: `not_found`, `reason_missing`, `merged_already`, `kinds_differ`, and
    `pair_decided` where somebody has spoken on them.
    """
    hold_the_ledger(connection)  # before any row, as a merge does
    elder, other = sorted(customers)
    there = current_rows(connection, _CUSTOMER, [elder, other])
    if len(there) < 2:
        raise refused("not_found")
    known = parties(connection, there)
    if len(known) < 2:
        raise refused("merged_already")
    one, two = known[elder], known[other]
    if one.kind != two.kind:
        raise refused("kinds_differ")
    found = likeness(one, two)
    reasons = "\n".join([*reasons_of(found, one, two), "said_by_hand"])
    id = duplicate_id(elder, other)
    made = asdict(Duplicate(id, elder, other, found.score, reasons, now))
    row = documents(connection, _DUPLICATE, [id]).get(id, made)
    if row["status"] != "open":
        raise refused("pair_decided", status=row["status"])
    unit = UnitOfWork(connection, Actor(OPERATOR), now)
    decided = _decide(unit, row, "merged", reason)
    merge_customers(unit, decided)
    unit.finish()
    return decided


def split_by_hand(
    connection: Connection, customers: Sequence[str], reason: str, now: int
) -> list[Newer]:
    """Take the merge of two customers back; return what was changed since and stays as it is.

    Raises Refusal: `not_merged`, `merged_further`, `reason_missing`.
    """
    hold_the_ledger(connection)
    id = duplicate_id(*customers)
    row = documents(connection, _DUPLICATE, [id]).get(id)
    if row is None or row["status"] != "merged":
        raise refused("not_merged")
    unit = UnitOfWork(connection, Actor(OPERATOR), now)
    _decide(unit, row, "split", reason)
    newer = split_customers(unit, id)
    unit.finish()
    return newer


def _decide(unit: UnitOfWork, row: Document, status: str, reason: str) -> Document:
    if not reason.strip():
        raise refused("reason_missing")
    decided: Document = {
        **row,
        "status": status,
        "reason": reason,
        "decided_by": OPERATOR,
        "decided_at": unit.now,
    }
    unit.import_rows(_DUPLICATE, [decided])
    return decided
