"""Alerts, raised in the transaction that brought their cause.

Theory of operation. Whoever writes a cause says so here before the unit of work is finished: flows
of a chunk, accounts of a chunk, the interactions of an exchange, the day that the calendar brings.
What they need is read for the whole chunk at once, and only of those whom an alert could be about.
An alert's id follows from its cause, so one that is there is never raised twice; its figures follow
a sum that grows until somebody has handled it. One that was taken back is open again when its cause
is back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, Select, select, text

from shared.domain.account import Account, assets
from shared.domain.alert import MARKETING, WAITING, Alert
from shared.domain.days import bank_day
from shared.domain.usual import LEAST, window_before
from shared.registry import REGISTRY, Document
from sync_server.customer.alarms import (
    KNOWN_BY_CAUSE,
    LAST_SCORES,
    WORTH_A_LOOK,
    DayFlow,
    Scored,
    abnormal_flow,
    cause_of,
    followed,
    handled_of,
    is_no_longer,
    is_recent,
    maturity,
    recognised,
    satisfaction,
)
from sync_server.store.consents import spared
from sync_server.store.daily_flows import day_sums, large_flows
from sync_server.store.rows import among, document_of, documents, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import CHUNK, UnitOfWork, as_job
from sync_server.store.withdrawing import take_back

_LOOKED_AT: Final = 3 * LAST_SCORES
"""Scores of a customer that are read: the last twelve are each held against six before them."""
_ALERT: Final = REGISTRY["alert"]
_ACCOUNT: Final = ENTITY_TABLES["account"].c
_ACCOUNT_FIELDS: Final = [_ACCOUNT[name] for name in REGISTRY["account"].fields]
_DayOf = tuple[str, str, str]
"""A customer, a day and a direction."""


# Flows


def watch_flows(unit: UnitOfWork, touched: Collection[tuple[str, date]]) -> None:
    """Raise what is abnormal in the flows of customers on days that a chunk has brought.

    What went from one of the customer's accounts to another raises nothing where both are known,
    and is taken back where the rest of the same file shows it. So is what nobody has touched and
    was corrected below its line.
    """
    today = bank_day(unit.now)
    recent = {each for each in touched if is_recent(each[1], today)}
    if not recent:
        return
    customers, days = {customer for customer, _ in recent}, [day for _, day in recent]
    told = _told(unit.connection, recent)
    found = large_flows(unit.connection, customers, min(days), max(days), LEAST)
    here = {_about(flow): flow for flow in found if (flow.customer_id, flow.day) in recent}
    over = (
        alert
        for about, alerts in told.items()
        for alert in alerts
        if alert["status"] == "open"
        if is_no_longer(alert, here.get(about), handled_of(alerts), unit.now)
    )
    take_back(unit, over)
    large = [flow for flow in here.values() if flow.amount >= LEAST]
    if large:
        raise_alerts(unit, _abnormal(unit, large, told))


def _about(flow: DayFlow) -> _DayOf:
    return flow.customer_id, flow.day.isoformat(), flow.direction


def _told(
    connection: Connection, touched: Collection[tuple[str, date]]
) -> Mapping[_DayOf, list[Document]]:
    """Return the alerts of flows of customers on these days, by day and direction."""
    days = {(customer, day.isoformat()) for customer, day in touched}
    told: dict[_DayOf, list[Document]] = {}
    for each in _standing(connection, {customer for customer, _ in days}, {"abnormal_flow"}):
        customer, day, direction = (str(each[name]) for name in ("customer_id", "day", "direction"))
        if (customer, day) in days:
            told.setdefault((customer, day, direction), []).append(each)
    return told


def _abnormal(
    unit: UnitOfWork, flows: Sequence[DayFlow], told: Mapping[_DayOf, list[Document]]
) -> Iterator[Alert]:
    customers = {flow.customer_id for flow in flows}
    first, _ = window_before(min(flow.day for flow in flows))
    past = day_sums(unit.connection, customers, first, max(flow.day for flow in flows))
    held: dict[str, list[Account]] = {}
    for row in look_up(unit.connection, customers, _accounts):
        held.setdefault(row.customer_id, []).append(Account(*row))
    for flow in flows:
        since, until = (day.isoformat() for day in window_before(flow.day))
        days = past[flow.customer_id, flow.direction]
        before = [amount for day, amount in days if since <= day <= until]
        now_has = assets(held[flow.customer_id])
        alert = abnormal_flow(flow, before, now_has, unit.now, told.get(_about(flow), ()))
        if alert is not None:
            yield alert


# Accounts


def watch_maturities(unit: UnitOfWork, accounts: Iterable[Document]) -> None:
    """Raise what matures soon of the accounts that a chunk has brought."""
    maturing = (each for each in accounts if each["matures_on"] and not each["closed_on"])
    found = (maturity(Account(**each), unit.now) for each in maturing)  # type: ignore[arg-type]
    raise_alerts(unit, [alert for alert in found if alert is not None])


# Interactions


def watch_scores(
    unit: UnitOfWork, interactions: Iterable[Document], said_anew: Iterable[Document] = ()
) -> None:
    """Raise what customers think less of us than before, by the interactions of an exchange.

    `said_anew` are those of them whose score their system has corrected in place. Most say nothing
    of it, or the best there is, and cost no more than this look.
    """
    fresh: dict[str, set[str]] = {}
    corrected = {str(each["id"]): str(each["customer_id"]) for each in said_anew}
    instead: dict[str, str] = {}
    for each in interactions:
        customer, id, score = str(each["customer_id"]), str(each["id"]), each["satisfaction"]
        if score is not None and score <= WORTH_A_LOOK:  # type: ignore[operator]
            fresh.setdefault(customer, set()).add(id)
        if each["supersedes"]:
            instead[id] = str(each["supersedes"])
            corrected[str(each["supersedes"])] = customer
    if not fresh and not corrected:
        return
    unit.flush()
    found: list[Alert] = []
    for customer, scores in _last_scores(unit.connection, fresh) if fresh else ():
        is_all = len(scores) < _LOOKED_AT
        found += satisfaction(customer, scores, fresh[customer], from_first=is_all, now=unit.now)
    if corrected:
        found = _corrected(unit, found, corrected, instead)
    raise_alerts(unit, found)


def _corrected(
    unit: UnitOfWork, found: list[Alert], corrected: Mapping[str, str], instead: Mapping[str, str]
) -> list[Alert]:
    """Take back what rests on scores that were corrected and are low no more.

    Of those that still are the alert goes on; returns what is found under the ids that stand.
    """
    alerts = _standing(unit.connection, set(corrected.values()), {"satisfaction"})
    told = {str(each["evidence"]): each for each in alerts if each["evidence"] in corrected}
    still = {instead.get(str(each.evidence), str(each.evidence)) for each in found}
    take_back(
        unit,
        [each for id, each in told.items() if each["status"] == "open" and id not in still],
    )
    before = {str(each.evidence): told.get(instead.get(str(each.evidence), "")) for each in found}
    return [
        each if (was := before[str(each.evidence)]) is None else replace(each, id=str(was["id"]))
        for each in found
    ]


_RECENT: Final = """
SELECT id, customer_id, occurred_at, satisfaction, supersedes FROM interaction
WHERE customer_id = asked.value AND (satisfaction IS NOT NULL OR supersedes IS NOT NULL)
ORDER BY occurred_at DESC, id DESC LIMIT :most
"""
_LAST_SCORES: Final = {
    "postgresql": text(f"""
