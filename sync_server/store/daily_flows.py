"""Daily flows as the database keeps them: what went in and out of each account on each day."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.domain.usual import Direction
from shared.money import Fen
from sync_server.customer.alarms import DayFlow
from sync_server.store.rows import among
from sync_server.store.schema import ENTITY_TABLES, daily_flow
from sync_server.store.unit_of_work import UnitOfWork

FlowKey = tuple[str, str]
"""An account's id and a day."""


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
    found = _ask(connection, _of_accounts, accounts, min(days), max(days))
    return {
        (row.account_id, row.day): Flow(row.inflow, row.outflow)
        for row in found
        if (row.account_id, row.day) in keys
    }


def keep_flows(unit: UnitOfWork, flows: Mapping[FlowKey, Flow]) -> None:
    """Keep flows in place of what was kept of the same accounts and days."""
    if not flows:
        return
    make = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = make(daily_flow)
    said = {name: statement.excluded[name] for name in ("inflow", "outflow", "actor", "at")}
    statement = statement.on_conflict_do_update(index_elements=["account_id", "day"], set_=said)
    rows = [
        {
            "account_id": account,
            "day": day,
            "inflow": flow.inflow,
            "outflow": flow.outflow,
            "actor": unit.actor.name,
            "at": unit.now,
        }
        for (account, day), flow in flows.items()
    ]
    unit.connection.execute(statement, rows)


def day_flows(
    connection: Connection, customers: Collection[str], since: date, until: date
) -> Iterator[DayFlow]:
    """Yield what moved for customers on each day, over all their accounts; nothing for nothing."""
    sums: defaultdict[tuple[str, str, Direction], dict[str, int]] = defaultdict(dict)
    for row in _ask(connection, _of_customers, customers, since.isoformat(), until.isoformat()):
        sums[row.customer_id, row.day, "in"][row.account_id] = row.inflow
        sums[row.customer_id, row.day, "out"][row.account_id] = row.outflow
    for (customer, day, direction), parts in sums.items():
        if amount := sum(parts.values()):
            most = max(parts, key=lambda account: (parts[account], account))
            yield DayFlow(customer, date.fromisoformat(day), direction, Fen(amount), most)


def day_sums(
    connection: Connection, customers: Collection[str], since: date, until: date
) -> Mapping[tuple[str, Direction], list[tuple[str, int]]]:
    """Return what moved for customers on each day: by customer and direction, day and sum."""
    sums: defaultdict[tuple[str, Direction], list[tuple[str, int]]] = defaultdict(list)
    for row in _ask(connection, _sums, customers, since.isoformat(), until.isoformat()):
        sums[row.customer_id, "in"].append((row.day, int(row.inflow)))
        sums[row.customer_id, "out"].append((row.day, int(row.outflow)))
    return sums


def _ask(connection: Connection, make: Any, values: Collection[str], since: str, until: str) -> Any:
    is_postgresql = connection.dialect.name == "postgresql"
    wanted = sorted(values)
    parameter = wanted if is_postgresql else to_json(wanted).decode()
    asked = {"wanted": parameter, "since": since, "until": until}
    return connection.execute(make(is_postgresql=is_postgresql), asked)


def _between() -> Any:
    return daily_flow.c.day.between(bindparam("since"), bindparam("until"))


@cache
def _of_accounts(*, is_postgresql: bool) -> Select[Any]:
    mine = among(daily_flow.c.account_id, is_postgresql=is_postgresql)
    return select(daily_flow).where(mine, _between())


@cache
def _of_customers(*, is_postgresql: bool) -> Select[Any]:
    account = ENTITY_TABLES["account"]
    flow = daily_flow.c
    return (
        select(account.c.customer_id, flow.account_id, flow.day, flow.inflow, flow.outflow)
        .join(account, account.c.id == flow.account_id)
        .where(among(account.c.customer_id, is_postgresql=is_postgresql), _between())
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
        )
        .join(account, account.c.id == flow.account_id)
        .where(among(account.c.customer_id, is_postgresql=is_postgresql), _between())
        .group_by(account.c.customer_id, flow.day)
    )
