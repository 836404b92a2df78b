"""Fees as the database keeps them, and what customers paid in a year."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from shared.money import Fen
from sync_server.store.rows import among, look_up, replace_rows
from sync_server.store.schema import ENTITY_TABLES, fee
from sync_server.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee: of which account, for what, how much (fen) and on which day."""

    account_id: str
    kind: str
    amount: Fen
    day: str


@dataclass(frozen=True, slots=True)
class Fees:
    """What a customer paid: fen by kind, and the day of the latest."""

    amounts: Mapping[str, Fen]
    until: str


def kept_fees(connection: Connection, ids: Collection[str]) -> dict[str, Fee]:
    """Return those of these fees that are kept."""
    found = look_up(connection, ids, _kept) if ids else ()
    return {row.id: Fee(row.account_id, row.kind, Fen(row.amount), row.day) for row in found}


def keep_fees(unit: UnitOfWork, fees: Mapping[str, Fee]) -> None:
    """Keep fees in place of what was kept of the same."""
    rows = [
        (id, each.account_id, each.kind, each.amount, each.day, unit.actor.name, unit.now)
        for id, each in fees.items()
    ]
    replace_rows(unit.connection, fee, rows)


def fees_of(
    connection: Connection, customers: Collection[str], since: str, until: str
) -> dict[str, Fees]:
    """Return what customers paid on the days after `since` up to `until`, over all accounts.

    What an account that is closed now paid then was earned, and counts.
    """
    amounts: defaultdict[str, dict[str, Fen]] = defaultdict(dict)
    latest: dict[str, str] = {}
    for row in look_up(connection, customers, _sums, since, until):
        amounts[row.customer_id][row.kind] = Fen(int(row.amount))
        latest[row.customer_id] = max(latest.get(row.customer_id, ""), row.until)
    return {customer: Fees(amounts[customer], latest[customer]) for customer in amounts}


@cache
def _kept(*, is_postgresql: bool) -> Select[Any]:
    return select(fee).where(among(fee.c.id, is_postgresql=is_postgresql))


def _sums(since: str, until: str, *, is_postgresql: bool) -> Select[Any]:
    account = ENTITY_TABLES["account"]
    return (
        select(
            account.c.customer_id,
            fee.c.kind,
            func.sum(fee.c.amount).label("amount"),
            func.max(fee.c.day).label("until"),
        )
        .join(account, account.c.id == fee.c.account_id)
        .where(
            among(account.c.customer_id, is_postgresql=is_postgresql),
            fee.c.day > since,
            fee.c.day <= until,
        )
        .group_by(account.c.customer_id, fee.c.kind)
        .order_by(account.c.customer_id, fee.c.kind)
    )
