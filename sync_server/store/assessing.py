"""Assessing: everyone's value, churn points and state brought up to the facts each day, and those
of whom an import brought something as soon as it is in.

A chunk of customers is one short transaction, and what is known of them is read once for all three.
A row is written only where it says something new, so that a night in which nothing happened tells
no device anything; and memory holds one chunk, however many customers there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final, cast

from pydantic_core import to_json
from sqlalchemy import Connection, Select, select

from shared.domain import Alert, ChurnRisk, CustomerState
from shared.domain.churn_risk import Point, churn_id
from shared.domain.customer_state import State, state_id
from shared.domain.customer_value import Tier
from shared.domain.days import bank_day
from shared.registry import REGISTRY, Document
from sync_server.customer.churn import churn_points
from sync_server.customer.facts import Facts
from sync_server.customer.reminders import churn, downgrade, is_over
from sync_server.customer.states import Change, first_state, next_state
from sync_server.customer.value import Model
from sync_server.store.alerts import raise_alerts
from sync_server.store.assessment_due import take_off, who_is_due
from sync_server.store.authority import hold_the_ledger
from sync_server.store.database import Database
from sync_server.store.gathered import Gathered, gathered
from sync_server.store.rows import among, document_of, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.turned import VALUES, note_turn, turned_to
from sync_server.store.unit_of_work import Actor, UnitOfWork
from sync_server.store.valuing import model_of, value_of
from sync_server.store.withdrawing import take_back

TOGETHER: Final = 500
"""Customers of one writing transaction; devices get in between."""
_CUSTOMERS: Final = ENTITY_TABLES["customer"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """How many were assessed, the seq under which it says something new, and in which scopes."""

    customers: int
    seq: int | None = None
    scopes: frozenset[str] = frozenset()


def assess(database: Database, now: int) -> Iterator[int]:
    """Bring everyone up to the facts; yield how many are done."""
    last, done = "", 0
    while ids := _following(database, last):
        database.write(lambda connection, ids=ids: _assess(connection, ids, now))  # type: ignore[misc]
        last, done = ids[-1], done + len(ids)
        yield done


def assess_daily(database: Database, now: int) -> None:
    """Assess everyone if nobody did yet today; what is cut off begins again at the next look."""
    today = bank_day(now).isoformat()
    if turned_to(database, VALUES) != today:
        for _ in assess(database, now):
            pass
        note_turn(database, VALUES, today)


def assess_due(database: Database, now: int) -> Assessed:
    """Bring some of those who are due up to the facts; none are found when nobody is."""
    with database.reading() as connection:
        ids = who_is_due(connection, TOGETHER)
    if not ids:
        return Assessed(0)
    return database.write(lambda connection: _assess(connection, ids, now))


def _following(database: Database, last: str) -> list[str]:
    stands = _CUSTOMERS.c.merged_into.is_(None)
    page = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.id > last, stands)
    with database.reading() as connection:
        return list(connection.execute(page.order_by(_CUSTOMERS.c.id).limit(TOGETHER)).scalars())


def _who_stand(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those who are not merged into another, in their order."""
    return [row.id for row in look_up(connection, ids, _standing)]


@cache
def _standing(*, is_postgresql: bool) -> Select[Any]:
    mine = among(_CUSTOMERS.c.id, is_postgresql=is_postgresql)
    stands = _CUSTOMERS.c.merged_into.is_(None)
    return select(_CUSTOMERS.c.id).where(mine, stands).order_by(_CUSTOMERS.c.id)


@dataclass(slots=True)
class _Found:
    """What a chunk's assessment comes to: rows that say something new, and alerts."""

    values: list[Document] = field(default_factory=list)
    risks: list[Document] = field(default_factory=list)
    states: list[Document] = field(default_factory=list)
    raised: list[Alert] = field(default_factory=list)
    over: list[Alert] = field(default_factory=list)
    """Alerts whose cause has gone."""


def _assess(connection: Connection, ids: Sequence[str], now: int) -> Assessed:
    # What an import brings from here on is due again.
    hold_the_ledger(connection)
    take_off(connection, ids)
    stand = _who_stand(connection, ids)
    known, model, found = gathered(connection, stand, now), model_of(connection, now), _Found()
    for id in stand:
        _assess_one(id, known, model, now, found)
    unit = UnitOfWork(connection, Actor("job:value"), now)
    unit.import_rows(REGISTRY["customer_value"], found.values)
    unit.import_rows(REGISTRY["churn_risk"], found.risks)
    unit.import_rows(REGISTRY["customer_state"], found.states)
    take_back(unit, map(document_of, found.over))
    raise_alerts(unit, found.raised)
    return Assessed(len(ids), unit.finish(), frozenset(unit.scopes))


def _assess_one(id: str, known: Gathered, model: Model, now: int, found: _Found) -> None:
    value, before = value_of(id, known, model, now), known.values.get(id)
    if before is None or before["digest"] != value["digest"]:
        found.values.append(value)
    facts = known.facts(id, cast(Any, value["tier"]))
    reasons = churn_points(facts)
    points = sum(each.points for each in reasons)
    if (risk := _risk(id, known, reasons)) is not None:
        found.risks.append(risk)
    if (state := _state(id, known, facts, points)) is not None:
        found.states.append(state)
    line = model.lines[cast(Tier, value["tier"])]
    alerts = (
        churn(id, known.risks.get(id), reasons, now),
        downgrade(value, before, line, now),
    )
    found.raised += [alert for alert in alerts if alert is not None]
    waiting = known.waiting.get(id, ())
    found.over += [each for each in waiting if is_over(each, value, points)]


def _risk(id: str, known: Gathered, points: Sequence[Point]) -> Document | None:
    """Return a customer's churn risk where it differs; who never had a point has no row."""
    before, reasons = known.risks.get(id), to_json(points).decode()
    if (before is None and not points) or (before is not None and before["reasons"] == reasons):
        return None
    total = sum(each.points for each in points)
    return document_of(ChurnRisk(churn_id(id), id, total, reasons, known.today.isoformat()))


def _state(id: str, known: Gathered, facts: Facts, points: int) -> Document | None:
    state, since = known.states.get(id, (None, ""))
    change: Change | None
    if state is None:
        change = first_state(facts, points)
    else:
        change = next_state(cast(State, state), date.fromisoformat(since), facts, points)
    if change is None:
        return None
    today = known.today.isoformat()
    return document_of(
        CustomerState(
            state_id(id, today),
            id,
            change.state,
            cast(Any, state),
            change.cause,
            change.evidence,
            today,
        )
    )