SELECT found.* FROM unnest(CAST(:wanted AS text[])) AS asked(value)
CROSS JOIN LATERAL ({_RECENT}) AS found ORDER BY found.occurred_at, found.id
"""),  # noqa: S608
    # SQLite has no LATERAL; a row that is looked up by its id again costs it a microsecond.
    "sqlite": text(f"""
SELECT found.id, found.customer_id, found.occurred_at, found.satisfaction, found.supersedes
FROM json_each(:wanted) AS asked
CROSS JOIN interaction AS found ON found.id IN (SELECT id FROM ({_RECENT}))
ORDER BY found.occurred_at, found.id
"""),  # noqa: S608
}
"""What a customer's scores were, by the index of the timeline: nobody's whole past is read."""


def _last_scores(
    connection: Connection, customers: Collection[str]
) -> Iterator[tuple[str, list[Scored]]]:
    """Yield each customer's last scores, by time."""
    name = connection.dialect.name
    wanted = sorted(customers)
    parameter = wanted if name == "postgresql" else to_json(wanted).decode()
    found: dict[str, list[Scored]] = {}
    asked = {"wanted": parameter, "most": _LOOKED_AT}
    for row in connection.execute(_LAST_SCORES[name], asked):
        scored = Scored(row.id, row.occurred_at, row.satisfaction or 0, row.supersedes)
        found.setdefault(row.customer_id, []).append(scored)
    yield from found.items()


