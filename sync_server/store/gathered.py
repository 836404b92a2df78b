"""What is known of a chunk of customers on a day, read at once for whatever is assessed of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from shared.commission.months import Period
from shared.domain import Account, Alert
from shared.domain.account import OWED
from shared.domain.churn_risk import churn_id
from shared.domain.customer_value import Tier, value_id
from shared.domain.days import bank_day
from shared.domain.service_case import DONE
from shared.domain.serving import LONGEST_MS, Effort, whole_minutes
from shared.registry import REGISTRY, Document
from sync_server.customer.alarms import ASSESSED
from sync_server.customer.churn import RULES
from sync_server.customer.facts import Facts, Matured, Moved, window_of
from sync_server.store.fees import Fees, fees_of
from sync_server.store.rows import among, documents, look_up
from sync_server.store.schema import ENTITY_TABLES, daily_flow

_YEAR: Final = timedelta(days=365)
_ACCOUNTS: Final = ENTITY_TABLES["account"]
_CONTACTS: Final = ENTITY_TABLES["interaction"]
_STATES: Final = ENTITY_TABLES["customer_state"]
_ALERTS: Final = ENTITY_TABLES["alert"]
_CASES: Final = ENTITY_TABLES["service_case"]
_VALUE: Final = REGISTRY["customer_value"]
_RISK: Final = REGISTRY["churn_risk"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of some customers, by customer."""

    today: date
    window: Sequence[Period]
    accounts: Mapping[str, list[Account]]
    efforts: Mapping[str, list[Effort]]
    contacted: Mapping[str, int]
    """When they were last in touch (ms), in the last year."""
    fees: Mapping[str, Fees]
    satisfaction: Mapping[str, int]
    moved: Mapping[str, Mapping[str, Moved]]
    matured: Mapping[str, list[Matured]]
    waiting: Mapping[str, list[Alert]]
    """Alerts that an assessment brought and that nobody has touched."""
    complaints: Mapping[str, int]
    """How many are open."""
    values: Mapping[str, Document]
    risks: Mapping[str, Document]
    states: Mapping[str, tuple[str, str]]
    """The state that stands, and since what day."""

    def facts(self, customer: str, tier: Tier) -> Facts:
        """Return what points and state of a customer rest on."""
        last = self.contacted.get(customer)
        return Facts(
            self.today,
            self.window,
            self.accounts.get(customer, ()),
            self.moved.get(customer),
            self.matured.get(customer, ()),
            None if last is None else bank_day(last),
            self.satisfaction.get(customer),
            tier,
            self.complaints.get(customer, 0),
        )


def gathered(connection: Connection, ids: Collection[str], now: int) -> Gathered:
    """Read what is known of customers at a moment (ms)."""
    today = bank_day(now)
    window, since = window_of(today), now - round(_YEAR.total_seconds() * 1000)
    accounts = _accounts(connection, ids)
    efforts, contacted = _efforts(connection, ids, since)
    scores = {row.customer_id: row.satisfaction for row in look_up(connection, ids, _scored, since)}
    matured, waiting = _alerts(connection, ids, today)
    return Gathered(
        today=today,
        window=window,
        accounts=accounts,
        efforts=efforts,
        contacted=contacted,
        fees=fees_of(connection, ids, (today - _YEAR).isoformat(), today.isoformat()),
        satisfaction=scores,
        moved=_moved(connection, accounts, window),
        matured=matured,
        complaints=dict(tuple(row) for row in look_up(connection, ids, _complaining)),
        waiting=waiting,
        values=_by_customer(documents(connection, _VALUE, [value_id(id) for id in ids])),
        risks=_by_customer(documents(connection, _RISK, [churn_id(id) for id in ids])),
        states={
            row.customer_id: (row.state, row.since) for row in look_up(connection, ids, _stood)
        },
    )


def _by_customer(rows: Mapping[str, Document]) -> dict[str, Document]:
    return {str(row["customer_id"]): row for row in rows.values()}


def _accounts(connection: Connection, ids: Collection[str]) -> dict[str, list[Account]]:
    found: dict[str, list[Account]] = defaultdict(list)
    for row in look_up(connection, ids, _accounts_of):
        found[row.customer_id].append(Account(*row))
    return found


@cache
def _accounts_of(*, is_postgresql: bool) -> Select[Any]:
    own = [_ACCOUNTS.c[name] for name in REGISTRY["account"].fields]
    mine = among(_ACCOUNTS.c.customer_id, is_postgresql=is_postgresql)
    return select(*own).where(mine).order_by(_ACCOUNTS.c.id)


def _efforts(
    connection: Connection, ids: Collection[str], since: int
) -> tuple[dict[str, list[Effort]], dict[str, int]]:
    efforts: dict[str, list[Effort]] = defaultdict(list)
    contacted: dict[str, int] = {}
    for row in look_up(connection, ids, _efforts_of, since):
        minutes = whole_minutes(int(row.spent))
        efforts[row.customer_id].append(Effort(row.channel, row.contacts, minutes))
        contacted[row.customer_id] = max(contacted.get(row.customer_id, 0), row.last)
    return efforts, contacted


