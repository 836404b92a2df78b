"""What a day brings by itself: birthdays that come near, papers and risk grades that end.

What an import brings of them is told in its own transaction (`watch_dates`). The rest comes once a
day, a page of rows in each short transaction; a look that is cut off begins again at the next one,
and raises nothing twice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select, tuple_

from shared.domain.alert import MARKETING, Alert
from shared.domain.days import bank_day
from shared.registry import REGISTRY, Document
from sync_server.customer.reminders import (
    PAPERS,
    RISK_GRADE,
    birthday,
    birthdays,
    is_past,
    papers,
    papers_end,
)
from sync_server.store.alerts import raise_alerts
from sync_server.store.consents import spared
from sync_server.store.database import Database
from sync_server.store.rows import documents
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.turned import DATES, note_turn, turned_to
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork
from sync_server.store.withdrawing import take_back

_CUSTOMER: Final = ENTITY_TABLES["customer"].c
_IDENTIFIER: Final = ENTITY_TABLES["identifier"].c
_ALERT: Final = REGISTRY["alert"]
Place = tuple[str, str]
"""Where a page ends: a day and an id; of rows that are walked by id alone no day."""
Page = Callable[[UnitOfWork, date, Place], Place | None]
"""Does the rows after a place; returns that of the last, or None when there are no more."""


def look_at_dates(database: Database, now: int) -> None:
    """Take back what is past and raise what has come near, if nobody looked yet today."""
    today = bank_day(now)
    if turned_to(database, DATES) == today.isoformat():
        return
    for page in (_past, _unasked, _customers, _identifiers):
        after: Place | None = ("", "")
        while after is not None:
            after = database.write(
                lambda connection, page=page, after=after: _turn(connection, page, after, now)  # type: ignore[misc]
            )
    note_turn(database, DATES, today.isoformat())


def watch_dates(
    unit: UnitOfWork, customers: Iterable[Document], identifiers: Iterable[Document]
) -> None:
    """Raise what has come near of the customers and their papers that a chunk has brought."""
    today = bank_day(unit.now)
    since, until = papers_end(today)
    ending = [
        papers(str(each["customer_id"]), str(each["id"]), str(each["valid_until"]), unit.now)
        for each in identifiers
        if each["kind"] in PAPERS and each["valid_until"]
        if since <= str(each["valid_until"]) <= until
    ]
    raise_alerts(unit, [*_of_customers(customers, today, unit.now), *ending])


def _turn(connection: Connection, page: Page, after: Place, now: int) -> Place | None:
    unit = UnitOfWork(connection, Actor("job:alerts"), now)
    last = page(unit, bank_day(now), after)
    unit.finish()
    return last


def _customers(unit: UnitOfWork, today: date, after: Place) -> Place | None:
    near, (since, until) = birthdays(today), papers_end(today)
    wanted = or_(
        func.substr(_CUSTOMER.birth_date, 6).in_(sorted(near)),
        _CUSTOMER.risk_valid_until.between(since, until),
    )
    found = (
        select(_CUSTOMER.id, _CUSTOMER.birth_date, _CUSTOMER.risk_valid_until)
        .where(_CUSTOMER.id > after[1], _CUSTOMER.merged_into.is_(None), wanted)
        .order_by(_CUSTOMER.id)
        .limit(CHUNK)
    )
    rows = unit.connection.execute(found).all()
    raise_alerts(unit, _of_customers([each._asdict() for each in rows], today, unit.now))
    return ("", rows[-1].id) if len(rows) == CHUNK else None


def _of_customers(customers: Iterable[Document], today: date, now: int) -> Iterator[Alert]:
    near, (since, until) = birthdays(today), papers_end(today)
    for each in customers:
        id, born, ends = str(each["id"]), each["birth_date"], each["risk_valid_until"]
        if born and str(born)[5:] in near:
            yield birthday(id, str(born), near[str(born)[5:]], now)
        if ends and since <= str(ends) <= until:
            yield papers(id, RISK_GRADE, str(ends), now)


def _identifiers(unit: UnitOfWork, today: date, after: Place) -> Place | None:
    since, until = papers_end(today)
    found = (
        select(_IDENTIFIER.id, _IDENTIFIER.customer_id, _IDENTIFIER.valid_until)
        .where(tuple_(_IDENTIFIER.valid_until, _IDENTIFIER.id) > tuple_(*max(after, (since, ""))))
        .where(_IDENTIFIER.valid_until <= until, _IDENTIFIER.kind.in_(sorted(PAPERS)))
        .order_by(_IDENTIFIER.valid_until, _IDENTIFIER.id)
        .limit(CHUNK)
    )
    rows = unit.connection.execute(found).all()
    raise_alerts(
        unit, [papers(each.customer_id, each.id, each.valid_until, unit.now) for each in rows]
    )
    return (rows[-1].valid_until, rows[-1].id) if len(rows) == CHUNK else None


def _past(unit: UnitOfWork, today: date, after: Place) -> Place | None:
    rows, last = _open(unit.connection, ("birthday", "papers"), after)
    born, ends = _dates(unit.connection, rows)
    take_back(unit, [each for each in rows if is_past(each, born, ends, today)])
    return last


def _unasked(unit: UnitOfWork, today: date, after: Place) -> Place | None:  # noqa: ARG001  (a Page)
    """Take back what only sells to who refused that, where no exchange brought the word."""
    rows, last = _open(unit.connection, MARKETING, after)
    refused = spared(unit.connection, {str(each["customer_id"]) for each in rows})
    take_back(unit, [each for each in rows if each["customer_id"] in refused])
    return last


def _open(
    connection: Connection, kinds: Collection[str], after: Place
) -> tuple[list[Document], Place | None]:
    """Return a page of open alerts, and where it ends, or None when there are no more."""
    alert = ENTITY_TABLES["alert"].c
    found = (
        select(*(alert[name] for name in _ALERT.fields))
        .where(alert.id > after[1], alert.kind.in_(kinds), alert.status == "open")
        .order_by(alert.id)
        .limit(CHUNK)
    )
    rows: list[Document] = [row._asdict() for row in connection.execute(found)]
    return rows, ("", str(rows[-1]["id"])) if len(rows) == CHUNK else None


def _dates(
    connection: Connection, alerts: list[Document]
) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
    """Return birth dates, and the days on which papers end, as the record has them now."""
    own = [each for each in alerts if each["kind"] == "birthday" or each["evidence"] == RISK_GRADE]
    customers = {str(each["customer_id"]) for each in own}
    numbered = {str(each["evidence"]) for each in alerts if each["kind"] == "papers"} - {RISK_GRADE}
    people: Mapping[str, Any] = documents(connection, REGISTRY["customer"], customers)
    kept: Mapping[str, Any] = documents(connection, REGISTRY["identifier"], numbered)
    born = {id: row["birth_date"] for id, row in people.items()}
    ends = {id: row["risk_valid_until"] for id, row in people.items()}
    return born, ends | {id: row["valid_until"] for id, row in kept.items()}
