"""Customers looked up by what other systems know of them, and what their accounts come to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Select, case, func, select

from shared import identity
from shared.domain.account import DEPOSITS
from shared.registry import REGISTRY, Document
from sync_server.customer.matching import Contact, Known, Number, Whose
from sync_server.store.rows import among, customer_homes, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import UnitOfWork

_ACCOUNT: Final = ENTITY_TABLES["account"].c
_CUSTOMER: Final = REGISTRY["customer"]
_IDENTIFIER: Final = REGISTRY["identifier"]


def known_customers(connection: Connection, rows: Collection[tuple[Whose, str | None]]) -> Known:
    """Return what the record knows of all whom some rows name, read in four look-ups at most.

    Beside each row stands whose it is in the record, if it is there.
    """
    by_number = _by_number(connection, {row.number for row, _ in rows if row.number})
    lost = [(row, holder) for row, holder in rows if row.number not in by_number]
    by_contact = _by_contact(connection, {row.contact for row, _ in lost if row.contact})
    phones = {row.phone for row, _ in lost if row.phone}
    by_phone: defaultdict[str, set[str]] = defaultdict(set)
    for (phone, _), found in _by_contact(connection, {(each, "") for each in phones}).items():
        by_phone[phone] |= found
    asked = {customer for found in by_contact.values() for customer in found}
    asked |= {holder for row, holder in lost if row.number and holder}
    return Known(by_number, by_contact, _numbers(connection, asked), dict(by_phone))


def identified(connection: Connection, numbers: Collection[Number]) -> dict[Number, list[Document]]:
    """Return the identifiers that the record has under these numbers."""
    found: dict[Number, list[Document]] = {}
    written = {each for _, value in numbers for each in (value, value.lower())}
    for row in look_up(connection, written, _papers) if written else ():
        number = row.kind, row.value.upper()
        if number in numbers:
            found.setdefault(number, []).append(dict(zip(_IDENTIFIER.fields, row, strict=False)))
    return found


def numbered(connection: Connection, values: Collection[str]) -> dict[str, str]:
    """Return a customer who has each of these numbers, of whatever kind, as they are written."""
    found = look_up(connection, values, _identifiers, "value") if values else ()
    return {row.value: row.customer_id for row in found}


def follow_accounts(
    unit: UnitOfWork,
    present: Mapping[str, Mapping[str, Any]],
    ceased: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Bring customers' deposits up to their accounts; as old as the oldest balance among them.

    `present` are the customers' rows, locked. Nothing is said of one who never had a deposit;
    `ceased` are those of whom an account was one and is something else as of a moment (ms).
    """
    deposits: dict[str, Document] = {
        id: {"deposit_balance": 0, "as_of": as_of} for id, as_of in ceased.items()
    }
    for row in look_up(unit.connection, present.keys(), _deposits):
        as_of = row.closed_as_of if row.as_of is None else row.as_of
        deposits[row.customer_id] = {"deposit_balance": int(row.balance), "as_of": as_of}
    unit.set_fields(_CUSTOMER, deposits, present)


def _by_number(connection: Connection, numbers: set[Number]) -> dict[Number, set[str]]:
    found: defaultdict[Number, set[str]] = defaultdict(set)
    # The record has numbers as their systems wrote them, and some write a small x.
    written = {each for _, value in numbers for each in (value, value.lower())}
    for row in look_up(connection, written, _identifiers, "value") if written else ():
        found[row.kind, row.value.upper()].add(row.customer_id)
    return dict(found)


def _numbers(connection: Connection, customers: Collection[str]) -> dict[str, set[Number]]:
    found: defaultdict[str, set[Number]] = defaultdict(set)
    if customers:
        for row in look_up(connection, customers, _identifiers, "customer_id"):
            found[row.customer_id].add((row.kind, row.value.upper()))
    return dict(found)


def _by_contact(connection: Connection, contacts: Iterable[Contact]) -> dict[Contact, set[str]]:
    spelt = {each for phone, _ in contacts for each in identity.spellings(phone)}
    found: defaultdict[Contact, set[str]] = defaultdict(set)
    rows = look_up(connection, spelt, _by_phone) if spelt else ()
    ended = {row.id for row in rows if row.merged_into is not None}
    _, survivors = customer_homes(connection, ended)
    for row in rows:
        contact = identity.phone(row.phone), identity.name(row.name)
        found[contact].add(survivors.get(row.id, row.id))
    return dict(found)


@cache
def _papers(*, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES["identifier"]
    return select(table).where(among(table.c.value, is_postgresql=is_postgresql))


@cache
def _identifiers(column: str, *, is_postgresql: bool) -> Select[Any]:
    own = ENTITY_TABLES["identifier"].c
    found = select(own.kind, own.value, own.customer_id)
    return found.where(among(own[column], is_postgresql=is_postgresql))


@cache
def _by_phone(*, is_postgresql: bool) -> Select[Any]:
    own = ENTITY_TABLES["customer"].c
    found = select(own.id, own.phone, own.name, own.merged_into)
    return found.where(among(own.phone, is_postgresql=is_postgresql))


@cache
def _deposits(*, is_postgresql: bool) -> Select[Any]:
    is_open = _ACCOUNT.closed_on.is_(None)
    balance = func.sum(case((is_open, _ACCOUNT.balance), else_=0)).label("balance")
    as_of = func.min(case((is_open, _ACCOUNT.as_of))).label("as_of")
    closed_as_of = func.max(_ACCOUNT.as_of).label("closed_as_of")
    return (
        select(_ACCOUNT.customer_id, balance, as_of, closed_as_of)
        .where(among(_ACCOUNT.customer_id, is_postgresql=is_postgresql))
        .where(_ACCOUNT.kind.in_(sorted(DEPOSITS)))
        .group_by(_ACCOUNT.customer_id)
    )
