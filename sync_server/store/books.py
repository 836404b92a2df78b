"""The books: what one employee's commission is computed from, read for the engine.

The device reads the same rows of its own mirror (`mobile_app.store.queries.pay`), so that both
sides hand the same facts to the same engine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Select, bindparam, delete, func, select

from shared.commission.entries import Entry
from shared.commission.facts import Goals
from shared.commission.ledger import Ledger
from shared.commission.months import Period, later_period
from shared.commission.rules import Rule
from shared.commission.trace import WrittenTrace
from shared.domain import Quality, SaleShare, Target
from shared.domain.crediting import Earnings, earnings, goals_of, ledger_of, rules_for
from shared.domain.days import bank_period
from shared.ids import EmployeeId
from shared.registry import REGISTRY, Document
from sync_server.store.rows import insert_rows
from sync_server.store.schema import ENTITY_TABLES, commission_rest

T = TypeVar("T")
_RULE: Final = ENTITY_TABLES["commission_rule"]
_UNIT: Final = ENTITY_TABLES["org_unit"]
_EMPLOYEE: Final = ENTITY_TABLES["employee"]
_PERIOD: Final = ENTITY_TABLES["pay_period"]
_REST: Final = commission_rest
_BEFORE: Final = Period("1999-01")
"""Earlier than any month of commission."""
_NO_TRACE: Final = WrittenTrace("{}")


@dataclass(frozen=True, slots=True)
class Payee:
    """An employee as commission sees them."""

    id: EmployeeId
    unit: str
    left_on: date | None


class Books:
    """Reads employees' facts in one transaction; what all of them share is read once."""

    def __init__(self, connection: Connection, now: int, at_least: Period = _BEFORE) -> None:
        self._connection, self.now = connection, now
        self.closed_through = _closed_through(connection)
        self._rules: list[Document] = [
            dict(row._mapping)
            for row in connection.execute(select(_RULE).where(_RULE.c.status == "approved"))
        ]
        self._parents = dict(connection.execute(select(_UNIT.c.id, _UNIT.c.parent_id)).all())
        self._in_force: dict[str, tuple[Rule, ...]] = {}
        first_open = later_period(self.closed_through or _BEFORE, 1)
        self.through = max(bank_period(now), first_open, at_least)

    def rules(self, unit: str) -> tuple[Rule, ...]:
        """Return the rules in force for those who work in a unit."""
        if unit not in self._in_force:
            self._in_force[unit] = rules_for(self._rules, unit, self._parents)
        return self._in_force[unit]

    def ledger(self, payee: Payee) -> Ledger:
        """Return an employee's own part of the ledger."""
        return ledger_of(self._rows("commission_entry", payee.id), self.closed_through)

    def earned(self, payee: Payee, ledger: Ledger | None = None) -> Earnings:
        """Compute from scratch all that an employee has earned up to now."""
        shares = self._records(SaleShare, "sale_share", payee.id)
        goals = self.goals(payee)
        left = {} if payee.left_on is None else {payee.id: payee.left_on}
        own = self.ledger(payee) if ledger is None else ledger
        return earnings(payee.id, shares, self.rules(payee.unit), goals, own, self.through, left)

    def statements(self, payee: Payee) -> dict[Period, Document]:
        """Return an employee's statements in the record, by month."""
        return {Period(str(row["period"])): row for row in self._rows("statement", payee.id)}

    def goals(self, payee: Payee) -> Goals:
        """Return an employee's targets and quality coefficients."""
        return goals_of(
            self._records(Target, "target", payee.id),
            self._records(Quality, "quality", payee.id),
        )

    def told_in(self, payee: Payee, period: Period) -> list[SaleShare]:
        """Return an employee's shares of sales with an event in a month."""
        asked = {"employee": payee.id, "month": f'%"{period}-%'}
        return [SaleShare(*row) for row in self._connection.execute(_told_in(), asked).all()]

    def rest(self, payee: Payee, period: Period) -> list[Entry] | None:
        """Return what other months post in an open month; None where that was not kept."""
        kept = select(_REST.c.entries).where(
            _REST.c.employee_id == payee.id, _REST.c.period == period
        )
        text = self._connection.execute(kept).scalar()
        return None if text is None else [_entry(each) for each in from_json(text)]

    def keep_rest(self, payee: Payee, found: Earnings, periods: Iterable[Period]) -> None:
        """Keep what other months post in each open month."""
        self._connection.execute(delete(_REST).where(_REST.c.employee_id == payee.id))
        rows = [(payee.id, period, _text(found.entries_of(period))) for period in periods]
        insert_rows(self._connection, _REST, rows)

    def payee(self, employee: str) -> Payee | None:
        """Return an employee; None for one whom the bank does not know."""
        row = self._connection.execute(
            select(_EMPLOYEE.c.org_unit_id, _EMPLOYEE.c.left_on).where(_EMPLOYEE.c.id == employee)
        ).one_or_none()
        if row is None:
            return None
        left_on = None if row.left_on is None else date.fromisoformat(row.left_on)
        return Payee(EmployeeId(employee), row.org_unit_id, left_on)

    def _rows(self, entity: str, employee: str) -> list[Document]:
        names = list(REGISTRY[entity].fields)
        return [dict(zip(names, row, strict=True)) for row in self._tuples(entity, employee)]

    def _records(self, record: type[T], entity: str, employee: str) -> list[T]:
        return [record(*row) for row in self._tuples(entity, employee)]

    def _tuples(self, entity: str, employee: str) -> Sequence[Any]:
        return self._connection.execute(_of_employee(entity), {"employee": employee}).all()


@cache
def _of_employee(entity: str) -> Select[Any]:
    table = ENTITY_TABLES[entity]
    columns = [table.c[name] for name in REGISTRY[entity].fields]
    return select(*columns).where(table.c.employee_id == bindparam("employee"))


@cache
def _told_in() -> Select[Any]:
    condition = ENTITY_TABLES["sale_share"].c.events.like(bindparam("month"))
    return _of_employee("sale_share").where(condition)


def _text(entries: Iterable[Entry]) -> str:
    """Write the figures of those entries that another month led to; traces are not needed."""
    of_others = [
        asdict(replace(entry, trace=_NO_TRACE))
        for entry in entries
        if entry.type in ("RELEASE", "CLAWBACK", "ADJUST")
    ]
    return to_json(of_others).decode()


def _entry(figures: dict[str, Any]) -> Entry:
    return Entry(**{**figures, "trace": _NO_TRACE})


def _closed_through(connection: Connection) -> Period | None:
    closed = select(func.max(_PERIOD.c.period)).where(_PERIOD.c.status == "closed")
    found = connection.execute(closed).scalar_one()
    return None if found is None else Period(found)


def everyone(connection: Connection) -> list[str]:
    """Return the employees who have, or had, a share of any sale, in the order of their ids."""
    share, entry = ENTITY_TABLES["sale_share"], ENTITY_TABLES["commission_entry"]
    ids = select(share.c.employee_id).union(select(entry.c.employee_id))
    return sorted(connection.execute(ids).scalars())
