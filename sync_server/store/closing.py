"""Pay periods: made for each month with statements, counted, and closed into the ledger.

A close posts employee by employee, so that it holds one employee's facts in memory and no more. It
is one transaction: a bank of which half is closed would have no state to be in.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, Select, distinct, func, or_, select

from shared.commission.entries import Entry
from shared.commission.ledger import GENESIS, Approval, Posted, recorded
from shared.commission.months import Period, later_period
from shared.domain.commission_entry import CommissionEntry, entry_id
from shared.domain.days import first_moment
from shared.domain.pay_period import PayPeriod, period_id
from shared.ids import EmployeeId
from shared.registry import REGISTRY, Document
from sync_server.store import statements
from sync_server.store.books import Books, everyone
from sync_server.store.rows import documents
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import CHUNK, UnitOfWork

COUNT_EVERY_MS: Final = 15 * 60_000
"""How old a month's figures may be: every device of the bank is told of each new count."""
_PERIOD: Final = REGISTRY["pay_period"]
_PERIODS: Final = ENTITY_TABLES["pay_period"]
_STATEMENTS: Final = ENTITY_TABLES["statement"]
_ENTRIES: Final = ENTITY_TABLES["commission_entry"]
_SHARES: Final = ENTITY_TABLES["sale_share"]
_UNITS: Final = ENTITY_TABLES["org_unit"]
_ROOT: Final = (
    select(_UNITS.c.id).where(_UNITS.c.parent_id.is_(None)).order_by(_UNITS.c.id).limit(1)
)


def follow(unit: UnitOfWork, stepped: Collection[str], touched: Collection[Period]) -> None:
    """Close the month that is to be closed; make the months that were touched, and count them."""
    steps = documents(unit.connection, _PERIOD, stepped)
    closing = [row for row in steps.values() if row["status"] == "closing"]
    if closing:
        close(unit, max(closing, key=lambda row: str(row["period"])))
    _count(unit, {str(row["period"]) for row in steps.values()}, touched)


def close(unit: UnitOfWork, period: Document) -> None:
    """Post a month, and every earlier one, to the ledger; their statements are closed with it."""
    through = Period(str(period["period"]))
    approval = Approval(
        EmployeeId(str(period["employee_id"])), EmployeeId(str(period["checker_id"]))
    )
    books = Books(unit.connection, unit.now, later_period(through, 1))
    number, previous = _end_of(unit.connection)
    for payee in filter(None, map(books.payee, everyone(unit.connection))):
        ledger = books.ledger(payee)
        found = books.earned(payee, ledger)
        due = [e for e in found.entries if not ledger.is_closed(e.period) and e.period <= through]
        posted = list(_posted(due, through, approval, previous))
        _append(unit, number, posted)
        number += len(posted)
        previous = posted[-1].digest if posted else previous
        statements.write(unit, books, payee, found, through)
    _mark_closed(unit, period, previous)


def _posted(
    due: Iterable[Entry], through: Period, approval: Approval, previous: str
) -> Iterator[Posted]:
    for entry in due:
        record = recorded(entry, through, approval, previous)
        previous = record.digest
        yield record


def _append(unit: UnitOfWork, number: int, posted: list[Posted]) -> None:
    rows = [_row(number + place, record) for place, record in enumerate(posted)]
    for start in range(0, len(rows), CHUNK):
        unit.import_rows(REGISTRY["commission_entry"], rows[start : start + CHUNK])


def _row(number: int, record: Posted) -> Document:
    entry = record.entry
    return asdict(
        CommissionEntry(
            id=entry_id(number),
            number=number,
            employee_id=entry.employee,
            period=entry.period,
            sale_id=entry.sale,
            rule=entry.rule,
            rule_number=entry.version,
            type=entry.type,
            amount=entry.amount,
            ref=entry.ref,
            trace=to_json(entry.trace.as_json()).decode(),
            closed=record.closed,
            maker_id=record.approval.maker,
            checker_id=record.approval.checker,
            previous=record.previous,
            digest=record.digest,
        )
    )


def _end_of(connection: Connection) -> tuple[int, str]:
    """Return the number of the ledger's next record, and the digest that it follows."""
    last = select(_ENTRIES.c.number, _ENTRIES.c.digest).order_by(_ENTRIES.c.number.desc()).limit(1)
    found = connection.execute(last).one_or_none()
    return (0, GENESIS) if found is None else (found.number + 1, found.digest)


def _mark_closed(unit: UnitOfWork, period: Document, digest: str) -> None:
    earlier = select(_PERIODS.c.id).where(
        _PERIODS.c.period <= period["period"], _PERIODS.c.status != "closed"
    )
    rows = documents(unit.connection, _PERIOD, set(unit.connection.execute(earlier).scalars()))
    people = {name: period[name] for name in ("employee_id", "checker_id")}
    closed: Document = {"status": "closed", "closed_at": unit.now, "digest": digest}
    unit.import_rows(_PERIOD, [{**row, **people, **closed} for row in rows.values()])


def _count(unit: UnitOfWork, wanted: Collection[str], touched: Collection[str]) -> None:
    """Count the months that are wanted, and of those touched the new ones and the stale."""
    months = {period_id(period): period for period in {*wanted, *touched}}
    there = documents(unit.connection, _PERIOD, months)
    root = None if len(there) == len(months) else unit.connection.execute(_ROOT).scalar_one()
    rows = []
    for id, period in sorted(months.items()):
        known = there.get(id) or asdict(PayPeriod(id, period, str(root)))
        is_stale = unit.now - int(str(known["counted_at"])) >= COUNT_EVERY_MS
        if known["status"] != "closed" and (is_stale or period in wanted):
            rows.append(known | _counts(unit, Period(period)))
    unit.import_rows(_PERIOD, rows)


def _counts(unit: UnitOfWork, period: Period) -> Document:
    run = unit.connection.execute
    paid = select(func.count(), func.coalesce(func.sum(_STATEMENTS.c.payable), 0))
    employees, payable = run(paid.where(_STATEMENTS.c.period == period)).one()
    held = run(_held(period)).scalar_one()
    return {
        "employees": employees,
        "payable": int(payable),
        "held": held,
        "counted_at": unit.now,
    }


def _held(period: Period) -> Select[Any]:
    """Count the sales of a month that nobody is paid for yet, and that may still be."""
    share = _SHARES.c
    is_held = share.status.in_(("offered", "disputed", "contested")) & ~share.stands
    return select(func.count(distinct(share.sale_id))).where(
        share.occurred_at >= first_moment(period),
        share.occurred_at < first_moment(later_period(period, 1)),
        or_(is_held, share.sale_status == "submitted"),
    )