# All


def unhandled(connection: Connection) -> list[Alert]:
    """Return the alerts that nobody has handled yet, those that are due first."""
    alert = ENTITY_TABLES["alert"].c
    own = [alert[name] for name in _ALERT.fields]
    found = select(*own).where(alert.status.in_(WAITING)).order_by(alert.due_at, alert.id)
    return [Alert(*row) for row in connection.execute(found)]


def raise_alerts(unit: UnitOfWork, alerts: Iterable[Alert]) -> None:
    """Write alerts that are new, and those whose sum has grown."""
    wanted = iter(_unspared(unit, alerts))
    while some := list(islice(wanted, CHUNK)):
        _write(unit, _recognised(unit, [document_of(alert) for alert in some]))


def _recognised(unit: UnitOfWork, alerts: Sequence[Document]) -> list[Document]:
    """Return alerts under the ids by which they stand, and take back what says the same twice.

    An id names the customer for whom it was raised. Who was merged in since brings alerts under
    ids of their own: one that was handled is not told again, and of two birthdays one stays.
    """
    known = [each for each in alerts if each["kind"] in KNOWN_BY_CAUSE]
    customers = {str(each["customer_id"]) for each in known}
    standing: dict[tuple[str, ...], list[Document]] = {}
    for each in _standing(unit.connection, customers, KNOWN_BY_CAUSE):
        standing.setdefault(cause_of(each), []).append(each)
    ids = {
        str(each["id"]): recognised(str(each["id"]), standing.get(cause_of(each), ()))
        for each in known
    }
    twice = {
        str(other["id"]): other
        for each in known
        for other in standing.get(cause_of(each), ())
        if other["status"] == "open" and other["id"] != ids[str(each["id"])]
    }
    take_back(unit, twice.values())
    return [{**each, "id": ids.get(str(each["id"]), each["id"])} for each in alerts]


def _write(unit: UnitOfWork, alerts: Sequence[Document]) -> None:
    standing = documents(unit.connection, _ALERT, {str(each["id"]) for each in alerts})
    rows = [
        row
        for each in alerts
        for before in [standing.get(str(each["id"]))]
        for row in [each if before is None else followed(each, before)]
        if row is not None
    ]
    if not rows:
        return
    with as_job(unit, "job:alerts"):
        unit.import_rows(_ALERT, rows)


def _unspared(unit: UnitOfWork, alerts: Iterable[Alert]) -> list[Alert]:
    """Leave out what would sell something to customers who refused that."""
    found = list(alerts)
    asked = {each.customer_id for each in found if each.kind in MARKETING}
    unasked = spared(unit.connection, asked)
    return [each for each in found if each.kind not in MARKETING or each.customer_id not in unasked]


def _standing(
    connection: Connection, customers: Collection[str], kinds: Collection[str]
) -> list[Document]:
    """Return all alerts of these kinds that customers have or had, by id."""
    found = look_up(connection, customers, _of_customers) if customers else ()
    return [row._asdict() for row in found if row.kind in kinds]


@cache
def _of_customers(*, is_postgresql: bool) -> Select[Any]:
    alert = ENTITY_TABLES["alert"].c
    mine = among(alert.customer_id, is_postgresql=is_postgresql)
    return select(*(alert[name] for name in _ALERT.fields)).where(mine).order_by(alert.id)


@cache
def _accounts(*, is_postgresql: bool) -> Select[Any]:
    return select(*_ACCOUNT_FIELDS).where(among(_ACCOUNT.customer_id, is_postgresql=is_postgresql))
