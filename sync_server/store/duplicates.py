"""Duplicates: the sweep that looks for customers who are one, and what people do by hand.

Theory of operation. Everyone is noted on disk by what they are found by (`pairing`); who shares
something is compared as the record has them; what is sure and of one owner is merged, the surest
first, and everything else that is suspected is put before a supervisor. Who was merged stands for
who goes on from there, and is compared anew with what both know.

Each merge, and each page of the queue, is a short transaction that looks again at what it is about:
so a sweep may be cut off anywhere and begun again, beside devices that decide the same pairs, and a
second one changes nothing. What somebody has said of a pair holds for all who were merged into the
two: it is never raised again.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from secrets import token_bytes
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared.domain.days import bank_day
from shared.domain.duplicate import SWEEPER, Duplicate, duplicate_id
from shared.errors import Refusal
from shared.registry import REGISTRY, Document
from sync_server.customer.likeness import (
    Likeness,
    Party,
    Shared,
    are_of_one_day,
    is_namesake,
    keys,
    likeness,
)
from sync_server.store.authority import hold_the_ledger
from sync_server.store.database import Database
from sync_server.store.merging import merge_customers
from sync_server.store.pairing import Pair, Pairs, Suspect
from sync_server.store.parties import parties, parties_after
from sync_server.store.rows import among, current_rows, customer_homes, documents, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.turned import DUPLICATES, note_turn, turned_to
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

log = logging.getLogger("fieldbook")
_DUPLICATE: Final = REGISTRY["duplicate"]
_CUSTOMER: Final = REGISTRY["customer"]
_MERGED_BY_ITSELF: Final = "系统自动合并：证件或信用代码相同，或同一管户下同名同生日"
_SIDES: Final = ("customer_id", "other_id")
_Ids = tuple[str, str]


@dataclass(slots=True)
class Sweep:
    """How far a sweep is, in customers and pairs, and what it has come to."""

    customers: int = 0
    compared: int = 0
    merged: int = 0
    queued: int = 0
    """Pairs that were not before anybody yet."""
    crowded: int = 0
    """Keys that more customers have than are compared with each other."""
    passed_over: int = 0
    """How often customers have such a key."""


def find(database: Database, now: int) -> Iterator[Sweep]:
    """Look for customers who are one; yield how far it is, time and again the same object."""
    sweep = Sweep()
    with Pairs(token_bytes(32)) as pairs:
        last = ""
        while page := _page(database, last):
            pairs.add((each.id, each.heard, set(keys(each))) for each in page)
            last, sweep.customers = page[-1].id, sweep.customers + len(page)
            yield sweep
        sweep.crowded, sweep.passed_over = pairs.pair_up()
        for some in pairs.all():
            _compare(database, pairs, some)
            sweep.compared += len(some)
            yield sweep
        while sure := pairs.surest():
            sweep.merged += _merge(database, pairs, sure, now)
            yield sweep
        for suspects in pairs.suspects():
            sweep.queued += database.write(
                lambda connection, suspects=suspects: _queue(connection, suspects, now)  # type: ignore[misc]
            )
            yield sweep
        place: str | None = ""
        while place is not None:
            place = database.write(
                lambda connection, place=place: _let_go(connection, pairs, place, now)  # type: ignore[misc]
            )
            yield sweep
    if sweep.crowded:
        log.warning(
            "keys that too many customers share to compare them all: %d, %d times in all",
            sweep.crowded,
            sweep.passed_over,
        )


def find_daily(database: Database, now: int) -> None:
    """Sweep if nobody did yet today; one that is cut off begins again at the next look."""
    today = bank_day(now).isoformat()
    if turned_to(database, DUPLICATES) != today:
        for _ in find(database, now):
            pass
        note_turn(database, DUPLICATES, today)


def _page(database: Database, last: str) -> list[Party]:
    with database.reading() as connection:
        return parties_after(connection, last, CHUNK)


def _compare(database: Database, pairs: Pairs, some: Sequence[Pair]) -> None:
    """Suspect those of some pairs who are alike, and no longer those who are not."""
    with database.reading() as connection:
        known = parties(connection, {id for pair in some for id in pair[2:]})
        spoken = _spoken(connection, {_in_order(*pair[2:]) for pair in some})
    for one, other, id, other_id in some:
        mine, theirs = known.get(id), known.get(other_id)
        if id == other_id or mine is None or theirs is None:
            pairs.acquit(one, other)
            continue
        found = likeness(mine, theirs, _shared(pairs, mine, theirs))
        is_said = _in_order(id, other_id) in spoken  # and both stand: so that they are two
        if is_namesake(found) or (is_said and are_of_one_day(found)):
            pairs.note_namesakes(one, other)
        if found.is_suspected:
            said = "\n".join(reasons_of(found, mine, theirs))
            pairs.suspect(one, other, found.score, said, sure=_is_merged(found, mine, theirs))
        else:
            pairs.acquit(one, other)


def _in_order(one: str, other: str) -> _Ids:
    return min(one, other), max(one, other)


def _shared(pairs: Pairs, one: Party, other: Party) -> Shared:
    """Return what is known of others around two customers."""
    phone = one.phone_key if one.dialled == other.dialled != "" else None
    address = one.address_key if one.lives == other.lives != "" else None
    return Shared(
        phone=1 if phone is None else pairs.names(phone),
        address=1 if address is None else pairs.names(address),
        has_namesake=one.called == other.called and pairs.has_namesake(one.id, other.id),
    )


def reasons_of(found: Likeness, one: Party, other: Party) -> list[str]:
    """Return what is told of a pair: why, the weightiest first, and that two look after them."""
    return [*found.reasons, *(() if one.owner_id == other.owner_id else ("owners_differ",))]


def _is_merged(found: Likeness, one: Party, other: Party) -> bool:
    """Whether two become one by themselves; whose customer somebody is, people say."""
    return found.is_sure and one.owner_id == other.owner_id


# What is merged


def _merge(database: Database, pairs: Pairs, sure: Suspect, now: int) -> bool:
    """Merge a pair and look anew at who goes on; leave it to people where that cannot be done."""
    one, other, id, other_id, _, _ = sure
    survivor, ended = sorted((id, other_id))
    try:
        is_done = database.write(
            lambda connection: _merged(connection, pairs, (survivor, ended), now)
        )
    except Refusal as refusal:
        log.warning("two customers are left to a supervisor: %s", refusal.code)
        is_done = False
    if is_done:
        pairs.redirect(ended, survivor)
        _compare(database, pairs, pairs.of(survivor))
    else:
        # What is known of others may have come after the two were compared.
        _compare(database, pairs, [(one, other, id, other_id)])
        pairs.leave_to_people(one, other)
    return is_done


def _merged(connection: Connection, pairs: Pairs, ids: _Ids, now: int) -> bool:
    """Merge two, if they are still sure, and nobody has spoken on them; return whether."""
    hold_the_ledger(connection)  # before any row, as a merge does
    current_rows(connection, _CUSTOMER, ids)
    known = parties(connection, ids)
    if len(known) < 2 or _spoken(connection, [ids]):
        return False
    one, other = (known[id] for id in ids)
    found = likeness(one, other, _shared(pairs, one, other))
    if not _is_merged(found, one, other):
        return False
    unit = UnitOfWork(connection, Actor(SWEEPER), now)
    id = duplicate_id(*ids)
    present = documents(connection, _DUPLICATE, [id]).get(id)
    row = _row(ids, (found.score, "\n".join(found.reasons)), present, now)
    row |= {
        "status": "merged",
        "reason": _MERGED_BY_ITSELF,
        "decided_by": SWEEPER,
        "decided_at": now,
    }
    unit.import_rows(_DUPLICATE, [row])
    merge_customers(unit, row)
    unit.finish()
    return True


# What is queued


def _queue(connection: Connection, suspects: Sequence[Suspect], now: int) -> int:
    """Put pairs before a supervisor, or what is said of them up to date; return how many are new.

    A pair is passed over where somebody has spoken on it or one of the two was merged.
    """
    said = {_in_order(one, other): (score, reasons) for *_, one, other, score, reasons in suspects}
    homes, ended = customer_homes(connection, {id for pair in said for id in pair})
    standing = homes.keys() - ended.keys()
    spoken = _spoken(connection, said)
    fresh = {
        pair: found
        for pair, found in said.items()
        if standing.issuperset(pair) and pair not in spoken
    }
    present = documents(connection, _DUPLICATE, {duplicate_id(*pair) for pair in fresh})
    rows = [
        _row(pair, found, present.get(duplicate_id(*pair)), now) for pair, found in fresh.items()
    ]
    unit = UnitOfWork(connection, Actor(SWEEPER), now)
    unit.import_rows(_DUPLICATE, rows)
    unit.finish()
    return len(rows) - len(present)


def _let_go(connection: Connection, pairs: Pairs, after: str, now: int) -> str | None:
    """Say of open pairs that are no longer alike what is so; return the last id, None at the end.

    They keep their row, which somebody may be deciding on a device, and wait for nobody.
    """
    own = ENTITY_TABLES["duplicate"].c
    some = (
        select(*(own[name] for name in _DUPLICATE.fields))
        .where(own.id > after, own.status == "open")
        .order_by(own.id)
        .limit(CHUNK)
    )
    rows: list[Document] = [row._asdict() for row in connection.execute(some)]
    known = parties(connection, {str(row[name]) for row in rows for name in _SIDES})
    gone = []
    for row in rows:
        one, other = (known.get(str(row[name])) for name in _SIDES)
        if one is None or other is None:
            continue
        found = likeness(one, other, _shared(pairs, one, other))
        if not found.is_suspected:
            said = "\n".join(reasons_of(found, one, other))
            gone.append({**row, "score": found.score, "reasons": said})
    unit = UnitOfWork(connection, Actor(SWEEPER), now)
    unit.import_rows(_DUPLICATE, gone)
    unit.finish()
    return str(rows[-1]["id"]) if len(rows) == CHUNK else None


def _row(pair: _Ids, found: tuple[int, str], present: Document | None, now: int) -> dict[str, Any]:
    """Return a suspicion as a row; ids are in the order of time, so the first one is the elder."""
    score, reasons = found
    row = asdict(Duplicate(duplicate_id(*pair), *pair, score, reasons, now))
    return row if present is None else {**row, "found_at": present["found_at"]}


# What was said


def _spoken(connection: Connection, pairs: Iterable[_Ids]) -> set[_Ids]:
    """Return the pairs on which somebody has spoken, or on two who were merged into them."""
    wanted = list(pairs)
    members = _members(connection, {id for pair in wanted for id in pair})
    asked = {
        pair: {duplicate_id(*each) for each in product(members[pair[0]], members[pair[1]])}
        for pair in wanted
    }
    every = {id for ids in asked.values() for id in ids}
    there = documents(connection, _DUPLICATE, every).items()
    said = {id for id, row in there if row["status"] != "open"}
    return {pair for pair, ids in asked.items() if ids & said}


def _members(connection: Connection, customers: Collection[str]) -> Mapping[str, set[str]]:
    """Return each customer with all who were merged into them, directly or not."""
    found = {id: {id} for id in customers}
    whose = {id: id for id in customers}
    while whose:
        rows = look_up(connection, whose, _merged_into)
        whose = {row.id: whose[row.merged_into] for row in rows}
        for id, survivor in whose.items():
            found[survivor].add(id)
    return found


@cache
def _merged_into(*, is_postgresql: bool) -> Select[Any]:
    own = ENTITY_TABLES["customer"].c
    ended = among(own.merged_into, is_postgresql=is_postgresql)
    return select(own.id, own.merged_into).where(ended)