def _efforts_of(since: int, *, is_postgresql: bool) -> Select[Any]:
    """Contacts of some customers by channel."""
    contact = _CONTACTS.c
    lasted = contact.ended_at - contact.started_at
    spent = func.sum(case((lasted.between(0, LONGEST_MS), lasted), else_=0))
    return (
        select(
            contact.customer_id,
            contact.channel,
            func.count().label("contacts"),
            spent.label("spent"),
            func.max(contact.occurred_at).label("last"),
        )
        .where(
            among(contact.customer_id, is_postgresql=is_postgresql),
            contact.occurred_at >= since,
            _stands(is_postgresql=is_postgresql),
        )
        .group_by(contact.customer_id, contact.channel)
        .order_by(contact.customer_id, contact.channel)
    )


def _scored(since: int, *, is_postgresql: bool) -> Select[Any]:
    """The scores that some customers gave, the latest last."""
    contact = _CONTACTS.c
    return (
        select(contact.customer_id, contact.satisfaction)
        .where(
            among(contact.customer_id, is_postgresql=is_postgresql),
            contact.occurred_at >= since,
            contact.satisfaction.is_not(None),
            _stands(is_postgresql=is_postgresql),
        )
        .order_by(contact.occurred_at, contact.id)
    )


def _stands(*, is_postgresql: bool) -> ColumnElement[bool]:
    """Whether a contact was not put right: what was corrected counts as the correction says."""
    later = _CONTACTS.alias("later").c
    corrected = select(later.supersedes).where(
        among(later.customer_id, is_postgresql=is_postgresql), later.supersedes.is_not(None)
    )
    return _CONTACTS.c.id.not_in(corrected)


def _moved(
    connection: Connection, accounts: Mapping[str, Sequence[Account]], window: Sequence[Period]
) -> dict[str, dict[str, Moved]]:
    """Sum what moved on customers' own accounts by month."""
    whose = {
        each.id: customer
        for customer, held in accounts.items()
        for each in held
        if each.kind not in OWED
    }
    found: dict[str, dict[str, Moved]] = defaultdict(dict)
    for row in look_up(connection, whose, _moved_on, f"{window[-1]}-01") if whose else ():
        mine = found[whose[row.account_id]]
        before = mine.get(row.month, Moved(0, 0))
        inflow, outflow = before.inflow + int(row.inflow), before.outflow + int(row.outflow)
        mine[row.month] = Moved(inflow, outflow)
    return found


@cache
def _moved_on(since: str, *, is_postgresql: bool) -> Select[Any]:
    flow, month = daily_flow.c, func.substr(daily_flow.c.day, 1, 7).label("month")
    sums = (func.sum(flow.inflow).label("inflow"), func.sum(flow.outflow).label("outflow"))
    return (
        select(flow.account_id, month, *sums)
        .where(among(flow.account_id, is_postgresql=is_postgresql), flow.day >= since)
        .group_by(flow.account_id, month)
    )


def _alerts(
    connection: Connection, ids: Collection[str], today: date
) -> tuple[dict[str, list[Matured]], dict[str, list[Alert]]]:
    since, until = (today - timedelta(days=RULES.closed_days)).isoformat(), today.isoformat()
    matured: dict[str, list[Matured]] = defaultdict(list)
    waiting: dict[str, list[Alert]] = defaultdict(list)
    for row in look_up(connection, ids, _alerts_of):
        alert = Alert(*row)
        if alert.kind in ASSESSED and alert.status == "open":
            waiting[alert.customer_id].append(alert)
        elif alert.kind == "maturity" and _was_free(alert) and since <= alert.day <= until:
            matured[alert.customer_id].append(Matured(alert.day, alert.amount or 0))
    return matured, waiting


def _was_free(alert: Alert) -> bool:
    """Whether money came due on the day; it was renewed or closed before where it was withdrawn."""
    return alert.status != "withdrawn"


@cache
def _alerts_of(*, is_postgresql: bool) -> Select[Any]:
    own = [_ALERTS.c[name] for name in REGISTRY["alert"].fields]
    mine = among(_ALERTS.c.customer_id, is_postgresql=is_postgresql)
    return select(*own).where(mine, _ALERTS.c.kind.in_((*sorted(ASSESSED), "maturity")))


@cache
def _complaining(*, is_postgresql: bool) -> Select[Any]:
    """Complaints of some customers that nobody has resolved."""
    case = _CASES.c
    is_open = case.status.not_in(sorted(DONE))
    return (
        select(case.customer_id, func.count())
        .where(among(case.customer_id, is_postgresql=is_postgresql))
        .where(case.kind == "complaint", is_open)
        .group_by(case.customer_id)
    )


@cache
def _stood(*, is_postgresql: bool) -> Select[Any]:
    """The states of some customers, the latest last."""
    state = _STATES.c
    mine = among(state.customer_id, is_postgresql=is_postgresql)
    return select(state.customer_id, state.state, state.since).where(mine).order_by(state.since)
