"""Daily flows as the database keeps them: what went in and out of each account on each day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from shared.domain.account import OWED
from shared.domain.usual import Direction
from shared.money import Fen
from sync_server.customer.alarms import DayFlow, between_own
from sync_server.store.rows import among, look_up, replace_rows
from sync_server.store.schema import ENTITY_TABLES, daily_flow
from sync_server.store.unit_of_work import UnitOfWork

FlowKey = tuple[str, str]
"""An account's id and a day."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose an account is, and the day on which it was closed, if it is."""

    customer_id: str
    closed_on: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """What went in and out on a day (fen)."""

    inflow: Fen
    outflow: Fen


def kept_flows(connection: Connection, keys: Collection[FlowKey]) -> dict[FlowKey, Flow]:
    """Return those of these days of accounts that are kept."""
    if not keys:
        return {}
    accounts, days = {account for account, _ in keys}, {day for _, day in keys}
    since, until = (date.fromisoformat(each) for each in (min(days), max(days)))
    found = _ask(connection, _of_accounts, accounts, since, until)
    return {
        (row.account_id, row.day): Flow(row.inflow, row.outflow)
        for row in found
        if (row.account_id, row.day) in keys
    }


def keep_flows(unit: UnitOfWork, flows: Mapping[FlowKey, Flow]) -> None:
    """Keep flows in place of what was kept of the same accounts and days."""
    actor, now = unit.actor.name, unit.now
    rows = [(*key, flow.inflow, flow.outflow, actor, now) for key, flow in flows.items()]
    replace_rows(unit.connection, daily_flow, rows)


def holders(connection: Connection, accounts: Collection[str]) -> Mapping[str, Holder]:
    """Return whose these accounts are, of those that are in the record."""
    found = look_up(connection, accounts, _holders) if accounts else ()
    return {row.id: Holder(row.customer_id, row.closed_on) for row in found}


def large_flows(
    connection: Connection, customers: Collection[str], since: date, until: date, least: int
) -> list[DayFlow]:
    """Return what moved on the accounts that customers own on a day: `least` or more in all."""
    sums = [
        (row.customer_id, row.day, direction, amount, own)
        for row in _ask(connection, _sums, customers, since, until, least)
        for direction, amount, own in _directions(row)
        if amount + own >= least
    ]
    most: dict[tuple[str, str, Direction], tuple[int, str]] = {}
    for row in _ask(connection, _of_customers, {each[0] for each in sums}, since, until):
        for direction, amount in (("in", row.inflow), ("out", row.outflow)):
            key = row.customer_id, row.day, cast(Direction, direction)
            most[key] = max(most.get(key, (0, "")), (amount, row.account_id))
    return [
        DayFlow(customer, date.fromisoformat(day), direction, amount, most[key][1], own)
        for customer, day, direction, amount, own in sums
        for key in [(customer, day, direction)]
    ]


def day_sums(
    connection: Connection, customers: Collection[str], since: date, until: date
) -> Mapping[tuple[str, Direction], list[tuple[str, int]]]:
    """Return what came from outside, or left: by customer and direction, each day's sum."""
    sums: defaultdict[tuple[str, Direction], list[tuple[str, int]]] = defaultdict(list)
    for row in _ask(connection, _sums, customers, since, until, 0):
        for direction, amount, _ in _directions(row):
            sums[row.customer_id, direction].append((row.day, amount))
    return sums


def _directions(row: Any) -> tuple[tuple[Direction, Fen, Fen], ...]:
    """Return each direction of a customer's day: from or to outside, and between own accounts."""
    inflow, outflow = int(row.inflow), int(row.outflow)
    own = between_own(inflow, outflow, int(row.most))
    return ("in", Fen(inflow - own), own), ("out", Fen(outflow - own), own)


def _ask(
    connection: Connection,
    make: Any,
    values: Collection[str],
    since: date,
    until: date,
    least: int | None = None,
) -> Any:
    if not values:
        return ()
    is_postgresql = connection.dialect.name == "postgresql"
    wanted = sorted(values)
    parameter = wanted if is_postgresql else to_json(wanted).decode()
    asked = {"wanted": parameter, "since": since.isoformat(), "until": until.isoformat()}
    more = {} if least is None else {"least": least}
    return connection.execute(make(is_postgresql=is_postgresql), asked | more)


def _between() -> Any:
    return daily_flow.c.day.between(bindparam("since"), bindparam("until"))


def _owned(*, is_postgresql: bool) -> Any:
    """Accounts of some customers on which the money is theirs: a loan's is the bank's."""
    account = ENTITY_TABLES["account"].c
    mine = among(account.customer_id, is_postgresql=is_postgresql)
    return and_(mine, account.kind.not_in(sorted(OWED)))


@cache
def _of_accounts(*, is_postgresql: bool) -> Select[Any]:
    flow = daily_flow.c
    mine = among(flow.account_id, is_postgresql=is_postgresql)
    return select(flow.account_id, flow.day, flow.inflow, flow.outflow).where(mine, _between())


@cache
def _holders(*, is_postgresql: bool) -> Select[Any]:
    own = ENTITY_TABLES["account"].c
    found = select(own.id, own.customer_id, own.closed_on)
    return found.where(among(own.id, is_postgresql=is_postgresql))


@cache
def _of_customers(*, is_postgresql: bool) -> Select[Any]:
    account = ENTITY_TABLES["account"]
    flow = daily_flow.c
    return (
        select(account.c.customer_id, flow.account_id, flow.day, flow.inflow, flow.outflow)
        .join(account, account.c.id == flow.account_id)
        .where(_owned(is_postgresql=is_postgresql), _between())
    )


@cache
def _sums(*, is_postgresql: bool) -> Select[Any]:
    account = ENTITY_TABLES["account"]
    flow = daily_flow.c
    return (
        select(
            account.c.customer_id,
            flow.day,
            func.sum(flow.inflow).label("inflow"),
            func.sum(flow.outflow).label("outflow"),
            func.max(flow.inflow + flow.outflow).label("most"),
        )
        .join(account, account.c.id == flow.account_id)
        .where(_owned(is_postgresql=is_postgresql), _between())
        .group_by(account.c.customer_id, flow.day)
        .having(
            or_(
                func.sum(flow.inflow) >= bindparam("least"),
                func.sum(flow.outflow) >= bindparam("least"),
            )
        )
    )
